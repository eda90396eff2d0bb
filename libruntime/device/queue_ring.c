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

/*
 * A look that comes too early takes the entry's cache line from the device just
 * before the device writes it: two transfers more from core to core. So the
 * first look for a command that is alone in its queue comes later, by as much as
 * such commands took so far: each one that was there at the first look makes it
 * a little earlier, each one that was missed by little makes it later.
 */
void queue_before_look(struct tdm_queue *q)
{
	if (q->looked == q->tail)
		return;
	q->looked = q->tail;
	q->looks = 0;
	q->lone = tdm_queue_open(q) == 1;
	for (uint32_t i = q->patience / QUEUE_PATIENCE; q->lone && i; i--)
		queue_relax();
}

/* Looks in vain that a command may take to be still called short. */
#define NEARLY 64

static void learn(struct tdm_queue *q)
{
	q->lone = false;
	if (!q->looks)
		q->patience -= q->patience != 0;
	else if (q->looks < NEARLY && q->patience < q->max_patience)
		q->patience += QUEUE_PATIENCE;
}

static unsigned int take(struct tdm_queue *q, struct tdm_cqe *cqes, unsigned int room)
{
	unsigned int open = tdm_queue_open(q);
	bool stalled = open > q->cq_entries;
	unsigned int n = 0;

	/* No look at an entry that cannot come: its line stays with the device. */
	if (room > open)
		room = open;
	while (n < room && is_new(q, q->taken)) {
		cqes[n++] = q->cqes[q->taken & (q->cq_entries - 1)];
		q->taken++;
	}
	if (!n) {
		q->looks++;
		return 0;
	}
	if (q->lone)
		learn(q);
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
	unsigned int n;
	int rc;

	queue_before_look(q);
	n = take(q, cqes, room);
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
