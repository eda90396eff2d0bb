// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <string.h>

#include <tandem/kv.h>

#include "top/top.h"
#include "view/view.h"

enum {
	ENGINE_PID,
	ENGINE_PROGRAM,
	ENGINE_ROLE,
	ENGINE_STAGE,
	ENGINE_DONE,
	ENGINE_FAILED,
	ENGINE_PREFILL_RATE,
	ENGINE_DECODE_RATE,
	ENGINE_PREFILL,
	ENGINE_DECODE,
	ENGINE_COLUMNS,
};

static const struct view_column engine_columns[ENGINE_COLUMNS] = {
	[ENGINE_PID] = { "pid", "PID", VIEW_COUNT },
	[ENGINE_PROGRAM] = { "program", "PROGRAM", VIEW_TEXT },
	[ENGINE_ROLE] = { "role", "ROLE", VIEW_TEXT },
	[ENGINE_STAGE] = { "stage", "STAGE", VIEW_TEXT },
	[ENGINE_DONE] = { "requests_done", "DONE", VIEW_COUNT },
	[ENGINE_FAILED] = { "requests_failed", "FAILED", VIEW_COUNT },
	[ENGINE_PREFILL_RATE] = { "prefill_tokens_per_s", "PREFILL/S", VIEW_FIGURE },
	[ENGINE_DECODE_RATE] = { "decode_tokens_per_s", "DECODE/S", VIEW_FIGURE },
	[ENGINE_PREFILL] = { "tokens_prefill", "PREFILL TOKENS", VIEW_COUNT },
	[ENGINE_DECODE] = { "tokens_decode", "DECODE TOKENS", VIEW_COUNT },
};

static void show_engines(struct view *view, const struct seen *before, const struct seen *now)
{
	struct view_part *part = view_list(view, "engines", engine_columns, ENGINE_COLUMNS);

	view_optional(part);
	SEEN_EACH(seen_engine, engine, now->engines)
	{
		struct top_engine rates = top_engine_rates(before, now, engine);
		struct view_row *row = view_row(part);

		view_count(row, ENGINE_PID, engine->pid);
		view_text(row, ENGINE_PROGRAM, engine->program);
		view_text(row, ENGINE_ROLE, engine->role);
		view_text(row, ENGINE_STAGE, engine->stage);
		view_count(row, ENGINE_DONE, engine->done);
		view_count(row, ENGINE_FAILED, engine->failed);
		view_mark(row, ENGINE_FAILED, engine->failed ? VIEW_BAD : VIEW_PLAIN);
		seen_show(row, ENGINE_PREFILL_RATE, &rates.prefill, VIEW_FIGURE);
		seen_show(row, ENGINE_DECODE_RATE, &rates.decode, VIEW_FIGURE);
		view_count(row, ENGINE_PREFILL, engine->tokens_prefill);
		view_count(row, ENGINE_DECODE, engine->tokens_decode);
	}
}

enum {
	QUEUE_PID,
	QUEUE_PROGRAM,
	QUEUE_DEVICE,
	QUEUE_CONTEXT,
	QUEUE_QUEUE,
	QUEUE_STATE,
	QUEUE_ERROR,
	QUEUE_OPEN,
	QUEUE_OLDEST,
	QUEUE_STILL,
	QUEUE_BUSY,
	QUEUE_TAIL,
	QUEUE_FETCHED,
	QUEUE_COMPLETED,
	QUEUE_ENTRIES,
	QUEUE_BUSY_TIME,
	QUEUE_COLUMNS,
};

static const struct view_column queue_columns[QUEUE_COLUMNS] = {
	[QUEUE_PID] = { "pid", "PID", VIEW_COUNT },
	[QUEUE_PROGRAM] = { "program", "PROGRAM", VIEW_TEXT },
	[QUEUE_DEVICE] = { "device", "DEVICE", VIEW_TEXT },
	[QUEUE_CONTEXT] = { "context", "CONTEXT", VIEW_COUNT },
	[QUEUE_QUEUE] = { "queue", "QUEUE", VIEW_COUNT },
	[QUEUE_STATE] = { "state", "STATE", VIEW_TEXT },
	[QUEUE_ERROR] = { "error", NULL, VIEW_TEXT },
	[QUEUE_OPEN] = { "open_commands", "OPEN", VIEW_COUNT },
	[QUEUE_OLDEST] = { "oldest_command", "OLDEST", VIEW_TEXT },
	[QUEUE_STILL] = { "still_ns", "STILL", VIEW_NS },
	[QUEUE_BUSY] = { "busy_ratio", "BUSY", VIEW_RATIO },
	[QUEUE_TAIL] = { "tail", "TAIL", VIEW_COUNT },
	[QUEUE_FETCHED] = { "fetched", "FETCHED", VIEW_COUNT },
	[QUEUE_COMPLETED] = { "completed", "COMPLETED", VIEW_COUNT },
	[QUEUE_ENTRIES] = { "entries", NULL, VIEW_COUNT },
	[QUEUE_BUSY_TIME] = { "busy_ns", "BUSY TIME", VIEW_NS },
};

