// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <libsmartcols.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/device.h>

#include "command.h"
#include "json.h"
#include "output.h"

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

static int print_json(const struct tdm_device_entry *list, unsigned int n, struct tdm_error *err)
{
	struct json j = json_start("tandem.devices.v1");
	struct json_object *array = json_array(&j, j.root, "devices");

	for (unsigned int i = 0; i < n; i++) {
		const struct tdm_identify *id = &list[i].identify;
		struct json_object *o = json_array_object(&j, array);

		json_string(&j, o, "name", list[i].name);
		json_string(&j, o, "class", class_name(id->class_id));
		json_string(&j, o, "attachment", attachment_name(list[i].attachment));
		json_flag(&j, o, "emulated", id->emulated != 0);
		json_string(&j, o, "firmware", id->firmware);
		json_count(&j, o, "memory_bytes", id->memory_bytes);
		json_count(&j, o, "memory_bytes_per_s", id->memory_bw);
		json_count(&j, o, "fabric_bits_per_s", id->fabric_bps);
		json_count(&j, o, "flop_per_s", id->flops);
	}
	return json_print(&j, JSON_C_TO_STRING_PRETTY, err);
}

enum column { COL_NAME, COL_CLASS, COL_ATTACHMENT, COL_MEMORY, COL_FIRMWARE, COL_NOTE, COLUMNS };

static const char *const headings[COLUMNS] = { "NAME",	 "CLASS",    "ATTACHMENT",
					       "MEMORY", "FIRMWARE", "NOTE" };

static int fill_line(struct libscols_line *line, const struct tdm_device_entry *entry)
{
	char memory[32];
	int rc;

	snprintf(memory, sizeof(memory), "%.0f GB", (double)entry->identify.memory_bytes / 1e9);
	rc = scols_line_set_data(line, COL_NAME, entry->name);
	rc |= scols_line_set_data(line, COL_CLASS, class_name(entry->identify.class_id));
	rc |= scols_line_set_data(line, COL_ATTACHMENT, attachment_name(entry->attachment));
	rc |= scols_line_set_data(line, COL_MEMORY, memory);
	rc |= scols_line_set_data(line, COL_FIRMWARE, entry->identify.firmware);
	rc |= scols_line_set_data(line, COL_NOTE,
				  entry->identify.emulated ? "emulated in software" : "");
	return rc;
}

static int fill_table(struct libscols_table *table, const struct tdm_device_entry *list,
		      unsigned int n)
{
	int rc = 0;

	for (int c = 0; c < COLUMNS && !rc; c++)
		if (!scols_table_new_column(table, headings[c], 0,
					    c == COL_MEMORY ? SCOLS_FL_RIGHT : 0))
			rc = -1;
	for (unsigned int i = 0; i < n && !rc; i++) {
		struct libscols_line *line = scols_table_new_line(table, NULL);

		rc = line ? fill_line(line, &list[i]) : -1;
	}
	return rc;
}

static int print_table(const struct tdm_device_entry *list, unsigned int n, struct tdm_error *err)
{
	struct libscols_table *table = scols_new_table();
	char *text = NULL;
	int rc;

	/* Where memory is short a table may come out narrower, or none, and be called good. */
	errno = 0;
	if (!table || fill_table(table, list, n) || scols_print_table_to_string(table, &text) ||
	    !text || errno == ENOMEM) {
		rc = output_error(-ENOMEM, err);
	} else {
		rc = output_write(text, strlen(text), true);
		if (!rc)
			rc = output_write("\n", 1, true);
		if (rc)
			output_error(rc, err);
	}
	free(text);
	scols_unref_table(table);
	return rc;
}

int command_devices(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "List the devices that can be opened.",
	};
	struct tdm_device_entry *list;
	struct tdm_error err;
	bool json = false;
	int n, rc;

	if (command_parse(&argp, argc, argv, &json, &err))
		return command_failed(&err);
	n = tdm_device_list(NULL, 0);
	list = calloc((size_t)n + 1, sizeof(*list));
	if (!list) {
		tdm_error_set(&err, -ENOMEM, "list of devices: out of memory; free some");
		return command_failed(&err);
	}
	n = tdm_device_list(list, (unsigned int)n);
	rc = json ? print_json(list, (unsigned int)n, &err)
		  : print_table(list, (unsigned int)n, &err);
	free(list);
	return rc ? command_failed(&err) : EXIT_DONE;
}
