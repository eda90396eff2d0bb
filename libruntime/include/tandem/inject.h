/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Faults to order: what tests and drills do to a device (TDM_INJECT_* in
 * tandem_hw.h say what each is).
 */
#ifndef TANDEM_INJECT_H
#define TANDEM_INJECT_H

#include <tandem/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * tdm_device_inject - order a fault
 * @fault: its size member is set by this function
 *
 * It hits everybody who uses the device. Any thread.
 *
 * Return: 0, -EINVAL a member that the kind does not have, -EPERM, -EOPNOTSUPP the
 * device does not know how, -EIO the device is lost, -ENODEV it is gone: the answer
 * to TDM_INJECT_CRASH.
 */
int tdm_device_inject(struct tdm_device *dev, const struct drm_tandem_inject *fault);

/** tdm_inject_name - "none", "hang", "drop-irq", ...; "unknown". Never freed */
const char *tdm_inject_name(unsigned int kind);

/** tdm_inject_kind - the kind of that name. Return: enum tdm_inject_kind, or -EINVAL */
int tdm_inject_kind(const char *name);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_INJECT_H */
