/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_SYSFS_H
#define TDM_SYSFS_H

struct attribute_group;

/* For the parent device's driver, whose drvdata is the struct tdm_device. */
extern const struct attribute_group *tdm_sysfs_groups[];

#endif /* TDM_SYSFS_H */
