// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/pause.h"

#include <time.h>

static int init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int rc = pthread_condattr_init(&attr);

	if (rc)
		return rc;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!rc)
		rc = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return rc;
}

int fw_pause_init(struct fw_pause *pause)
{
	int rc = pthread_mutex_init(&pause->lock, NULL);

	if (rc)
		return -rc;
	rc = init_cond(&pause->cond);
	if (rc) {
		pthread_mutex_destroy(&pause->lock);
		return -rc;
	}
	atomic_init(&pause->wanted, false);
	pause->away = true;
	return 0;
}

void fw_pause_fini(struct fw_pause *pause)
{
	pthread_cond_destroy(&pause->cond);
	pthread_mutex_destroy(&pause->lock);
}

static struct timespec next_tick(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += FW_PAUSE_TICK_MS * 1000000L;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_nsec -= 1000000000L;
		ts.tv_sec++;
	}
	return ts;
}

void fw_pause(struct fw_pause *pause, void (*tick)(void *arg), void *arg)
{
	struct timespec until = next_tick();

	pthread_mutex_lock(&pause->lock);
	atomic_store_explicit(&pause->wanted, true, memory_order_release);
	while (!pause->away) {
		if (!pthread_cond_timedwait(&pause->cond, &pause->lock, &until))
			continue;
		tick(arg);
		until = next_tick();
	}
	pthread_mutex_unlock(&pause->lock);
}

void fw_resume(struct fw_pause *pause)
{
	pthread_mutex_lock(&pause->lock);
	atomic_store_explicit(&pause->wanted, false, memory_order_release);
	pthread_cond_broadcast(&pause->cond);
	pthread_mutex_unlock(&pause->lock);
}

void fw_pause_leave(struct fw_pause *pause)
{
	pthread_mutex_lock(&pause->lock);
	pause->away = true;
	pthread_cond_broadcast(&pause->cond);
	pthread_mutex_unlock(&pause->lock);
}

void fw_pause_enter(struct fw_pause *pause)
{
	pthread_mutex_lock(&pause->lock);
	while (atomic_load_explicit(&pause->wanted, memory_order_relaxed))
		pthread_cond_wait(&pause->cond, &pause->lock);
	pause->away = false;
	pthread_mutex_unlock(&pause->lock);
}
