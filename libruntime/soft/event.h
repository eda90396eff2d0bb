/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The event ring, driver's side: what an interrupt handler is in the kernel.
 */
#ifndef SOFT_EVENT_H
#define SOFT_EVENT_H

#include <pthread.h>
#include <stdint.h>

#include "tandem_hw.h"

struct soft_device;

#define SOFT_EVENT_ENTRIES 1024

struct soft_events {
	pthread_mutex_t lock;
	struct tdm_event *ring;
	uint32_t head;
	uint64_t lost; /* tdm_fw_regs.events_lost when it was last looked at */
};

int soft_events_init(struct soft_events *events);
void soft_events_fini(struct soft_events *events);

/* Interrupt: take all events there are. The firmware's threads, either of them. */
void soft_events_drain(struct soft_device *dev);

/* The same where nobody was interrupted, and others have not begun it. Any thread. */
void soft_events_poll(struct soft_device *dev);

#endif /* SOFT_EVENT_H */
