// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/event.h"

#include "core/device.h"

int fw_events_init(struct fw_events *events, struct fw_device *dev)
{
	events->dev = dev;
	events->ring = NULL;
	events->entries = 0;
	events->tail = 0;
	events->interrupts = 0;
	return -pthread_mutex_init(&events->lock, NULL);
}

void fw_events_fini(struct fw_events *events)
{
	pthread_mutex_destroy(&events->lock);
}

void fw_events_attach(struct fw_events *events, struct tdm_event *ring, uint32_t entries)
{
	pthread_mutex_lock(&events->lock);
	events->ring = ring;
	events->entries = entries;
	events->tail = 0;
	tdm_store_release(&events->dev->port->fw->event_tail, 0);
	pthread_mutex_unlock(&events->lock);
}

bool fw_event_post(struct fw_events *events, const struct tdm_event *event)
{
	struct fw_port *port = events->dev->port;
	struct tdm_fw_regs *fw = port->fw;
	bool room = false;
	bool raise;

	pthread_mutex_lock(&events->lock);
	if (events->ring) {
		uint32_t head = tdm_load_acquire(&port->drv->event_head);

		/* A head that cannot be reads as a full ring: the event is lost. */
		room = events->tail - head < events->entries;
	}
	if (room) {
		events->ring[events->tail & (events->entries - 1)] = *event;
		events->tail++;
		tdm_store_release(&fw->event_tail, events->tail);
	} else if (event->type != TDM_EV_ADMIN) {
		tdm_store_release(&fw->events_lost, fw->events_lost + 1);
	}
	/* Nobody sees the answer to an order before that is in force. */
	raise = !fw_inject_drops(events->dev, room && event->type == TDM_EV_ADMIN);
	events->interrupts += raise;
	pthread_mutex_unlock(&events->lock);

	if (raise)
		port->ops->interrupt(port);
	return room;
}

void fw_event_raise(struct fw_events *events)
{
	struct fw_port *port = events->dev->port;

	pthread_mutex_lock(&events->lock);
	events->interrupts++;
	pthread_mutex_unlock(&events->lock);
	port->ops->interrupt(port);
}

uint64_t fw_event_interrupts(struct fw_events *events)
{
	uint64_t n;

	pthread_mutex_lock(&events->lock);
	n = events->interrupts;
	pthread_mutex_unlock(&events->lock);
	return n;
}
