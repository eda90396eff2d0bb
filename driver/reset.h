/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Reset: what happens to a device that missed a bound. All its contexts die, for
 * good; new ones work once it has answered.
 */
#ifndef TDM_RESET_H
#define TDM_RESET_H

#include <linux/workqueue.h>

struct tdm_device;

/*
 * Kill the contexts now, reset in the background. Any context that may take the
 * device's locks. A device that is reset, failed or gone stays as it is.
 * @reason: a constant
 */
void tdm_reset_schedule(struct tdm_device *dev, const char *reason);

/* tdm_device.reset_work */
void tdm_reset_work(struct work_struct *work);

/* Interrupt: an answer to a reset that was given up already? */
void tdm_reset_look(struct tdm_device *dev);

/* tdm_device.probe_work: does it answer? */
void tdm_probe_work(struct work_struct *work);

/* tdm_device.watchdog_work: a heart that stopped is a reason, too. */
void tdm_watchdog_work(struct work_struct *work);

#endif /* TDM_RESET_H */
