// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_gate.h"

int soft_gate_init(struct soft_gate *gate)
{
	int rc = pthread_mutex_init(&gate->lock, NULL);

	if (rc)
		return -rc;
	rc = pthread_cond_init(&gate->is_away, NULL);
	if (rc)
		goto no_away;
	rc = pthread_cond_init(&gate->may_run, NULL);
	if (rc)
		goto no_run;
	atomic_init(&gate->wanted, 0);
	atomic_init(&gate->asleep, false);
	gate->away = true;
	gate->woken = false;
	return 0;
no_run:
	pthread_cond_destroy(&gate->is_away);
no_away:
	pthread_mutex_destroy(&gate->lock);
	return -rc;
}

void soft_gate_fini(struct soft_gate *gate)
{
	pthread_cond_destroy(&gate->may_run);
	pthread_cond_destroy(&gate->is_away);
	pthread_mutex_destroy(&gate->lock);
}

void soft_gate_enter(struct soft_gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	atomic_fetch_add_explicit(&gate->wanted, 1, memory_order_release);
	while (!gate->away)
		pthread_cond_wait(&gate->is_away, &gate->lock);
}

void soft_gate_leave(struct soft_gate *gate)
{
	atomic_fetch_sub_explicit(&gate->wanted, 1, memory_order_release);
	pthread_cond_signal(&gate->may_run);
	pthread_mutex_unlock(&gate->lock);
}

bool soft_gate_wake(struct soft_gate *gate)
{
	bool was_asleep;

	if (!atomic_load(&gate->asleep))
		return false;
	pthread_mutex_lock(&gate->lock);
	/* Of several posters one wakes it. */
	was_asleep = atomic_exchange(&gate->asleep, false);
	if (was_asleep) {
		gate->woken = true;
		pthread_cond_signal(&gate->may_run);
	}
	pthread_mutex_unlock(&gate->lock);
	return was_asleep;
}

static void go_away(struct soft_gate *gate)
{
	gate->away = true;
	pthread_cond_broadcast(&gate->is_away);
}

static void come_back(struct soft_gate *gate)
{
	while (atomic_load_explicit(&gate->wanted, memory_order_relaxed))
		pthread_cond_wait(&gate->may_run, &gate->lock);
	gate->away = false;
}

void soft_gate_yield(struct soft_gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	go_away(gate);
	come_back(gate);
	pthread_mutex_unlock(&gate->lock);
}

bool soft_gate_sleep(struct soft_gate *gate, bool (*work)(void *ctx), void *ctx)
{
	bool slept = false;

	pthread_mutex_lock(&gate->lock);
	gate->woken = false;
	atomic_store(&gate->asleep, true);
	if (!work(ctx)) {
		slept = true;
		go_away(gate);
		while (!gate->woken)
			pthread_cond_wait(&gate->may_run, &gate->lock);
		come_back(gate);
	}
	atomic_store(&gate->asleep, false);
	pthread_mutex_unlock(&gate->lock);
	return slept;
}

void soft_gate_start(struct soft_gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	come_back(gate);
	pthread_mutex_unlock(&gate->lock);
}

void soft_gate_stop(struct soft_gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	go_away(gate);
	pthread_mutex_unlock(&gate->lock);
}
