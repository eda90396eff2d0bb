// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/queue.h"

#include <errno.h>
#include <stdlib.h>

#include "cmd/run.h"
#include "core/context.h"
#include "core/device.h"

static void unmap_areas(struct fw_queue *q)
{
	const struct fw_port_ops *ops = q->dev->port->ops;

	if (q->sq)
		ops->bus_unmap(q->dev->port, (void *)q->sq, q->sq_bytes);
	if (q->cq)
		ops->bus_unmap(q->dev->port, q->cq, q->cq_bytes);
	if (q->status)
		ops->bus_unmap(q->dev->port, (void *)q->status, sizeof(*q->status));
}

static int map_areas(struct fw_queue *q, const struct tdm_admin_queue *cmd)
{
	const struct fw_port_ops *ops = q->dev->port->ops;
	struct fw_port *port = q->dev->port;

	q->sq_entries = 1U << cmd->sq_order;
	q->cq_entries = 1U << cmd->cq_order;
	q->sq_bytes = TDM_QUEUE_HDR_BYTES + (uint64_t)q->sq_entries * sizeof(struct tdm_cmd);
	q->cq_bytes = TDM_QUEUE_HDR_BYTES + (uint64_t)q->cq_entries * sizeof(struct tdm_cqe);
	q->sq = ops->bus_map(port, cmd->sq, q->sq_bytes, TDM_ACCESS_READ);
	q->cq = ops->bus_map(port, cmd->cq, q->cq_bytes, TDM_ACCESS_READ | TDM_ACCESS_WRITE);
	q->status = ops->bus_map(port, cmd->status, sizeof(*q->status), TDM_ACCESS_READ);
	if (!q->sq || !q->cq || !q->status)
		return -EFAULT;
	q->cmds = (const struct tdm_cmd *)((const char *)q->sq + TDM_QUEUE_HDR_BYTES);
	q->cqes = (struct tdm_cqe *)((char *)q->cq + TDM_QUEUE_HDR_BYTES);
	return 0;
}

static bool order_is_sane(const struct fw_device *dev, uint8_t order)
{
	return order < 32 && (1U << order) >= TDM_QUEUE_MIN_ENTRIES &&
	       (1U << order) <= dev->id.max_entries;
}

static void destroy(struct fw_queue *q)
{
	fw_run_free(q->run);
	unmap_areas(q);
	free(q);
}

int fw_queue_create(struct fw_device *dev, const struct tdm_admin_queue *cmd)
{
	struct fw_ctx *ctx = fw_ctx_get(dev, cmd->ctx);
	struct fw_queue *q;
	int rc;

	if (!ctx)
		return -ENOENT;
	if (cmd->queue >= dev->id.max_queues || cmd->reserved0 || cmd->reserved1 ||
	    cmd->wake > TDM_WAKE_STORE || !order_is_sane(dev, cmd->sq_order) ||
	    !order_is_sane(dev, cmd->cq_order) || cmd->cq_order < cmd->sq_order)
		return -EINVAL;
	if (dev->queues[cmd->queue])
		return -EEXIST;
	q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->dev = dev;
	q->ctx = ctx;
	q->id = cmd->queue;
	q->number = cmd->number;
	q->wake = cmd->wake;
	q->time_limit_ms = cmd->time_limit_ms;
	rc = map_areas(q, cmd);
	if (rc) {
		destroy(q);
		return rc;
	}
	/* Compute may sleep right now, and has not looked at this queue. */
	q->asleep = q->wake != TDM_WAKE_NONE;
	tdm_store_release(&q->cq->need_wake, q->asleep);
	dev->queues[q->id] = q;
	dev->active[dev->n_active++] = q;
	return 0;
}

static void remove_at(struct fw_device *dev, unsigned int at)
{
	struct fw_queue *q = dev->active[at];

	dev->active[at] = dev->active[--dev->n_active];
	dev->queues[q->id] = NULL;
	destroy(q);
}

int fw_queue_destroy(struct fw_device *dev, uint32_t ctx, uint32_t queue)
{
	for (unsigned int i = 0; i < dev->n_active; i++)
		if (dev->active[i]->id == queue && dev->active[i]->ctx->id == ctx) {
			remove_at(dev, i);
			return 0;
		}
	return -ENOENT;
}

void fw_queue_destroy_all(struct fw_device *dev, struct fw_ctx *ctx)
{
	for (unsigned int i = dev->n_active; i-- > 0;)
		if (dev->active[i]->ctx == ctx)
			remove_at(dev, i);
}

void fw_queue_stop(struct fw_queue *q)
{
	q->stopped = true;
	q->busy = false;
	fw_run_end(q->run);
}

void fw_queue_event(struct fw_queue *q)
{
	struct tdm_event event = {
		.type = TDM_EV_QUEUE,
		.id = q->id,
		.value = q->completed,
	};

	fw_event_post(&q->dev->events, &event);
}

