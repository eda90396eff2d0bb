/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What a dump says: the driver's coredump (driver/coredump.c), or a bundle of 'tandem
 * dump', which has such lines in its sections.
 *
 * Invariants:
 * - A dump is anybody's text. Every number is read whole or not at all; nothing of it
 *   is an index before it was compared; all that is printed of it is printable.
 * - What a dump does not have stays absent. A line that is cut, or that stands where it
 *   means nothing, is an error with its number; a kind of line that is not known is
 *   counted and passed over, for newer drivers.
 */
#ifndef TANDEM_DECODE_H
#define TANDEM_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>

#define DECODE_FORMAT 2
#define DECODE_BUNDLE_FORMAT 1
#define DECODE_MAX_BYTES (32u << 20)
#define DECODE_TEXT 128

/* The command that a queue stands in: struct tdm_cmd. */
struct decode_cmd {
	bool there;
	bool fetched; /* by the firmware; else it waits in the ring */
	uint32_t opcode;
	uint32_t flags;
	uint64_t cookie;
	uint64_t words[6];
};

struct decode_queue {
	uint32_t context; /* id */
	uint32_t number;
	uint32_t id;
	uint32_t state;
	int32_t error;
	uint32_t entries[2]; /* of the submission ring, of the completion ring */
	bool has_limit;
	uint32_t limit_ms;
	bool positions; /* the rings' are there */
	uint32_t tail;
	uint32_t sq_head;
	uint32_t cq_head;
	uint32_t need_wake;
	uint64_t completed;
	uint64_t slices;
	uint64_t busy_ns;
	bool has_still;
	uint64_t still_ms; /* since it moved */
	bool has_opcode;   /* of the oldest open command, where no more of it is told */
	uint32_t opcode;
	struct decode_cmd cmd;
};

struct decode_context {
	uint32_t id;
	uint64_t client;
	int32_t error;
	bool closing;
	bool has_pid;
	uint32_t pid;
	char comm[32]; /* "": not told */
};

struct decode_fault {
	uint32_t context;
	uint64_t addr;
	uint32_t queue;
	uint32_t opcode;
	uint32_t access;
	uint32_t reason;
	uint64_t time_ns;
};

struct decode_map {
	uint32_t context;
	uint64_t start;
	uint64_t end; /* behind it */
	uint64_t offset;
	bool write;
	bool leaving;
};

struct decode_admin {
	uint32_t index;
	uint32_t opcode;
	uint32_t tag;
	uint64_t args[5];
	bool answered; /* an event behind it says so, with: */
	int64_t answer;
};

struct decode_event {
	uint32_t index;
	uint32_t type;
	uint32_t id;
	uint64_t value;
};

/* An array that grows; @of its records. */
#define DECODE_LIST(type)                                                                          \
	struct {                                                                                   \
		type *of;                                                                          \
		size_t n, room;                                                                    \
	}

struct decode {
	uint32_t format; /* of the coredump; 0: it has none */
	uint32_t bundle; /* 0: it is none */
	char reason[DECODE_TEXT];
	bool has_time;
	uint64_t time_ns;
	char name[64]; /* that the bundle was asked for: "accel0", "soft:cs3@4312" */
	char device[64];
	char model[40];
	char firmware[40];
	bool has_class;
	uint32_t class_id;

	char state[32]; /* "": not told, as below */
	char reset_reason[DECODE_TEXT];
	bool has_resets;
	uint64_t resets;
	bool has_firmware;
	uint32_t fw_state;
	uint64_t heartbeat;
	uint32_t admin_timeout_ms;
	uint32_t abort_latency_ms;
	bool has_admin;
	uint32_t admin_tail;
	uint32_t admin_head;
	bool has_events;
	uint32_t event_tail;
	uint32_t event_head;
	uint64_t events_lost;
	bool has_reset;
	uint32_t reset_request;
	uint32_t reset_done;

	bool has_injected;
	uint64_t inject_active; /* 1 << enum tdm_inject_kind, or-ed */
	uint64_t injected;	/* have happened; the device's own word where a bundle has it */

	/* Of a bundle: when it was made, after the coredump. */
	char now_state[32];
	char now_injected[64];
	bool has_errors;
	uint64_t errors;     /* of commands, as the device counts them */
	bool has_nic;	     /* a NIC of the process's agents */
	char nic_down[64];   /* the first whose link is ordered to be down, or "" */
	uint64_t peers_lost; /* of all agents */
	uint64_t net_failed; /* operations of their NICs */
	bool has_now_heart;
	uint64_t now_heart_ms;	       /* since it beat */
	char now_missing[DECODE_TEXT]; /* why the device's attributes are not there */

	DECODE_LIST(struct decode_context) contexts;
	DECODE_LIST(struct decode_queue) queues;
	DECODE_LIST(struct decode_fault) faults;
	DECODE_LIST(struct decode_map) maps;
	DECODE_LIST(struct decode_admin) admins;
	DECODE_LIST(struct decode_event) events;

	unsigned int unknown;	    /* kinds of lines passed over */
	unsigned int first_unknown; /* its line */
	bool cut;		    /* the last line has no end */
	unsigned int lines;
	/* While it is read: */
	bool in_context;
	size_t context; /* the last one; the one that lines below it belong to */
	bool in_queue;	/* the last one of queues is being told */
};

