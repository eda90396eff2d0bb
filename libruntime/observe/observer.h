/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The inside of an observer.
 *
 * Its lock guards the list of what is shown, and is held while one answer is made: so
 * that what is removed is not looked at any more. It is never held while anything is
 * sent or received.
 */
#ifndef OBSERVE_OBSERVER_H
#define OBSERVE_OBSERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "agent/agent.h"
#include "engine/watch.h"
#include "observe/wire.h"

#define OBSERVE_ASKERS 8
#define OBSERVE_REQUEST_MAX 1024U

enum shown_kind {
	SHOWN_DEVICE = 0,
	SHOWN_ENGINE = 1,
	SHOWN_POOL = 2,
	SHOWN_AGENT = 3,
	SHOWN_KINDS = 4,
};

struct shown_engine {
	const struct engine_watch *watch;
	uint32_t role;
	uint32_t mode;
	uint32_t prefill;
	uint32_t decode;
};

/* Of a page: enough to bring it into the wire's order. */
struct page_shape {
	uint32_t heads; /* 0: not known */
	uint32_t head_dim;
	uint32_t tokens;
	uint32_t elt_bytes;
};

struct shown_pool {
	struct tdm_kv_pool *pool;
	uint32_t device;
	uint32_t layout;
	struct page_shape shape;
	char name[64];
};

/* Something that can be looked at; it stays its owner's. */
struct shown {
	struct shown *next; /* numbers of a kind go up */
	const void *owner;  /* what was added, and is removed */
	enum shown_kind kind;
	uint32_t number;
	union {
		struct tdm_device *dev;
		struct shown_engine engine;
		struct shown_pool pool;
		struct tdm_agent *agent;
	};
};

struct asker {
	int fd;		   /* -1: none */
	uint64_t heard_ns; /* when it said something last */
};

struct tdm_observer {
	char program[64];
	pid_t pid; /* a forked child has no thread of it */
	uid_t uid;
	uint64_t started_ns;
	int listener;
	bool stop; /* atomic */
	pthread_t thread;

	pthread_mutex_t lock;
	struct shown *shown;
	uint32_t next[SHOWN_KINDS]; /* number */

	/* The thread's own. */
	struct asker askers[OBSERVE_ASKERS];
	uint64_t deaf_until_ns; /* no descriptor was left to accept one */
	struct agent_seen seen;
	_Alignas(8) char request[OBSERVE_REQUEST_MAX];
	_Alignas(8) char packet[OBSERVE_PACKET_MAX];
};

/* serve.c: the thread's body */
void observe_serve(struct tdm_observer *o);

/* registry.c: with the lock held */
void registry_clear(struct tdm_observer *o);
struct shown *registry_next(const struct tdm_observer *o, const struct shown *after,
			    enum shown_kind kind);
struct shown *registry_find(const struct tdm_observer *o, enum shown_kind kind, uint32_t number);
uint32_t registry_count(const struct tdm_observer *o, enum shown_kind kind);

/* An answer that is being made, in the observer's packet. */
struct answer {
	struct tdm_observer *o;
	const struct observe_request *req;
	struct observe_answer *head;
	uint32_t skip; /* records before the first one that is wanted */
};

/* answer.c: to the request of @len bytes. Return: bytes of the packet */
size_t answer_request(struct tdm_observer *o, size_t len);
/* What a client hears first: the process, or why it hears no more. */
size_t answer_greeting(struct tdm_observer *o);
size_t answer_error(struct tdm_observer *o, uint32_t kind, int error, const char *text);
/* Room for one more record, zeroed; NULL: no more in this answer, which says so. */
void *answer_add(struct answer *a, uint32_t bytes);
/* How many more records would fit. */
uint32_t answer_room(const struct answer *a, uint32_t bytes);

/* page_crc.c */

/* As memcpy(), from bytes that others may be writing. */
void page_copy(char *to, const char *from, size_t len);

/*
 * CRC32C of a page as the wire has it: of its first @bytes there. Reads the page as
 * page_copy() does.
 * Return: the CRC, or -EOPNOTSUPP: how its order differs is not known
 */
int64_t page_crc(const struct shown_pool *pool, const char *mem, uint64_t bytes);

/* answer_device.c, answer_kv.c, answer_agent.c: 0 or a negative errno */
int answer_devices(struct answer *a);
int answer_queues(struct answer *a);
int answer_inject(struct answer *a);
int answer_pools(struct answer *a);
int answer_pages(struct answer *a);
int answer_verify(struct answer *a);
int answer_bytes(struct answer *a);
int answer_agents(struct answer *a);
int answer_peers(struct answer *a);

#endif /* OBSERVE_OBSERVER_H */
