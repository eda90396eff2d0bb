/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * PRIME: buffers as dma-bufs and back.
 */
#ifndef TDM_PRIME_H
#define TDM_PRIME_H

struct dma_buf;
struct drm_device;
struct drm_gem_object;
struct sg_table;

struct dma_buf *tdm_prime_export(struct drm_gem_object *obj, int flags);

/* A dma-buf of this module, whatever device of it; any other is -EOPNOTSUPP. */
struct drm_gem_object *tdm_prime_import(struct drm_device *drm, struct dma_buf *buf);

/* For a dma-buf's importer, which needs all pages at once. */
struct sg_table *tdm_prime_sg_table(struct drm_gem_object *obj);

#endif /* TDM_PRIME_H */
