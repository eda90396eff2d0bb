/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A device, from its attachment to its removal.
 *
 * Locks, outermost first. Those marked (i) are taken while the firmware's news
 * are handled, those marked (f) in the control node's faults; nobody who holds
 * one of either kind waits for the firmware.
 *
 *	tdm_ctx.call_lock	one slow call of a context at a time
 *	tdm_device.telemetry_lock	the page that TELEMETRY writes to
 *	tdm_events.lock (i)	the event ring's one consumer
 *	tdm_vm.lock (f)		ranges of a context; dead
 *	tdm_device.ctxs' and .queues' xa_lock (i)	who has which number
 *	tdm_queue.lock (i)	waiters, eventfd, status page
 *	tdm_device.state_lock (i), tdm_device.usage_lock, tdm_device.sample_lock,
 *	tdm_faults.lock (i), tdm_admin.lock (i)	each innermost
 */
#ifndef TDM_DEVICE_H
#define TDM_DEVICE_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>

#include "admin.h"
#include "bus.h"
#include "event.h"
#include "tandem_accel.h"

struct tdm_ctx;

/* Bytes charged, of a device or by one context. */
struct tdm_usage {
	u64 device;
	u64 host;
};

enum tdm_dev_state {
	TDM_DEV_BOOTING,
	TDM_DEV_READY,
	TDM_DEV_RESETTING,
	TDM_DEV_FAILED, /* no reset helped; a late answer to it still does */
	TDM_DEV_GONE,
};

struct tdm_device {
	struct drm_device drm;
	const struct tdm_bus_ops *bus;
	void *bus_data;

	/* Shared with the firmware for the life of the device. */
	struct tdm_share fw_share;
	struct tdm_share drv_share;
	struct tdm_share page_share; /* IDENTIFY and TELEMETRY write here */
	const struct tdm_fw_regs *fw; /* the firmware's: load once, then check */
	struct tdm_drv_regs *drv;
	struct tdm_admin admin;
	struct tdm_events events;

	struct tdm_identify identify; /* checked; constant once READY */

	/* state, error, reset_reason; drv->reset_request */
	spinlock_t state_lock;
	enum tdm_dev_state state; /* read anywhere, once */
	int error; /* why it FAILED */
	const char *reset_reason;
	u64 resets; /* done */
	wait_queue_head_t state_wait; /* state, or a register of the firmware's, changed */
	bool registered; /* the node is there; boot_work alone writes it */

	/* Contexts' work, which waits for the firmware; not of a device that is gone. */
	struct workqueue_struct *ctx_wq;
	struct work_struct boot_work;
	struct work_struct reset_work;
	struct delayed_work watchdog_work;
	struct work_struct probe_work;
	u64 heartbeat; /* watchdog_work's to write, as are the two below */
	unsigned long beat_at; /* when it was seen to change, in jiffies */
	bool probing; /* probe_work is queued or runs, which clears it */
	unsigned long probed_at; /* of probe_work */

	spinlock_t usage_lock; /* used, and tdm_ctx.used of all contexts */
	struct tdm_usage used;
	u64 host_limit;

	struct xarray ctxs; /* struct tdm_ctx by number */
	struct xarray queues; /* struct tdm_queue by number */
	u32 next_queue; /* numbers are reused as late as possible; the queues' xa_lock */
	atomic_t clients; /* open files */
	atomic64_t reap_begun; /* contexts that were closed, and of these */
	atomic64_t reap_ended; /* those that are gone */
	wait_queue_head_t reaped;

	struct mutex telemetry_lock; /* page_share, once READY */
	spinlock_t sample_lock; /* the four below */
	struct tdm_telemetry telemetry; /* the last that was read */
	unsigned long telemetry_at; /* in jiffies; 0: never */
	u64 ordered; /* faults that it cannot know of yet, 1 << enum tdm_inject_kind */
	u64 ordered_ns; /* when an order was accepted last */
	struct work_struct telemetry_work; /* reads it */
	struct device *hwmon; /* or NULL */
	struct dentry *debugfs; /* our folder */
};

static inline struct tdm_device *to_tdm(struct drm_device *drm)
{
	return container_of(drm, struct tdm_device, drm);
}

/* Everything that ends things in the background; drained before the module goes. */
extern struct workqueue_struct *tdm_wq;

/*
 * A device that is not there yet: registers and rings shared, nothing told to
 * the firmware. Its memory belongs to @parent's devres. Return: or ERR_PTR().
 */
struct tdm_device *tdm_device_create(struct device *parent, const struct tdm_bus_ops *bus,
				     void *bus_data);

/* Enable it; the rest of its boot comes with its interrupts. */
void tdm_device_start(struct tdm_device *dev);

/* It is gone: waiters fail, contexts die, the node goes. Never waits for the firmware. */
void tdm_device_remove(struct tdm_device *dev);

/* The firmware's interrupt. May sleep; not in any lock of the above. */
void tdm_device_interrupt(struct tdm_device *dev);

bool tdm_device_charge(struct tdm_device *dev, struct tdm_ctx *ctx, u32 domain, u64 bytes);
void tdm_device_uncharge(struct tdm_device *dev, struct tdm_ctx *ctx, u32 domain, u64 bytes);

/* state_lock is taken. Return: whether @from (a mask of BIT(state)) was so, and changed. */
bool tdm_device_move(struct tdm_device *dev, unsigned int from, enum tdm_dev_state to);

/*
 * Queue @work of the device's own if it is in one of @states (a mask as above, without
 * GONE): removal has nothing to wait for that comes later.
 */
void tdm_device_queue(struct tdm_device *dev, unsigned int states, struct work_struct *work);

/* Queue @work of a context, which has a reference. Return: whether it was not already. */
bool tdm_device_queue_ctx(struct tdm_device *dev, struct work_struct *work);

/* 0 while it works, else what calls answer: -ENODEV or -EIO. */
static inline int tdm_device_error(struct tdm_device *dev)
{
	enum tdm_dev_state state = READ_ONCE(dev->state);

	if (state == TDM_DEV_GONE)
		return -ENODEV;
	return state == TDM_DEV_READY || state == TDM_DEV_BOOTING ? 0 : -EIO;
}

/* Bound of an admin command in jiffies: the firmware's word, within reason. */
unsigned long tdm_device_admin_timeout(struct tdm_device *dev);

/*
 * Wait until something that a closed context still holds may have come back.
 * Return: 0: look again, -ENOSPC: nothing is on its way, -ERESTARTSYS.
 */
int tdm_device_wait_reaped(struct tdm_device *dev);

/* Wait for what has been closed by now to be gone. Return: 0 or -ERESTARTSYS. */
int tdm_device_wait_all_reaped(struct tdm_device *dev);

#endif /* TDM_DEVICE_H */
