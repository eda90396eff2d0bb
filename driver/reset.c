// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "reset.h"

#include <drm/drm_print.h>

#include "context.h"
#include "coredump.h"
#include "device.h"
#include "query.h"
#include "queue.h"
#include "trace.h"

#define WATCHDOG_PERIOD HZ
#define STUCK_PERIOD (5 * HZ)

void tdm_reset_schedule(struct tdm_device *dev, const char *reason)
{
	if (!tdm_device_move(dev, BIT(TDM_DEV_BOOTING) | BIT(TDM_DEV_READY), TDM_DEV_RESETTING))
		return;
	WRITE_ONCE(dev->reset_reason, reason);
	trace_tandem_reset(dev, reason);
	tdm_admin_fail(dev, -EIO);
	tdm_ctx_kill_all(dev, TDM_QUEUE_RESET, -EIO);
	tdm_device_queue(dev, BIT(TDM_DEV_RESETTING), &dev->reset_work);
}

static bool answered(struct tdm_device *dev)
{
	/* What the firmware did for the reset came before it said so. */
	if (smp_load_acquire(&dev->fw->reset_count) != dev->drv->reset_request)
		return false;
	return READ_ONCE(dev->fw->state) == TDM_FW_READY;
}

/*
 * A reset in the middle of the boot has ended that: what was asked is not asked again.
 * So it is given up, and who serves it starts anew.
 */
static void boot_ended(struct tdm_device *dev)
{
	WRITE_ONCE(dev->error, -EIO);
	if (tdm_device_move(dev, BIT(TDM_DEV_RESETTING) | BIT(TDM_DEV_FAILED), TDM_DEV_FAILED))
		drm_err(&dev->drm, "reset before it was identified; restart the firmware\n");
}

static void recovered(struct tdm_device *dev)
{
	dev->resets++;
	/* With it, the boot has come to its end, or is about to. */
	if (!smp_load_acquire(&dev->registered)) {
		boot_ended(dev);
		return;
	}
	tdm_admin_fail(dev, 0);
	tdm_telemetry_ordered(dev, TDM_INJECT_NONE);
	/* From here on contexts can be opened again. */
	tdm_device_move(dev, BIT(TDM_DEV_RESETTING) | BIT(TDM_DEV_FAILED), TDM_DEV_READY);
	drm_notice(&dev->drm, "reset done\n");
}

void tdm_reset_work(struct work_struct *work)
{
	struct tdm_device *dev = container_of(work, struct tdm_device, reset_work);
	unsigned long timeout = tdm_device_admin_timeout(dev);

	if (READ_ONCE(dev->state) == TDM_DEV_RESETTING) {
		drm_err(&dev->drm, "%s; resetting the device\n", READ_ONCE(dev->reset_reason));
		tdm_coredump(dev, READ_ONCE(dev->reset_reason));
		/* After the contexts' end, which the firmware may look at. */
		smp_store_release(&dev->drv->reset_request, dev->drv->reset_request + 1);
		dev->bus->ring_admin(dev);
		wait_event_idle_timeout(dev->state_wait,
					answered(dev) || READ_ONCE(dev->state) == TDM_DEV_GONE,
					timeout);
	}
	/*
	 * With or without an answer nothing of the old contexts can be reached
	 * from here on.
	 */
	tdm_ctx_revoke_all(dev);
	if (READ_ONCE(dev->state) == TDM_DEV_GONE)
		return;
	if (answered(dev)) {
		recovered(dev);
		return;
	}
	/* First: an answer from here on is seen by tdm_reset_look(). */
	WRITE_ONCE(dev->error, -ETIMEDOUT);
	if (tdm_device_move(dev, BIT(TDM_DEV_RESETTING), TDM_DEV_FAILED))
		drm_err(&dev->drm, "the reset was not answered; restart the firmware\n");
}

void tdm_reset_look(struct tdm_device *dev)
{
	if (READ_ONCE(dev->state) == TDM_DEV_FAILED && READ_ONCE(dev->error) == -ETIMEDOUT &&
	    answered(dev))
		tdm_device_queue(dev, BIT(TDM_DEV_FAILED), &dev->reset_work);
}

/* Return: whether a queue has a command that has not moved for a while. */
static bool queue_is_stuck(struct tdm_queue *q)
{
	u64 slices = READ_ONCE(q->cq->slices);

	if (tdm_queue_is_busy(q) && slices == q->seen_slices)
		return time_after(jiffies, q->moved_at + STUCK_PERIOD);
	WRITE_ONCE(q->seen_slices, slices);
	WRITE_ONCE(q->moved_at, jiffies);
	return false;
}

static bool any_is_stuck(struct tdm_device *dev)
{
	struct tdm_queue *q;
	unsigned long id = 0;
	bool stuck = false;

	while ((q = tdm_queue_find_after(dev, &id))) {
		stuck |= queue_is_stuck(q);
		tdm_queue_put(q);
		id++;
	}
	return stuck;
}

/*
 * It may wait for a word of memory, which is fine, or hang. So ask for something
 * that the device can answer only between two slices of what runs: to abort a
 * context that cannot be. No answer in time is a reset.
 */
void tdm_probe_work(struct work_struct *work)
{
	struct tdm_device *dev = container_of(work, struct tdm_device, probe_work);
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_ABORT };

	cmd.ctx.ctx = dev->identify.max_contexts;
	cmd.ctx.queue = ~0U;
	tdm_admin_run(dev, &cmd);
	WRITE_ONCE(dev->probed_at, jiffies);
	/* After the time. */
	smp_store_release(&dev->probing, false);
}

/* The watchdog goes on looking while that waits. */
static void probe(struct tdm_device *dev)
{
	/* With it, when that was. */
	if (smp_load_acquire(&dev->probing))
		return;
	if (!time_after(jiffies, READ_ONCE(dev->probed_at) + STUCK_PERIOD))
		return;
	WRITE_ONCE(dev->probing, true);
	tdm_device_queue(dev, BIT(TDM_DEV_READY), &dev->probe_work);
}

void tdm_watchdog_work(struct work_struct *work)
{
	struct tdm_device *dev = container_of(to_delayed_work(work), struct tdm_device,
					      watchdog_work);
	u64 beat = READ_ONCE(dev->fw->heartbeat);

	if (READ_ONCE(dev->state) == TDM_DEV_GONE)
		return;
	tdm_events_poll(dev);
	/* No beat while an admin command runs, and that one has its own bound. */
	if (beat != dev->heartbeat || READ_ONCE(dev->state) != TDM_DEV_READY) {
		WRITE_ONCE(dev->heartbeat, beat);
		WRITE_ONCE(dev->beat_at, jiffies);
	} else if (time_after(jiffies, dev->beat_at + tdm_device_admin_timeout(dev) +
						 WATCHDOG_PERIOD)) {
		tdm_reset_schedule(dev, "no heartbeat");
	}
	if (any_is_stuck(dev) && READ_ONCE(dev->state) == TDM_DEV_READY)
		probe(dev);
	queue_delayed_work(tdm_wq, &dev->watchdog_work, WATCHDOG_PERIOD);
}
