/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What a running process does, for another one to look at: its devices, queues,
 * engines, KV pages and transfer agents.
 *
 *	the process				who looks
 *	tdm_observer_start()			tdm_observed_list()
 *	tdm_observer_add_engine()		tdm_observed_connect()
 *						tdm_observed_pages() ...
 *	tdm_observer_stop()			tdm_observed_close()
 *
 * Invariants:
 * - The observer is one thread of the process, which sleeps until somebody asks, and
 *   a socket with an abstract name, which goes with the process however it ends.
 * - Only the same user and root are answered. Who looks believes a name only where
 *   the kernel says that the process in it has made the socket.
 * - Who looks never waits for a device's firmware longer than 200 ms.
 * - Nothing that is looked at waits for who looks: an asker that is silent for a
 *   second while others wait, or for ten, or that does not read its answer, is dropped.
 *   A removal waits for the answer that is being made: 200 ms at most.
 * - Neither side trusts a length or a text of the other. Texts come out of here
 *   terminated and printable.
 * - An object is removed before it is destroyed; after the removal the observer does
 *   not touch it.
 * - Records grow at their end only. One of an older process is filled up with zeroes,
 *   one of a newer process is cut.
 *
 * Records of one call come in several answers where they are many: each answer is of
 * one moment, all of them together need not be.
 */
#ifndef TANDEM_OBSERVE_H
#define TANDEM_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/agent.h>
#include <tandem/device.h>
#include <tandem/engine.h>
#include <tandem/error.h>
#include <tandem/kv.h>
#include <tandem/net.h>
#include <tandem/remote.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_observer;
struct tdm_observed;

/* A number that is not there: no device, no region, nothing that runs. */
#define TDM_OBSERVE_NONE UINT32_MAX

/* The process. */

/**
 * tdm_observer_start - let others look at this process
 * @program: its name for a listing, cut at 63 bytes
 *
 * Every function of an observer may be called from any thread, but for the adding and
 * removing of an agent, or of what has one, which is its own thread's.
 *
 * Return: NULL on error: -ENOMEM, -EAGAIN no thread, or that of the socket, such as
 * -EPERM where a sandbox forbids it. A program goes on without.
 */
struct tdm_observer *tdm_observer_start(const char *program, struct tdm_error *err);

/** tdm_observer_stop - remove all that is left, and end it. NULL is fine */
void tdm_observer_stop(struct tdm_observer *observer);

/*
 * Show an object, with all that belongs to it: an engine's devices, pools and agents,
 * an agent's landing memory and NIC, once it has them. Return: 0, -ENOMEM, -EEXIST an
 * agent that is shown already. NULL as the observer is fine and shows it to nobody.
 */
int tdm_observer_add_engine(struct tdm_observer *observer, struct tdm_engine *engine);
int tdm_observer_add_worker(struct tdm_observer *observer, struct tdm_worker *worker);
int tdm_observer_add_agent(struct tdm_observer *observer, struct tdm_agent *agent);
int tdm_observer_add_device(struct tdm_observer *observer, struct tdm_device *dev);

/** tdm_observer_remove - an engine, worker, agent or device that was added; else nothing */
void tdm_observer_remove(struct tdm_observer *observer, const void *object);

/* What can be read. All numbers (of a device, pool, agent) stay as long as the object. */

/**
 * struct tdm_observe_process
 * @pid: of the process, as the kernel says
 * @uid: its user
 * @started_ns: CLOCK_REALTIME at which the observer started
 * @program: as given
 * @version: of its library
 * @devices, @engines, @pools, @agents: how many it shows
 */
struct tdm_observe_process {
	uint32_t pid;
	uint32_t uid;
	uint64_t started_ns;
	char program[64];
	char version[32];
	uint32_t devices;
	uint32_t engines;
	uint32_t pools;
	uint32_t agents;
};

/*
 * What of a struct tdm_observe_device is there; the rest of it always is. Of a device of
 * the kernel nothing is: sysfs and fdinfo say it all without waiting for anybody.
 */
enum tdm_observe_known {
	TDM_OBSERVE_TELEMETRY = 1, /* telemetry, telemetry_age_ns */
	TDM_OBSERVE_HEART = 2,	   /* heartbeat, heartbeat_age_ns, firmware_state */
	TDM_OBSERVE_MEMORY = 4,	   /* memory */
};

