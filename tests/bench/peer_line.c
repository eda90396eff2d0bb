// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * One word that two threads write by turns: the shortest way of a cache line there
 * and back. Nobody pauses, so nothing is added to it.
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "clock.h"
#include "peer.h"
#include "pin.h"

struct line {
	_Alignas(128) atomic_uint word;
	_Alignas(128) unsigned int count;
	int cpu;
};

/* Waits for @seen, then stores @next. */
static void turn(struct line *l, unsigned int seen, unsigned int next)
{
	while (atomic_load_explicit(&l->word, memory_order_acquire) != seen)
		;
	atomic_store_explicit(&l->word, next, memory_order_release);
}

static void *answer(void *arg)
{
	struct line *l = arg;

	pin_to(l->cpu);
	for (unsigned int i = 0; i < l->count; i++)
		turn(l, 2 * i + 1, 2 * i + 2);
	return NULL;
}

double peer_cache_line(void *ctx)
{
	const struct peer *p = ctx;
	struct line l = { .count = p->count, .cpu = p->b->far };
	uint64_t start = 0;
	pthread_t thread;

	if (p->b->near == p->b->far || pthread_create(&thread, NULL, answer, &l))
		return NAN;
	for (unsigned int i = 0; i < p->count; i++) {
		turn(&l, 2 * i, 2 * i + 1);
		if (!i) /* by the next turn the other thread is there */
			turn(&l, 2, 2);
		if (!i)
			start = now_ns();
	}
	turn(&l, 2 * p->count, 0);
	start = now_ns() - start;
	pthread_join(thread, NULL);
	return (double)start / (p->count - 1);
}
