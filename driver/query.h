/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_QUERY_H
#define TDM_QUERY_H

#include <linux/types.h>

struct drm_device;
struct drm_file;
struct tdm_device;
struct tdm_telemetry;
struct work_struct;

int tdm_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

/*
 * Ask the firmware, unless what it said last is younger than @max_age jiffies.
 * Waits, as tdm_admin_run(). Return: 0 or -errno.
 */
int tdm_telemetry_read(struct tdm_device *dev, struct tdm_telemetry *item,
		       unsigned long max_age);

/*
 * What it said last, without waiting for anything; what is older than a moment is read
 * anew in the background. Return: its age in jiffies, or -ENODATA
 */
long tdm_telemetry_peek(struct tdm_device *dev, struct tdm_telemetry *item);

/*
 * The firmware has accepted an order of a fault, or of none, or a reset has ended them
 * all: a peek says so, for from now on the firmware may be silent.
 */
void tdm_telemetry_ordered(struct tdm_device *dev, u32 kind);

/* tdm_device.telemetry_work */
void tdm_telemetry_work(struct work_struct *work);

#endif /* TDM_QUERY_H */
