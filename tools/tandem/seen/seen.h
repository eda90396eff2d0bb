/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What can be seen of devices without opening one: read from sysfs, hwmon and fdinfo,
 * or told by the library of its soft models. One reading is one struct seen.
 *
 * Invariants:
 * - A value is what its source says, or absent: a file that is missing or holds no
 *   whole number leaves the cell empty, and nothing is computed in its place.
 * - All texts are terminated and printable, whoever wrote them.
 * - Only want of memory fails a reading. What vanishes while it is read is left out.
 */
#ifndef TANDEM_SEEN_H
#define TANDEM_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/agent.h>
#include <tandem/device.h>
#include <tandem/error.h>

#include "host/sysroot.h"
#include "view/view.h"

/* One value of a device each; seen_fields[] says what it is and where it comes from. */
enum seen_field {
	SEEN_NAME,
	SEEN_NODE,
	SEEN_ACCESS,
	SEEN_PID,
	SEEN_PROGRAM,
	SEEN_CLASS,
	SEEN_MODEL,
	SEEN_ATTACHMENT,
	SEEN_EMULATED,
	SEEN_ADDRESS,
	SEEN_DRIVER,
	SEEN_FIRMWARE,
	SEEN_FIRMWARE_STATE,
	SEEN_STATE,
	SEEN_CLIENTS,
	SEEN_NUMA,
	SEEN_RDMA,
	SEEN_MEMORY,
	SEEN_MEMORY_USED,
	SEEN_HOST_LIMIT,
	SEEN_HOST_USED,
	SEEN_TEMPERATURE,
	SEEN_POWER,
	SEEN_BUSY,
	SEEN_COMMANDS,
	SEEN_ERRORS,
	SEEN_FAULTS,
	SEEN_TOKENS_PREFILL,
	SEEN_TOKENS_DECODE,
	SEEN_BYTES_MOVED,
	SEEN_RESETS,
	SEEN_RESET_REASON,
	SEEN_INJECT_ACTIVE,
	SEEN_INJECTED,
	SEEN_TELEMETRY_AGE,
	SEEN_HEARTBEAT_AGE,
	SEEN_BANDWIDTH,
	SEEN_FABRIC,
	SEEN_FLOPS,
	SEEN_FIELDS,
};

enum seen_metric {
	SEEN_NO_METRIC,
	SEEN_GAUGE,
	SEEN_COUNTER,
};

/**
 * struct seen_kind - what a field is
 * @column: its JSON key and its heading in a record
 * @file: of the device's folder in sysfs that it is read from, or NULL
 * @times: what the file's whole number is to be multiplied by; 0 is 1
 * @metric: name in Prometheus' format, NULL: none; one of VIEW_NS is in seconds there
 * @help: what it says there
 */
struct seen_kind {
	struct view_column column;
	const char *file;
	uint64_t times;
	enum seen_metric type;
	const char *metric;
	const char *help;
};

extern const struct seen_kind seen_fields[SEEN_FIELDS];

/* A heart beats once a second; from here on its firmware is called silent. */
#define SEEN_SILENT_MS 5000

struct seen_cell {
	bool is;
	union {
		char text[SYS_TEXT_BYTES];
		uint64_t count;
		double figure;
		bool flag;
	};
};

/* @path: of the device in /sys/devices, "" without */
struct seen_device {
	struct seen_cell cells[SEEN_FIELDS];
	char path[SYS_PATH_BYTES];
};

/* One file that a process has open on a node. */
struct seen_client {
	uint32_t pid;
	uint64_t id; /* of the kernel, within the driver */
	char program[32];
	char device[SYS_TEXT_BYTES];
	struct seen_cell uid, busy_ns, memory, host_memory;
};

#define SEEN_COUNTERS 64

struct seen_counter {
	char name[64];
	uint64_t value;
	bool hw; /* of the driver's own, hw_counters/ */
};