/**
 * struct tdm_observe_device - never waited for: a firmware that is silent leaves what is old
 * @name: as it was opened
 * @number: for the records that refer to it
 * @attachment: enum tdm_attachment
 * @error: 0 it works, -EIO it is given up, -ENODEV it is gone
 * @queues: of all contexts, 0 where the attachment does not tell (not soft)
 * @identify: what it says of itself
 * @memory: of the device, and of this process's context
 * @telemetry: since its boot, as its firmware said last
 * @known: of enum tdm_observe_known
 * @firmware_state: enum tdm_fw_state
 * @telemetry_age_ns: of the telemetry
 * @heartbeat: of the firmware; it moves once a second at least
 * @heartbeat_age_ns: since it was seen to move; it is looked at once a second
 */
struct tdm_observe_device {
	char name[64];
	uint32_t number;
	uint32_t attachment;
	int32_t error;
	uint32_t queues;
	struct tdm_identify identify;
	struct tdm_query_memory memory;
	struct tdm_telemetry telemetry;
	uint32_t known;
	uint32_t firmware_state;
	uint64_t telemetry_age_ns;
	uint64_t heartbeat;
	uint64_t heartbeat_age_ns;
};

/**
 * struct tdm_observe_queue - of a soft device
 * @device: number
 * @context: of the device
 * @queue: its number within the context
 * @id: its number within the device
 * @state: enum tdm_queue_state; @error: that belongs to it
 * @entries: of its submission ring
 * @asleep: 1: its device sleeps until it is rung
 * @tail: commands published, @fetched of them by the device, @cq_head: completions
 *	  that the application took; all three modulo 2^32
 * @opcode: enum tdm_op of the oldest command that is not complete, or
 *	    TDM_OBSERVE_NONE
 * @completed: completions
 * @slices: moves while a long command does
 * @busy_ns: time in which its commands ran
 * @still_ns: since it was seen to move, or to have nothing to do, which is looked at once a
 *	      second; 0 while it has nothing to do
 */
struct tdm_observe_queue {
	uint32_t device;
	uint32_t context;
	uint32_t queue;
	uint32_t id;
	uint32_t state;
	int32_t error;
	uint32_t entries;
	uint32_t asleep;
	uint32_t tail;
	uint32_t fetched;
	uint32_t cq_head;
	uint32_t opcode;
	uint64_t completed;
	uint64_t slices;
	uint64_t busy_ns;
	uint64_t still_ns;
};

enum tdm_observe_role {
	TDM_OBSERVE_ENGINE = 0,
	TDM_OBSERVE_PREFILL_WORKER = 1,
	TDM_OBSERVE_DECODE_WORKER = 2,
};

enum tdm_observe_stage {
	TDM_OBSERVE_IDLE = 0,
	TDM_OBSERVE_PREFILL = 1,
	TDM_OBSERVE_TRANSFER = 2, /* a decode worker awaits pages */
	TDM_OBSERVE_DECODE = 3,
};

/**
 * struct tdm_observe_engine
 * @number: of the engine
 * @role: enum tdm_observe_role
 * @mode: enum tdm_mode of an engine
 * @stage: enum tdm_observe_stage
 * @prefill, @decode: numbers of its devices, or TDM_OBSERVE_NONE
 * @request: that runs, 0: none
 * @since_ns: CLOCK_MONOTONIC at which that one began
 * @done: requests that ended well, or that their client wanted no more of
 * @failed: the others
 * @tokens_prefill, @tokens_decode: of all requests, the running one included
 */
struct tdm_observe_engine {
	uint32_t number;
	uint32_t role;
	uint32_t mode;
	uint32_t stage;
	uint32_t prefill;
	uint32_t decode;
	uint64_t request;
	uint64_t since_ns;
	uint64_t done;
	uint64_t failed;
	uint64_t tokens_prefill;
	uint64_t tokens_decode;
};

/**
 * struct tdm_observe_pool - a pool of KV pages
 * @name: what it is for: "engine 0 decode", "agent 1 landing 0"
 * @number: of the pool in its process
 * @id: in its tickets
 * @device: number of the device, or TDM_OBSERVE_NONE
 * @layout: enum tdm_kv_layout
 * @page_bytes, @pages: its size
 * @low_water: fewest free pages there ever were
 * @states: pages by enum tdm_kv_state
 * @ops: pages that went through each enum tdm_kv_op, ever
 * @refused: calls refused, ever
 */
struct tdm_observe_pool {
	char name[64];
	uint32_t number;
	uint32_t id;
	uint32_t device;
	uint32_t layout;
	uint64_t page_bytes;
	uint32_t pages;
	uint32_t low_water;
	uint32_t states[8];
	uint64_t ops[8];
	uint64_t refused;
};

