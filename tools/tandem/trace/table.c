// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "trace/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum run_column {
	RUN_MODEL,
	RUN_PREFILL,
	RUN_DECODE,
	RUN_NET,
	RUN_PROMPT,
	RUN_TOKENS,
	RUN_TTFT,
	RUN_PAGES,
	RUN_BYTES,
	RUN_TRANSFER,
	RUN_HIDDEN,
	RUN_EVENTS,
	RUN_DROPPED,
	RUN_RECORD,
	RUN_COLUMNS,
};

static const struct view_column run_columns[RUN_COLUMNS] = {
	[RUN_MODEL] = { "model", "model", VIEW_TEXT },
	[RUN_PREFILL] = { "prefill_device", "prefill", VIEW_TEXT },
	[RUN_DECODE] = { "decode_device", "decode", VIEW_TEXT },
	[RUN_NET] = { "net", "network", VIEW_TEXT },
	[RUN_PROMPT] = { "prompt_tokens", "prompt tokens", VIEW_COUNT },
	[RUN_TOKENS] = { "tokens", "tokens made", VIEW_COUNT },
	[RUN_TTFT] = { "ttft_ns", "first token after", VIEW_NS },
	[RUN_PAGES] = { "kv_pages", "KV pages", VIEW_COUNT },
	[RUN_BYTES] = { "kv_bytes", "their bytes", VIEW_BYTES },
	[RUN_TRANSFER] = { "transfer_ns", "transfer", VIEW_NS },
	[RUN_HIDDEN] = { "hidden_ratio", "hidden behind prefill", VIEW_RATIO },
	[RUN_EVENTS] = { "events", "events recorded", VIEW_COUNT },
	[RUN_DROPPED] = { "dropped", "events dropped", VIEW_COUNT },
	[RUN_RECORD] = { "recording_ns", "cost of recording", VIEW_NS },
};

static void show_run(struct view *view, const struct story *s, double record_ns)
{
	struct view_row *row = view_record(view, "run", run_columns, RUN_COLUMNS);
	const struct story_about *a = &s->about;
	const struct tdm_result *r = a->result;

	view_text(row, RUN_MODEL, a->model);
	view_text(row, RUN_PREFILL, a->prefill_device);
	view_text(row, RUN_DECODE, a->decode_device);
	view_text(row, RUN_NET, a->net);
	view_count(row, RUN_PROMPT, a->n_prompt);
	view_count(row, RUN_TOKENS, r->n_tokens);
	if (r->ttft_ns)
		view_count(row, RUN_TTFT, r->ttft_ns);
	view_count(row, RUN_PAGES, r->kv_pages);
	view_count(row, RUN_BYTES, r->kv_bytes);
	if (r->transfer_ns) {
		view_count(row, RUN_TRANSFER, r->transfer_ns);
		view_figure(row, RUN_HIDDEN, (double)r->hidden_ns / (double)r->transfer_ns);
	}
	view_count(row, RUN_EVENTS, s->n);
	view_count(row, RUN_DROPPED, s->dropped);
	if (s->dropped)
		view_mark(row, RUN_DROPPED, VIEW_WARN);
	view_count(row, RUN_RECORD, (uint64_t)(record_ns * ((double)s->n + (double)s->dropped)));
}

enum phase_column {
	PHASE_NAME,
	PHASE_COUNT,
	PHASE_TOTAL,
	PHASE_START,
	PHASE_END,
	PHASE_CLOCK,
	PHASE_COLUMNS,
};

static const struct view_column phase_columns[PHASE_COLUMNS] = {
	[PHASE_NAME] = { "phase", "PHASE", VIEW_TEXT },
	[PHASE_COUNT] = { "count", "COUNT", VIEW_COUNT },
	[PHASE_TOTAL] = { "busy_ns", "BUSY", VIEW_NS },
	[PHASE_START] = { "start_ns", "FROM", VIEW_NS },
	[PHASE_END] = { "end_ns", "TO", VIEW_NS },
	[PHASE_CLOCK] = { "clock", "CLOCK", VIEW_TEXT },
};

struct tables {
	struct view *view;
	const struct story *s;
	struct story_span *spans; /* room for every event and page */
	uint64_t zero_ns;
};

/* @n spans are filled in. */
static void show_phase(struct tables *t, struct view_part *part, const char *name, uint32_t n,
		       const char *clock)
{
	struct view_row *row;
	uint64_t end = 0;

	if (!n)
		return;
	row = view_row(part);
	view_text(row, PHASE_NAME, name);
	view_count(row, PHASE_COUNT, n);
	view_count(row, PHASE_TOTAL, story_union(t->spans, n, UINT64_MAX));
	for (uint32_t i = 0; i < n; i++)
		end = t->spans[i].end_ns > end ? t->spans[i].end_ns : end;
	/* Sorted by now. */
	view_count(row, PHASE_START, t->spans[0].start_ns - t->zero_ns);
	view_count(row, PHASE_END, end - t->zero_ns);
	view_text(row, PHASE_CLOCK, clock);
}

static uint32_t commands(struct tables *t, enum tdm_trace_kind kind)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->s->n; i++) {
		const struct tdm_trace_event *e = &t->s->events[i];

		if (e->kind == kind)
			t->spans[n++] =
				(struct story_span){ e->time_ns, e->time_ns + e->duration_ns };
	}
	return n;
}

