// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "seen/seen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void *seen_add(struct seen_list *list, size_t size)
{
	char *element;

	if (list->n == list->room) {
		unsigned int room = list->room ? 2 * list->room : 8;
		void *larger = reallocarray(list->list, room, size);

		if (!larger)
			return NULL;
		list->list = larger;
		list->room = room;
	}
	element = (char *)list->list + list->n++ * size;
	memset(element, 0, size);
	return element;
}

void seen_text(struct seen_cell *cell, const char *text)
{
	sys_printable(cell->text, sizeof(cell->text), text);
	cell->is = *text != '\0';
}

void seen_count(struct seen_cell *cell, uint64_t value)
{
	cell->is = true;
	cell->count = value;
}

void seen_figure(struct seen_cell *cell, double value)
{
	cell->is = true;
	cell->figure = value;
}

void seen_flag(struct seen_cell *cell, bool value)
{
	cell->is = true;
	cell->flag = value;
}

const char *seen_word(const struct seen_device *device, enum seen_field field)
{
	return device->cells[field].is ? device->cells[field].text : NULL;
}

static void note_nearest(struct seen *seen)
{
	SEEN_EACH(seen_device, device, seen->devices)
	{
		const struct seen_port *port = seen_nearest(seen, device);

		if (port)
			seen_text(&device->cells[SEEN_RDMA], port->device);
	}
}

int seen_take(struct seen *seen, unsigned int what, struct tdm_error *err)
{
	struct timespec now;
	int rc = 0;

	*seen = (struct seen){ 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	seen->unix_s = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	clock_gettime(CLOCK_MONOTONIC, &now);
	seen->taken_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (what & SEEN_KERNEL)
		rc = seen_kernel(seen);
	if (!rc && (what & SEEN_QUEUES))
		rc = seen_queues(seen);
	if (!rc && (what & SEEN_MODELS))
		rc = seen_models(seen);
	if (!rc && (what & SEEN_OBSERVED))
		rc = seen_observed(seen);
	if (!rc && (what & SEEN_PROCESSES))
		rc = seen_clients(seen);
	if (!rc && (what & SEEN_RDMA_PORTS))
		rc = seen_ports(seen);
	if (!rc && (what & SEEN_UNCLAIMED))
		rc = seen_functions(seen);
	if (rc)
		return tdm_error_set(err, rc, "list of devices: out of memory; free some");
	note_nearest(seen);
	return 0;
}

void seen_free(struct seen *seen)
{
	free(seen->devices.list);
	free(seen->clients.list);
	free(seen->ports.list);
	free(seen->functions.list);
	free(seen->queues.list);
	free(seen->pools.list);
	free(seen->engines.list);
	free(seen->agents.list);
	free(seen->peers.list);
	*seen = (struct seen){ 0 };
}

struct seen_device *seen_find(const struct seen *seen, const char *name)
{
	SEEN_EACH(seen_device, device, seen->devices)
	{
		const char *node = seen_word(device, SEEN_NODE);

		if (!strcmp(device->cells[SEEN_NAME].text, name) || (node && !strcmp(node, name)))
			return device;
	}
	return NULL;
}