static const char *queue_state(uint32_t state)
{
	static const char *const names[] = {
		[TDM_QUEUE_RUNNING] = "running", [TDM_QUEUE_ERROR] = "error",
		[TDM_QUEUE_KILLED] = "killed",	 [TDM_QUEUE_RESET] = "reset",
		[TDM_QUEUE_GONE] = "gone",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

static void show_queue(struct view_row *row, const struct seen_queue *queue)
{
	view_count(row, QUEUE_PID, queue->pid);
	view_text(row, QUEUE_PROGRAM, queue->program);
	view_text(row, QUEUE_DEVICE, queue->device[0] ? queue->device : NULL);
	view_count(row, QUEUE_CONTEXT, queue->context);
	view_count(row, QUEUE_QUEUE, queue->queue);
	view_text(row, QUEUE_STATE, queue_state(queue->state));
	view_mark(row, QUEUE_STATE, queue->state == TDM_QUEUE_RUNNING ? VIEW_GOOD : VIEW_BAD);
	view_text(row, QUEUE_ERROR, top_error_name(queue->error));
	view_count(row, QUEUE_OPEN, queue->open);
	view_text(row, QUEUE_OLDEST, queue->oldest);
	if (queue->oldest)
		view_count(row, QUEUE_STILL, queue->still_ns);
	view_mark(row, QUEUE_STILL,
		  queue->still_ns >= (uint64_t)SEEN_SILENT_MS * 1000000 ? VIEW_BAD : VIEW_PLAIN);
	view_count(row, QUEUE_TAIL, queue->tail);
	view_count(row, QUEUE_FETCHED, queue->fetched);
	view_count(row, QUEUE_COMPLETED, queue->completed);
	view_count(row, QUEUE_ENTRIES, queue->entries);
	view_count(row, QUEUE_BUSY_TIME, queue->busy_ns);
}

static void show_queues(struct view *view, const struct seen *before, const struct seen *now)
{
	struct view_part *part = view_list(view, "queues", queue_columns, QUEUE_COLUMNS);

	view_optional(part);
	SEEN_EACH(seen_queue, queue, now->queues)
	{
		struct seen_cell busy = top_queue_busy(before, now, queue);
		struct view_row *row = view_row(part);

		show_queue(row, queue);
		seen_show(row, QUEUE_BUSY, &busy, VIEW_RATIO);
	}
}

enum {
	POOL_PID,
	POOL_PROGRAM,
	POOL_NAME,
	POOL_PAGES,
	POOL_BYTES,
	POOL_FIRST, /* one column a state of pages */
	POOL_LOW = POOL_FIRST + TDM_KV_STATES,
	POOL_REFUSED,
	POOL_COLUMNS,
};

static const struct view_column pool_columns[POOL_COLUMNS] = {
	[POOL_PID] = { "pid", "PID", VIEW_COUNT },
	[POOL_PROGRAM] = { "program", NULL, VIEW_TEXT },
	[POOL_NAME] = { "pool", "KV POOL", VIEW_TEXT },
	[POOL_PAGES] = { "pages", "PAGES", VIEW_COUNT },
	[POOL_BYTES] = { "page_bytes", "EACH", VIEW_BYTES },
	[POOL_FIRST + TDM_KV_FREE] = { "pages_free", "FREE", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_RESERVED] = { "pages_reserved", "RESERVED", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_LANDING] = { "pages_landing", "IN FLIGHT", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_READY] = { "pages_ready", "READY", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_IN_USE] = { "pages_in_use", "IN USE", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_DRAINING] = { "pages_draining", "DRAINING", VIEW_COUNT },
	[POOL_LOW] = { "pages_free_least", "LEAST FREE", VIEW_COUNT },
	[POOL_REFUSED] = { "calls_refused", "REFUSED", VIEW_COUNT },
};

static void show_pools(struct view *view, const struct seen *now)
{
	struct view_part *part = view_list(view, "kv_pools", pool_columns, POOL_COLUMNS);

	view_title(part, "KV pools");
	view_optional(part);
	SEEN_EACH(seen_pool, pool, now->pools)
	{
		struct view_row *row = view_row(part);

		view_count(row, POOL_PID, pool->pid);
		view_text(row, POOL_PROGRAM, pool->program);
		view_text(row, POOL_NAME, pool->name);
		view_count(row, POOL_PAGES, pool->pages);
		view_count(row, POOL_BYTES, pool->page_bytes);
		for (unsigned int i = 0; i < TDM_KV_STATES; i++)
			view_count(row, POOL_FIRST + i, pool->states[i]);
		view_mark(row, POOL_FIRST + TDM_KV_DRAINING,
			  pool->states[TDM_KV_DRAINING] ? VIEW_WARN : VIEW_PLAIN);
		view_count(row, POOL_LOW, pool->low_water);
		view_count(row, POOL_REFUSED, pool->refused);
	}
}

const char *top_error_name(int32_t error)
{
	/* Another process wrote it: one that is no errno has no name. */
	return error < 0 && error > -4096 ? strerrorname_np(-error) : NULL;
}

void top_parts_observed(struct view *view, const struct seen *before, const struct seen *now)
{
	show_engines(view, before, now);
	show_queues(view, before, now);
	show_pools(view, now);
	top_parts_transfer(view, before, now);
}
