// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <argp.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <libsmartcols.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <tandem/device.h>

#include "command.h"

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
		argp_error(state, "'%s': takes no argument", arg);
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

static int print_json(const struct tdm_device_entry *list, unsigned int n)
{
	struct json_object *root = json_object_new_object();
	struct json_object *array = json_object_new_array();

	json_object_object_add(root, "schema", json_object_new_string("tandem.devices.v1"));
	json_object_object_add(root, "devices", array);
	for (unsigned int i = 0; i < n; i++) {
		const struct tdm_identify *id = &list[i].identify;
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "name", json_object_new_string(list[i].name));
		json_object_object_add(o, "class",
				       json_object_new_string(class_name(id->class_id)));
		json_object_object_add(o, "attachment",
				       json_object_new_string(attachment_name(list[i].attachment)));
		json_object_object_add(o, "emulated", json_object_new_boolean(id->emulated != 0));
		json_object_object_add(o, "firmware", json_object_new_string(id->firmware));
		json_object_object_add(o, "memory_bytes", json_object_new_uint64(id->memory_bytes));
		json_object_object_add(o, "memory_bytes_per_s",
				       json_object_new_uint64(id->memory_bw));
		json_object_object_add(o, "fabric_bits_per_s",
				       json_object_new_uint64(id->fabric_bps));
		json_object_object_add(o, "flop_per_s", json_object_new_uint64(id->flops));
		json_object_array_add(array, o);
	}
	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
	return EXIT_DONE;
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

static int print_table(const struct tdm_device_entry *list, unsigned int n)
{
	struct libscols_table *table = scols_new_table();
	int rc = table ? 0 : -1;

	for (int c = 0; c < COLUMNS && !rc; c++)
		if (!scols_table_new_column(table, headings[c], 0,
					    c == COL_MEMORY ? SCOLS_FL_RIGHT : 0))
			rc = -1;
	for (unsigned int i = 0; i < n && !rc; i++) {
		struct libscols_line *line = scols_table_new_line(table, NULL);

		rc = line ? fill_line(line, &list[i]) : -1;
	}
	if (!rc)
		rc = scols_print_table(table);
	scols_unref_table(table);
	if (!rc)
		return EXIT_DONE;
	fputs("tandem: the table could not be printed; is there memory?\n", stderr);
	return EXIT_FAILED;
}

int command_devices(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "List the devices that can be opened.",
	};
	struct tdm_device_entry *list;
	bool json = false;
	int n, rc;

	argp_parse(&argp, argc, argv, 0, NULL, &json);
	n = tdm_device_list(NULL, 0);
	list = calloc((size_t)n + 1, sizeof(*list));
	if (!list) {
		fputs("tandem: out of memory; free some\n", stderr);
		return EXIT_FAILED;
	}
	n = tdm_device_list(list, (unsigned int)n);
	rc = json ? print_json(list, (unsigned int)n) : print_table(list, (unsigned int)n);
	free(list);
	return rc;
}
