// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem kv show: one page of a running process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "kv/kv.h"
#include "process/look.h"

static const struct view_column columns[PAGE_COLUMNS] = {
	[PAGE_PID] = { "pid", "PID", VIEW_COUNT },
	[PAGE_POOL] = { "pool", "POOL", VIEW_COUNT },
	[PAGE_NUMBER] = { "page", "PAGE", VIEW_COUNT },
	[PAGE_STATE] = { "state", "STATE", VIEW_TEXT },
	[PAGE_OWNER] = { "owner", "OWNER", VIEW_COUNT },
	[PAGE_EPOCH] = { "epoch", "EPOCH", VIEW_COUNT },
	[PAGE_AGE] = { "age_ns", "AGE", VIEW_NS },
	[PAGE_CRC] = { "crc32c", "CRC32C", VIEW_TEXT },
	[PAGE_CRC_BYTES] = { "crc32c_bytes", "OF BYTES", VIEW_COUNT },
	[PAGE_ADDRESS] = { "device_address", "DEVICE ADDRESS", VIEW_COUNT },
	[PAGE_HEX] = { "first_bytes", "FIRST BYTES", VIEW_TEXT },
};

struct show {
	uint32_t words[3]; /* process, pool, page */
	uint32_t n;
	bool json;
	bool hex;
};

static void fill_hex(struct view_row *row, const struct tdm_observe_bytes *bytes)
{
	/* A line of a terminal; all of them come by a debugger. */
	char text[2 * 32 + 1] = "";
	uint32_t n = bytes->len < 32 ? bytes->len : 32;

	for (uint32_t i = 0; i < n; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", bytes->data[i]);
	view_text(row, PAGE_HEX, text);
}

static int show_page(const struct show *s, struct tdm_observed *process, struct view_row *row,
		     struct tdm_error *err)
{
	const struct tdm_observe_range range = { s->words[1], s->words[2], 1 };
	struct tdm_observe_bytes bytes;
	struct tdm_observe_page *page;
	uint32_t n;
	int rc = 0;

	page = tdm_observed_pages(process, &range, &n, err);
	if (!page)
		return err->code;
	if (!n)
		rc = tdm_error_set(err, -ENOENT,
				   "process %u: pool %u has no page %u; 'tandem kv list --all' "
				   "lists them",
				   s->words[0], s->words[1], s->words[2]);
	else
		kv_fill_page(row, s->words[0], s->words[1], page);
	free(page);
	if (!rc && s->hex)
		rc = tdm_observed_bytes(process, s->words[1], s->words[2], &bytes, err);
	if (!rc && s->hex)
		fill_hex(row, &bytes);
	return rc;
}

enum key { KEY_HEX = 256 };

static const struct argp_option options[] = {
	{ "hex", KEY_HEX, NULL, 0, "Its first bytes, too", 0 },
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const words[] = { "process", "pool", "page" };
	struct show *s = state->input;

	switch (key) {
	case KEY_HEX:
		s->hex = true;
		return 0;
	case 'j':
		s->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (s->n < 3) {
			s->words[s->n] = look_number(arg, s->n ? 0 : 1, words[s->n], state);
			s->n++;
		} else {
			argp_error(state, "'%s': too much; give a process, a pool and a page", arg);
		}
		return 0;
	case ARGP_KEY_END:
		if (s->n < 3)
			argp_error(state, "no %s; give a process, a pool and a page", words[s->n]);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp kv_show_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "PID POOL PAGE",
	.doc = "Show one KV page of a running process.",
};

int command_kv_show(int argc, char **argv)
{
	struct show s = { .n = 0 };
	struct tdm_observed *process;
	struct tdm_error err;
	struct view *view;
	struct view_row *row;
	int rc;

	if (command_parse(&kv_show_argp, argc, argv, &s, &err))
		return command_failed(&err);
	process = tdm_observed_connect(s.words[0], 0, &err);
	if (!process)
		return command_could_not(&err);
	view = view_create("tandem.kv.show.v1");
	row = view_record(view, NULL, columns, PAGE_COLUMNS);
	rc = show_page(&s, process, row, &err);
	rc = view_finish(view, s.json, rc, &err);
	tdm_observed_close(process);
	return rc ? command_could_not(&err) : EXIT_DONE;
}
