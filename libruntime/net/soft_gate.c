// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_gate.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int open_ear(struct soft_gate *gate)
{
	int rc;

	gate->ear = epoll_create1(EPOLL_CLOEXEC);
	if (gate->ear < 0)
		return -errno;
	gate->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = gate->bell < 0 ? -errno : soft_gate_listen(gate, gate->bell);
	if (!rc)
		return 0;
	if (gate->bell >= 0)
		close(gate->bell);
	close(gate->ear);
	return rc;
}

int soft_gate_listen(struct soft_gate *gate, int sock)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(gate->ear, EPOLL_CTL_ADD, sock, &event) ? -errno : 0;
}

void soft_gate_listen_for(struct soft_gate *gate, int sock, uint32_t events)
{
	struct epoll_event event = { .events = events };

	(void)epoll_ctl(gate->ear, EPOLL_CTL_MOD, sock, &event);
}

void soft_gate_unlisten(struct soft_gate *gate, int sock)
{
	(void)epoll_ctl(gate->ear, EPOLL_CTL_DEL, sock, NULL);
}

int soft_gate_init(struct soft_gate *gate)
{
	int rc = pthread_mutex_init(&gate->lock, NULL);

	if (rc)
		return -rc;
	rc = -open_ear(gate);
	if (rc)
		goto no_ear;
	rc = pthread_cond_init(&gate->is_away, NULL);
	if (rc)
		goto no_away;
	rc = pthread_cond_init(&gate->may_run, NULL);
	if (rc)
		goto no_run;
	atomic_init(&gate->wanted, 0);
	atomic_init(&gate->asleep, false);
	gate->away = true;
	return 0;
no_run:
	pthread_cond_destroy(&gate->is_away);
no_away:
	close(gate->bell);
	close(gate->ear);
no_ear:
	pthread_mutex_destroy(&gate->lock);
	return -rc;
}

void soft_gate_fini(struct soft_gate *gate)
{
	pthread_cond_destroy(&gate->may_run);
	pthread_cond_destroy(&gate->is_away);
	close(gate->bell);
	close(gate->ear);
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
	/* Of several posters one wakes it. */
	if (!atomic_load(&gate->asleep) || !atomic_exchange(&gate->asleep, false))
		return false;
	(void)eventfd_write(gate->bell, 1);
	return true;
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

bool soft_gate_sleep(struct soft_gate *gate, bool (*work)(void *ctx), void *ctx, int timeout_ms)
{
	struct epoll_event event;
	eventfd_t rung;

	atomic_store(&gate->asleep, true);
	if (work(ctx)) {
		atomic_store(&gate->asleep, false);
		return false;
	}
	pthread_mutex_lock(&gate->lock);
	go_away(gate);
	pthread_mutex_unlock(&gate->lock);
	/* What it says does not matter: the engine looks at everything. */
	(void)epoll_wait(gate->ear, &event, 1, timeout_ms);
	pthread_mutex_lock(&gate->lock);
	come_back(gate);
	pthread_mutex_unlock(&gate->lock);
	/* A bell that is rung after this wakes it once for nothing. */
	atomic_store(&gate->asleep, false);
	(void)eventfd_read(gate->bell, &rung);
	return true;
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
