// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The fast path: no system call, no allocation, no lock. The order of loads and
 * stores is the contract of tandem_queue.h.
 */
#include <errno.h>

#include "device/queue.h"

/* Wakes a device that sleeps; the tail is out already. */
static void wake(struct tdm_queue *q)
{
	struct drm_tandem_queue_wake call = { .size = sizeof(call), .queue = q->number };

	if (q->wake == TDM_WAKE_STORE) {
		tdm_to_device_wmb();
		tdm_store_relaxed(q->doorbell, q->tail);
	} else {
		/* Fails only for a lost queue, which the status page says as well. */
		tdm_device_ioctl(q->dev, DRM_IOCTL_TANDEM_QUEUE_WAKE, &call);
	}
}

/* Dekker: the index that was just stored is out before the flag is looked at. */
static inline void ring(struct tdm_queue *q)
{
	if (q->wake == TDM_WAKE_NONE)
		return;
	tdm_full_fence();
	if (__builtin_expect(tdm_load_relaxed(&q->cq->need_wake), 0))
		wake(q);
}

int queue_lost(const struct tdm_queue *q)
{
	uint32_t state = tdm_load_acquire(&q->status->state);

	if (__builtin_expect(state == TDM_QUEUE_RUNNING, 1))
		return 0;
	return state == TDM_QUEUE_GONE ? -ENODEV : -EIO;
}

static unsigned int free_slots(struct tdm_queue *q, unsigned int wanted)
{
	unsigned int room;

	/*
	 * What has completed was fetched, whether sq_head says so by now or not; and
	 * this is known here without a look at the firmware's line.
	 */
	if ((int32_t)((uint32_t)q->taken - q->sq_head) > 0)
		q->sq_head = (uint32_t)q->taken;
	room = q->sq_entries - (q->tail - q->sq_head);
	if (room < wanted) {
		uint32_t head = tdm_load_acquire(&q->cq->sq_head);

		/* Never back, and never beyond what was published. */
		if (head - q->sq_head <= q->tail - q->sq_head)
			q->sq_head = head;
		room = q->sq_entries - (q->tail - q->sq_head);
	}
	return room < wanted ? room : wanted;
}

int tdm_queue_submit(struct tdm_queue *q, const struct tdm_cmd *cmds, unsigned int count)
{
	uint32_t mask = q->sq_entries - 1;
	int rc = queue_lost(q);

	if (rc)
		return rc;
	count = free_slots(q, count);
	if (!count)
		return 0;
	for (unsigned int i = 0; i < count; i++)
		q->cmds[(q->tail + i) & mask] = cmds[i];
	q->tail += count;
	tdm_store_release(&q->sq->tail, q->tail);
	ring(q);
	return (int)count;
}

/* Status and flags: the word that is stored last. */
static const uint32_t *last_word(const struct tdm_cqe *cqe)
{
	return (const uint32_t *)(const void *)&cqe->status;
}

static bool is_new(const struct tdm_queue *q, uint64_t at)
{
	const struct tdm_cqe *cqe = &q->cqes[at & (q->cq_entries - 1)];
	uint32_t expected = at & q->cq_entries ? 0 : TDM_CQE_PHASE;

	return (tdm_load_acquire(last_word(cqe)) >> 16 & TDM_CQE_PHASE) == expected;
}

unsigned int tdm_queue_open(const struct tdm_queue *q)
{
	return q->tail - (uint32_t)q->taken;
}

static unsigned int take(struct tdm_queue *q, struct tdm_cqe *cqes, unsigned int room)
{
	bool stalled = tdm_queue_open(q) > q->cq_entries;
	unsigned int n = 0;

	while (n < room && is_new(q, q->taken)) {
		cqes[n++] = q->cqes[q->taken & (q->cq_entries - 1)];
		q->taken++;
	}
	if (!n)
		return 0;
	tdm_store_release(&q->sq->cq_head, (uint32_t)q->taken);
	/*
	 * With more open than the ring has slots the device may be asleep for want
	 * of one: then a freed slot is news, as a tail is. Otherwise each open
	 * command has a slot, and nothing is looked at.
	 */
	if (stalled)
		ring(q);
	return n;
}

int tdm_queue_poll(struct tdm_queue *q, struct tdm_cqe *cqes, unsigned int room)
{
	unsigned int n = take(q, cqes, room);
	int rc;

	if (n || !room)
		return (int)n;
	rc = queue_lost(q);
	if (!rc)
		return 0;
	/* What completed before the queue was lost is there by now, and counts. */
	n = take(q, cqes, room);
	return n ? (int)n : rc;
}

bool queue_ready(const struct tdm_queue *q)
{
	return is_new(q, q->taken);
}
