// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "peer_all.h"

#include <pthread.h>

#include "bench.h"
#include "clock.h"
#include "pin.h"

#define MAX_PARTS 64

struct part {
	pthread_t thread;
	pthread_barrier_t *start;
	void (*fn)(void *arg, int part, int parts);
	void *arg;
	int part;
	int parts;
};

static void *run(void *arg)
{
	struct part *p = arg;

	pthread_barrier_wait(p->start);
	p->fn(p->arg, p->part, p->parts);
	return NULL;
}

double all_run(void (*fn)(void *arg, int part, int parts), void *arg)
{
	int n = pin_count() < MAX_PARTS ? pin_count() : MAX_PARTS;
	struct part parts[MAX_PARTS];
	pthread_barrier_t start;
	uint64_t began;

	pthread_barrier_init(&start, NULL, (unsigned int)n);
	for (int i = 0; i < n; i++) {
		parts[i] = (struct part){
			.start = &start, .fn = fn, .arg = arg, .part = i, .parts = n
		};
		if (i && pthread_create(&parts[i].thread, NULL, run, &parts[i]))
			bench_fail("no thread could be started; raise the limit (ulimit -u)", NULL);
	}
	pthread_barrier_wait(&start);
	began = now_ns();
	fn(arg, 0, n);
	for (int i = 1; i < n; i++)
		pthread_join(parts[i].thread, NULL);
	pthread_barrier_destroy(&start);
	return (double)(now_ns() - began) / 1e9;
}
