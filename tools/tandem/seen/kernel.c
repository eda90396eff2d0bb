// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Devices of the kernel's driver, by their nodes and what sysfs says of each.
 */
#include <errno.h>
#include <string.h>

#include "host/nodes.h"
#include "seen/seen.h"

static void read_field(struct seen_device *device, enum seen_field field, const char *dir)
{
	const struct seen_kind *kind = &seen_fields[field];
	struct seen_cell *cell = &device->cells[field];
	uint64_t value;

	if (kind->column.kind == VIEW_TEXT)
		cell->is = !sys_text(cell->text, sizeof(cell->text), "%s/%s", dir, kind->file) &&
			   cell->text[0];
	else if (sys_count(&value, "%s/%s", dir, kind->file) &&
		 !__builtin_mul_overflow(value, kind->times ? kind->times : 1, &value))
		seen_count(cell, value);
}

static int read_sensors(struct seen_device *device, const char *dir)
{
	struct sys_names names;
	int rc = sys_names(&names, "hwmon", "%s/hwmon", dir);
	int64_t value;

	for (int i = 0; i < names.n; i++) {
		if (sys_signed(&value, "%s/hwmon/%s/temp1_input", dir, names.list[i]))
			seen_figure(&device->cells[SEEN_TEMPERATURE], (double)value / 1e3);
		if (sys_signed(&value, "%s/hwmon/%s/power1_input", dir, names.list[i]))
			seen_figure(&device->cells[SEEN_POWER], (double)value / 1e6);
	}
	sys_names_free(&names);
	return rc == -ENOMEM ? rc : 0;
}

/* What the driver does not say itself follows from where the device hangs. */
static void read_place(struct seen_device *device, const char *dir)
{
	const char *address;
	int64_t node;

	if (!sys_real(device->path, "%s", dir)) {
		address = strrchr(device->path, '/');
		seen_text(&device->cells[SEEN_ADDRESS], address ? address + 1 : "");
		sys_printable(device->path, sizeof(device->path), device->path);
	}
	if (sys_signed(&node, "%s/numa_node", dir) && node >= 0)
		seen_count(&device->cells[SEEN_NUMA], (uint64_t)node);
	if (!device->cells[SEEN_ATTACHMENT].is && strstr(device->path, "/platform/tandem-emu."))
		seen_text(&device->cells[SEEN_ATTACHMENT], "emu");
	if (device->cells[SEEN_ATTACHMENT].is)
		seen_flag(&device->cells[SEEN_EMULATED],
			  strcmp(device->cells[SEEN_ATTACHMENT].text, "pci") != 0);
}

static void read_node(struct seen_device *device, const struct node *node)
{
	int rc = sys_may_use("%s", node->path);

	seen_text(&device->cells[SEEN_NODE], node->path);
	if (!rc || rc == -EACCES || rc == -EPERM || rc == -EROFS)
		seen_flag(&device->cells[SEEN_ACCESS], !rc);
}

static int add(void *ctx, const struct node *node)
{
	struct seen *seen = ctx;
	struct seen_device *device = seen_add(&seen->devices, sizeof(*device));
	char driver[64];

	if (!device)
		return -ENOMEM;
	sys_link(driver, sizeof(driver), "%s/driver", node->sys);
	seen_text(&device->cells[SEEN_NAME], node->name);
	seen_text(&device->cells[SEEN_DRIVER], driver);
	for (unsigned int field = 0; field < SEEN_FIELDS; field++)
		if (seen_fields[field].file)
			read_field(device, field, node->sys);
	read_node(device, node);
	read_place(device, node->sys);
	return read_sensors(device, node->sys);
}

int seen_kernel(struct seen *seen)
{
	return nodes_each(add, seen);
}
