// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Waiting for a queue: the wait call, the wake call, the eventfd and the end.
 *
 * The arm word is one and the waiters are many: it holds the lowest sequence
 * that anybody waits for. Whoever moves it looks at completed afterwards, with a
 * full barrier between; the firmware stores completed and looks at it the same
 * way. So a completion is seen here, or the arm word there.
 */
#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "context.h"
#include "queue.h"
#include "trace.h"

#define NEVER U64_MAX

struct waiter {
	struct list_head node; /* tdm_queue.waiters, with its lock */
	u64 seq;
};

int tdm_queue_wake_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_tandem_queue_wake *wake = data;
	struct tdm_device *dev = to_tdm(drm);
	struct tdm_queue *q = tdm_queue_lookup(to_ctx(file), wake->queue);

	if (!q)
		return -ENOENT;
	trace_tandem_submit(q->dev, q->ctx->id, q->id, READ_ONCE(q->sq->tail));
	tdm_queue_put(q);
	dev->bus->ring_compute(dev);
	return 0;
}

void tdm_queue_event(struct tdm_queue *q)
{
	trace_tandem_complete(q->dev, q->ctx->id, q->id, READ_ONCE(q->cq->completed));
	wake_up_all(&q->event);
	spin_lock(&q->lock);
	if (q->eventfd)
		tdm_eventfd_signal(q->eventfd);
	spin_unlock(&q->lock);
}

void tdm_queue_stop(struct tdm_queue *q, enum tdm_queue_state state, int error)
{
	bool first;

	spin_lock(&q->lock);
	first = q->status->state == TDM_QUEUE_RUNNING;
	if (first) {
		q->status->error = error;
		q->status->reset_count = READ_ONCE(q->dev->drv->reset_request);
		/* After what belongs to it. */
		smp_store_release(&q->status->state, state);
	}
	spin_unlock(&q->lock);
	if (first)
		tdm_queue_event(q);
}

/* q->lock is held. */
static void arm(struct tdm_queue *q)
{
	struct waiter *w;
	u64 lowest = NEVER;

	list_for_each_entry(w, &q->waiters, node)
		lowest = min(lowest, w->seq);
	WRITE_ONCE(q->status->wait_seq, lowest);
	smp_mb(); /* with the firmware's, between completed and its look at wait_seq */
	/* Somebody else's sequence may be there already: their event is ours to raise. */
	if (smp_load_acquire(&q->cq->completed) >= lowest)
		wake_up_all(&q->event);
}

static void waiter_add(struct tdm_queue *q, struct waiter *w)
{
	spin_lock(&q->lock);
	list_add(&w->node, &q->waiters);
	arm(q);
	spin_unlock(&q->lock);
}

static void waiter_remove(struct tdm_queue *q, struct waiter *w)
{
	spin_lock(&q->lock);
	list_del(&w->node);
	arm(q);
	spin_unlock(&q->lock);
}

/* Return: 0 when it has come, -EIO or -ENODEV when it never will, -EAGAIN. */
static int look(struct tdm_queue *q, u64 seq)
{
	/* The state first: what completed before it changed counts. */
	u32 state = smp_load_acquire(&q->status->state);

	/* With it, the completions themselves are seen. */
	if (smp_load_acquire(&q->cq->completed) >= seq)
		return 0;
	if (state == TDM_QUEUE_RUNNING)
		return -EAGAIN;
	return state == TDM_QUEUE_GONE ? -ENODEV : -EIO;
}

static int sleep_until(struct tdm_queue *q, u64 seq, u64 deadline_ns)
{
	ktime_t expires = ns_to_ktime(min_t(u64, deadline_ns, KTIME_MAX));
	struct waiter waiter = { .seq = seq };
	DEFINE_WAIT(wait);
	int slept = 0;
	int ret;

	waiter_add(q, &waiter);
	for (;;) {
		prepare_to_wait(&q->event, &wait, TASK_INTERRUPTIBLE);
		ret = look(q, seq);
		if (ret != -EAGAIN)
			break;
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		if (slept) {
			ret = slept;
			break;
		}
		if (!schedule_hrtimeout(&expires, HRTIMER_MODE_ABS))
			slept = -ETIMEDOUT;
	}
	finish_wait(&q->event, &wait);
	waiter_remove(q, &waiter);
	return ret;
}

int tdm_queue_wait_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_tandem_queue_wait *args = data;
	struct tdm_queue *q;
	int ret;

	if (args->flags || args->reserved)
		return -EINVAL;
	q = tdm_queue_lookup(to_ctx(file), args->queue);
	if (!q)
		return -ENOENT;
	ret = look(q, args->seq);
	if (ret == -EAGAIN)
		ret = args->deadline_ns ? sleep_until(q, args->seq, args->deadline_ns) :
					  -ETIMEDOUT;
	tdm_queue_put(q);
	return ret;
}

int tdm_queue_eventfd_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_tandem_queue_eventfd *args = data;
	struct eventfd_ctx *eventfd = NULL;
	struct tdm_queue *q;

	if (args->flags || args->fd < -1)
		return -EINVAL;
	q = tdm_queue_lookup(to_ctx(file), args->queue);
	if (!q)
		return -ENOENT;
	if (args->fd >= 0) {
		eventfd = eventfd_ctx_fdget(args->fd);
		if (IS_ERR(eventfd)) {
			tdm_queue_put(q);
			return PTR_ERR(eventfd);
		}
	}
	spin_lock(&q->lock);
	swap(q->eventfd, eventfd);
	spin_unlock(&q->lock);
	if (eventfd)
		eventfd_ctx_put(eventfd);
	tdm_queue_put(q);
	return 0;
}
