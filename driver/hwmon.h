/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TDM_HWMON_H
#define TDM_HWMON_H

struct tdm_device;

/* Temperature and power; without hwmon, or memory, there is none. */
void tdm_hwmon_register(struct tdm_device *dev);
void tdm_hwmon_unregister(struct tdm_device *dev);

#endif /* TDM_HWMON_H */
