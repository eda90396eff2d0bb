/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_QUERY_H
#define TDM_QUERY_H

struct drm_device;
struct drm_file;
struct tdm_device;
struct tdm_telemetry;

int tdm_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

/*
 * Ask the firmware, unless what it said last is younger than @max_age jiffies.
 * Waits, as tdm_admin_run(). Return: 0 or -errno.
 */
int tdm_telemetry_read(struct tdm_device *dev, struct tdm_telemetry *item,
		       unsigned long max_age);

#endif /* TDM_QUERY_H */
