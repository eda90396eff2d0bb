// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "queue.h"

#include <linux/eventfd.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include <drm/drm_print.h>
#include <drm/drm_vma_manager.h>

#include "bo.h"
#include "context.h"
#include "live.h"
#include "store.h"
#include "trace.h"

void tdm_queue_get(struct tdm_queue *q)
{
	kref_get(&q->ref);
}

static void area_free(struct tdm_queue *q, struct tdm_area *area)
{
	if (!area->bo)
		return;
	q->dev->bus->unshare(q->dev, &area->share);
	tdm_bo_put(area->bo);
}

static void queue_release(struct kref *ref)
{
	struct tdm_queue *q = container_of(ref, struct tdm_queue, ref);
	int i;

	for (i = 0; i < TDM_AREAS; i++)
		area_free(q, &q->areas[i]);
	if (q->eventfd)
		eventfd_ctx_put(q->eventfd);
	tdm_ctx_put(q->ctx);
	kfree(q);
	tdm_live_dec(TDM_LIVE_QUEUES);
}

void tdm_queue_put(struct tdm_queue *q)
{
	kref_put(&q->ref, queue_release);
}

struct tdm_queue *tdm_queue_lookup(struct tdm_ctx *ctx, u32 number)
{
	struct tdm_queue *q;

	xa_lock(&ctx->queues);
	q = xa_load(&ctx->queues, number);
	if (q)
		tdm_queue_get(q);
	xa_unlock(&ctx->queues);
	return q;
}

struct tdm_queue *tdm_queue_find_after(struct tdm_device *dev, unsigned long *id)
{
	struct tdm_queue *q;

	xa_lock(&dev->queues);
	q = xa_find(&dev->queues, id, ULONG_MAX, XA_PRESENT);
	if (q)
		tdm_queue_get(q);
	xa_unlock(&dev->queues);
	return q;
}

struct tdm_queue *tdm_queue_find(struct tdm_device *dev, u32 id)
{
	struct tdm_queue *q;

	xa_lock(&dev->queues);
	q = xa_load(&dev->queues, id);
	if (q)
		tdm_queue_get(q);
	xa_unlock(&dev->queues);
	return q;
}

/* One mapping's memory, there and shared with the firmware. Return: 0 or -errno. */
static int area_create(struct tdm_queue *q, enum tdm_area_kind kind, u64 bytes)
{
	bool submit = kind == TDM_AREA_SUBMIT;
	u32 access = TDM_ACCESS_READ | (kind == TDM_AREA_COMPLETE ? TDM_ACCESS_WRITE : 0);
	struct tdm_area *area = &q->areas[kind];
	struct tdm_store *store;
	struct tdm_bo *bo;
	int ret;

	store = tdm_store_create(q->dev, q->ctx, TDM_DOMAIN_HOST, PAGE_ALIGN(bytes));
	if (IS_ERR(store))
		return PTR_ERR(store);
	ret = tdm_store_populate(store);
	bo = ret ? ERR_PTR(ret) : tdm_bo_create(q->dev, store, !submit);
	tdm_store_put(store);
	if (IS_ERR(bo))
		return PTR_ERR(bo);
	area->bo = bo;
	return q->dev->bus->share(q->dev, store, access, &area->share);
}

static int create_areas(struct tdm_queue *q)
{
	int ret = area_create(q, TDM_AREA_SUBMIT,
			      TDM_QUEUE_HDR_BYTES + (u64)q->sq_entries * sizeof(struct tdm_cmd));

	if (!ret)
		ret = area_create(q, TDM_AREA_COMPLETE,
				  TDM_QUEUE_HDR_BYTES +
				  (u64)q->cq_entries * sizeof(struct tdm_cqe));
	if (!ret)
		ret = area_create(q, TDM_AREA_STATUS, PAGE_SIZE);
	if (ret)
		return ret;
	q->sq = tdm_store_ptr(q->areas[TDM_AREA_SUBMIT].bo->store, 0);
	q->cq = tdm_store_ptr(q->areas[TDM_AREA_COMPLETE].bo->store, 0);
	q->status = tdm_store_ptr(q->areas[TDM_AREA_STATUS].bo->store, 0);
	q->status->state = TDM_QUEUE_RUNNING;
	q->status->wait_seq = U64_MAX;
	return 0;
}