/* Tell what was done, then look at the arm words: Dekker, as the waiters do. */
static void publish(struct fw_queue *q)
{
	uint64_t before = q->published;
	uint64_t wait_seq, event_seq;

	tdm_store_release(&q->cq->sq_head, q->sq_head);
	tdm_store_relaxed(&q->cq->slices, ++q->slices);
	if (q->completed == before)
		return;
	tdm_store_release(&q->cq->completed, q->completed);
	q->published = q->completed;
	tdm_full_fence();
	wait_seq = tdm_load_relaxed(&q->status->wait_seq);
	event_seq = tdm_load_relaxed(&q->sq->event_seq);
	if ((wait_seq > before && wait_seq <= q->completed) ||
	    (event_seq > before && event_seq <= q->completed))
		fw_queue_event(q);
}

/* What was done is out before the driver hears that no more will be. */
static void ring_error(struct fw_queue *q)
{
	struct tdm_event event = {
		.type = TDM_EV_QUEUE_ERROR,
		.id = q->id,
		.value = (uint64_t)-EPROTO,
	};

	publish(q);
	fw_queue_stop(q);
	fw_event_post(&q->dev->events, &event);
}

/* Commands that may be fetched; a tail that cannot be stops the queue. */
static bool has_command(struct fw_queue *q)
{
	if (q->tail_seen != q->sq_head)
		return true;
	q->tail_seen = tdm_load_acquire(&q->sq->tail);
	if (q->tail_seen - q->sq_head > q->sq_entries) {
		q->tail_seen = q->sq_head;
		ring_error(q);
		return false;
	}
	return q->tail_seen != q->sq_head;
}

/* A completion slot for one more command; the same for cq_head. */
static bool has_slot(struct fw_queue *q)
{
	uint32_t done = (uint32_t)q->completed;

	if (done - q->cq_head_seen < q->cq_entries)
		return true;
	q->cq_head_seen = tdm_load_acquire(&q->sq->cq_head);
	if (done - q->cq_head_seen > q->cq_entries) {
		q->cq_head_seen = done - q->cq_entries;
		ring_error(q);
		return false;
	}
	return done - q->cq_head_seen < q->cq_entries;
}

bool fw_queue_has_work(struct fw_queue *q)
{
	if (q->stopped || q->busy)
		return false; /* what is parked has its deadline */
	return has_command(q) && has_slot(q);
}

static void fetch(struct fw_queue *q, uint64_t now)
{
	struct fw_exec *x = &q->exec;

	x->dev = q->dev;
	x->ctx = q->ctx;
	x->queue = q;
	x->cmd = *(const volatile struct tdm_cmd *)&q->cmds[q->sq_head & (q->sq_entries - 1)];
	x->first = true;
	x->started_ns = now;
	x->stamp = ++q->dev->fetch_stamp;
	x->deadline_ns = ~0ULL;
	x->progress = 0;
	q->sq_head++;
	q->busy = true;
}

static void complete(struct fw_queue *q, uint64_t now)
{
	struct tdm_cqe *cqe = &q->cqes[q->completed & (q->cq_entries - 1)];
	const struct fw_exec *x = &q->exec;
	uint64_t run = (now - x->started_ns) / 16;
	uint32_t phase = q->completed & q->cq_entries ? 0 : TDM_CQE_PHASE;

	cqe->cookie = x->cmd.cookie;
	cqe->result = x->result;
	cqe->end_ns = now;
	cqe->run_16ns = run > UINT32_MAX ? UINT32_MAX : (uint32_t)run;
	tdm_store_release((uint32_t *)(void *)&cqe->status, x->status | phase << 16);
	q->completed++;
	q->busy = false;
	fw_run_end(q->run);
	fw_count(&q->dev->counters.commands, 1);
	if (x->status != TDM_ST_OK)
		fw_count(&q->dev->counters.errors, 1);
}

#define SLICE_COMMANDS 64

bool fw_queue_slice(struct fw_queue *q)
{
	uint64_t now = 0;
	bool moved = false;

	for (unsigned int n = 0; n < SLICE_COMMANDS && !q->stopped; n++) {
		enum fw_step step;

		if (!q->busy) {
			if (!has_command(q) || !has_slot(q))
				break;
			if (!now)
				now = fw_now(q->dev);
			fetch(q, now);
			moved = true;
		}
		step = fw_exec_step(&q->exec);
		q->exec.first = false;
		if (step == FW_PARKED)
			break;
		moved = true;
		if (step == FW_MORE)
			break;
		/* Short commands share the clock reading that they started with. */
		if (!q->exec.progress) {
			complete(q, now ? now : fw_now(q->dev));
			continue;
		}
		/* A long one was its queue's share for this turn. */
		complete(q, fw_now(q->dev));
		break;
	}
	if (moved) {
		if (q->asleep) {
			q->asleep = false;
			tdm_store_relaxed(&q->cq->need_wake, 0);
		}
		publish(q);
	}
	return moved;
}
