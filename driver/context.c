// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "context.h"

#include <linux/slab.h>

#include <drm/drm_print.h>

#include "live.h"
#include "queue.h"
#include "trace.h"

void tdm_ctx_get(struct tdm_ctx *ctx)
{
	kref_get(&ctx->ref);
}

static void ctx_release(struct kref *ref)
{
	struct tdm_ctx *ctx = container_of(ref, struct tdm_ctx, ref);
	struct tdm_device *dev = ctx->dev;

	xa_destroy(&ctx->queues);
	tdm_vm_fini(&ctx->vm);
	mutex_destroy(&ctx->call_lock);
	kfree(ctx);
	tdm_live_dec(TDM_LIVE_CONTEXTS);
	drm_dev_put(&dev->drm);
}

void tdm_ctx_put(struct tdm_ctx *ctx)
{
	kref_put(&ctx->ref, ctx_release);
}

struct tdm_ctx *tdm_ctx_find(struct tdm_device *dev, u32 id)
{
	struct tdm_ctx *ctx;

	xa_lock(&dev->ctxs);
	ctx = xa_load(&dev->ctxs, id);
	if (ctx)
		tdm_ctx_get(ctx);
	xa_unlock(&dev->ctxs);
	return ctx;
}

/* The first from @id on, with a reference; @id becomes its number. */
static struct tdm_ctx *find_after(struct tdm_device *dev, unsigned long *id)
{
	struct tdm_ctx *ctx;

	xa_lock(&dev->ctxs);
	ctx = xa_find(&dev->ctxs, id, ULONG_MAX, XA_PRESENT);
	if (ctx)
		tdm_ctx_get(ctx);
	xa_unlock(&dev->ctxs);
	return ctx;
}

static void kill_ctx(struct tdm_ctx *ctx, enum tdm_queue_state state, int error)
{
	/* Gone is worse than reset; neither is ever undone. */
	if (error == -ENODEV)
		WRITE_ONCE(ctx->error, error);
	else
		cmpxchg(&ctx->error, 0, error);
	tdm_queue_stop_all(ctx, state, error);
}

void tdm_ctx_kill_all(struct tdm_device *dev, enum tdm_queue_state state, int error)
{
	struct tdm_ctx *ctx;
	unsigned long id = 0;

	while ((ctx = find_after(dev, &id))) {
		kill_ctx(ctx, state, error);
		tdm_ctx_put(ctx);
		id++;
	}
}

void tdm_ctx_revoke_all(struct tdm_device *dev)
{
	struct tdm_ctx *ctx;
	unsigned long id = 0;

	while ((ctx = find_after(dev, &id))) {
		if (READ_ONCE(ctx->error))
			tdm_vm_revoke(ctx);
		tdm_ctx_put(ctx);
		id++;
	}
}

int tdm_ctx_sweep(struct tdm_ctx *ctx)
{
	int ret;

	/* Cleared first: what is marked while this runs is for the next one. */
	if (!xchg(&ctx->dirty, false))
		return 0;
	ret = tdm_vm_sweep(ctx);
	if (!ret)
		ret = tdm_queue_sweep(ctx);
	if (ret)
		WRITE_ONCE(ctx->dirty, true);
	return ret;
}

static void sweep_work(struct work_struct *work)
{
	struct tdm_ctx *ctx = container_of(work, struct tdm_ctx, sweep_work);

	mutex_lock(&ctx->call_lock);
	/* What fails here fails because of the device: the reap work has it then. */
	if (!READ_ONCE(ctx->closing))
		tdm_ctx_sweep(ctx);
	mutex_unlock(&ctx->call_lock);
	tdm_ctx_put(ctx);
}

void tdm_ctx_sweep_later(struct tdm_ctx *ctx)
{
	WRITE_ONCE(ctx->dirty, true);
	tdm_ctx_get(ctx);
	if (!tdm_device_queue_ctx(ctx->dev, &ctx->sweep_work))
		tdm_ctx_put(ctx);
}

int tdm_ctx_lock(struct tdm_ctx *ctx)
{
	int ret = mutex_lock_interruptible(&ctx->call_lock);

	if (ret)
		return -ERESTARTSYS;
	ret = READ_ONCE(ctx->error) ?: tdm_ctx_sweep(ctx);
	if (ret)
		mutex_unlock(&ctx->call_lock);
	return ret;
}

void tdm_ctx_unlock(struct tdm_ctx *ctx)
{
	mutex_unlock(&ctx->call_lock);
}

static int send(struct tdm_ctx *ctx, u16 opcode)
{
	struct tdm_admin_cmd cmd = { .opcode = opcode };

	cmd.ctx.ctx = ctx->id;
	cmd.ctx.queue = opcode == TDM_ADMIN_ABORT ? ~0U : 0;
	return tdm_admin_run(ctx->dev, &cmd);
}