/* One port of an RDMA device. @path: as of a device, "" for one of software */
struct seen_port {
	char device[64];
	char path[SYS_PATH_BYTES];
	uint32_t port;
	struct seen_cell numa, rate;			     /* bits a second */
	char state[32], netdev[64], link_layer[32], gid[64]; /* "" without */
	struct seen_counter counters[SEEN_COUNTERS];
	unsigned int n_counters;
};

/*
 * What a process shows of itself (tandem/observe.h). @device: as in its row;
 * @started_ns: of the process's observer, for a pid that was given away anew
 */
struct seen_queue {
	uint32_t pid, context, queue;
	uint64_t started_ns;
	char program[64];
	char device[SYS_TEXT_BYTES];
	uint32_t state; /* enum tdm_queue_state */
	int32_t error;	/* of that state, 0 or a negative errno */
	uint32_t open;	/* commands published and not complete */
	uint32_t entries, tail, fetched;
	const char *oldest; /* command that is not complete, by name; static; NULL: none */
	uint64_t completed, busy_ns;
	uint64_t still_ns; /* with commands that do not move; 0: it moves, or nobody says */
};

struct seen_pool {
	uint32_t pid;
	char program[64], name[64];
	uint64_t page_bytes, refused;
	uint32_t pages, low_water;
	uint32_t states[8]; /* pages by enum tdm_kv_state */
};

struct seen_engine {
	uint32_t pid, number;
	uint64_t started_ns;
	char program[64];
	const char *role, *stage; /* static */
	uint64_t done, failed, tokens_prefill, tokens_decode;
};

/* A transfer agent with its NIC, whose counters are those of struct tdm_net_stats. */
struct seen_agent {
	uint32_t pid, number;
	uint64_t started_ns;
	char program[64];
	char address[64]; /* "" where it does not listen */
	char nic[64];
	bool is_software; /* the NIC: of the library, not a device */
	bool link_down;	  /* its link is ordered to be */
	uint32_t depth;	  /* of an endpoint */
	uint64_t mr_total, mr_live, done, bytes, failed;
	struct seen_cell sleeps, wakes; /* of a software NIC alone */
	struct tdm_agent_stats stats;
};

/* A connection of an agent. */
struct seen_peer {
	uint32_t pid, agent; /* its number */
	char address[64];
	uint32_t state; /* enum tdm_peer_state */
	int32_t error;	/* why it is down, 0 or a negative errno */
	uint32_t units, sends, recvs;
	struct seen_cell region, age_ns;
};

/* A PCI function that is a processing accelerator and has no driver. */
struct seen_function {
	char address[32], vendor[16], device[16];
	struct seen_cell numa, vendor_name, device_name;
};

/* What libpci could not read of them. */
struct seen_unread {
	unsigned int functions; /* left out */
	bool all;		/* the list of them, or a part of it */
	bool names;		/* the list of names */
	char why[SYS_TEXT_BYTES];
};

struct seen_list {
	void *list;
	unsigned int n;
	unsigned int room;
};

/* Arrays of the structs above. */
struct seen {
	struct seen_list devices, clients, ports, functions;
	struct seen_list queues, pools, engines, agents, peers;
	unsigned int hidden; /* processes whose files this user may not see */
	unsigned int read;   /* processes that show themselves, and were read */
	unsigned int silent; /* processes that show themselves, but did not answer us */
	struct seen_unread unread;
	uint64_t taken_ns; /* CLOCK_MONOTONIC, before the devices were read */
	double unix_s;	   /* the same moment as a date */
};

#define SEEN_EACH(type, at, of)                                                                    \
	for (struct type *at = (of).list; at && at < (struct type *)(of).list + (of).n; at++)