/**
 * struct tdm_observe_page
 * @owner: the request, 0 on a free page
 * @changed_ns: CLOCK_MONOTONIC of the last change of state
 * @address: in the device's address space; in landing memory, from its start
 * @bytes: of its contents on the wire that @crc is of, 0 without
 * @page, @epoch, @state: as in struct tdm_kv_page_info
 * @crc: CRC32C, where @sealed
 * @sealed: 1: it has contents with a CRC
 */
struct tdm_observe_page {
	uint64_t owner;
	uint64_t changed_ns;
	uint64_t address;
	uint64_t bytes;
	uint32_t page;
	uint32_t epoch;
	uint32_t state;
	uint32_t crc;
	uint32_t sealed;
	uint32_t reserved;
};

enum tdm_observe_verdict {
	TDM_OBSERVE_OK = 0,
	TDM_OBSERVE_DIFFERS = 1, /* the bytes are not those that were sent */
	TDM_OBSERVE_NO_CRC = 2,	 /* nothing to compare with: not checked */
	TDM_OBSERVE_MOVED = 3,	 /* it changed while it was read: not checked */
	TDM_OBSERVE_LAYOUT = 4,	 /* its CRC is of bytes in an order not known: not checked */
};

/**
 * struct tdm_observe_check - a page whose bytes were read
 * @owner, @bytes, @page, @epoch, @state: as in struct tdm_observe_page, before that
 * @verdict: enum tdm_observe_verdict
 * @expected: its CRC; @found: that of its bytes; of OK and DIFFERS alone
 */
struct tdm_observe_check {
	uint64_t owner;
	uint64_t bytes;
	uint32_t page;
	uint32_t epoch;
	uint32_t state;
	uint32_t verdict;
	uint32_t expected;
	uint32_t found;
};

/** struct tdm_observe_bytes - the first @len bytes of a page, which may move while they are read */
struct tdm_observe_bytes {
	uint32_t page;
	uint32_t len;
	uint8_t data[1024];
};

/* Of net_flags: tdm_net_inject() has the link down. */
#define TDM_OBSERVE_LINK_DOWN 0x80000000U

/**
 * struct tdm_observe_agent
 * @number: of the agent
 * @regions: of its landing memory
 * @address: where it listens, "" when it does not
 * @net: its NIC
 * @net_flags: TDM_NET_CAP_*, TDM_OBSERVE_LINK_DOWN
 * @net_depth: largest depth of an endpoint
 * @net_mr_total ... @net_wakes: as in struct tdm_net_stats
 * @stats: when it was last polled
 */
struct tdm_observe_agent {
	uint32_t number;
	uint32_t regions;
	char address[64];
	char net[64];
	uint32_t net_flags;
	uint32_t net_depth;
	uint64_t net_mr_total;
	uint64_t net_mr_live;
	uint64_t net_done;
	uint64_t net_bytes;
	uint64_t net_failed;
	uint64_t net_sleeps;
	uint64_t net_wakes;
	struct tdm_agent_stats stats;
};

/**
 * struct tdm_observe_peer - a connection of an agent, when that was last polled
 * @address: of the peer
 * @since_ns: CLOCK_MONOTONIC at which it was made
 * @agent: number
 * @state: enum tdm_peer_state; @error: why it is down
 * @units: of a page to and from it, 0 before it is up
 * @sends, @recvs: requests open
 * @region: of the landing memory that it writes to, or TDM_OBSERVE_NONE
 */
struct tdm_observe_peer {
	char address[64];
	uint64_t since_ns;
	uint32_t agent;
	uint32_t state;
	int32_t error;
	uint32_t units;
	uint32_t sends;
	uint32_t recvs;
	uint32_t region;
	uint32_t reserved;
};

/**
 * struct tdm_observe_inject - a fault to make on a soft device or a software NIC
 * @target: name of the device or NIC, as in its record
 * @kind: the device's or NIC's own number of it
 * @count: how often, @duration_ms: or how long
 * @value, @seed: as the kind says
 * @flags: 0: of a device, 1: of a NIC
 */
struct tdm_observe_inject {
	char target[64];
	uint32_t kind;
	uint32_t count;
	uint32_t duration_ms;
	uint32_t flags;
	uint64_t value;
	uint64_t seed;
};

/* Who looks. */

/**
 * struct tdm_observed_entry - a process in a listing
 * @process: @error 0: all of it; else pid and uid alone
 * @error: 0, -EACCES another user's, -ETIMEDOUT it does not answer, or what else
 * @why: the error in words
 */
