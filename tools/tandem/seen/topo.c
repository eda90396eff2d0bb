// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stdbool.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "seen/options.h"
#include "seen/seen.h"
#include "seen/view.h"
#include "view/view.h"

enum {
	COL_NAME,
	COL_KIND,
	COL_NUMA,
	COL_ADDRESS,
	COL_PORT,
	COL_NETDEV,
	COL_STATE,
	COL_RATE,
	COL_GID,
	COL_CPUS,
	COLUMNS,
};

static const struct view_column columns[COLUMNS] = {
	[COL_NAME] = { "name", "NAME", VIEW_TEXT },
	[COL_KIND] = { "kind", "KIND", VIEW_TEXT },
	[COL_NUMA] = { "numa_node", NULL, VIEW_COUNT },
	[COL_ADDRESS] = { "bus_address", "BUS ADDRESS", VIEW_TEXT },
	[COL_PORT] = { "port", "PORT", VIEW_COUNT },
	[COL_NETDEV] = { "netdev", "NETDEV", VIEW_TEXT },
	[COL_STATE] = { "state", "STATE", VIEW_TEXT },
	[COL_RATE] = { "link_bits_per_s", "LINK", VIEW_BITS },
	[COL_GID] = { "gid", "GID", VIEW_TEXT },
	[COL_CPUS] = { "cpus", "CPUS", VIEW_TEXT },
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : NULL;
}

static void add_device(struct view_part *part, struct view_row *parent,
		       const struct seen_device *device)
{
	struct view_row *row = view_row_below(part, parent);

	view_text(row, COL_NAME, device->cells[SEEN_NAME].text);
	view_text(row, COL_KIND, "device");
	seen_show(row, COL_NUMA, &device->cells[SEEN_NUMA], VIEW_COUNT);
	seen_show(row, COL_ADDRESS, &device->cells[SEEN_ADDRESS], VIEW_TEXT);
	seen_show(row, COL_STATE, &device->cells[SEEN_STATE], VIEW_TEXT);
	view_mark(row, COL_STATE, seen_mark(device, SEEN_STATE));
}

static void add_port(struct view_part *part, struct view_row *parent, const struct seen_port *port)
{
	struct view_row *row = view_row_below(part, parent);

	view_text(row, COL_NAME, port->device);
	view_text(row, COL_KIND, "rdma");
	seen_show(row, COL_NUMA, &port->numa, VIEW_COUNT);
	view_text(row, COL_ADDRESS, last_part(port->path));
	view_count(row, COL_PORT, port->port);
	view_word(row, COL_NETDEV, port->netdev);
	view_word(row, COL_STATE, port->state);
	view_mark(row, COL_STATE, strcmp(port->state, "active") != 0 ? VIEW_BAD : VIEW_GOOD);
	seen_show(row, COL_RATE, &port->rate, VIEW_BITS);
	view_word(row, COL_GID, port->gid);
}

/* What hangs on one node; @node NULL: what says of none. */
static void add_below(struct view_part *part, struct view_row *parent, const struct seen *seen,
		      const uint64_t *node)
{
	SEEN_EACH(seen_device, device, seen->devices)
	{
		const struct seen_cell *numa = &device->cells[SEEN_NUMA];

		if (numa->is == !!node && (!node || numa->count == *node))
			add_device(part, parent, device);
	}
	SEEN_EACH(seen_port, port, seen->ports)
	if (port->numa.is == !!node && (!node || port->numa.count == *node))
		add_port(part, parent, port);
}

static bool is_on_none(const struct seen *seen)
{
	SEEN_EACH(seen_device, device, seen->devices)
	if (!device->cells[SEEN_NUMA].is)
		return true;
	SEEN_EACH(seen_port, port, seen->ports)
	if (!port->numa.is)
		return true;
	return false;
}

/* Return: 0 or -ENOMEM */
static int add_nodes(struct view_part *part, const struct seen *seen)
{
	struct sys_names names;
	int rc = sys_names(&names, "node", "/sys/devices/system/node");

	for (int i = 0; i < names.n; i++) {
		char name[SYS_TEXT_BYTES], cpus[SYS_TEXT_BYTES], *end;
		uint64_t node = strtoull(names.list[i] + strlen("node"), &end, 10);
		struct view_row *row;

		if (*end || end == names.list[i] + strlen("node"))
			continue;
		sys_printable(name, sizeof(name), names.list[i]);
		sys_text(cpus, sizeof(cpus), "/sys/devices/system/node/%s/cpulist", names.list[i]);
		row = view_row(part);
		view_text(row, COL_NAME, name);
		view_text(row, COL_KIND, "numa");
		view_count(row, COL_NUMA, node);
		view_word(row, COL_CPUS, cpus);
		add_below(part, row, seen, &node);
	}
	sys_names_free(&names);
	if (is_on_none(seen)) {
		struct view_row *row = view_row(part);

		view_text(row, COL_NAME, "no node");
		view_text(row, COL_KIND, "numa");
		add_below(part, row, seen, NULL);
	}
	return rc == -ENOMEM ? rc : 0;
}

static int print(const struct seen *seen, bool json, struct tdm_error *err)
{
	struct view *view = view_create("tandem.topo.v1");
	struct view_part *part = view_list(view, "topology", columns, COLUMNS);
	int rc = add_nodes(part, seen);

	seen_view_paths(view, seen, NULL);
	if (!seen->devices.n)
		view_note(view, "devices: the driver has none; 'tandem list' says what is missing");
	if (!seen->ports.n)
		view_note(view, "RDMA: there is no device; without one the software NIC is used, "
				"rdma link add rxe0 type rxe netdev NAME makes one");
	if (rc)
		tdm_error_set(err, rc, "NUMA nodes: out of memory; free some");
	return view_finish(view, json, rc, err);
}

const struct argp topo_argp = {
	.options = seen_options,
	.parser = seen_parse,
	.doc = "Show where devices and RDMA devices are, and the paths between them.",
};

int command_topo(int argc, char **argv)
{
	struct tdm_error err;
	struct seen seen;
	bool json = false;
	int rc;

	if (command_parse(&topo_argp, argc, argv, &json, &err))
		return command_failed(&err);
	rc = seen_take(&seen, SEEN_KERNEL | SEEN_RDMA_PORTS, &err);
	if (!rc)
		rc = print(&seen, json, &err);
	seen_free(&seen);
	return rc ? command_failed(&err) : EXIT_DONE;
}
