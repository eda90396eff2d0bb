// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Devices of the kernel's driver, from /sys/class/accel, or /sys/class/drm before
 * Linux 6.2.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "seen/seen.h"

#include "tandem_accel.h"

/* A device has the driver's folder of attributes, or is bound to one of its drivers. */
static bool is_ours(const char *dir, const char *driver)
{
	return !strncmp(driver, TDM_DRIVER_NAME, strlen(TDM_DRIVER_NAME)) ||
	       sys_exists("%s/tandem/state", dir);
}

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

static void read_node(struct seen_device *device, const char *folder, const char *name)
{
	char node[SYS_TEXT_BYTES + 32];
	int rc;

	snprintf(node, sizeof(node), "/dev/%s/%.100s", folder, name);
	rc = sys_may_use("%s", node);
	seen_text(&device->cells[SEEN_NODE], node);
	if (!rc || rc == -EACCES || rc == -EPERM || rc == -EROFS)
		seen_flag(&device->cells[SEEN_ACCESS], !rc);
}

static int read_class(struct seen *seen, const char *class, const char *prefix, const char *folder)
{
	struct sys_names names;
	int rc = sys_names(&names, prefix, "/sys/class/%s", class);

	if (rc && rc != -ENOMEM)
		return 0;
	for (int i = 0; !rc && i < names.n; i++) {
		struct seen_device *device;
		char dir[SYS_PATH_BYTES], driver[64];

		if (snprintf(dir, sizeof(dir), "/sys/class/%s/%s/device", class, names.list[i]) >=
		    (int)sizeof(dir))
			continue;
		sys_link(driver, sizeof(driver), "%s/driver", dir);
		if (!is_ours(dir, driver))
			continue;
		device = seen_add(&seen->devices, sizeof(*device));
		if (!device) {
			rc = -ENOMEM;
			break;
		}
		seen_text(&device->cells[SEEN_NAME], names.list[i]);
		seen_text(&device->cells[SEEN_DRIVER], driver);
		for (unsigned int field = 0; field < SEEN_FIELDS; field++)
			if (seen_fields[field].file)
				read_field(device, field, dir);
		read_node(device, folder, names.list[i]);
		read_place(device, dir);
		rc = read_sensors(device, dir);
	}
	sys_names_free(&names);
	return rc;
}

int seen_kernel(struct seen *seen)
{
	int rc = read_class(seen, "accel", "accel", "accel");

	return rc ? rc : read_class(seen, "drm", "renderD", "dri");
}
