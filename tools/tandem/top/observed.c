// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

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
	[ENGINE_PREFILL] = { "tokens_prefill", "PREFILL TOKENS", VIEW_COUNT },
	[ENGINE_DECODE] = { "tokens_decode", "DECODE TOKENS", VIEW_COUNT },
};

static void show_engines(struct view *view, const struct seen *now)
{
	struct view_part *part = view_list(view, "engines", engine_columns, ENGINE_COLUMNS);

	view_optional(part);
	SEEN_EACH(seen_engine, engine, now->engines)
	{
		struct view_row *row = view_row(part);

		view_count(row, ENGINE_PID, engine->pid);
		view_text(row, ENGINE_PROGRAM, engine->program);
		view_text(row, ENGINE_ROLE, engine->role);
		view_text(row, ENGINE_STAGE, engine->stage);
		view_count(row, ENGINE_DONE, engine->done);
		view_count(row, ENGINE_FAILED, engine->failed);
		view_mark(row, ENGINE_FAILED, engine->failed ? VIEW_BAD : VIEW_PLAIN);
		view_count(row, ENGINE_PREFILL, engine->tokens_prefill);
		view_count(row, ENGINE_DECODE, engine->tokens_decode);
	}
}

enum {
	QUEUE_PID,
	QUEUE_DEVICE,
	QUEUE_CONTEXT,
	QUEUE_QUEUE,
	QUEUE_STATE,
	QUEUE_OPEN,
	QUEUE_COMPLETED,
	QUEUE_BUSY,
	QUEUE_COLUMNS,
};

static const struct view_column queue_columns[QUEUE_COLUMNS] = {
	[QUEUE_PID] = { "pid", "PID", VIEW_COUNT },
	[QUEUE_DEVICE] = { "device", "DEVICE", VIEW_TEXT },
	[QUEUE_CONTEXT] = { "context", "CONTEXT", VIEW_COUNT },
	[QUEUE_QUEUE] = { "queue", "QUEUE", VIEW_COUNT },
	[QUEUE_STATE] = { "state", "STATE", VIEW_TEXT },
	[QUEUE_OPEN] = { "open_commands", "OPEN", VIEW_COUNT },
	[QUEUE_COMPLETED] = { "completed", "COMPLETED", VIEW_COUNT },
	[QUEUE_BUSY] = { "busy_ns", "BUSY TIME", VIEW_NS },
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

static void show_queues(struct view *view, const struct seen *now)
{
	struct view_part *part = view_list(view, "queues", queue_columns, QUEUE_COLUMNS);

	view_optional(part);
	SEEN_EACH(seen_queue, queue, now->queues)
	{
		struct view_row *row = view_row(part);

		view_count(row, QUEUE_PID, queue->pid);
		view_text(row, QUEUE_DEVICE, queue->device[0] ? queue->device : NULL);
		view_count(row, QUEUE_CONTEXT, queue->context);
		view_count(row, QUEUE_QUEUE, queue->queue);
		view_text(row, QUEUE_STATE, queue_state(queue->state));
		view_mark(row, QUEUE_STATE,
			  queue->state == TDM_QUEUE_RUNNING ? VIEW_GOOD : VIEW_BAD);
		view_count(row, QUEUE_OPEN, queue->open);
		view_count(row, QUEUE_COMPLETED, queue->completed);
		view_count(row, QUEUE_BUSY, queue->busy_ns);
	}
}

enum {
	POOL_PID,
	POOL_NAME,
	POOL_PAGES,
	POOL_BYTES,
	POOL_FIRST, /* one column a state of pages */
	POOL_COLUMNS = POOL_FIRST + TDM_KV_STATES,
};

static const struct view_column pool_columns[POOL_COLUMNS] = {
	[POOL_PID] = { "pid", "PID", VIEW_COUNT },
	[POOL_NAME] = { "pool", "KV POOL", VIEW_TEXT },
	[POOL_PAGES] = { "pages", "PAGES", VIEW_COUNT },
	[POOL_BYTES] = { "page_bytes", "EACH", VIEW_BYTES },
	[POOL_FIRST + TDM_KV_FREE] = { "pages_free", "FREE", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_RESERVED] = { "pages_reserved", "RESERVED", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_LANDING] = { "pages_landing", "IN FLIGHT", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_READY] = { "pages_ready", "READY", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_IN_USE] = { "pages_in_use", "IN USE", VIEW_COUNT },
	[POOL_FIRST + TDM_KV_DRAINING] = { "pages_draining", "DRAINING", VIEW_COUNT },
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
		view_text(row, POOL_NAME, pool->name);
		view_count(row, POOL_PAGES, pool->pages);
		view_count(row, POOL_BYTES, pool->page_bytes);
		for (unsigned int i = 0; i < TDM_KV_STATES; i++)
			view_count(row, POOL_FIRST + i, pool->states[i]);
	}
}

void top_print_observed(struct view *view, const struct seen *now)
{
	show_engines(view, now);
	show_queues(view, now);
	show_pools(view, now);
}
