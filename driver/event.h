/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The event ring, firmware to driver.
 */
#ifndef TDM_EVENT_H
#define TDM_EVENT_H

#include <linux/mutex.h>

#include "bus.h"

struct tdm_device;

#define TDM_EVENT_ENTRIES 256

struct tdm_events {
	struct mutex lock; /* all below: there is one consumer at a time */
	struct tdm_share share;
	u32 head;
	u64 lost;
};

int tdm_events_init(struct tdm_device *dev);
void tdm_events_fini(struct tdm_device *dev);

/* Handle what is there, one ring's worth at most. May sleep. */
void tdm_events_drain(struct tdm_device *dev);

/*
 * An interrupt that was missed is made up for: once in a while, by whoever waits and
 * by the watchdog. Where tdm_device_interrupt() may be called.
 */
void tdm_events_poll(struct tdm_device *dev);

#endif /* TDM_EVENT_H */
