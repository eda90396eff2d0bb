// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "event.h"

#include "context.h"
#include "device.h"
#include "queue.h"
#include "reset.h"
#include "store.h"
#include "trace.h"

int tdm_events_init(struct tdm_device *dev)
{
	struct tdm_events *events = &dev->events;
	struct tdm_store *store;
	int ret;

	mutex_init(&events->lock);
	store = tdm_store_create(dev, NULL, 0, TDM_EVENT_ENTRIES * sizeof(struct tdm_event));
	if (IS_ERR(store))
		return PTR_ERR(store);
	ret = tdm_store_populate(store);
	if (!ret)
		ret = dev->bus->share(dev, store, TDM_ACCESS_READ | TDM_ACCESS_WRITE,
				      &events->share);
	tdm_store_put(store);
	return ret;
}

void tdm_events_fini(struct tdm_device *dev)
{
	dev->bus->unshare(dev, &dev->events.share);
	mutex_destroy(&dev->events.lock);
}

static void queue_event(struct tdm_device *dev, const struct tdm_event *event)
{
	struct tdm_queue *q = tdm_queue_find(dev, event->id);

	if (!q)
		return;
	if (event->type == TDM_EV_QUEUE_ERROR)
		tdm_queue_stop(q, TDM_QUEUE_ERROR, -EIO);
	else
		tdm_queue_event(q);
	tdm_queue_put(q);
}

static void fault_event(struct tdm_device *dev, const struct tdm_event *event)
{
	struct tdm_ctx *ctx = tdm_ctx_find(dev, event->id);

	if (!ctx)
		return;
	trace_tandem_fault(dev, event->id, &event->fault);
	tdm_faults_add(&ctx->faults, &event->fault);
	tdm_ctx_put(ctx);
}

static void dispatch(struct tdm_device *dev, const struct tdm_event *event)
{
	switch (event->type) {
	case TDM_EV_ADMIN:
		tdm_admin_answer(dev, event->id, event->value);
		break;
	case TDM_EV_QUEUE:
	case TDM_EV_QUEUE_ERROR:
		queue_event(dev, event);
		break;
	case TDM_EV_FAULT:
		fault_event(dev, event);
		break;
	case TDM_EV_FATAL:
		tdm_reset_schedule(dev, "firmware says fatal");
		break;
	default: /* a newer firmware's: nothing of ours depends on it */
		break;
	}
}

/* Something was dropped, nobody knows what: every waiter looks for itself. */
static void look_at_all(struct tdm_device *dev)
{
	struct tdm_queue *q;
	unsigned long id = 0;

	while ((q = tdm_queue_find_after(dev, &id))) {
		tdm_queue_event(q);
		tdm_queue_put(q);
		id++;
	}
}

void tdm_events_drain(struct tdm_device *dev)
{
	struct tdm_events *events = &dev->events;
	u32 tail;
	u64 lost;

	mutex_lock(&events->lock);
	/* The entries come before it. */
	tail = smp_load_acquire(&dev->fw->event_tail);
	if (tail - events->head > TDM_EVENT_ENTRIES) {
		tdm_reset_schedule(dev, "event ring corrupted");
		tail = events->head;
	}
	while (events->head != tail) {
		u32 slot = events->head & (TDM_EVENT_ENTRIES - 1);
		/* Copied first: the ring is the firmware's to write. */
		struct tdm_event event;

		memcpy(&event, tdm_store_ptr(events->share.store, slot * sizeof(event)),
		       sizeof(event));
		barrier();
		/* The slot is the firmware's again once it was copied. */
		smp_store_release(&dev->drv->event_head, ++events->head);
		dispatch(dev, &event);
	}
	/* What was dropped happened before it was counted. */
	lost = smp_load_acquire(&dev->fw->events_lost);
	if (lost != events->lost) {
		events->lost = lost;
		look_at_all(dev);
	}
	mutex_unlock(&events->lock);
}

void tdm_events_poll(struct tdm_device *dev)
{
	if (READ_ONCE(dev->fw->event_tail) != READ_ONCE(dev->drv->event_head))
		tdm_device_interrupt(dev);
}
