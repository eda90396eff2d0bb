// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem kv list, tandem kv show: KV pages of running processes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kv.h"
#include "look.h"

/* The pools of a process. */

enum pool_column {
	POOL_PID,
	POOL_NUMBER,
	POOL_NAME,
	POOL_DEVICE,
	POOL_LAYOUT,
	POOL_PAGE_BYTES,
	POOL_PAGES,
	POOL_FREE,
	POOL_RESERVED,
	POOL_LANDING,
	POOL_READY,
	POOL_IN_USE,
	POOL_DRAINING,
	POOL_LOW_WATER,
	POOL_REFUSED,
	POOL_COLUMNS,
};

static const struct view_column pool_columns[POOL_COLUMNS] = {
	[POOL_PID] = { "pid", "PID", VIEW_COUNT },
	[POOL_NUMBER] = { "pool", "POOL", VIEW_COUNT },
	[POOL_NAME] = { "name", "NAME", VIEW_TEXT },
	[POOL_DEVICE] = { "device", "DEVICE", VIEW_TEXT },
	[POOL_LAYOUT] = { "layout", NULL, VIEW_TEXT },
	[POOL_PAGE_BYTES] = { "page_bytes", "PAGE", VIEW_BYTES },
	[POOL_PAGES] = { "pages", "PAGES", VIEW_COUNT },
	[POOL_FREE] = { "free", "FREE", VIEW_COUNT },
	[POOL_RESERVED] = { "reserved", "RESERVED", VIEW_COUNT },
	[POOL_LANDING] = { "landing", "LANDING", VIEW_COUNT },
	[POOL_READY] = { "ready", "READY", VIEW_COUNT },
	[POOL_IN_USE] = { "in_use", "IN USE", VIEW_COUNT },
	[POOL_DRAINING] = { "draining", "DRAINING", VIEW_COUNT },
	[POOL_LOW_WATER] = { "low_water", "LOW WATER", VIEW_COUNT },
	[POOL_REFUSED] = { "refused", NULL, VIEW_COUNT },
};

enum page_column {
	PAGE_PID,
	PAGE_POOL,
	PAGE_NUMBER,
	PAGE_STATE,
	PAGE_OWNER,
	PAGE_EPOCH,
	PAGE_AGE,
	PAGE_CRC,
	PAGE_CRC_BYTES,
	PAGE_ADDRESS,
	PAGE_HEX,
	PAGE_COLUMNS,
};

static const struct view_column page_columns[PAGE_COLUMNS] = {
	[PAGE_PID] = { "pid", "PID", VIEW_COUNT },
	[PAGE_POOL] = { "pool", "POOL", VIEW_COUNT },
	[PAGE_NUMBER] = { "page", "PAGE", VIEW_COUNT },
	[PAGE_STATE] = { "state", "STATE", VIEW_TEXT },
	[PAGE_OWNER] = { "owner", "OWNER", VIEW_COUNT },
	[PAGE_EPOCH] = { "epoch", "EPOCH", VIEW_COUNT },
	[PAGE_AGE] = { "age_ns", "AGE", VIEW_NS },
	[PAGE_CRC] = { "crc32c", "CRC32C", VIEW_TEXT },
	[PAGE_CRC_BYTES] = { "crc32c_bytes", NULL, VIEW_COUNT },
	[PAGE_ADDRESS] = { "device_address", NULL, VIEW_COUNT },
	[PAGE_HEX] = { "first_bytes", NULL, VIEW_TEXT },
};

