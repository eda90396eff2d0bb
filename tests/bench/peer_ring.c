// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a queue costs at least: entries of 64 bytes one way, nothing back but the
 * room for more. Both sides know the other's index of a while ago and look again
 * only when that is used up.
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "peer.h"
#include "pin.h"

#define ENTRIES 256U

struct entry {
	uint64_t words[8];
};

struct ring {
	_Alignas(128) atomic_uint tail;
	_Alignas(128) atomic_uint head;
	_Alignas(128) atomic_bool ready;
	unsigned int count;
	unsigned int batch;
	int cpu;
	uint64_t sum;
	_Alignas(128) struct entry entries[ENTRIES];
};

static void *consume(void *arg)
{
	struct ring *r = arg;
	unsigned int head = 0;

	pin_to(r->cpu);
	atomic_store_explicit(&r->ready, true, memory_order_release);
	while (head < r->count) {
		unsigned int tail = atomic_load_explicit(&r->tail, memory_order_acquire);

		if (head == tail)
			relax();
		while (head != tail) {
			struct entry e = r->entries[head++ & (ENTRIES - 1)];

			for (int i = 0; i < 8; i++)
				r->sum += e.words[i];
		}
		atomic_store_explicit(&r->head, head, memory_order_release);
	}
	return NULL;
}

static void produce(struct ring *r)
{
	unsigned int tail = 0, head = 0;

	while (tail < r->count) {
		while (ENTRIES - (tail - head) < r->batch) {
			head = atomic_load_explicit(&r->head, memory_order_acquire);
			if (ENTRIES - (tail - head) < r->batch)
				relax();
		}
		for (unsigned int i = 0; i < r->batch; i++, tail++) {
			struct entry e = { { tail, 1 } };

			r->entries[tail & (ENTRIES - 1)] = e;
		}
		atomic_store_explicit(&r->tail, tail, memory_order_release);
	}
	while (atomic_load_explicit(&r->head, memory_order_acquire) != tail)
		relax();
}

double peer_ring(void *ctx)
{
	const struct peer *p = ctx;
	static struct ring r; /* aligned, and too large for a stack */
	unsigned int rest = p->count % p->batch;
	pthread_t thread;
	uint64_t start;

	memset(&r, 0, sizeof(r));
	r.count = p->count - rest;
	r.batch = p->batch;
	r.cpu = p->b->far;
	if (p->b->near == p->b->far || pthread_create(&thread, NULL, consume, &r))
		return NAN;
	while (!atomic_load_explicit(&r.ready, memory_order_acquire))
		relax();
	start = now_ns();
	produce(&r);
	start = now_ns() - start;
	pthread_join(thread, NULL);
	/* All entries came through, whole. */
	if (r.sum != (uint64_t)r.count * (r.count - 1) / 2 + r.count)
		bench_fail("the bare ring lost an entry; it cannot serve as a peer", NULL);
	return r.count / ((double)start / 1e9);
}
