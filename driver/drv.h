/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_DRV_H
#define TDM_DRV_H

#include <drm/drm_drv.h>
#include <drm/drm_ioctl.h>

struct file;

extern const struct drm_driver tdm_drm_driver;
extern const struct drm_ioctl_desc tdm_ioctls[];
extern const unsigned int tdm_n_ioctls;

/* The node's ioctl(2): the laws of tandem_accel.h around DRM's own. */
long tdm_ioctl(struct file *filp, unsigned int cmd, unsigned long arg);
long tdm_compat_ioctl(struct file *filp, unsigned int cmd, unsigned long arg);

#endif /* TDM_DRV_H */