static void reap_work(struct work_struct *work)
{
	struct tdm_ctx *ctx = container_of(work, struct tdm_ctx, reap_work);
	struct tdm_device *dev = ctx->dev;
	int ret = READ_ONCE(ctx->error);

	if (!ret) {
		send(ctx, TDM_ADMIN_ABORT);
		ret = send(ctx, TDM_ADMIN_CTX_DESTROY);
	}
	/* Not answered: then what was not drained is cut off by the reset. */
	if (ret && ret != -ENOENT)
		wait_event_idle(dev->state_wait, READ_ONCE(dev->state) != TDM_DEV_RESETTING);
	mutex_lock(&ctx->call_lock);
	tdm_queue_close_all(ctx);
	tdm_vm_revoke(ctx);
	tdm_vm_clear(ctx);
	mutex_unlock(&ctx->call_lock);
	xa_erase(&dev->ctxs, ctx->id);
	atomic64_inc(&dev->reap_ended);
	wake_up_all(&dev->reaped);
	tdm_ctx_put(ctx);
}

static void reap_later(struct tdm_ctx *ctx)
{
	WRITE_ONCE(ctx->closing, true);
	ctx->file = NULL;
	atomic64_inc(&ctx->dev->reap_begun);
	tdm_device_queue_ctx(ctx->dev, &ctx->reap_work);
}

/* Of all devices; what users tell clients apart by. */
static atomic64_t last_client;

/* Who opens it; what it is called must not break the lines of a dump. */
static void note_opener(struct tdm_ctx *ctx)
{
	char *c;

	ctx->pid = task_tgid_nr(current);
	get_task_comm(ctx->comm, current);
	for (c = ctx->comm; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '_';
}

static struct tdm_ctx *ctx_alloc(struct tdm_device *dev, struct drm_file *file)
{
	struct tdm_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);

	if (!ctx)
		return NULL;
	tdm_live_inc(TDM_LIVE_CONTEXTS);
	kref_init(&ctx->ref);
	drm_dev_get(&dev->drm);
	ctx->dev = dev;
	ctx->file = file;
	ctx->client = atomic64_inc_return(&last_client);
	note_opener(ctx);
	mutex_init(&ctx->call_lock);
	INIT_LIST_HEAD(&ctx->queue_list);
	INIT_WORK(&ctx->sweep_work, sweep_work);
	INIT_WORK(&ctx->reap_work, reap_work);
	tdm_vm_init(&ctx->vm);
	xa_init_flags(&ctx->queues, XA_FLAGS_ALLOC1);
	tdm_faults_init(&ctx->faults);
	return ctx;
}

/* Give it a number; those of closed ones come back soon. Return: 0 or -errno. */
static int number(struct tdm_ctx *ctx)
{
	struct tdm_device *dev = ctx->dev;
	u32 last = dev->identify.max_contexts - 1;
	int ret;

	for (;;) {
		ret = xa_alloc(&dev->ctxs, &ctx->id, ctx, XA_LIMIT(0, last), GFP_KERNEL);
		if (ret != -EBUSY)
			return ret;
		ret = tdm_device_wait_reaped(dev);
		if (ret)
			return ret == -ENOSPC ? -EBUSY : ret;
	}
}

/* A device that is being reset is waited for. Return: 0 or -errno. */
static int wait_ready(struct tdm_device *dev)
{
	long left = wait_event_interruptible_timeout(dev->state_wait,
						     READ_ONCE(dev->state) != TDM_DEV_RESETTING,
						     tdm_device_admin_timeout(dev));

	return left < 0 ? left : tdm_device_error(dev);
}

int tdm_ctx_open(struct drm_device *drm, struct drm_file *file)
{
	struct tdm_device *dev = to_tdm(drm);
	struct tdm_ctx *ctx;
	int ret;

	if (dev->bus->is_server(dev))
		return -EDEADLK;
	/* The card node, which Linux before 6.2 makes for everybody. */
	if (drm_is_primary_client(file))
		return -EOPNOTSUPP;
	ret = wait_ready(dev);
	if (ret)
		return ret;
	ctx = ctx_alloc(dev, file);
	if (!ctx)
		return -ENOMEM;
	ret = number(ctx);
	if (ret) {
		tdm_ctx_put(ctx);
		return ret;
	}
	ret = send(ctx, TDM_ADMIN_CTX_CREATE);
	if (!ret)
		ret = READ_ONCE(ctx->error);
	if (ret) {
		reap_later(ctx);
		return ret;
	}
	file->driver_priv = ctx;
	atomic_inc(&dev->clients);
	dev->bus->changed(dev);
	return 0;
}

void tdm_ctx_postclose(struct drm_device *drm, struct drm_file *file)
{
	struct tdm_device *dev = to_tdm(drm);
	struct tdm_ctx *ctx = to_ctx(file);

	if (!ctx)
		return;
	file->driver_priv = NULL;
	atomic_dec(&dev->clients);
	dev->bus->changed(dev);
	/* Its commands are not stopped yet, but nobody is told of their end. */
	tdm_queue_stop_all(ctx, TDM_QUEUE_KILLED, -EIO);
	tdm_queue_disallow_all(ctx);
	reap_later(ctx);
}
