// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/pause.h"

int fw_pause_init(struct fw_pause *pause)
{
	int rc = pthread_mutex_init(&pause->lock, NULL);

	if (rc)
		return -rc;
	rc = pthread_cond_init(&pause->cond, NULL);
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

void fw_pause(struct fw_pause *pause)
{
	pthread_mutex_lock(&pause->lock);
	atomic_store_explicit(&pause->wanted, true, memory_order_release);
	while (!pause->away)
		pthread_cond_wait(&pause->cond, &pause->lock);
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