static struct tdm_queue *queue_alloc(struct tdm_ctx *ctx,
				     const struct drm_tandem_queue_create *create)
{
	struct tdm_queue *q = kzalloc(sizeof(*q), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!q)
		return ERR_PTR(-ENOMEM);
	tdm_live_inc(TDM_LIVE_QUEUES);
	kref_init(&q->ref);
	INIT_LIST_HEAD(&q->node);
	INIT_LIST_HEAD(&q->waiters);
	spin_lock_init(&q->lock);
	init_waitqueue_head(&q->event);
	tdm_ctx_get(ctx);
	q->ctx = ctx;
	q->dev = ctx->dev;
	q->sq_entries = create->sq_entries;
	q->cq_entries = create->cq_entries;
	q->time_limit_ms = create->time_limit_ms;
	q->moved_at = jiffies;
	ret = create_areas(q);
	if (!ret)
		return q;
	tdm_queue_put(q);
	return ERR_PTR(ret);
}

/* Its number in the device. Return: 0, -EBUSY or -ENOMEM. */
static int alloc_id(struct tdm_queue *q)
{
	struct tdm_device *dev = q->dev;
	u32 last = dev->identify.max_queues - 1;
	int ret = xa_alloc_cyclic(&dev->queues, &q->id, q, XA_LIMIT(0, last), &dev->next_queue,
				  GFP_KERNEL);

	return ret < 0 ? ret : 0;
}

/*
 * Gives it its two numbers. In the context's table the slot stays empty: nobody
 * can use the queue before the firmware has it. Return: 0 or -errno.
 */
static int number(struct tdm_queue *q)
{
	u32 max = q->dev->identify.max_queues;
	u32 share = max < TDM_QUEUES_SHARE ? 1 : max / TDM_QUEUES_SHARE;
	int ret;

	do {
		ret = alloc_id(q);
		if (ret == -EBUSY)
			ret = tdm_device_wait_reaped(q->dev) ?: -EBUSY;
	} while (ret == -EBUSY);
	if (ret)
		return ret;
	ret = xa_alloc(&q->ctx->queues, &q->number, NULL, XA_LIMIT(1, share), GFP_KERNEL_ACCOUNT);
	if (ret)
		xa_erase(&q->dev->queues, q->id);
	return ret == -EBUSY ? -ENOSPC : ret;
}

/* The firmware does not have it: out of all tables. call_lock is held. */
static void withdraw(struct tdm_queue *q)
{
	int i;

	xa_erase(&q->dev->queues, q->id);
	xa_erase(&q->ctx->queues, q->number);
	tdm_queue_count(q, &q->ctx->gone);
	list_del(&q->node);
	for (i = 0; i < TDM_AREAS; i++) {
		q->dev->bus->unshare(q->dev, &q->areas[i].share);
		/* Mappings stay, new ones are not made. */
		drm_gem_free_mmap_offset(&q->areas[i].bo->base);
	}
	tdm_queue_put(q);
}

void tdm_queue_count(const struct tdm_queue *q, struct tdm_done *done)
{
	const struct tdm_cq_hdr *cq = q->cq;

	WRITE_ONCE(done->busy_ns, done->busy_ns + READ_ONCE(cq->busy_ns));
	WRITE_ONCE(done->commands, done->commands + READ_ONCE(cq->completed));
	WRITE_ONCE(done->errors, done->errors + READ_ONCE(cq->errors));
	WRITE_ONCE(done->tokens_prefill, done->tokens_prefill + READ_ONCE(cq->tokens_prefill));
	WRITE_ONCE(done->tokens_decode, done->tokens_decode + READ_ONCE(cq->tokens_decode));
}

