/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Queues: their memory, their numbers, their status page and whoever waits for
 * them. Commands and completions never come through here.
 */
#ifndef TDM_QUEUE_H
#define TDM_QUEUE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "bus.h"
#include "tandem_accel.h"

struct drm_device;
struct drm_file;
struct drm_printer;
struct eventfd_ctx;
struct tdm_bo;
struct tdm_ctx;
struct tdm_device;
struct tdm_done;

/* What one context may have of identify.max_queues: a share, so that it leaves some. */
#define TDM_QUEUES_SHARE 4

/* One of the three mappings. */
struct tdm_area {
	struct tdm_bo *bo; /* with a reference */
	struct tdm_share share;
};

enum tdm_area_kind { TDM_AREA_SUBMIT, TDM_AREA_COMPLETE, TDM_AREA_STATUS, TDM_AREAS };

struct tdm_queue {
	struct kref ref; /* the context's list, and calls that run */
	struct list_head node; /* tdm_ctx.queue_list; tdm_ctx.call_lock */
	struct tdm_ctx *ctx; /* with a reference */
	struct tdm_device *dev; /* the context's */
	u32 number; /* in the context */
	u32 id; /* in the device */
	u32 sq_entries;
	u32 cq_entries;
	u32 time_limit_ms;
	bool leaving; /* nobody's any more, but the firmware may have it; call_lock */
	struct tdm_area areas[TDM_AREAS];
	const struct tdm_sq_hdr *sq; /* the application's */
	const struct tdm_cq_hdr *cq; /* the firmware's: load once */
	struct tdm_queue_status *status;

	spinlock_t lock; /* all below, and what is written to the status page */
	struct list_head waiters;
	struct eventfd_ctx *eventfd; /* with a reference, or NULL */
	wait_queue_head_t event; /* its own lock */

	u64 seen_slices; /* watchdog_work's to write, as is moved_at */
	unsigned long moved_at; /* when they were seen to change, in jiffies */
};

int tdm_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int tdm_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int tdm_queue_wake_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int tdm_queue_wait_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int tdm_queue_eventfd_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

void tdm_queue_get(struct tdm_queue *q);
void tdm_queue_put(struct tdm_queue *q);

/* By its number in the context, by that in the device; with a reference, or NULL. */
struct tdm_queue *tdm_queue_lookup(struct tdm_ctx *ctx, u32 number);
struct tdm_queue *tdm_queue_find(struct tdm_device *dev, u32 id);
/* The first one from @id on, which becomes its number. */
struct tdm_queue *tdm_queue_find_after(struct tdm_device *dev, unsigned long *id);

/* Interrupt: wake the waiters, add to the eventfd. */
void tdm_queue_event(struct tdm_queue *q);

/* Add what it has done so far. */
void tdm_queue_count(const struct tdm_queue *q, struct tdm_done *done);

/* Leave TDM_QUEUE_RUNNING, once and for good, and wake everybody. Interrupt too. */
void tdm_queue_stop(struct tdm_queue *q, enum tdm_queue_state state, int error);
void tdm_queue_stop_all(struct tdm_ctx *ctx, enum tdm_queue_state state, int error);

/* Its file, which is about to go, may map none of them any more. */
void tdm_queue_disallow_all(struct tdm_ctx *ctx);

/* Destroy what is leaving. call_lock is held. Return: 0, or why something is left. */
int tdm_queue_sweep(struct tdm_ctx *ctx);

/* The firmware has none of them any more: all of the context's. call_lock is held. */
void tdm_queue_close_all(struct tdm_ctx *ctx);

/*
 * It has something to do. A command that hangs in its first slice was fetched, but the
 * firmware has not said so yet: then the tail alone tells, which is the application's,
 * and may be wrong.
 */
bool tdm_queue_is_busy(const struct tdm_queue *q);

void tdm_queue_show(struct tdm_queue *q, struct drm_printer *p);

#endif /* TDM_QUEUE_H */
