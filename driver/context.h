/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A context: what one open file has on a device.
 *
 * It is closed in two steps. release() marks it and leaves; the reap work has
 * the firmware destroy it, and gives back its number and memory when that is
 * answered, or when the device was reset or removed instead.
 */
#ifndef TDM_CONTEXT_H
#define TDM_CONTEXT_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <drm/drm_file.h>

#include "device.h"
#include "fault.h"
#include "vm.h"

/* What queues have done, as the firmware counts it. */
struct tdm_done {
	u64 busy_ns;
	u64 commands;
	u64 errors;
	u64 tokens_prefill;
	u64 tokens_decode;
};

struct tdm_ctx {
	struct kref ref;
	struct tdm_device *dev; /* with a reference */
	struct drm_file *file; /* while it is open */
	u32 id;
	int error; /* set once: -EIO killed, -ENODEV; read anywhere */
	bool closing; /* set by release(), before DRM lets go of the handles */
	u64 client; /* never given out twice, as context numbers are */
	struct tdm_usage used; /* tdm_device.usage_lock */
	pid_t pid; /* who opened it, in the initial namespace; constant, as is comm */
	char comm[TASK_COMM_LEN]; /* of printable characters alone */
	struct tdm_done gone; /* by queues that are gone; call_lock to write */

	struct mutex call_lock; /* one slow call at a time; queue_list */
	struct list_head queue_list;
	bool dirty; /* something is leaving, for tdm_ctx_sweep(); set anywhere */
	struct work_struct sweep_work;
	struct work_struct reap_work;

	struct tdm_vm vm;
	struct xarray queues; /* struct tdm_queue by number in the context; from 1 */
	struct tdm_faults faults;
};

int tdm_ctx_open(struct drm_device *drm, struct drm_file *file);
void tdm_ctx_postclose(struct drm_device *drm, struct drm_file *file);

void tdm_ctx_get(struct tdm_ctx *ctx);
void tdm_ctx_put(struct tdm_ctx *ctx);

/* By its number, with a reference; NULL. */
struct tdm_ctx *tdm_ctx_find(struct tdm_device *dev, u32 id);

/* Every context that there is dies for good, its queues leave RUNNING. Interrupt too. */
void tdm_ctx_kill_all(struct tdm_device *dev, enum tdm_queue_state state, int error);

/* Of every dead context: no access of the device from here on. */
void tdm_ctx_revoke_all(struct tdm_device *dev);

/*
 * Finish what interrupted calls have left. call_lock is held. Return: 0, or why
 * something is left still: -ERESTARTSYS, -EIO, -ENODEV.
 */
int tdm_ctx_sweep(struct tdm_ctx *ctx);

/* Have it swept in the background. */
void tdm_ctx_sweep_later(struct tdm_ctx *ctx);

/* call_lock, and a swept context. Return: 0, or the call's error. */
int tdm_ctx_lock(struct tdm_ctx *ctx);
void tdm_ctx_unlock(struct tdm_ctx *ctx);

static inline struct tdm_ctx *to_ctx(struct drm_file *file)
{
	return file->driver_priv;
}

#endif /* TDM_CONTEXT_H */
