// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "prime.h"

#include <linux/dma-buf.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <drm/drm_prime.h>

#include "bo.h"
#include "compat.h"
#include "device.h"
#include "store.h"

TDM_IMPORT_DMA_BUF;

/* DRM's own operations, under an address by which they are known for ours. */
static const struct dma_buf_ops prime_ops = {
	.cache_sgt_mapping = true,
	.attach = drm_gem_map_attach,
	.detach = drm_gem_map_detach,
	.map_dma_buf = drm_gem_map_dma_buf,
	.unmap_dma_buf = drm_gem_unmap_dma_buf,
	.release = drm_gem_dmabuf_release,
	.mmap = drm_gem_dmabuf_mmap,
};

struct dma_buf *tdm_prime_export(struct drm_gem_object *obj, int flags)
{
	struct dma_buf_export_info info = {
		.exp_name = KBUILD_MODNAME,
		.owner = obj->dev->driver->fops->owner,
		.ops = &prime_ops,
		.size = obj->size,
		.flags = flags,
		.priv = obj,
		.resv = obj->resv,
	};

	return drm_gem_dmabuf_export(obj->dev, &info);
}

struct drm_gem_object *tdm_prime_import(struct drm_device *drm, struct dma_buf *buf)
{
	struct drm_gem_object *obj = buf->priv;
	struct tdm_bo *bo;

	if (buf->ops != &prime_ops)
		return ERR_PTR(-EOPNOTSUPP);
	if (obj->dev == drm) {
		drm_gem_object_get(obj);
		return obj;
	}
	/* The same store under a buffer of this device; its maker goes on paying. */
	bo = tdm_bo_create(to_tdm(drm), to_bo(obj)->store, false);
	return IS_ERR(bo) ? ERR_CAST(bo) : &bo->base;
}

struct sg_table *tdm_prime_sg_table(struct drm_gem_object *obj)
{
	struct tdm_store *store = to_bo(obj)->store;
	unsigned long n = store->bytes >> PAGE_SHIFT;
	struct sg_table *sgt;
	struct page **pages;
	unsigned long i;
	int ret = tdm_store_populate(store);

	if (ret)
		return ERR_PTR(ret);
	pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < n; i++)
		pages[i] = tdm_store_page(store, i);
	sgt = drm_prime_pages_to_sg(obj->dev, pages, n);
	kvfree(pages);
	return sgt;
}
