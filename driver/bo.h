/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Buffers: GEM objects on a store. Applications' buffers have handles; the areas
 * of queues are buffers, too, without any.
 *
 * An application's mapping keeps the buffer, and the buffer its pages, whatever
 * becomes of the device, so touching it is never SIGBUS but for want of memory.
 */
#ifndef TDM_BO_H
#define TDM_BO_H

#include <drm/drm_gem.h>

struct tdm_ctx;
struct tdm_device;
struct tdm_store;

struct tdm_bo {
	struct drm_gem_object base;
	struct tdm_store *store; /* with a reference */
	unsigned long pgoff; /* of its mmap offset; constant, also after that is gone */
	bool readonly; /* to applications */
};

static inline struct tdm_bo *to_bo(struct drm_gem_object *obj)
{
	return container_of(obj, struct tdm_bo, base);
}

static inline void tdm_bo_get(struct tdm_bo *bo)
{
	drm_gem_object_get(&bo->base);
}

static inline void tdm_bo_put(struct tdm_bo *bo)
{
	drm_gem_object_put(&bo->base);
}

/* With a reference, or NULL. */
struct tdm_bo *tdm_bo_lookup(struct drm_file *file, u32 handle);

/* A buffer on a store (a reference is taken), with one reference itself; or ERR_PTR(). */
struct tdm_bo *tdm_bo_create(struct tdm_device *dev, struct tdm_store *store, bool readonly);

int tdm_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int tdm_bo_mmap_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif /* TDM_BO_H */
