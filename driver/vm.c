// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "vm.h"

#include <linux/interval_tree_generic.h>
#include <linux/slab.h>

#include <drm/drm_print.h>

#include "bo.h"
#include "context.h"
#include "live.h"
#include "store.h"
#include "trace.h"

/*
 * The kernel's choice: whole GUARD units with at least one unmapped unit behind
 * each range, so that running off a buffer's end is a fault and not its
 * neighbour. It starts high enough that no small integer is an address.
 */
#define GUARD 0x10000ULL
#define FIRST_DVA 0x100000000ULL

#define range_start(r) ((r)->start)
#define range_last(r) ((r)->last)
INTERVAL_TREE_DEFINE(struct tdm_range, rb, u64, subtree_last, range_start, range_last, static,
		     range_tree)

void tdm_vm_init(struct tdm_vm *vm)
{
	mutex_init(&vm->lock);
	vm->ranges = RB_ROOT_CACHED;
	vm->next = FIRST_DVA;
}

void tdm_vm_fini(struct tdm_vm *vm)
{
	mutex_destroy(&vm->lock);
}

static u64 length_of(const struct tdm_range *range)
{
	return range->last - range->start + 1;
}

static struct tdm_range *range_at(struct tdm_vm *vm, u64 first, u64 last)
{
	return range_tree_iter_first(&vm->ranges, first, last);
}

static struct tdm_range *range_next(struct tdm_range *range)
{
	return range_tree_iter_next(range, 0, U64_MAX);
}

static u64 guarded(u64 end)
{
	return round_up(end, GUARD) + GUARD;
}

/* First gap from @from on that takes @len and its guard; 0: none. */
static u64 find_gap(struct tdm_vm *vm, u64 from, u64 len)
{
	struct tdm_range *range;
	u64 dva = from;

	for (range = range_at(vm, from, U64_MAX); range; range = range_next(range)) {
		if (guarded(dva + len) <= range->start)
			return dva;
		dva = guarded(range->last + 1);
	}
	return guarded(dva + len) <= TDM_DVA_END ? dva : 0;
}

static u64 choose(struct tdm_vm *vm, u64 len)
{
	u64 dva;

	/* Longer than all of the address space: before any sum can wrap. */
	if (len > TDM_DVA_END)
		return 0;
	dva = find_gap(vm, vm->next, len);
	if (!dva)
		dva = find_gap(vm, FIRST_DVA, len);
	if (dva)
		vm->next = guarded(dva + len);
	return dva;
}

static int check_map(struct tdm_ctx *ctx, const struct drm_tandem_vm_map *map)
{
	u64 mask = ctx->dev->identify.page_bytes - 1;

	if (map->flags || (map->access & ~(TDM_ACCESS_READ | TDM_ACCESS_WRITE)) ||
	    !(map->access & TDM_ACCESS_READ))
		return -EINVAL;
	if (!map->len || (map->len & mask) || (map->offset & mask) || (map->dva & mask) ||
	    map->offset + map->len < map->offset)
		return -EINVAL;
	if (map->dva && (map->dva < TDM_DVA_MIN || map->dva >= TDM_DVA_END ||
			 map->len > TDM_DVA_END - map->dva))
		return -EINVAL;
	return 0;
}

/* Finds room for @range and puts it there. Return: 0 or -errno. */
static int insert(struct tdm_vm *vm, struct tdm_range *range, u64 dva, u64 len)
{
	int ret = 0;

	mutex_lock(&vm->lock);
	range->start = dva ?: choose(vm, len);
	range->last = range->start + len - 1;
	if (!range->start)
		ret = -ENOSPC;
	else if (range_at(vm, range->start, range->last))
		ret = -EEXIST;
	else
		range_tree_insert(range, &vm->ranges);
	mutex_unlock(&vm->lock);
	return ret;
}

static void range_free(struct tdm_range *range)
{
	tdm_bo_put(range->bo);
	kfree(range);
	tdm_live_dec(TDM_LIVE_RANGES);
}