struct tdm_observed_entry {
	struct tdm_observe_process process;
	int32_t error;
	char why[196];
};

/**
 * tdm_observed_list - the processes that can be looked at
 * @n: set to how many
 * @timeout_ns: for each of them; 0: a second, ten while the kernel says that it runs
 *
 * Names that somebody else made than they say are left out.
 * Return: an array, the caller's to free(), by pid; NULL on error: -ENOMEM, or that of
 * /proc/net/unix
 */
struct tdm_observed_entry *tdm_observed_list(uint32_t *n, uint64_t timeout_ns,
					     struct tdm_error *err);

/**
 * tdm_observed_connect - look at one process
 * @timeout_ns: for each answer; 0: a second, ten while the kernel says that it runs; an
 *		hour at most
 *
 * Return: NULL on error: -ESRCH it shows nothing, -EACCES it is another user's,
 * -ETIMEDOUT it does not answer, -ENOMEM.
 */
struct tdm_observed *tdm_observed_connect(uint32_t pid, uint64_t timeout_ns, struct tdm_error *err);
void tdm_observed_close(struct tdm_observed *observed);

/** tdm_observed_process - as it was at tdm_observed_connect(); lives as long as @observed */
const struct tdm_observe_process *tdm_observed_process(const struct tdm_observed *observed);

/*
 * The records of one kind. Each returns an array of *@n records, the caller's to
 * free(); NULL on error: -ESRCH the process is gone, -ETIMEDOUT, -EPROTO it answers
 * nonsense, -ENOENT it has no such pool, -ENOMEM. One thread at a time.
 */
struct tdm_observe_device *tdm_observed_devices(struct tdm_observed *observed, uint32_t *n,
						struct tdm_error *err);
struct tdm_observe_queue *tdm_observed_queues(struct tdm_observed *observed, uint32_t *n,
					      struct tdm_error *err);
struct tdm_observe_engine *tdm_observed_engines(struct tdm_observed *observed, uint32_t *n,
						struct tdm_error *err);
struct tdm_observe_pool *tdm_observed_pools(struct tdm_observed *observed, uint32_t *n,
					    struct tdm_error *err);
struct tdm_observe_agent *tdm_observed_agents(struct tdm_observed *observed, uint32_t *n,
					      struct tdm_error *err);
struct tdm_observe_peer *tdm_observed_peers(struct tdm_observed *observed, uint32_t *n,
					    struct tdm_error *err);

/**
 * struct tdm_observe_range - pages of a pool
 * @pool: number
 * @first: page
 * @count: at most; the pool may end before
 */
struct tdm_observe_range {
	uint32_t pool;
	uint32_t first;
	uint32_t count;
};

/** tdm_observed_pages - the state of each page */
struct tdm_observe_page *tdm_observed_pages(struct tdm_observed *observed,
					    const struct tdm_observe_range *range, uint32_t *n,
					    struct tdm_error *err);

/**
 * tdm_observed_verify - have the bytes of pages compared with their CRCs
 *
 * The process reads them, in its observer's thread; nothing waits for that.
 */
struct tdm_observe_check *tdm_observed_verify(struct tdm_observed *observed,
					      const struct tdm_observe_range *range, uint32_t *n,
					      struct tdm_error *err);

/** tdm_observed_bytes - a page's first bytes. Return: 0 and *@bytes, or -errno */
int tdm_observed_bytes(struct tdm_observed *observed, uint32_t pool, uint32_t page,
		       struct tdm_observe_bytes *bytes, struct tdm_error *err);

/**
 * tdm_observed_inject - have the process make a fault
 * Return: 0 or -errno: -ENOENT it has no such device or NIC, -EOPNOTSUPP it cannot,
 * -ETIMEDOUT the firmware is silent: the order is carried out once it is not
 */
int tdm_observed_inject(struct tdm_observed *observed, const struct tdm_observe_inject *fault,
			struct tdm_error *err);

/** tdm_observe_role_name - "engine", "prefill worker"; "unknown" for what is none; static */
const char *tdm_observe_role_name(uint32_t role);
/** tdm_observe_stage_name - "idle", "decode"; "unknown" for what is none; static */
const char *tdm_observe_stage_name(uint32_t stage);
/** tdm_observe_verdict_name - "ok", "differs"; "unknown" for what is none; static */
const char *tdm_observe_verdict_name(uint32_t verdict);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_OBSERVE_H */