/**
 * decode_read - read a dump
 * @text: @len bytes
 * @name: of it, for messages
 *
 * Return: 0 or -errno with @err: -EBADMSG it is none, or damaged, -ENOMEM. To be given to
 * decode_free() either way.
 */
int decode_read(struct decode *d, const char *text, size_t len, const char *name,
		struct tdm_error *err);
void decode_free(struct decode *d);

/*
 * One line of a coredump or of the driver's files in debugfs, without its end.
 * Return: 0, -EBADMSG with what is wrong with it in *@wrong, -ENOMEM
 */
int decode_line(struct decode *d, const char *line, const char **wrong);

/* Room for one more record of @size bytes, zeroed. Return: it, or NULL without memory */
void *decode_grow(void *list, size_t size);

/* Words of a line, split at spaces. */
#define DECODE_WORDS 48

struct decode_words {
	unsigned int n;
	const char *line;
	char *word[DECODE_WORDS];
	char room[1024];
};

/* Return: whether it fits */
bool decode_split(struct decode_words *w, const char *line);
/* The word behind @key, or NULL */
const char *decode_word(const struct decode_words *w, const char *key);
/* Numbers behind @key, whole and in their type; unsigned ones of base 10 or 16. */
bool decode_u64(const struct decode_words *w, const char *key, int base, uint64_t *value);
bool decode_u32(const struct decode_words *w, const char *key, int base, uint32_t *value);
bool decode_s32(const struct decode_words *w, const char *key, int32_t *value);
/* A word that is a number, whole. */
bool decode_number(const char *word, int base, uint64_t *value);
/* The text from behind " KEY " on, up to " @until " where that is not NULL. */
void decode_rest(const char *line, const char *key, const char *until, char *out, size_t size);

/* Names of what numbers mean; "unknown" for those that mean nothing. */
const char *decode_op_name(uint32_t opcode);
const char *decode_admin_name(uint32_t opcode);
const char *decode_event_name(uint32_t type);
const char *decode_fault_name(uint32_t reason);
const char *decode_access_name(uint32_t access);
const char *decode_queue_state_name(uint32_t state);
const char *decode_class_name(uint32_t class_id);
const char *decode_firmware_state_name(uint32_t state);

/* A command's members, in words: "dst 0x10000 src 0x20000 len 4096". Return: @out */
const char *decode_cmd_text(const struct decode_cmd *cmd, char *out, size_t size);

/* An address that a command names, and how much there. */
struct decode_span {
	const char *name; /* of the member */
	uint64_t addr;
	uint64_t len;
	bool write;
};

#define DECODE_SPANS 2

/* Return: how many of @spans are filled */
unsigned int decode_cmd_spans(const struct decode_cmd *cmd, struct decode_span spans[DECODE_SPANS]);

/*
 * Whether a context's mappings hold a span, in words. Return: whether they do. Where the
 * dump has no mappings at all it cannot be said: true, "mappings are not in the dump"
 */
bool decode_span_text(const struct decode *d, uint32_t context, const struct decode_span *span,
		      char *out, size_t size);

/* Whether the dump has mappings: a coredump always, a bundle where root made it. */
bool decode_has_maps(const struct decode *d);

/* What an admin command was about: "context 1 queue 3". Return: @out */
const char *decode_admin_text(const struct decode_admin *admin, char *out, size_t size);

/* The context of that number, or NULL. */
const struct decode_context *decode_context_of(const struct decode *d, uint32_t id);

enum decode_verdict {
	DECODE_FINE,
	DECODE_HUNG_ENGINE,
	DECODE_FIRMWARE_SILENT,
	DECODE_ADMIN_TIMEOUT,
	DECODE_RING_CORRUPTED,
	DECODE_FAULTING_COMMAND,
	DECODE_FIRMWARE_ERROR,
	DECODE_REMOVED,
	DECODE_LINK_DOWN,
	DECODE_ORDERED, /* a fault is, and shows nothing worse */
	DECODE_UNKNOWN, /* it does not say enough */
	DECODE_VERDICTS,
};

#define DECODE_STEPS 6
#define DECODE_STEP_BYTES 320

struct decode_judgement {
	enum decode_verdict verdict;
	const char *name;   /* "hung engine" */
	char because[1200]; /* what of the dump says so */
	unsigned int steps;
	char next[DECODE_STEPS][DECODE_STEP_BYTES]; /* @steps of them */
};

void decode_judge(const struct decode *d, struct decode_judgement *judgement);

/* Fill in the steps of a judgement that has its verdict. */
void decode_steps(const struct decode *d, struct decode_judgement *judgement);

/* Faults that are ordered when the dump ends: "slow bitflip", or "". Return: @out */
const char *decode_orders(const struct decode *d, char *out, size_t size);
bool decode_is_ordered(const struct decode *d);

/* The same with what each does, in the words of 'tandem inject --list'. Return: @out */
const char *decode_orders_text(const struct decode *d, char *out, size_t size);

/* Show it. Return: 0 or -errno with @err */
int decode_show(const struct decode *d, bool json, struct tdm_error *err);

#endif /* TANDEM_DECODE_H */
