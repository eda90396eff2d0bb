// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * RDMA devices and their ports, from /sys/class/infiniband.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seen/seen.h"

static int read_counters(struct seen_port *port, const char *dir, bool hw)
{
	const char *folder = hw ? "hw_counters" : "counters";
	struct sys_names names;
	int rc = sys_names(&names, "", "%s/%s", dir, folder);

	for (int i = 0; i < names.n && port->n_counters < SEEN_COUNTERS; i++) {
		struct seen_counter *counter = &port->counters[port->n_counters];

		/* How often the counters are read: a setting. */
		if (!strcmp(names.list[i], "lifespan") ||
		    !sys_count(&counter->value, "%s/%s/%s", dir, folder, names.list[i]))
			continue;
		sys_printable(counter->name, sizeof(counter->name), names.list[i]);
		counter->hw = hw;
		port->n_counters++;
	}
	sys_names_free(&names);
	return rc == -ENOMEM ? rc : 0;
}

/* "4: ACTIVE" */
static void read_state(struct seen_port *port, const char *dir)
{
	char text[64], *colon;

	if (sys_text(text, sizeof(text), "%s/state", dir))
		return;
	colon = strstr(text, ": ");
	snprintf(port->state, sizeof(port->state), "%.31s", colon ? colon + 2 : text);
	for (char *c = port->state; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
}

/* "2.5 Gb/sec (1X SDR)" */
static void read_rate(struct seen_port *port, const char *dir)
{
	char text[64], *end;
	double rate;

	if (sys_text(text, sizeof(text), "%s/rate", dir) || text[0] < '0' || text[0] > '9')
		return;
	rate = strtod(text, &end);
	if (rate > 0 && rate < 1e6 && !strncmp(end, " Gb/sec", 7))
		seen_count(&port->rate, (uint64_t)(rate * 1e9));
}

/* The first that is not all zero. */
static void read_gid(struct seen_port *port, const char *dir)
{
	for (unsigned int i = 0; i < 16; i++) {
		char gid[64];

		if (sys_text(gid, sizeof(gid), "%s/gids/%u", dir, i))
			return;
		if (strspn(gid, "0:") == strlen(gid))
			continue;
		memcpy(port->gid, gid, sizeof(gid));
		sys_text(port->netdev, sizeof(port->netdev), "%s/gid_attrs/ndevs/%u", dir, i);
		return;
	}
}

static int read_port(struct seen *seen, const char *device, const char *name)
{
	struct seen_port *port = seen_add(&seen->ports, sizeof(*port));
	char dir[SYS_PATH_BYTES];
	int64_t node;
	int rc;

	if (!port)
		return -ENOMEM;
	sys_printable(port->device, sizeof(port->device), device);
	port->port = (uint32_t)strtoul(name, NULL, 10);
	if (snprintf(dir, sizeof(dir), "/sys/class/infiniband/%s/ports/%s", device, name) >=
	    (int)sizeof(dir))
		return 0;
	read_state(port, dir);
	read_rate(port, dir);
	read_gid(port, dir);
	sys_text(port->link_layer, sizeof(port->link_layer), "%s/link_layer", dir);
	/* One of software says what it stands on. */
	if (!port->netdev[0])
		sys_text(port->netdev, sizeof(port->netdev), "/sys/class/infiniband/%s/parent",
			 device);
	sys_real(port->path, "/sys/class/infiniband/%s/device", device);
	if (sys_signed(&node, "/sys/class/infiniband/%s/device/numa_node", device) && node >= 0)
		seen_count(&port->numa, (uint64_t)node);
	rc = read_counters(port, dir, false);
	return rc ? rc : read_counters(port, dir, true);
}

static int read_device(struct seen *seen, const char *device)
{
	struct sys_names names;
	int rc = sys_names(&names, "", "/sys/class/infiniband/%s/ports", device);

	if (rc != -ENOMEM)
		rc = 0;
	for (int i = 0; i < names.n && !rc; i++)
		if (names.list[i][0] >= '1' && names.list[i][0] <= '9')
			rc = read_port(seen, device, names.list[i]);
	sys_names_free(&names);
	return rc;
}

int seen_ports(struct seen *seen)
{
	struct sys_names names;
	int rc = sys_names(&names, "", "/sys/class/infiniband");

	if (rc != -ENOMEM)
		rc = 0;
	for (int i = 0; i < names.n && !rc; i++)
		rc = read_device(seen, names.list[i]);
	sys_names_free(&names);
	return rc;
}
