// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "bo.h"

#include <linux/mm.h>
#include <linux/slab.h>

#include <drm/drm_vma_manager.h>

#include "compat.h"
#include "context.h"
#include "live.h"
#include "prime.h"
#include "store.h"

static void bo_free(struct drm_gem_object *obj)
{
	struct tdm_bo *bo = to_bo(obj);

	drm_gem_object_release(obj);
	tdm_store_put(bo->store);
	kfree(bo);
	tdm_live_dec(TDM_LIVE_BUFFERS);
}

/* The last thing before the handle goes; also for each when the file is closed. */
static void bo_close(struct drm_gem_object *obj, struct drm_file *file)
{
	struct tdm_ctx *ctx = to_ctx(file);

	/* release() waits for nobody; the reap work takes what there is. */
	if (ctx && !READ_ONCE(ctx->closing))
		tdm_vm_unmap_bo(ctx, to_bo(obj));
}

static vm_fault_t bo_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct tdm_bo *bo = to_bo(vma->vm_private_data);
	struct page *page = tdm_store_page(bo->store, vmf->pgoff - bo->pgoff);
	int ret;

	/* VM_FAULT_OOM would have the application try again, for ever. */
	if (IS_ERR(page))
		return VM_FAULT_SIGBUS;
	/*
	 * An ordinary page table entry with a reference to the page: network devices
	 * can pin that, and could not pin what vmf_insert_mixed() makes.
	 */
	ret = vm_insert_page(vma, vmf->address & PAGE_MASK, page);
	if (!ret || ret == -EBUSY) /* busy: another thread was here first */
		return VM_FAULT_NOPAGE;
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct bo_vm_ops = {
	.fault = bo_fault,
	.open = drm_gem_vm_open,
	.close = drm_gem_vm_close,
};

static int bo_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	unsigned long clear = VM_MAYEXEC;

	/* A file that was opened for reading only has no VM_SHARED. */
	if (!(vma->vm_flags & VM_MAYSHARE) || (vma->vm_flags & VM_EXEC))
		return -EINVAL;
	if (to_bo(obj)->readonly) {
		if (vma->vm_flags & VM_WRITE)
			return -EACCES;
		clear |= VM_MAYWRITE;
	}
	tdm_vm_flags_mod(vma, VM_MIXEDMAP | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP, clear);
	vma->vm_ops = &bo_vm_ops;
	return 0;
}

static const struct drm_gem_object_funcs bo_funcs = {
	.free = bo_free,
	.close = bo_close,
	.export = tdm_prime_export,
	.get_sg_table = tdm_prime_sg_table,
	.mmap = bo_mmap,
	.vm_ops = &bo_vm_ops,
};

struct tdm_bo *tdm_bo_lookup(struct drm_file *file, u32 handle)
{
	struct drm_gem_object *obj = drm_gem_object_lookup(file, handle);

	return obj ? to_bo(obj) : NULL;
}

struct tdm_bo *tdm_bo_create(struct tdm_device *dev, struct tdm_store *store, bool readonly)
{
	struct tdm_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!bo)
		return ERR_PTR(-ENOMEM);
	tdm_live_inc(TDM_LIVE_BUFFERS);
	drm_gem_private_object_init(&dev->drm, &bo->base, store->bytes);
	bo->base.funcs = &bo_funcs;
	bo->readonly = readonly;
	tdm_store_get(store);
	bo->store = store;
	ret = drm_gem_create_mmap_offset(&bo->base);
	if (ret) {
		tdm_bo_put(bo);
		return ERR_PTR(ret);
	}
	bo->pgoff = drm_vma_node_start(&bo->base.vma_node);
	return bo;
}

/* Charged bytes; what a closed context still has is waited for. */
static struct tdm_store *create_store(struct tdm_ctx *ctx, u32 domain, u64 bytes)
{
	for (;;) {
		struct tdm_store *store = tdm_store_create(ctx->dev, ctx, domain, bytes);
		int ret;

		if (store != ERR_PTR(-ENOSPC))
			return store;
		ret = tdm_device_wait_reaped(ctx->dev);
		if (ret)
			return ERR_PTR(ret);
	}
}

int tdm_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tandem_bo_create *create = data;
	struct tdm_ctx *ctx = to_ctx(file);
	struct tdm_store *store;
	struct tdm_bo *bo;
	u32 handle;
	int ret;

	if (create->flags ||
	    (create->domain != TDM_DOMAIN_HOST && create->domain != TDM_DOMAIN_DEVICE) ||
	    !create->bytes || (create->bytes & (ctx->dev->identify.page_bytes - 1)))
		return -EINVAL;
	store = create_store(ctx, create->domain, create->bytes);
	if (IS_ERR(store))
		return PTR_ERR(store);
	bo = tdm_bo_create(ctx->dev, store, false);
	tdm_store_put(store);
	if (IS_ERR(bo))
		return PTR_ERR(bo);
	ret = drm_gem_handle_create(file, &bo->base, &handle);
	tdm_bo_put(bo);
	if (!ret)
		create->handle = handle;
	return ret;
}

int tdm_bo_mmap_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tandem_bo_mmap *map = data;
	struct tdm_bo *bo = tdm_bo_lookup(file, map->handle);

	if (!bo)
		return -ENOENT;
	map->offset = drm_vma_node_offset_addr(&bo->base.vma_node);
	tdm_bo_put(bo);
	return 0;
}
