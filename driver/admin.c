// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "admin.h"

#include <linux/err.h>
#include <linux/sched/signal.h>

#include "device.h"
#include "reset.h"
#include "store.h"
#include "trace.h"

/*
 * So long only a kill ends a wait: the usual answer comes earlier, and a process
 * with a timer that fires all the time would never get anything done.
 */
#define GRACE (HZ / 20)

/* So often whoever waits looks for news that no interrupt told of. */
#define POLL HZ

#define SLOT_MASK 0xffff
#define GENERATION_SHIFT 16

int tdm_admin_init(struct tdm_device *dev)
{
	struct tdm_admin *admin = &dev->admin;
	struct tdm_store *store;
	int ret;

	BUILD_BUG_ON(TDM_ADMIN_ENTRIES * sizeof(struct tdm_admin_cmd) > PAGE_SIZE);
	spin_lock_init(&admin->lock);
	init_waitqueue_head(&admin->wait);
	store = tdm_store_create(dev, NULL, 0, PAGE_SIZE);
	if (IS_ERR(store))
		return PTR_ERR(store);
	ret = tdm_store_populate(store);
	if (!ret)
		ret = dev->bus->share(dev, store, TDM_ACCESS_READ, &admin->share);
	if (!ret)
		admin->ring = tdm_store_ptr(store, 0);
	tdm_store_put(store);
	return ret;
}

void tdm_admin_fini(struct tdm_device *dev)
{
	dev->bus->unshare(dev, &dev->admin.share);
}

/* Return: the slot's number, -EAGAIN when all are taken, or admin->error. */
static int try_send(struct tdm_device *dev, struct tdm_admin_cmd *cmd)
{
	struct tdm_admin *admin = &dev->admin;
	int ret = -EAGAIN;
	int i;

	spin_lock(&admin->lock);
	if (admin->error)
		ret = admin->error;
	for (i = 0; i < TDM_ADMIN_ENTRIES && ret == -EAGAIN; i++) {
		struct tdm_admin_slot *slot = &admin->slots[i];

		if (slot->state != TDM_SLOT_FREE)
			continue;
		slot->state = TDM_SLOT_SENT;
		slot->generation++;
		cmd->tag = i | (u32)slot->generation << GENERATION_SHIFT;
		admin->ring[admin->tail & (TDM_ADMIN_ENTRIES - 1)] = *cmd;
		/* After the entry. */
		smp_store_release(&dev->drv->admin_tail, ++admin->tail);
		ret = i;
	}
	spin_unlock(&admin->lock);
	if (ret >= 0)
		dev->bus->ring_admin(dev);
	return ret;
}

/* Return: as try_send(), without -EAGAIN, but -ETIMEDOUT or -ERESTARTSYS. */
static int send(struct tdm_device *dev, struct tdm_admin_cmd *cmd, unsigned long timeout)
{
	int ret = try_send(dev, cmd);
	long left;

	if (ret != -EAGAIN)
		return ret;
	left = wait_event_interruptible_timeout(dev->admin.wait,
						(ret = try_send(dev, cmd)) != -EAGAIN, timeout);
	if (left < 0)
		return left;
	return ret == -EAGAIN ? -ETIMEDOUT : ret;
}

static bool answered(struct tdm_admin_slot *slot)
{
	return READ_ONCE(slot->state) == TDM_SLOT_DONE;
}

/* The end of a wait that took @left. Return: the answer, or why there is none. */
static int take(struct tdm_device *dev, struct tdm_admin_slot *slot, long left)
{
	struct tdm_admin *admin = &dev->admin;
	int ret;

	spin_lock(&admin->lock);
	if (slot->state == TDM_SLOT_DONE) {
		ret = slot->value;
		slot->state = TDM_SLOT_FREE;
	} else {
		ret = left < 0 ? -ERESTARTSYS : -ETIMEDOUT;
		slot->state = TDM_SLOT_LEFT;
	}
	spin_unlock(&admin->lock);
	wake_up(&admin->wait);
	return ret;
}

/* Return: as wait_event_interruptible_timeout(). */
static long wait_answer(struct tdm_device *dev, struct tdm_admin_slot *slot,
			unsigned long timeout)
{
	unsigned long turn;
	long left = wait_event_killable_timeout(dev->admin.wait, answered(slot),
						min_t(unsigned long, timeout, GRACE));

	for (timeout -= min_t(unsigned long, timeout, GRACE); !left && timeout; timeout -= turn) {
		turn = min_t(unsigned long, timeout, POLL);
		left = wait_event_interruptible_timeout(dev->admin.wait, answered(slot), turn);
		if (!left)
			tdm_events_poll(dev);
	}
	return left;
}

int tdm_admin_run(struct tdm_device *dev, struct tdm_admin_cmd *cmd)
{
	unsigned long timeout = tdm_device_admin_timeout(dev);
	struct tdm_admin_slot *slot;
	int ret = send(dev, cmd, timeout);

	if (ret >= 0) {
		slot = &dev->admin.slots[ret];
		ret = take(dev, slot, wait_answer(dev, slot, timeout));
	}
	trace_tandem_admin(dev, cmd, ret);
	if (ret != -ETIMEDOUT)
		return ret;
	tdm_reset_schedule(dev, "admin timeout");
	return tdm_device_error(dev) ?: -EIO;
}

void tdm_admin_answer(struct tdm_device *dev, u32 tag, u64 value)
{
	struct tdm_admin *admin = &dev->admin;
	u32 index = tag & SLOT_MASK;
	struct tdm_admin_slot *slot;
	s64 answer = value;

	if (index >= TDM_ADMIN_ENTRIES)
		return;
	slot = &admin->slots[index];
	spin_lock(&admin->lock);
	if (slot->generation == tag >> GENERATION_SHIFT) {
		if (slot->state == TDM_SLOT_SENT) {
			/* Not a code of ours to pass on: a restart, say. */
			slot->value = answer > 0 || answer < -133 ? -EIO : answer;
			WRITE_ONCE(slot->state, TDM_SLOT_DONE);
		} else if (slot->state == TDM_SLOT_LEFT) {
			slot->state = TDM_SLOT_FREE;
		}
	}
	spin_unlock(&admin->lock);
	wake_up(&admin->wait);
}

void tdm_admin_fail(struct tdm_device *dev, int error)
{
	struct tdm_admin *admin = &dev->admin;
	int i;

	spin_lock(&admin->lock);
	/* A device that is gone stays so. */
	if (admin->error != -ENODEV)
		admin->error = error;
	for (i = 0; i < TDM_ADMIN_ENTRIES && error; i++) {
		struct tdm_admin_slot *slot = &admin->slots[i];

		if (slot->state == TDM_SLOT_SENT) {
			slot->value = error;
			WRITE_ONCE(slot->state, TDM_SLOT_DONE);
		} else if (slot->state == TDM_SLOT_LEFT) {
			slot->state = TDM_SLOT_FREE;
		}
	}
	spin_unlock(&admin->lock);
	wake_up(&admin->wait);
}
