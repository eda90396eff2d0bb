// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdbool.h>

#include "command.h"
#include "seen/options.h"
#include "seen/seen.h"
#include "seen/view.h"
#include "view/view.h"

static const enum seen_field fields[] = {
	SEEN_NAME,     SEEN_CLASS,	   SEEN_MODEL,	SEEN_ATTACHMENT,  SEEN_EMULATED,
	SEEN_STATE,    SEEN_CLIENTS,	   SEEN_MEMORY, SEEN_MEMORY_USED, SEEN_FIRMWARE,
	SEEN_ADDRESS,  SEEN_DRIVER,	   SEEN_NUMA,	SEEN_RDMA,	  SEEN_INJECT_ACTIVE,
	SEEN_INJECTED, SEEN_NODE,	   SEEN_ACCESS, SEEN_BANDWIDTH,	  SEEN_FABRIC,
	SEEN_FLOPS,    SEEN_HEARTBEAT_AGE,
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))
#define N_HEADED 17 /* the others are in JSON, and in 'tandem info' */

enum {
	COL_ADDRESS,
	COL_VENDOR,
	COL_DEVICE,
	COL_NUMA,
	COL_VENDOR_NAME,
	COL_DEVICE_NAME,
	UNCLAIMED_COLUMNS,
};

static const struct view_column unclaimed[UNCLAIMED_COLUMNS] = {
	[COL_ADDRESS] = { "bus_address", "BUS ADDRESS", VIEW_TEXT },
	[COL_VENDOR] = { "vendor_id", "VENDOR", VIEW_TEXT },
	[COL_DEVICE] = { "device_id", "DEVICE", VIEW_TEXT },
	[COL_NUMA] = { "numa_node", "NUMA", VIEW_COUNT },
	[COL_VENDOR_NAME] = { "vendor_name", "MADE BY", VIEW_TEXT },
	[COL_DEVICE_NAME] = { "device_name", "NAME", VIEW_TEXT },
};

enum {
	COL_KERNEL,
	COL_STATE,
	COL_VERSION,
	COL_INSTALLED,
	COL_INSTALLED_VERSION,
	COL_OTHER,
	MODULE_COLUMNS,
};

static const struct view_column module_columns[MODULE_COLUMNS] = {
	[COL_KERNEL] = { "kernel", "kernel", VIEW_TEXT },
	[COL_STATE] = { "state", "module", VIEW_TEXT },
	[COL_VERSION] = { "version", "version", VIEW_TEXT },
	[COL_INSTALLED] = { "installed", "installed", VIEW_FLAG },
	[COL_INSTALLED_VERSION] = { "installed_version", NULL, VIEW_TEXT },
	[COL_OTHER] = { "installed_for", NULL, VIEW_TEXT },
};

static void show_module(struct view *view, const struct seen_module *module)
{
	struct view_row *row = view_record(view, "module", module_columns, MODULE_COLUMNS);

	view_word(row, COL_KERNEL, module->kernel);
	view_text(row, COL_STATE, module->state[0] ? module->state : "not loaded");
	view_mark(row, COL_STATE, module->state[0] ? VIEW_GOOD : VIEW_WARN);
	view_word(row, COL_VERSION, module->version);
	view_flag(row, COL_INSTALLED, module->is_installed);
	view_word(row, COL_INSTALLED_VERSION, module->installed);
	view_word(row, COL_OTHER, module->other_kernel);
}

static void show_unclaimed(struct view *view, const struct seen *seen)
{
	struct view_part *part = view_list(view, "unclaimed", unclaimed, UNCLAIMED_COLUMNS);

	view_title(part, "accelerators without a driver");
	view_optional(part);
	SEEN_EACH(seen_function, function, seen->functions)
	{
		struct view_row *row = view_row(part);

		view_text(row, COL_ADDRESS, function->address);
		view_word(row, COL_VENDOR, function->vendor);
		view_word(row, COL_DEVICE, function->device);
		seen_show(row, COL_NUMA, &function->numa, VIEW_COUNT);
		seen_show(row, COL_VENDOR_NAME, &function->vendor_name, VIEW_TEXT);
		seen_show(row, COL_DEVICE_NAME, &function->device_name, VIEW_TEXT);
	}
}

