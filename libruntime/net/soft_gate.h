/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * How other threads change what the software NIC's engine uses, and how the
 * engine sleeps.
 *
 * The engine owns the NIC's tables while it is not away. A control call enters
 * the gate: it asks the engine to step aside, waits until it is away, and holds
 * @lock while it changes things. A busy engine pays one load per work request
 * for that, and takes no lock.
 *
 * Sleeping is Dekker's problem: the engine sets @asleep and then looks for work
 * once more, the poster publishes work and then looks at @asleep; all four are
 * sequentially consistent, so one of the two sees the other.
 */
#ifndef NET_SOFT_GATE_H
#define NET_SOFT_GATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct soft_gate {
	pthread_mutex_t lock;
	pthread_cond_t is_away; /* control waits for the engine */
	pthread_cond_t may_run; /* the engine waits for control */
	atomic_uint wanted;	/* control calls inside or waiting; changed under lock */
	atomic_bool asleep;
	bool away; /* under lock */
	/* What the engine sleeps on: other processes' sockets, and the bell that a poster rings. */
	int ear;
	int bell;
};

int soft_gate_init(struct soft_gate *gate);
void soft_gate_fini(struct soft_gate *gate);

/* Control: between the two nothing of the engine runs. */
void soft_gate_enter(struct soft_gate *gate);
void soft_gate_leave(struct soft_gate *gate);

/* Poster, after its work is published. Return: true when it had to wake the engine. */
bool soft_gate_wake(struct soft_gate *gate);

/* Engine: is somebody waiting at the gate? */
static inline bool soft_gate_wanted(struct soft_gate *gate)
{
	return atomic_load_explicit(&gate->wanted, memory_order_acquire) != 0;
}

/* Engine: let them do it. */
void soft_gate_yield(struct soft_gate *gate);

/*
 * Engine: sleep unless @work says there is some, for @timeout_ms at most (-1: no
 * limit). Return: true when it slept.
 */
bool soft_gate_sleep(struct soft_gate *gate, bool (*work)(void *ctx), void *ctx, int timeout_ms);

/* Inside the gate, or engine: a socket that can be read ends the sleep. Return: 0 or -errno */
int soft_gate_listen(struct soft_gate *gate, int sock);
void soft_gate_unlisten(struct soft_gate *gate, int sock);
/* These EPOLL* instead. */
void soft_gate_listen_for(struct soft_gate *gate, int sock, uint32_t events);

/* Engine: at the start, and at the end for good. */
void soft_gate_start(struct soft_gate *gate);
void soft_gate_stop(struct soft_gate *gate);

#endif /* NET_SOFT_GATE_H */
