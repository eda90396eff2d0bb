/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_DEBUGFS_H
#define TDM_DEBUGFS_H

struct tdm_device;

/* A folder "tandem" in DRM's own: registers, rings, queues, address maps, last faults. */
void tdm_debugfs_register(struct tdm_device *dev);
void tdm_debugfs_unregister(struct tdm_device *dev);

#endif /* TDM_DEBUGFS_H */