/* Pages of a layer, or of all (TDM_TRACE_NO), between two stages. */
static uint32_t ways(struct tables *t, uint32_t layer, enum story_stage from, enum story_stage to)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->s->n_pages; i++) {
		const struct story_page *p = &t->s->pages[i];

		if (p->at[from] && p->at[to] && (layer == TDM_TRACE_NO || p->layer == layer))
			t->spans[n++] = (struct story_span){ p->at[from], p->at[to] };
	}
	return n;
}

static void show_phases(struct tables *t)
{
	struct view_part *part = view_list(t->view, "phases", phase_columns, PHASE_COLUMNS);

	view_title(part, "Phases, from the start of the request");
	show_phase(t, part, "prefill", commands(t, TDM_TRACE_PREFILL), "device");
	show_phase(t, part, "export", commands(t, TDM_TRACE_EXPORT), "device");
	show_phase(t, part, "write", ways(t, TDM_TRACE_NO, STAGE_POSTED, STAGE_WRITTEN), "runtime");
	show_phase(t, part, "import", commands(t, TDM_TRACE_IMPORT), "device");
	show_phase(t, part, "sealed to imported",
		   ways(t, TDM_TRACE_NO, STAGE_SEALED, STAGE_IMPORTED), "device");
	show_phase(t, part, "decode", commands(t, TDM_TRACE_DECODE), "device");
}

enum layer_column {
	LAYER_NUMBER,
	LAYER_COMPUTE,
	LAYER_CLOCK,
	LAYER_KNOWN,
	LAYER_PAGES,
	LAYER_BYTES,
	LAYER_TRANSFER,
	LAYER_HIDDEN,
	LAYER_COLUMNS,
};

static const struct view_column layer_columns[LAYER_COLUMNS] = {
	[LAYER_NUMBER] = { "layer", "LAYER", VIEW_COUNT },
	[LAYER_COMPUTE] = { "compute_ns", "COMPUTE", VIEW_NS },
	[LAYER_CLOCK] = { "clock", "CLOCK", VIEW_TEXT },
	[LAYER_KNOWN] = { "seen_alone", "SEEN ALONE", VIEW_FLAG },
	[LAYER_PAGES] = { "pages", "PAGES", VIEW_COUNT },
	[LAYER_BYTES] = { "bytes", "BYTES", VIEW_BYTES },
	[LAYER_TRANSFER] = { "transfer_ns", "TRANSFER", VIEW_NS },
	[LAYER_HIDDEN] = { "hidden_ratio", "HIDDEN", VIEW_RATIO },
};

static void show_layer(struct tables *t, struct view_part *part, uint32_t layer)
{
	struct view_row *row = view_row(part);
	uint64_t compute = 0, bytes = 0, whole;
	bool alone = true, told = false, seen = false;
	uint32_t n;

	view_count(row, LAYER_NUMBER, layer);
	for (uint32_t i = 0; i < t->s->n_layers; i++) {
		const struct story_layer *l = &t->s->layers[i];

		if (l->layer != layer)
			continue;
		compute += l->end_ns - l->start_ns;
		alone &= l->together == 1;
		told |= l->by_device;
		seen |= !l->by_device;
	}
	view_count(row, LAYER_COMPUTE, compute);
	if (told || seen)
		view_text(row, LAYER_CLOCK, !told ? "runtime" : seen ? "both" : "device");
	if (seen)
		view_flag(row, LAYER_KNOWN, alone);
	for (uint32_t i = 0; i < t->s->n_pages; i++)
		bytes += t->s->pages[i].layer == layer ? t->s->pages[i].bytes : 0;
	n = ways(t, layer, STAGE_SEALED, STAGE_IMPORTED);
	if (!n)
		return;
	view_count(row, LAYER_PAGES, n);
	view_count(row, LAYER_BYTES, bytes);
	whole = story_union(t->spans, n, UINT64_MAX);
	view_count(row, LAYER_TRANSFER, whole);
	if (whole)
		view_figure(row, LAYER_HIDDEN,
			    (double)story_union(t->spans, n, story_computed(t->s)) / (double)whole);
}

static void show_layers(struct tables *t)
{
	struct view_part *part = view_list(t->view, "layers", layer_columns, LAYER_COLUMNS);

	view_title(part, "Layers");
	for (uint32_t i = 0; i < t->s->depth; i++)
		show_layer(t, part, i);
}

int trace_table(const struct story *s, double record_ns, enum view_format format,
		struct tdm_error *err)
{
	struct tables t = { .s = s, .view = view_create("tandem.trace.v1") };
	const char *clock;
	int rc;

	t.spans = calloc((size_t)s->n + s->n_pages + 1, sizeof(*t.spans));
	if (!t.spans) {
		view_destroy(t.view);
		return tdm_error_set(err, -ENOMEM, "summary: out of memory; take fewer --events");
	}
	t.zero_ns = s->n ? s->events[0].time_ns : 0;
	show_run(t.view, s, record_ns);
	show_phases(&t);
	show_layers(&t);
	if (s->dropped)
		view_note(t.view,
			  "%llu events did not fit: the end of the run is missing; give more room "
			  "with --events",
			  (unsigned long long)s->dropped);
	clock = story_layer_clock(s);
	if (clock && strcmp(clock, "device"))
		view_note(t.view, "a layer's end is when the runtime saw it; layers that were not "
				  "seen alone share their time");
	rc = view_print(t.view, format, err);
	view_destroy(t.view);
	free(t.spans);
	return rc;
}
