// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The queues of a soft device, as somebody beside them sees them. Every word has its
 * own writer; nothing here is believed, and nothing here is waited for.
 */
#include <tandem/observe.h>

#include "soft/device.h"
#include "soft/file.h"
#include "soft/queue.h"

/* Of the oldest command that is not complete: it runs, or is the next to. */
static uint32_t oldest(const struct soft_queue *q, const struct tdm_observe_queue *seen)
{
	const char *entries = (const char *)q->submit.ptr + TDM_QUEUE_HDR_BYTES;
	uint32_t at = (uint32_t)seen->completed;

	if (seen->tail == at)
		return TDM_OBSERVE_NONE;
	/* The application may be writing the slot again by now. */
	return tdm_load_relaxed(
		&((const struct tdm_cmd *)entries)[at & (q->sq_entries - 1)].opcode);
}

/* The table's lock is held, under which the watchdog writes when it saw it move. */
static uint64_t still(const struct soft_queue *q, const struct tdm_observe_queue *seen)
{
	uint64_t now = soft_clock_ns();

	if (seen->tail == (uint32_t)seen->completed || !q->moved_ns ||
	    seen->slices != q->seen_slices)
		return 0;
	return now > q->moved_ns ? now - q->moved_ns : 0;
}

static struct tdm_observe_queue look(const struct soft_queue *q)
{
	const struct tdm_sq_hdr *sq = q->submit.ptr;
	struct tdm_observe_queue seen = {
		.context = q->file->ctx,
		.queue = q->number,
		.id = q->id,
		.state = tdm_load_acquire(&q->status->state),
		.entries = q->sq_entries,
		/* Completions first: the other words are not behind them then. */
		.completed = tdm_load_acquire(&q->cq->completed),
	};

	if (seen.state != TDM_QUEUE_RUNNING)
		seen.error = tdm_load_relaxed(&q->status->error);
	seen.fetched = tdm_load_relaxed(&q->cq->sq_head);
	seen.asleep = tdm_load_relaxed(&q->cq->need_wake);
	seen.slices = tdm_load_relaxed(&q->cq->slices);
	seen.busy_ns = tdm_load_relaxed(&q->cq->busy_ns);
	seen.cq_head = tdm_load_acquire(&sq->cq_head);
	seen.tail = tdm_load_acquire(&sq->tail);
	seen.opcode = oldest(q, &seen);
	seen.still_ns = still(q, &seen);
	return seen;
}

uint32_t soft_queue_look(struct soft_device *dev, uint32_t first, struct tdm_observe_queue *list,
			 uint32_t room)
{
	uint32_t n = 0, there = 0;

	/* A queue leaves the table before it is freed. */
	pthread_mutex_lock(&dev->table_lock);
	for (uint32_t i = 0; i < dev->identify.max_queues && n < room; i++)
		if (dev->queues[i] && there++ >= first) {
			if (list)
				list[n] = look(dev->queues[i]);
			n++;
		}
	pthread_mutex_unlock(&dev->table_lock);
	return n;
}
