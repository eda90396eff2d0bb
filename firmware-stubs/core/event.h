/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The event ring, firmware to driver. Both threads post; @lock guards the tail
 * and the entries.
 */
#ifndef FW_EVENT_H
#define FW_EVENT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "tandem_hw.h"

struct fw_device;

struct fw_events {
	pthread_mutex_t lock;
	struct fw_device *dev;
	struct tdm_event *ring; /* NULL until the driver has enabled the device */
	uint32_t entries;
	uint32_t tail;
	uint64_t interrupts; /* raised */
};

int fw_events_init(struct fw_events *events, struct fw_device *dev);
void fw_events_fini(struct fw_events *events);

/* The driver's ring; NULL takes it back. */
void fw_events_attach(struct fw_events *events, struct tdm_event *ring, uint32_t entries);

/**
 * fw_event_post - publish an event and interrupt
 * Return: false when there was no room: the event is counted as lost unless it
 * is a TDM_EV_ADMIN, which its caller posts again.
 */
bool fw_event_post(struct fw_events *events, const struct tdm_event *event);

/* An interrupt without an event: a register has changed. */
void fw_event_raise(struct fw_events *events);

/* Interrupts raised so far. */
uint64_t fw_event_interrupts(struct fw_events *events);

#endif /* FW_EVENT_H */
