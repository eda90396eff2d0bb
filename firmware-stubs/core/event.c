// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/event.h"

#include "core/port.h"

int fw_events_init(struct fw_events *events, struct fw_port *port)
{
	events->port = port;
	events->ring = NULL;
	events->entries = 0;
	events->tail = 0;
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
	tdm_store_release(&events->port->fw->event_tail, 0);
	pthread_mutex_unlock(&events->lock);
}

bool fw_event_post(struct fw_events *events, const struct tdm_event *event)
{
	struct tdm_fw_regs *fw = events->port->fw;
	bool room = false;

	pthread_mutex_lock(&events->lock);
	if (events->ring) {
		uint32_t head = tdm_load_acquire(&events->port->drv->event_head);

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
	pthread_mutex_unlock(&events->lock);

	events->port->ops->interrupt(events->port);
	return room;
}