enum seen_what {
	SEEN_KERNEL = 1,    /* devices of the driver */
	SEEN_MODELS = 2,    /* soft models that can be opened */
	SEEN_PROCESSES = 4, /* who has nodes open */
	SEEN_RDMA_PORTS = 8,
	SEEN_UNCLAIMED = 16,
	SEEN_OBSERVED = 32, /* soft devices of processes, and what those do */
	SEEN_QUEUES = 64,   /* of the driver's devices, where debugfs can be read */
};

/**
 * seen_take - read it, all of @what (enum seen_what)
 * Return: 0 or -ENOMEM with @err; to be freed either way
 */
int seen_take(struct seen *seen, unsigned int what, struct tdm_error *err);
void seen_free(struct seen *seen);

/** seen_find - by name or node. Return: NULL when there is none */
struct seen_device *seen_find(const struct seen *seen, const char *name);

/* Return: 0 or -ENOMEM. Each is one source of what seen_take() puts together. */
int seen_kernel(struct seen *seen);
int seen_models(struct seen *seen);
int seen_clients(struct seen *seen);
int seen_ports(struct seen *seen);
int seen_functions(struct seen *seen);
int seen_observed(struct seen *seen);
int seen_queues(struct seen *seen);

struct tdm_observe_process;
struct tdm_observe_agent;
struct tdm_observe_peer;

/* One more of a process that shows it. Return: 0 or -ENOMEM */
int seen_agent(struct seen *seen, const struct tdm_observe_process *of,
	       const struct tdm_observe_agent *from);
int seen_peer(struct seen *seen, const struct tdm_observe_process *of,
	      const struct tdm_observe_peer *from);

/** seen_identity - what a device says of itself, by the library */
void seen_identity(struct seen_device *device, const struct tdm_identify *id);

/** seen_add - one more of @size bytes, zeroed. Return: NULL without memory */
void *seen_add(struct seen_list *list, size_t size);

/* Fill a cell; an empty text is absent. */
void seen_text(struct seen_cell *cell, const char *text);
void seen_count(struct seen_cell *cell, uint64_t value);
void seen_figure(struct seen_cell *cell, double value);
void seen_flag(struct seen_cell *cell, bool value);

/** seen_is_silent - its firmware gives no sign of life */
bool seen_is_silent(const struct seen_device *device);

/** seen_word - a device's text, NULL where it is absent */
const char *seen_word(const struct seen_device *device, enum seen_field field);

/* Show some fields: columns for them, and a row of them. */
void seen_columns(const enum seen_field *fields, unsigned int n, struct view_column *columns);
void seen_show(struct view_row *row, unsigned int column, const struct seen_cell *cell,
	       enum view_kind kind);
void seen_show_fields(struct view_row *row, unsigned int column, const enum seen_field *fields,
		      unsigned int n, const struct seen_device *device);
/** seen_mark - how good or bad a value is */
enum view_mark seen_mark(const struct seen_device *device, enum seen_field field);

/* How two devices are joined, nearest first. */
enum seen_relation {
	SEEN_SAME_SWITCH,
	SEEN_SAME_ROOT,
	SEEN_SAME_NODE,
	SEEN_ACROSS_NODES,
	SEEN_SOFTWARE, /* one of them at least is software on this host */
	SEEN_UNKNOWN,
};

enum seen_relation seen_relation(const struct seen_device *device, const struct seen_port *port);
const char *seen_relation_name(enum seen_relation relation);
/** seen_nearest - the first of the nearest, NULL where none is known to be near */
const struct seen_port *seen_nearest(const struct seen *seen, const struct seen_device *device);

/* The driver's module. */
struct seen_module {
	char kernel[64];       /* release of the one that runs, "" not known */
	char state[16];	       /* "live", "coming", "going"; "" not loaded */
	char version[64];      /* of the one that is loaded */
	char installed[64];    /* version of the one that modprobe finds, "" none */
	char other_kernel[64]; /* one that it is installed for, "" none */
	bool is_installed;
};

/* Return: 0 or -ENOMEM */
int seen_module(struct seen_module *module);

#endif /* TANDEM_SEEN_H */