static int send_create(struct tdm_queue *q)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_QUEUE_CREATE };

	cmd.queue.ctx = q->ctx->id;
	cmd.queue.queue = q->id;
	cmd.queue.sq = q->areas[TDM_AREA_SUBMIT].share.bus;
	cmd.queue.cq = q->areas[TDM_AREA_COMPLETE].share.bus;
	cmd.queue.status = q->areas[TDM_AREA_STATUS].share.bus;
	cmd.queue.sq_order = ilog2(q->sq_entries);
	cmd.queue.cq_order = ilog2(q->cq_entries);
	cmd.queue.wake = q->dev->bus->wake;
	cmd.queue.time_limit_ms = q->time_limit_ms;
	cmd.queue.number = q->number;
	return tdm_admin_run(q->dev, &cmd);
}

/* Return: 0 when the firmware does not have it any more, or -errno. */
static int send_destroy(struct tdm_queue *q)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_ABORT };
	int ret;

	cmd.ctx.ctx = q->ctx->id;
	cmd.ctx.queue = q->id;
	ret = tdm_admin_run(q->dev, &cmd);
	/* Not there: an interrupted call destroyed it, or its creation failed. */
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	memset(&cmd, 0, sizeof(cmd));
	cmd.opcode = TDM_ADMIN_QUEUE_DESTROY;
	cmd.queue.ctx = q->ctx->id;
	cmd.queue.queue = q->id;
	ret = tdm_admin_run(q->dev, &cmd);
	return ret == -ENOENT ? 0 : ret;
}

static int check_create(struct tdm_device *dev, const struct drm_tandem_queue_create *create)
{
	u32 max = dev->identify.max_entries;
	u32 sq = create->sq_entries;
	u32 cq = create->cq_entries;

	if (create->abi != TDM_QUEUE_ABI)
		return -EOPNOTSUPP;
	if (create->flags || sq < TDM_QUEUE_MIN_ENTRIES || sq > max || !is_power_of_2(sq) ||
	    cq < sq || cq > max || !is_power_of_2(cq))
		return -EINVAL;
	return 0;
}

static void tell(const struct tdm_queue *q, struct drm_tandem_queue_create *create)
{
	const struct tdm_area *sq = &q->areas[TDM_AREA_SUBMIT];
	const struct tdm_area *cq = &q->areas[TDM_AREA_COMPLETE];
	const struct tdm_area *status = &q->areas[TDM_AREA_STATUS];

	create->queue = q->number;
	create->wake = q->dev->bus->wake;
	create->sq_offset = drm_vma_node_offset_addr(&sq->bo->base.vma_node);
	create->sq_bytes = sq->bo->base.size;
	create->cq_offset = drm_vma_node_offset_addr(&cq->bo->base.vma_node);
	create->cq_bytes = cq->bo->base.size;
	create->status_offset = drm_vma_node_offset_addr(&status->bo->base.vma_node);
	create->doorbell_offset = 0;
}

/* The file may map them. Return: 0 or -ENOMEM. */
static int allow(struct tdm_queue *q, struct drm_file *file)
{
	int ret = 0;
	int i;

	for (i = 0; i < TDM_AREAS && !ret; i++)
		ret = drm_vma_node_allow(&q->areas[i].bo->base.vma_node, file);
	return ret;
}

static void disallow(struct tdm_queue *q)
{
	int i;

	for (i = 0; i < TDM_AREAS && q->ctx->file; i++)
		drm_vma_node_revoke(&q->areas[i].bo->base.vma_node, q->ctx->file);
}