static void note_module(struct view *view, const struct seen_module *module)
{
	if (module->state[0])
		return;
	if (module->is_installed)
		view_note(view, "driver: its module is not loaded; modprobe tandem");
	else if (module->other_kernel[0])
		view_note(view,
			  "driver: its module is installed for kernel %s, not for this one, %s; "
			  "dkms autoinstall, or make modules_install",
			  module->other_kernel, module->kernel);
	else
		view_note(view, "driver: its module is not installed; make modules_install, then "
				"modprobe tandem");
}

static void note_access(struct view *view, const struct seen_device *device)
{
	const char *node = seen_word(device, SEEN_NODE);
	int64_t group = node ? sys_group("%s", node) : -1;

	if (!device->cells[SEEN_ACCESS].is || device->cells[SEEN_ACCESS].flag)
		return;
	if (group > 0)
		view_note(view,
			  "%s: no permission to use %s; join the group that owns it, number %lld",
			  device->cells[SEEN_NAME].text, node, (long long)group);
	else
		view_note(view, "%s: no permission to use %s; reload udev's rules, or ask for root",
			  device->cells[SEEN_NAME].text, node);
}

static void note_functions(struct view *view, const struct seen *seen)
{
	const struct seen_unread *unread = &seen->unread;

	if (seen->functions.n)
		view_note(view, "PCI: %u accelerators have no driver; load the one of their maker",
			  seen->functions.n);
	if (unread->all)
		view_note(view, "PCI: not all functions could be listed: %s; lspci may show more",
			  unread->why);
	else if (unread->functions)
		view_note(view,
			  "PCI: %u functions could not be read, and are not shown: %s; lspci may "
			  "show more",
			  unread->functions, unread->why);
	else if (unread->names)
		view_note(view, "PCI: the list of names cannot be read: %s; update-pciids mends it",
			  unread->why);
}

static void add_notes(struct view *view, const struct seen *seen, const struct seen_module *module)
{
	bool served = false;

	note_module(view, module);
	SEEN_EACH(seen_device, device, seen->devices)
	{
		served |= device->cells[SEEN_NODE].is;
		note_access(view, device);
		seen_view_health(view, seen, device);
	}
	seen_view_links(view, seen);
	if (module->state[0] && !served)
		view_note(view, "driver: it has no devices; attach emulated ones: tandem-emu trn2 "
				"cs3");
	note_functions(view, seen);
}

static int print(const struct seen *seen, const struct seen_module *module, bool json,
		 struct tdm_error *err)
{
	struct view *view = view_create("tandem.list.v1");
	struct view_column columns[N_FIELDS];
	struct view_part *part;

	seen_columns(fields, N_FIELDS, columns);
	for (unsigned int i = N_HEADED; i < N_FIELDS; i++)
		columns[i].heading = NULL;
	part = view_list(view, "devices", columns, N_FIELDS);
	SEEN_EACH(seen_device, device, seen->devices)
	seen_show_fields(view_row(part), 0, fields, N_FIELDS, device);
	show_unclaimed(view, seen);
	show_module(view, module);
	add_notes(view, seen, module);
	seen_view_hidden(view, seen);
	return view_finish(view, json, 0, err);
}

const struct argp list_argp = {
	.options = seen_options,
	.parser = seen_parse,
	.doc = "List the devices, the soft models that can be opened, and what is missing.",
};

int command_list(int argc, char **argv)
{
	struct seen_module module;
	struct tdm_error err;
	struct seen seen;
	bool json = false;
	int rc;

	if (command_parse(&list_argp, argc, argv, &json, &err))
		return command_failed(&err);
	rc = seen_take(&seen,
		       SEEN_KERNEL | SEEN_OBSERVED | SEEN_MODELS | SEEN_RDMA_PORTS | SEEN_UNCLAIMED,
		       &err);
	if (!rc && seen_module(&module))
		rc = tdm_error_set(&err, -ENOMEM, "driver's module: out of memory; free some");
	if (!rc)
		rc = print(&seen, &module, json, &err);
	seen_free(&seen);
	return rc ? command_failed(&err) : EXIT_DONE;
}
