// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <tandem/device.h>

#include "command.h"
#include "view.h"

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	switch (key) {
	case 'j':
		*json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; there is nothing to name, leave it out",
			   arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *class_name(uint32_t class_id)
{
	switch (class_id) {
	case TDM_CLASS_TRN:
		return "trn";
	case TDM_CLASS_CS3:
		return "cs3";
	default:
		return "unknown";
	}
}

static const char *attachment_name(uint32_t attachment)
{
	switch (attachment) {
	case TDM_ATTACH_SOFT:
		return "soft";
	case TDM_ATTACH_EMU:
		return "emu";
	case TDM_ATTACH_PCI:
		return "pci";
	default:
		return "unknown";
	}
}

enum column {
	COL_NAME,
	COL_CLASS,
	COL_ATTACHMENT,
	COL_EMULATED,
	COL_MEMORY,
	COL_FIRMWARE,
	COL_NOTE,
	COL_BANDWIDTH,
	COL_FABRIC,
	COL_FLOPS,
	COLUMNS,
};

static const struct view_column columns[COLUMNS] = {
	[COL_NAME] = { "name", "NAME", VIEW_TEXT },
	[COL_CLASS] = { "class", "CLASS", VIEW_TEXT },
	[COL_ATTACHMENT] = { "attachment", "ATTACHMENT", VIEW_TEXT },
	[COL_EMULATED] = { "emulated", NULL, VIEW_FLAG },
	[COL_MEMORY] = { "memory_bytes", "MEMORY", VIEW_BYTES },
	[COL_FIRMWARE] = { "firmware", "FIRMWARE", VIEW_TEXT },
	[COL_NOTE] = { "note", "NOTE", VIEW_TEXT },
	[COL_BANDWIDTH] = { "memory_bytes_per_s", NULL, VIEW_COUNT },
	[COL_FABRIC] = { "fabric_bits_per_s", NULL, VIEW_COUNT },
	[COL_FLOPS] = { "flop_per_s", NULL, VIEW_COUNT },
};

static void show(struct view_part *part, const struct tdm_device_entry *entry)
{
	const struct tdm_identify *id = &entry->identify;
	struct view_row *row = view_row(part);

	view_text(row, COL_NAME, entry->name);
	view_text(row, COL_CLASS, class_name(id->class_id));
	view_text(row, COL_ATTACHMENT, attachment_name(entry->attachment));
	view_flag(row, COL_EMULATED, id->emulated != 0);
	view_text(row, COL_FIRMWARE, id->firmware);
	view_count(row, COL_MEMORY, id->memory_bytes);
	view_count(row, COL_BANDWIDTH, id->memory_bw);
	view_count(row, COL_FABRIC, id->fabric_bps);
	view_count(row, COL_FLOPS, id->flops);
	if (id->emulated)
		view_text(row, COL_NOTE, "emulated in software");
}

static int print(const struct tdm_device_entry *list, unsigned int n, bool json,
		 struct tdm_error *err)
{
	struct view *view = view_create("tandem.devices.v1");
	struct view_part *part = view_list(view, "devices", columns, COLUMNS);
	int rc;

	for (unsigned int i = 0; i < n; i++)
		show(part, &list[i]);
	rc = view_print(view, json ? VIEW_JSON : VIEW_TABLE, err);
	view_destroy(view);
	return rc;
}

const struct argp devices_argp = {
	.options = options,
	.parser = parse,
	.doc = "List the devices that can be opened.",
};

int command_devices(int argc, char **argv)
{
	struct tdm_device_entry *list;
	struct tdm_error err;
	bool json = false;
	int n, rc;

	if (command_parse(&devices_argp, argc, argv, &json, &err))
		return command_failed(&err);
	n = tdm_device_list(NULL, 0);
	list = calloc((size_t)n + 1, sizeof(*list));
	if (!list) {
		tdm_error_set(&err, -ENOMEM, "list of devices: out of memory; free some");
		return command_failed(&err);
	}
	n = tdm_device_list(list, (unsigned int)n);
	rc = print(list, (unsigned int)n, json, &err);
	free(list);
	return rc ? command_failed(&err) : EXIT_DONE;
}