/* The firmware has let go of it: take it from the tree, from the device, and away. */
static void end_range(struct tdm_ctx *ctx, struct tdm_range *range)
{
	mutex_lock(&ctx->vm.lock);
	range_tree_remove(range, &ctx->vm.ranges);
	mutex_unlock(&ctx->vm.lock);
	ctx->dev->bus->revoke(ctx->dev, ctx->id, range->start, length_of(range));
	range_free(range);
}

static int send_map(struct tdm_ctx *ctx, struct tdm_range *range)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_MAP };

	cmd.map.ctx = ctx->id;
	cmd.map.access = range->access;
	cmd.map.dva = range->start;
	cmd.map.len = length_of(range);
	cmd.map.bus = ctx->dev->bus->range_bus(range, ctx->id);
	return tdm_admin_run(ctx->dev, &cmd);
}

static int send_unmap(struct tdm_ctx *ctx, struct tdm_range *range)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_UNMAP };
	int ret;

	cmd.map.ctx = ctx->id;
	cmd.map.dva = range->start;
	cmd.map.len = length_of(range);
	ret = tdm_admin_run(ctx->dev, &cmd);
	trace_tandem_unmap(ctx->dev, ctx->id, range->start, length_of(range), ret);
	/* It may have been done already for a call that did not wait for the end. */
	return ret == -ENOENT ? 0 : ret;
}

/* Return: 0, with @range in the tree, or -errno, and it is as good as gone. */
static int map_range(struct tdm_ctx *ctx, struct tdm_range *range, u64 dva, u64 len)
{
	int ret = insert(&ctx->vm, range, dva, len);

	if (ret) {
		range_free(range);
		return ret;
	}
	ret = send_map(ctx, range);
	if (!ret)
		return 0;
	if (ret == -ERESTARTSYS) {
		WRITE_ONCE(range->leaving, true);
		tdm_ctx_sweep_later(ctx);
	} else if (!READ_ONCE(ctx->error)) {
		end_range(ctx, range);
	}
	/* Of a dead context the range stays for the reap work. */
	return ret;
}

static int map_locked(struct tdm_ctx *ctx, struct drm_tandem_vm_map *map, struct tdm_bo *bo)
{
	struct tdm_range *range;
	int ret;

	if (map->offset + map->len > bo->store->bytes)
		return -EINVAL;
	range = kzalloc(sizeof(*range), GFP_KERNEL_ACCOUNT);
	if (!range)
		return -ENOMEM;
	tdm_live_inc(TDM_LIVE_RANGES);
	tdm_bo_get(bo);
	range->bo = bo;
	range->offset = map->offset;
	range->access = map->access;
	ret = map_range(ctx, range, map->dva, map->len);
	if (!ret)
		map->dva = range->start;
	trace_tandem_map(ctx->dev, ctx->id, map->dva, map->len, ret);
	return ret;
}

int tdm_vm_map_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tandem_vm_map *map = data;
	struct tdm_ctx *ctx = to_ctx(file);
	struct tdm_bo *bo;
	int ret = check_map(ctx, map);

	if (ret)
		return ret;
	ret = tdm_ctx_lock(ctx);
	if (ret)
		return ret;
	bo = tdm_bo_lookup(file, map->handle);
	if (bo) {
		ret = map_locked(ctx, map, bo);
		tdm_bo_put(bo);
	} else {
		ret = -ENOENT;
	}
	tdm_ctx_unlock(ctx);
	return ret;
}

static int unmap_locked(struct tdm_ctx *ctx, u64 dva, u64 len)
{
	struct tdm_range *range;
	int ret;

	/* call_lock is held, so no range comes or goes. */
	mutex_lock(&ctx->vm.lock);
	range = range_at(&ctx->vm, dva, dva);
	mutex_unlock(&ctx->vm.lock);
	if (!range || range->start != dva)
		return -ENOENT;
	if (length_of(range) != len)
		return -EINVAL;
	ret = send_unmap(ctx, range);
	/* Interrupted: it stays, to be unmapped by the next try. */
	if (!ret)
		end_range(ctx, range);
	return ret;
}

