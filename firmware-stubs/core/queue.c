// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/queue.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "cmd/run.h"
#include "core/context.h"
#include "core/device.h"

/* A look at an idle queue reads one line of it; no queue shares one with another. */
_Static_assert(offsetof(struct fw_queue, sq) == 0 && offsetof(struct fw_queue, wake) < 64 &&
		       offsetof(struct fw_queue, exec) >= 64 - sizeof(uint64_t) &&
		       sizeof(struct fw_queue) % 64 == 0,
	       "struct fw_queue");

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
	q = aligned_alloc(64, sizeof(*q));
	if (!q)
		return -ENOMEM;
	*q = (struct fw_queue){
		.dev = dev,
		.ctx = ctx,
		.id = cmd->queue,
		.number = cmd->number,
		.wake = cmd->wake,
		.time_limit_ms = cmd->time_limit_ms,
		.exec = { .dev = dev, .ctx = ctx, .queue = q },
	};
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