/* In the tables, and the firmware knows it. Return: 0, or -errno and it is not ours. */
static int start(struct tdm_queue *q)
{
	struct tdm_ctx *ctx = q->ctx;
	int ret = number(q);

	if (ret) {
		disallow(q);
		tdm_queue_put(q);
		return ret;
	}
	list_add(&q->node, &ctx->queue_list);
	ret = send_create(q);
	if (!ret)
		return 0;
	disallow(q);
	if (ret == -ERESTARTSYS) {
		q->leaving = true;
		tdm_ctx_sweep_later(ctx);
	} else if (!READ_ONCE(ctx->error)) {
		withdraw(q);
	}
	/* Of a dead context the queue stays for the reap work. */
	return ret;
}

static int create_locked(struct tdm_ctx *ctx, struct drm_tandem_queue_create *create,
			 struct drm_file *file)
{
	struct tdm_queue *q = queue_alloc(ctx, create);
	int ret;

	if (IS_ERR(q))
		return PTR_ERR(q);
	ret = allow(q, file);
	if (ret) {
		disallow(q);
		tdm_queue_put(q);
		return ret;
	}
	ret = start(q);
	if (ret)
		return ret;
	/* The slot is there, so this allocates nothing. */
	xa_store(&ctx->queues, q->number, q, GFP_KERNEL);
	/* Killed in between: that one has not seen it. */
	if (READ_ONCE(ctx->error))
		tdm_queue_stop(q, ctx->error == -ENODEV ? TDM_QUEUE_GONE : TDM_QUEUE_RESET,
			       ctx->error);
	trace_tandem_queue_create(q->dev, ctx->id, q->id);
	tell(q, create);
	return 0;
}

int tdm_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct tdm_ctx *ctx = to_ctx(file);
	int ret = check_create(ctx->dev, data);

	if (ret)
		return ret;
	ret = tdm_ctx_lock(ctx);
	if (ret)
		return ret;
	ret = create_locked(ctx, data, file);
	tdm_ctx_unlock(ctx);
	return ret;
}

static int destroy_locked(struct tdm_queue *q)
{
	int ret = send_destroy(q);

	if (ret)
		return ret;
	/* Only now nothing completes any more, which is what the state says. */
	tdm_queue_stop(q, TDM_QUEUE_KILLED, -EIO);
	trace_tandem_queue_destroy(q->dev, q->ctx->id, q->id);
	disallow(q);
	withdraw(q);
	return 0;
}

int tdm_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_tandem_queue_destroy *destroy = data;
	struct tdm_ctx *ctx = to_ctx(file);
	struct tdm_queue *q;
	int ret = tdm_ctx_lock(ctx);

	if (ret)
		return ret;
	q = tdm_queue_lookup(ctx, destroy->queue);
	ret = q ? destroy_locked(q) : -ENOENT;
	if (q)
		tdm_queue_put(q);
	tdm_ctx_unlock(ctx);
	return ret;
}

int tdm_queue_sweep(struct tdm_ctx *ctx)
{
	struct tdm_queue *q, *next;
	int ret;

	list_for_each_entry_safe(q, next, &ctx->queue_list, node) {
		if (!q->leaving)
			continue;
		ret = send_destroy(q);
		if (ret)
			return ret;
		withdraw(q);
	}
	return 0;
}

void tdm_queue_stop_all(struct tdm_ctx *ctx, enum tdm_queue_state state, int error)
{
	struct tdm_queue *q;
	unsigned long number;

	xa_lock(&ctx->queues);
	xa_for_each(&ctx->queues, number, q)
		tdm_queue_stop(q, state, error);
	xa_unlock(&ctx->queues);
}

void tdm_queue_disallow_all(struct tdm_ctx *ctx)
{
	struct tdm_queue *q;
	unsigned long number;

	/* Those that are not in the table were disallowed when they left it. */
	xa_lock(&ctx->queues);
	xa_for_each(&ctx->queues, number, q)
		disallow(q);
	xa_unlock(&ctx->queues);
}

void tdm_queue_close_all(struct tdm_ctx *ctx)
{
	struct tdm_queue *q, *next;

	list_for_each_entry_safe(q, next, &ctx->queue_list, node)
		withdraw(q);
}
