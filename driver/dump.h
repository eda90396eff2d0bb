/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The state of a device as text, for debugfs and for coredumps: lines of a word that
 * says what it is about, and then of keys and values, all with one space between.
 * Values have none, but for "reason", which is the last of its line. Numbers are
 * decimal, or hexadecimal with 0x; keys that end in _ns or _ms have that unit. What
 * belongs to a context or to a queue names it in its own line, and keys may come to
 * be at the end of lines, and lines of new kinds, without a new format.
 */
#ifndef TDM_DUMP_H
#define TDM_DUMP_H

#include <linux/types.h>

struct drm_printer;
struct tdm_ctx;
struct tdm_device;

void tdm_dump_registers(struct tdm_device *dev, struct drm_printer *p);

/* What of a context is shown. */
typedef void tdm_dump_fn(struct tdm_ctx *ctx, struct drm_printer *p);

/* Whose it is, and then what it has. */
void tdm_dump_context(struct tdm_ctx *ctx, struct drm_printer *p);
void tdm_dump_queues(struct tdm_ctx *ctx, struct drm_printer *p);
void tdm_dump_maps(struct tdm_ctx *ctx, struct drm_printer *p);
void tdm_dump_faults(struct tdm_ctx *ctx, struct drm_printer *p);

/* What the firmware has counted, when it was asked last. */
void tdm_dump_telemetry(struct tdm_device *dev, struct drm_printer *p);

/* Of every context. */
void tdm_dump_contexts(struct tdm_device *dev, struct drm_printer *p, tdm_dump_fn *show);

/* The last admin commands and events as they lie in the rings, oldest first. */
void tdm_dump_rings(struct tdm_device *dev, struct drm_printer *p);

/* The six words of a command of either kind, and the end of the line. */
void tdm_dump_words(struct drm_printer *p, const u64 *words);

const char *tdm_state_name(struct tdm_device *dev);

#endif /* TDM_DUMP_H */
