/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_INJECT_H
#define TDM_INJECT_H

#include <linux/types.h>

struct drm_device;
struct drm_file;

/* An order of a fault, passed on to the firmware; it is the one that checks it. */
int tdm_inject_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

/* A mask of 1 << enum tdm_inject_kind in words, as sysfs shows it. Return: bytes */
int tdm_inject_names(char *buf, u64 mask);

#endif /* TDM_INJECT_H */