int tdm_vm_unmap_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_tandem_vm_unmap *unmap = data;
	struct tdm_ctx *ctx = to_ctx(file);
	u64 mask = ctx->dev->identify.page_bytes - 1;
	int ret;

	if (unmap->flags || !unmap->len || (unmap->len & mask) || (unmap->dva & mask) ||
	    unmap->dva + unmap->len < unmap->dva)
		return -EINVAL;
	ret = tdm_ctx_lock(ctx);
	if (ret)
		return ret;
	ret = unmap_locked(ctx, unmap->dva, unmap->len);
	tdm_ctx_unlock(ctx);
	return ret;
}

static bool mark_leaving(struct tdm_vm *vm, struct tdm_bo *bo)
{
	struct tdm_range *range;
	bool any = false;

	mutex_lock(&vm->lock);
	for (range = range_at(vm, 0, U64_MAX); range; range = range_next(range)) {
		if (range->bo == bo) {
			WRITE_ONCE(range->leaving, true);
			any = true;
		}
	}
	mutex_unlock(&vm->lock);
	return any;
}

void tdm_vm_unmap_bo(struct tdm_ctx *ctx, struct tdm_bo *bo)
{
	if (!mark_leaving(&ctx->vm, bo))
		return;
	WRITE_ONCE(ctx->dirty, true);
	/* GEM_CLOSE has taken the handle already: what is not done here is done later. */
	if (mutex_lock_interruptible(&ctx->call_lock)) {
		tdm_ctx_sweep_later(ctx);
		return;
	}
	if (!READ_ONCE(ctx->error) && tdm_ctx_sweep(ctx) == -ERESTARTSYS)
		tdm_ctx_sweep_later(ctx);
	mutex_unlock(&ctx->call_lock);
}

int tdm_vm_sweep(struct tdm_ctx *ctx)
{
	struct tdm_range *range, *next;
	int ret;

	mutex_lock(&ctx->vm.lock);
	range = range_at(&ctx->vm, 0, U64_MAX);
	mutex_unlock(&ctx->vm.lock);
	for (; range; range = next) {
		/* call_lock keeps the tree; nobody else adds to it or takes from it. */
		next = range_next(range);
		if (!READ_ONCE(range->leaving))
			continue;
		ret = send_unmap(ctx, range);
		if (ret)
			return ret;
		end_range(ctx, range);
	}
	return 0;
}

void tdm_vm_revoke(struct tdm_ctx *ctx)
{
	mutex_lock(&ctx->vm.lock);
	ctx->vm.dead = true;
	mutex_unlock(&ctx->vm.lock);
	ctx->dev->bus->revoke(ctx->dev, ctx->id, 0, TDM_DVA_END);
}

void tdm_vm_clear(struct tdm_ctx *ctx)
{
	struct tdm_range *range;

	for (;;) {
		mutex_lock(&ctx->vm.lock);
		range = range_at(&ctx->vm, 0, U64_MAX);
		if (range)
			range_tree_remove(range, &ctx->vm.ranges);
		mutex_unlock(&ctx->vm.lock);
		if (!range)
			return;
		range_free(range);
		cond_resched();
	}
}

struct page *tdm_vm_page(struct tdm_vm *vm, u64 dva, bool write, bool *writable)
{
	struct tdm_range *range = vm->dead ? NULL : range_at(vm, dva, dva);

	if (!range)
		return ERR_PTR(-EFAULT);
	*writable = range->access & TDM_ACCESS_WRITE;
	if (write && !*writable)
		return ERR_PTR(-EACCES);
	return tdm_store_page(range->bo->store,
			      (range->offset + (dva - range->start)) >> PAGE_SHIFT);
}

static void show(const struct tdm_range *range, u32 ctx, struct drm_printer *p)
{
	drm_printf(p, "map context %u start %#llx end %#llx access %s offset %#llx leaving %u\n",
		   ctx, range->start, range->last + 1,
		   range->access & TDM_ACCESS_WRITE ? "rw" : "r", range->offset,
		   READ_ONCE(range->leaving));
}

void tdm_vm_show(struct tdm_vm *vm, u32 ctx, struct drm_printer *p)
{
	struct tdm_range *range;

	mutex_lock(&vm->lock);
	for (range = range_at(vm, 0, U64_MAX); range; range = range_next(range))
		show(range, ctx, p);
	mutex_unlock(&vm->lock);
}