/* One page, whose address and bytes are looked at as well. */
static const struct view_column show_columns[PAGE_COLUMNS] = {
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

static void fill_page(struct view_row *row, uint32_t pid, uint32_t pool,
		      const struct tdm_observe_page *page)
{
	uint64_t now = look_now();

	view_count(row, PAGE_PID, pid);
	view_count(row, PAGE_POOL, pool);
	view_count(row, PAGE_NUMBER, page->page);
	view_text(row, PAGE_STATE, tdm_kv_state_name(page->state));
	view_count(row, PAGE_EPOCH, page->epoch);
	view_count(row, PAGE_AGE, now > page->changed_ns ? now - page->changed_ns : 0);
	view_count(row, PAGE_ADDRESS, page->address);
	if (page->owner)
		view_count(row, PAGE_OWNER, page->owner);
	if (!page->sealed)
		return;
	view_textf(row, PAGE_CRC, "%08" PRIx32, page->crc);
	view_count(row, PAGE_CRC_BYTES, page->bytes);
}

/* tandem kv list */

struct list {
	struct look look;
	bool json;
	bool all;
	struct view_part *pools;
	struct view_part *pages;
};

static void fill_pool(struct view_row *row, uint32_t pid, const struct tdm_observe_pool *pool,
		      const struct kv_devices *devices)
{
	static const unsigned int columns[TDM_KV_STATES] = {
		[TDM_KV_FREE] = POOL_FREE,	 [TDM_KV_RESERVED] = POOL_RESERVED,
		[TDM_KV_LANDING] = POOL_LANDING, [TDM_KV_READY] = POOL_READY,
		[TDM_KV_IN_USE] = POOL_IN_USE,	 [TDM_KV_DRAINING] = POOL_DRAINING,
	};

	view_count(row, POOL_PID, pid);
	view_count(row, POOL_NUMBER, pool->number);
	view_text(row, POOL_NAME, pool->name);
	view_text(row, POOL_DEVICE, kv_device_name(devices, pool->device));
	view_text(row, POOL_LAYOUT,
		  pool->layout == TDM_KV_LAYOUT_WIRE	? "wire"
		  : pool->layout == TDM_KV_LAYOUT_WAFER ? "wafer"
							: "unknown");
	view_count(row, POOL_PAGE_BYTES, pool->page_bytes);
	view_count(row, POOL_PAGES, pool->pages);
	view_count(row, POOL_LOW_WATER, pool->low_water);
	view_count(row, POOL_REFUSED, pool->refused);
	for (int i = 0; i < TDM_KV_STATES; i++)
		view_count(row, columns[i], pool->states[i]);
}

static int list_pages(struct list *l, struct tdm_observed *process, uint32_t pool,
		      struct tdm_error *err)
{
	const struct tdm_observe_range range = { .pool = pool, .count = UINT32_MAX };
	struct tdm_observe_page *pages;
	uint32_t n;

	pages = tdm_observed_pages(process, &range, &n, err);
	if (!pages)
		return err->code;
	for (uint32_t i = 0; i < n; i++)
		if (l->all || pages[i].state != TDM_KV_FREE)
			fill_page(view_row(l->pages), tdm_observed_process(process)->pid, pool,
				  &pages[i]);
	free(pages);
	return 0;
}

static int list_process(void *ctx, struct tdm_observed *process, struct tdm_error *err)
{
	struct kv_devices devices = kv_devices_of(process, err);
	struct tdm_observe_pool *pools;
	struct list *l = ctx;
	uint32_t n = 0;
	int rc = 0;

	if (!devices.list)
		return err->code;
	pools = tdm_observed_pools(process, &n, err);
	if (!pools)
		rc = err->code;
	for (uint32_t i = 0; i < n && !rc; i++) {
		fill_pool(view_row(l->pools), tdm_observed_process(process)->pid, &pools[i],
			  &devices);
		rc = list_pages(l, process, pools[i].number, err);
		/* It ended between the two. */
		if (rc == -ENOENT)
			rc = 0;
	}
	free(pools);
	free(devices.list);
	return rc;
}

enum key { KEY_PID = 256, KEY_ALL, KEY_HEX };

static const struct argp_option list_options[] = {
	{ "pid", KEY_PID, "PID", 0, "Of this process alone", 0 },
	{ "all", KEY_ALL, NULL, 0, "Free pages as well", 0 },
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ 0 },
};

static error_t parse_list(int key, char *arg, struct argp_state *state)
{
	struct list *l = state->input;

	switch (key) {
	case KEY_PID:
		l->look.pid = look_number(arg, 1, "--pid", state);
		return 0;
	case KEY_ALL:
		l->all = true;
		return 0;
	case 'j':
		l->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; name a process with --pid", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp kv_list_argp = {
	.options = list_options,
	.parser = parse_list,
	.doc = "List the pools of KV pages of running processes, and their pages.",
};

int command_kv_list(int argc, char **argv)
{
	struct list l = { .json = false };
	struct tdm_error err;
	int rc;

	if (command_parse(&kv_list_argp, argc, argv, &l, &err))
		return command_failed(&err);
	l.look.view = view_create("tandem.kv.list.v1");
	l.pools = view_list(l.look.view, "pools", pool_columns, POOL_COLUMNS);
	l.pages = view_list(l.look.view, "pages", page_columns, PAGE_COLUMNS);
	rc = look_each(&l.look, list_process, &l, &err);
	if (!rc)
		rc = view_print(l.look.view, l.json ? VIEW_JSON : VIEW_TABLE, &err);
	view_destroy(l.look.view);
	return rc ? command_could_not(&err) : EXIT_DONE;
}

/* tandem kv show */

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
		fill_page(row, s->words[0], s->words[1], page);
	free(page);
	if (!rc && s->hex)
		rc = tdm_observed_bytes(process, s->words[1], s->words[2], &bytes, err);
	if (!rc && s->hex)
		fill_hex(row, &bytes);
	return rc;
}

static const struct argp_option show_options[] = {
	{ "hex", KEY_HEX, NULL, 0, "Its first bytes, too", 0 },
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ 0 },
};

static error_t parse_show(int key, char *arg, struct argp_state *state)
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
		if (s->n == 3)
			argp_error(state, "'%s': too much; give a process, a pool and a page", arg);
		s->words[s->n] = look_number(arg, s->n ? 0 : 1, words[s->n], state);
		s->n++;
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
	.options = show_options,
	.parser = parse_show,
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
	row = view_record(view, NULL, show_columns, PAGE_COLUMNS);
	rc = show_page(&s, process, row, &err);
	if (!rc)
		rc = view_print(view, s.json ? VIEW_JSON : VIEW_TABLE, &err);
	view_destroy(view);
	tdm_observed_close(process);
	return rc ? command_could_not(&err) : EXIT_DONE;
}
