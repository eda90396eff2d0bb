// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Two lines, each with one writer: the shortest way there and back.
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "clock.h"
#include "peer.h"
#include "pin.h"

struct lines {
	_Alignas(128) atomic_uint there;
	_Alignas(128) atomic_uint back;
	_Alignas(128) unsigned int count;
	int cpu;
};

static void *answer(void *arg)
{
	struct lines *l = arg;

	pin_to(l->cpu);
	for (unsigned int i = 1; i <= l->count; i++) {
		while (atomic_load_explicit(&l->there, memory_order_acquire) != i)
			relax();
		atomic_store_explicit(&l->back, i, memory_order_release);
	}
	return NULL;
}

double peer_cache_line(void *ctx)
{
	const struct peer *p = ctx;
	struct lines l = { .count = p->count, .cpu = p->b->far };
	uint64_t start = 0;
	pthread_t thread;

	if (p->b->near == p->b->far || pthread_create(&thread, NULL, answer, &l))
		return NAN;
	for (unsigned int i = 1; i <= p->count; i++) {
		if (i == 2) /* the other thread is there */
			start = now_ns();
		atomic_store_explicit(&l.there, i, memory_order_release);
		while (atomic_load_explicit(&l.back, memory_order_acquire) != i)
			relax();
	}
	start = now_ns() - start;
	pthread_join(thread, NULL);
	return (double)start / (p->count - 1);
}
