/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The state of a device as text, for debugfs and for coredumps.
 */
#ifndef TDM_DUMP_H
#define TDM_DUMP_H

struct drm_printer;
struct tdm_ctx;
struct tdm_device;

void tdm_dump_registers(struct tdm_device *dev, struct drm_printer *p);

/* What of a context is shown. */
typedef void tdm_dump_fn(struct tdm_ctx *ctx, struct drm_printer *p);

void tdm_dump_queues(struct tdm_ctx *ctx, struct drm_printer *p);
void tdm_dump_maps(struct tdm_ctx *ctx, struct drm_printer *p);
void tdm_dump_faults(struct tdm_ctx *ctx, struct drm_printer *p);

/* Of every context. */
void tdm_dump_contexts(struct tdm_device *dev, struct drm_printer *p, tdm_dump_fn *show);

/* The last admin commands and events as they lie in the rings, oldest first. */
void tdm_dump_rings(struct tdm_device *dev, struct drm_printer *p);

const char *tdm_state_name(struct tdm_device *dev);

#endif /* TDM_DUMP_H */
