// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compute/compute.h"
#include "soft/bell.h"
#include "util/signals.h"

/* About what sleeping and being woken costs. */
#define SPIN_NS 30000
#define LOOKS 32

struct worker {
	struct soft_pool *pool;
	unsigned int index;
	pthread_t thread;
};

/*
 * A run is one ring of @go: @fn and @arg are written before it and stay until
 * @running is back at zero, so no worker can miss one or see half of one.
 */
struct soft_pool {
	struct fw_pool fw;
	unsigned int started;
	bool stop;
	void (*fn)(void *arg, unsigned int worker, unsigned int n);
	void *arg;
	struct soft_bell go __attribute__((aligned(64)));
	uint32_t running __attribute__((aligned(64)));
	struct soft_bell done;
	struct worker workers[];
};

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

/* Until the bell's count differs from @seen. Return: the new count. */
static uint32_t wait_bell(struct soft_bell *bell, uint32_t seen)
{
	uint64_t end = soft_clock_ns() + SPIN_NS;
	uint32_t count;

	do {
		for (int i = 0; i < LOOKS; i++) {
			count = soft_bell_read(bell);
			if (count != seen)
				return count;
			relax();
		}
	} while (soft_clock_ns() < end);
	while ((count = soft_bell_read(bell)) == seen)
		soft_bell_sleep(bell, seen, ~0ULL);
	return count;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct soft_pool *pool = worker->pool;
	uint32_t seen = 0;

	for (;;) {
		seen = wait_bell(&pool->go, seen);
		if (pool->stop)
			return NULL;
		pool->fn(pool->arg, worker->index, pool->fw.n);
		if (!__atomic_sub_fetch(&pool->running, 1, __ATOMIC_ACQ_REL))
			soft_bell_ring(&pool->done);
	}
}

static void run(struct fw_pool *fw, void (*fn)(void *arg, unsigned int worker, unsigned int n),
		void *arg)
{
	struct soft_pool *pool = (struct soft_pool *)fw;
	uint32_t seen = soft_bell_read(&pool->done);

	if (fw->n == 1) {
		fn(arg, 0, 1);
		return;
	}
	pool->fn = fn;
	pool->arg = arg;
	__atomic_store_n(&pool->running, fw->n - 1, __ATOMIC_RELAXED);
	soft_bell_ring(&pool->go);
	fn(arg, 0, fw->n);
	wait_bell(&pool->done, seen);
}

static int start(struct soft_pool *pool)
{
	sigset_t old;
	int rc = 0;

	old = signals_block();
	for (unsigned int i = 1; i < pool->fw.n; i++) {
		struct worker *worker = &pool->workers[i - 1];
		char name[16];

		worker->pool = pool;
		worker->index = i;
		rc = pthread_create(&worker->thread, NULL, work, worker);
		if (rc)
			break;
		snprintf(name, sizeof(name), "tdm-work-%u", i % 1000);
		pthread_setname_np(worker->thread, name);
		pool->started++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

struct soft_pool *soft_pool_create(unsigned int threads)
{
	size_t bytes = sizeof(struct soft_pool) + threads * sizeof(struct worker);
	struct soft_pool *pool = aligned_alloc(64, (bytes + 63) / 64 * 64);
	int rc;

	if (!pool)
		return NULL;
	memset(pool, 0, bytes);
	pool->fw.n = threads;
	pool->fw.run = run;
	rc = start(pool);
	if (rc) {
		soft_pool_destroy(pool);
		errno = rc;
		return NULL;
	}
	return pool;
}

void soft_pool_destroy(struct soft_pool *pool)
{
	if (!pool)
		return;
	pool->stop = true;
	soft_bell_ring(&pool->go);
	for (unsigned int i = 0; i < pool->started; i++)
		pthread_join(pool->workers[i].thread, NULL);
	free(pool);
}

struct fw_pool *soft_pool_fw(struct soft_pool *pool)
{
	return &pool->fw;
}
