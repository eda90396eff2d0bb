// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * How near two devices are, by their places below /sys/devices:
 * "/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0". What two of them have in
 * common behind the root is a bridge or a switch.
 */
#include <string.h>

#include "seen/seen.h"

#define PCI "/sys/devices/pci"

static bool is_pci(const char *path)
{
	return !strncmp(path, PCI, strlen(PCI));
}

/* Folders that both paths share behind the root; -1: not even that. */
static int shared(const char *a, const char *b)
{
	int depth = -1;

	a += strlen("/sys/devices/");
	b += strlen("/sys/devices/");
	for (;;) {
		size_t n = strcspn(a, "/");

		if (n != strcspn(b, "/") || strncmp(a, b, n) != 0)
			return depth;
		depth++;
		if (!a[n] || !b[n])
			return depth;
		a += n + 1;
		b += n + 1;
	}
}

enum seen_relation seen_relation(const struct seen_device *device, const struct seen_port *port)
{
	const struct seen_cell *numa = &device->cells[SEEN_NUMA];
	int depth;

	if (!is_pci(device->path) || !is_pci(port->path))
		return SEEN_SOFTWARE;
	depth = shared(device->path, port->path);
	if (depth > 0)
		return SEEN_SAME_SWITCH;
	if (depth == 0)
		return SEEN_SAME_ROOT;
	if (!numa->is || !port->numa.is)
		return SEEN_UNKNOWN;
	return numa->count == port->numa.count ? SEEN_SAME_NODE : SEEN_ACROSS_NODES;
}

const char *seen_relation_name(enum seen_relation relation)
{
	switch (relation) {
	case SEEN_SAME_SWITCH:
		return "same switch";
	case SEEN_SAME_ROOT:
		return "same root";
	case SEEN_SAME_NODE:
		return "same node";
	case SEEN_ACROSS_NODES:
		return "across nodes";
	case SEEN_SOFTWARE:
		return "same host, emulated";
	default:
		return NULL;
	}
}

const struct seen_port *seen_nearest(const struct seen *seen, const struct seen_device *device)
{
	const struct seen_port *nearest = NULL;
	enum seen_relation best = SEEN_ACROSS_NODES;

	SEEN_EACH(seen_port, port, seen->ports)
	{
		enum seen_relation relation = seen_relation(device, port);

		if (relation < best) {
			best = relation;
			nearest = port;
		}
	}
	return nearest;
}
