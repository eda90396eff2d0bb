/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Fault records of a context: the last TDM_FAULT_KEEP.
 */
#ifndef TDM_FAULT_H
#define TDM_FAULT_H

#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "tandem_accel.h"

struct drm_device;
struct drm_file;
struct drm_printer;

struct tdm_faults {
	struct mutex read_lock; /* one reader at a time; outside of lock */
	spinlock_t lock; /* all below */
	u64 added; /* free running, as is taken; slot = count % TDM_FAULT_KEEP */
	u64 taken;
	u64 lost;
	struct tdm_fault ring[TDM_FAULT_KEEP];
};

void tdm_faults_init(struct tdm_faults *faults);

/* Interrupt: TDM_EV_FAULT. */
void tdm_faults_add(struct tdm_faults *faults, const struct tdm_fault *fault);

int tdm_fault_read_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

/* What is there, taken or not. */
void tdm_faults_show(struct tdm_faults *faults, u32 ctx, struct drm_printer *p);

/* How many there were. */
u64 tdm_faults_added(struct tdm_faults *faults);

#endif /* TDM_FAULT_H */
