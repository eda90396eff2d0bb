// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem kv verify: are the bytes of KV pages those that were sent?
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "command.h"
#include "kv/kv.h"
#include "process/look.h"

enum sum_column {
	SUM_PID,
	SUM_POOL,
	SUM_NAME,
	SUM_PAGES,
	SUM_OK,
	SUM_DIFFERS,
	SUM_NO_CRC,
	SUM_MOVED,
	SUM_LAYOUT,
	SUM_COLUMNS,
};

static const struct view_column sum_columns[SUM_COLUMNS] = {
	[SUM_PID] = { "pid", "PID", VIEW_COUNT },
	[SUM_POOL] = { "pool", "POOL", VIEW_COUNT },
	[SUM_NAME] = { "name", "NAME", VIEW_TEXT },
	[SUM_PAGES] = { "pages", "PAGES", VIEW_COUNT },
	[SUM_OK] = { "ok", "OK", VIEW_COUNT },
	[SUM_DIFFERS] = { "differs", "DIFFERS", VIEW_COUNT },
	[SUM_NO_CRC] = { "no_crc", "NO CRC", VIEW_COUNT },
	[SUM_MOVED] = { "changed_meanwhile", "CHANGED", VIEW_COUNT },
	[SUM_LAYOUT] = { "other_layout", "LAYOUT", VIEW_COUNT },
};

enum bad_column {
	BAD_PID,
	BAD_POOL,
	BAD_PAGE,
	BAD_STATE,
	BAD_OWNER,
	BAD_EPOCH,
	BAD_EXPECTED,
	BAD_FOUND,
	BAD_COLUMNS
};

static const struct view_column bad_columns[BAD_COLUMNS] = {
	[BAD_PID] = { "pid", "PID", VIEW_COUNT },
	[BAD_POOL] = { "pool", "POOL", VIEW_COUNT },
	[BAD_PAGE] = { "page", "PAGE", VIEW_COUNT },
	[BAD_STATE] = { "state", "STATE", VIEW_TEXT },
	[BAD_OWNER] = { "owner", "OWNER", VIEW_COUNT },
	[BAD_EPOCH] = { "epoch", "EPOCH", VIEW_COUNT },
	[BAD_EXPECTED] = { "expected_crc32c", "EXPECTED", VIEW_TEXT },
	[BAD_FOUND] = { "found_crc32c", "FOUND", VIEW_TEXT },
};

#define VERDICTS 5

struct verify {
	struct look look;
	struct view_part *pools;
	struct view_part *bad;
	uint64_t differ;
};

static void add_bad(struct verify *v, uint32_t pid, uint32_t pool,
		    const struct tdm_observe_check *check)
{
	struct view_row *row = view_row(v->bad);

	v->differ++;
	view_count(row, BAD_PID, pid);
	view_count(row, BAD_POOL, pool);
	view_count(row, BAD_PAGE, check->page);
	view_text(row, BAD_STATE, tdm_kv_state_name(check->state));
	view_count(row, BAD_OWNER, check->owner);
	view_count(row, BAD_EPOCH, check->epoch);
	view_textf(row, BAD_EXPECTED, "%08" PRIx32, check->expected);
	view_textf(row, BAD_FOUND, "%08" PRIx32, check->found);
	view_mark(row, BAD_FOUND, VIEW_BAD);
}

static void add_pool(struct verify *v, uint32_t pid, const struct tdm_observe_pool *pool,
		     const uint64_t counts[VERDICTS])
{
	static const unsigned int columns[VERDICTS] = {
		[TDM_OBSERVE_OK] = SUM_OK,	   [TDM_OBSERVE_DIFFERS] = SUM_DIFFERS,
		[TDM_OBSERVE_NO_CRC] = SUM_NO_CRC, [TDM_OBSERVE_MOVED] = SUM_MOVED,
		[TDM_OBSERVE_LAYOUT] = SUM_LAYOUT,
	};
	struct view_row *row = view_row(v->pools);

	view_count(row, SUM_PID, pid);
	view_count(row, SUM_POOL, pool->number);
	view_text(row, SUM_NAME, pool->name);
	view_count(row, SUM_PAGES, pool->pages);
	for (int i = 0; i < VERDICTS; i++)
		view_count(row, columns[i], counts[i]);
	if (counts[TDM_OBSERVE_DIFFERS])
		view_mark(row, SUM_DIFFERS, VIEW_BAD);
}

static int verify_pool(void *ctx, struct tdm_observed *process, const struct tdm_observe_pool *pool,
		       struct tdm_error *err)
{
	const struct tdm_observe_range range = { .pool = pool->number, .count = UINT32_MAX };
	uint32_t pid = tdm_observed_process(process)->pid, n;
	uint64_t counts[VERDICTS] = { 0 };
	struct tdm_observe_check *checks;
	struct verify *v = ctx;

	checks = tdm_observed_verify(process, &range, &n, err);
	if (!checks)
		return err->code;
	for (uint32_t i = 0; i < n; i++) {
		if (checks[i].verdict < VERDICTS)
			counts[checks[i].verdict]++;
		if (checks[i].verdict == TDM_OBSERVE_DIFFERS)
			add_bad(v, pid, pool->number, &checks[i]);
	}
	free(checks);
	add_pool(v, pid, pool, counts);
	return 0;
}

static int verify_process(void *ctx, struct tdm_observed *process, struct tdm_error *err)
{
	return kv_each_pool(process, verify_pool, ctx, err);
}

static const struct argp_option options[] = {
	LOOK_OPTION_PID("Of this process alone"),
	LOOK_OPTION_JSON,
	{ 0 },
};

const struct argp kv_verify_argp = {
	.options = options,
	.parser = look_parse,
	.doc = "Compare the bytes of KV pages with the CRC32C that came with them.\v"
	       "A page has a CRC from the moment it was announced by its sender, and one of an "
	       "engine from the moment it was sent or taken in, to the moment it is given back. "
	       "Pages that never went to another device have none, nor those that decode adds "
	       "tokens to. Exit code 1: a page differs.",
};

/* What was found counts before what could not be looked at. */
static int exit_code(const struct verify *v)
{
	if (v->differ)
		return EXIT_FAILED;
	if (v->look.refused)
		return EXIT_PERMISSION;
	return v->look.silent ? EXIT_COULD_NOT : EXIT_DONE;
}

int command_kv_verify(int argc, char **argv)
{
	struct verify v = { .differ = 0 };
	struct tdm_error err;
	int rc;

	if (command_parse(&kv_verify_argp, argc, argv, &v.look, &err))
		return command_failed(&err);
	v.look.view = view_create("tandem.kv.verify.v1");
	v.pools = view_list(v.look.view, "pools", sum_columns, SUM_COLUMNS);
	v.bad = view_list(v.look.view, "differing_pages", bad_columns, BAD_COLUMNS);
	view_title(v.bad, "pages that differ");
	rc = look_each(&v.look, verify_process, &v, &err);
	rc = view_finish(v.look.view, v.look.json, rc, &err);
	return rc ? command_could_not(&err) : exit_code(&v);
}
