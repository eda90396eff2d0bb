// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Waiting for a queue: the wait call, the wake call, the eventfd and the end.
 *
 * The arm word is one and the waiters are many: it holds the lowest sequence
 * that anybody waits for. Whoever moves it looks at completed afterwards, with a
 * full fence between; the firmware stores completed and looks at it the same
 * way. So a completion is seen here, or the arm word there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "soft/device.h"
#include "soft/file.h"
#include "soft/queue.h"

#define NEVER (~0ULL)
#define EVENTFD_LINK "anon_inode:[eventfd]"

struct soft_waiter {
	struct soft_waiter *next;
	uint64_t seq;
};

int soft_queue_wake(struct soft_file *file, void *arg)
{
	const struct drm_tandem_queue_wake *wake = arg;
	bool found;

	pthread_mutex_lock(&file->dev->table_lock);
	found = soft_table_get(&file->queues, wake->queue);
	pthread_mutex_unlock(&file->dev->table_lock);
	if (!found)
		return -ENOENT;
	soft_port_ring(&file->dev->port, FW_BELL_COMPUTE);
	return 0;
}

/* The kernel's eventfd_signal() never blocks; write(2) would, when the counter is full. */
static void eventfd_add(int fd)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	uint64_t one = 1;

	if (poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) &&
	    write(fd, &one, sizeof(one)) != sizeof(one))
		return; /* filled in between: as full as a counter gets */
}

void soft_queue_event(struct soft_queue *q)
{
	soft_bell_ring(&q->event);
	pthread_mutex_lock(&q->lock);
	if (q->eventfd >= 0)
		eventfd_add(q->eventfd);
	pthread_mutex_unlock(&q->lock);
}

void soft_queue_stop(struct soft_queue *q, enum tdm_queue_state state, int error)
{
	bool first;

	pthread_mutex_lock(&q->lock);
	first = q->status->state == TDM_QUEUE_RUNNING;
	if (first) {
		q->status->error = error;
		q->status->reset_count = tdm_load_relaxed(&q->dev->fw_regs.reset_count);
		tdm_store_release(&q->status->state, state);
	}
	pthread_mutex_unlock(&q->lock);
	if (first)
		soft_queue_event(q);
}

/* q->lock is held. */
static void arm(struct soft_queue *q)
{
	uint64_t lowest = NEVER;

	for (const struct soft_waiter *w = q->waiters; w; w = w->next)
		if (w->seq < lowest)
			lowest = w->seq;
	tdm_store_relaxed(&q->status->wait_seq, lowest);
	tdm_full_fence();
	/* Somebody else's sequence may be there already: their event is ours to raise. */
	if (tdm_load_acquire(&q->cq->completed) >= lowest)
		soft_bell_ring(&q->event);
}

static void waiter_add(struct soft_queue *q, struct soft_waiter *w)
{
	pthread_mutex_lock(&q->lock);
	w->next = q->waiters;
	q->waiters = w;
	arm(q);
	pthread_mutex_unlock(&q->lock);
}

static void waiter_remove(struct soft_queue *q, struct soft_waiter *w)
{
	struct soft_waiter **link = &q->waiters;

	pthread_mutex_lock(&q->lock);
	while (*link != w)
		link = &(*link)->next;
	*link = w->next;
	arm(q);
	pthread_mutex_unlock(&q->lock);
}

/* Return: 0 when it has come, -EIO when it never will, -EAGAIN. */
static int look(const struct soft_queue *q, uint64_t seq)
{
	/* The state first: what completed before it changed counts. */
	uint32_t state = tdm_load_acquire(&q->status->state);

	if (tdm_load_acquire(&q->cq->completed) >= seq)
		return 0;
	if (state == TDM_QUEUE_RUNNING)
		return -EAGAIN;
	return state == TDM_QUEUE_GONE ? -ENODEV : -EIO;
}

static int sleep_until(struct soft_queue *q, uint64_t seq, uint64_t deadline_ns)
{
	struct soft_waiter waiter = { .seq = seq };
	int slept = 0;
	int rc;

	waiter_add(q, &waiter);
	for (;;) {
		uint32_t seen = soft_bell_read(&q->event);

		rc = look(q, seq);
		if (rc != -EAGAIN)
			break;
		if (slept) {
			rc = slept;
			break;
		}
		slept = soft_bell_sleep(&q->event, seen, deadline_ns);
	}
	waiter_remove(q, &waiter);
	return rc;
}

int soft_queue_wait(struct soft_file *file, void *arg)
{
	const struct drm_tandem_queue_wait *wait = arg;
	struct soft_queue *q;
	int rc;

	if (wait->flags || wait->reserved)
		return -EINVAL;
	q = soft_queue_get(file, wait->queue);
	if (!q)
		return -ENOENT;
	rc = look(q, wait->seq);
	if (rc == -EAGAIN)
		rc = wait->deadline_ns ? sleep_until(q, wait->seq, wait->deadline_ns) : -ETIMEDOUT;
	soft_queue_put(q);
	return rc;
}

/* A descriptor of our own, so that the caller may close theirs. Return: it or -errno. */
static int eventfd_get(int fd)
{
	char path[32];
	char link[sizeof(EVENTFD_LINK)];
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	ssize_t n;

	if (own < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", own);
	n = readlink(path, link, sizeof(link));
	if (n == sizeof(EVENTFD_LINK) - 1 && !memcmp(link, EVENTFD_LINK, (size_t)n))
		return own;
	close(own);
	return -EINVAL;
}

int soft_queue_eventfd(struct soft_file *file, void *arg)
{
	const struct drm_tandem_queue_eventfd *set = arg;
	struct soft_queue *q;
	int old;
	int fd = -1;

	if (set->flags || set->fd < -1)
		return -EINVAL;
	q = soft_queue_get(file, set->queue);
	if (!q)
		return -ENOENT;
	if (set->fd >= 0) {
		fd = eventfd_get(set->fd);
		if (fd < 0) {
			soft_queue_put(q);
			return fd;
		}
	}
	pthread_mutex_lock(&q->lock);
	old = q->eventfd;
	q->eventfd = fd;
	pthread_mutex_unlock(&q->lock);
	if (old >= 0)
		close(old);
	soft_queue_put(q);
	return 0;
}
