// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem kv list: the pools of running processes, and their pages.
 */
#include <errno.h>
#include <stdlib.h>

#include "command.h"
#include "kv/kv.h"
#include "process/look.h"

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

struct list {
	struct look look;
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
			kv_fill_page(view_row(l->pages), tdm_observed_process(process)->pid, pool,
				     &pages[i]);
	free(pages);
	return 0;
}

/* What is listed of a process. */
struct listing {
	struct list *l;
	struct kv_devices devices;
};

static int list_pool(void *ctx, struct tdm_observed *process, const struct tdm_observe_pool *pool,
		     struct tdm_error *err)
{
	const struct listing *of = ctx;

	fill_pool(view_row(of->l->pools), tdm_observed_process(process)->pid, pool, &of->devices);
	return list_pages(of->l, process, pool->number, err);
}

static int list_process(void *ctx, struct tdm_observed *process, struct tdm_error *err)
{
	struct listing of = { .l = ctx, .devices = kv_devices_of(process, err) };
	int rc;

	if (!of.devices.list)
		return err->code;
	rc = kv_each_pool(process, list_pool, &of, err);
	free(of.devices.list);
	return rc;
}

enum key { KEY_ALL = 1 };

static const struct argp_option options[] = {
	LOOK_OPTION_PID("Of this process alone"),
	{ "all", KEY_ALL, NULL, 0, "Free pages as well", 0 },
	LOOK_OPTION_JSON,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list *l = state->input;

	switch (key) {
	case KEY_ALL:
		l->all = true;
		return 0;
	default:
		return look_option(&l->look, key, arg, state);
	}
}

const struct argp kv_list_argp = {
	.options = options,
	.parser = parse,
	.doc = "List the pools of KV pages of running processes, and their pages.",
};

int command_kv_list(int argc, char **argv)
{
	struct list l = { .all = false };
	struct tdm_error err;
	int rc;

	if (command_parse(&kv_list_argp, argc, argv, &l, &err))
		return command_failed(&err);
	l.look.view = view_create("tandem.kv.list.v1");
	l.pools = view_list(l.look.view, "pools", pool_columns, POOL_COLUMNS);
	l.pages = view_list(l.look.view, "pages", page_columns, PAGE_COLUMNS);
	rc = look_each(&l.look, list_process, &l, &err);
	rc = view_finish(l.look.view, l.look.json, rc, &err);
	return rc ? command_could_not(&err) : EXIT_DONE;
}
