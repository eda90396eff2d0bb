// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/event.h"

#include <errno.h>
#include <stdlib.h>

#include "soft/admin.h"
#include "soft/device.h"
#include "soft/fault.h"
#include "soft/file.h"
#include "soft/queue.h"

int soft_events_init(struct soft_events *events)
{
	int rc;

	events->ring = aligned_alloc(TDM_HW_PAGE_BYTES, SOFT_EVENT_ENTRIES * sizeof(*events->ring));
	if (!events->ring)
		return -ENOMEM;
	rc = pthread_mutex_init(&events->lock, NULL);
	if (rc)
		free(events->ring);
	return -rc;
}

void soft_events_fini(struct soft_events *events)
{
	pthread_mutex_destroy(&events->lock);
	free(events->ring);
}

static void queue_event(struct soft_device *dev, const struct tdm_event *event)
{
	struct soft_queue *q;

	pthread_mutex_lock(&dev->table_lock);
	q = event->id < dev->identify.max_queues ? dev->queues[event->id] : NULL;
	if (q && event->type == TDM_EV_QUEUE_ERROR)
		soft_queue_stop(q, TDM_QUEUE_ERROR, -EIO);
	else if (q)
		soft_queue_event(q);
	pthread_mutex_unlock(&dev->table_lock);
}

static void fault_event(struct soft_device *dev, const struct tdm_event *event)
{
	pthread_mutex_lock(&dev->table_lock);
	if (event->id < dev->identify.max_contexts && dev->files[event->id])
		soft_faults_add(&dev->files[event->id]->faults, &event->fault);
	pthread_mutex_unlock(&dev->table_lock);
}

static void dispatch(struct soft_device *dev, const struct tdm_event *event)
{
	switch (event->type) {
	case TDM_EV_ADMIN:
		soft_admin_answer(dev, event->id, event->value);
		break;
	case TDM_EV_QUEUE:
	case TDM_EV_QUEUE_ERROR:
		queue_event(dev, event);
		break;
	case TDM_EV_FAULT:
		fault_event(dev, event);
		break;
	case TDM_EV_FATAL:
		soft_device_fail(dev);
		break;
	default: /* a newer firmware's: nothing of ours depends on it */
		break;
	}
}

/* Something was dropped, nobody knows what: every waiter looks for itself. */
static void look_at_all(struct soft_device *dev)
{
	pthread_mutex_lock(&dev->table_lock);
	for (uint32_t i = 0; i < dev->identify.max_queues; i++)
		if (dev->queues[i])
			soft_queue_event(dev->queues[i]);
	pthread_mutex_unlock(&dev->table_lock);
}

/* The lock is held. */
static void drain(struct soft_device *dev)
{
	struct soft_events *events = &dev->events;
	uint32_t tail = tdm_load_acquire(&dev->fw_regs.event_tail);
	uint64_t lost;

	if (tail - events->head > SOFT_EVENT_ENTRIES) {
		soft_device_fail(dev);
		tail = events->head;
	}
	while (events->head != tail) {
		/* Copied first: the ring is the firmware's to write. */
		struct tdm_event event = events->ring[events->head & (SOFT_EVENT_ENTRIES - 1)];

		events->head++;
		tdm_store_release(&dev->drv_regs.event_head, events->head);
		dispatch(dev, &event);
	}
	lost = tdm_load_acquire(&dev->fw_regs.events_lost);
	if (lost != events->lost) {
		events->lost = lost;
		look_at_all(dev);
	}
}

void soft_events_drain(struct soft_device *dev)
{
	pthread_mutex_lock(&dev->events.lock);
	drain(dev);
	pthread_mutex_unlock(&dev->events.lock);
}

void soft_events_poll(struct soft_device *dev)
{
	if (pthread_mutex_trylock(&dev->events.lock))
		return;
	drain(dev);
	pthread_mutex_unlock(&dev->events.lock);
}
