// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "trace/story.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_time(const void *a, const void *b)
{
	const struct tdm_trace_event *x = a, *y = b;
	int order = by_number(x->time_ns, y->time_ns);

	if (!order)
		order = by_number(x->kind, y->kind);
	if (!order)
		order = by_number(x->layer, y->layer);
	return order ? order : by_number(x->page, y->page);
}

static bool is_of(const struct tdm_trace_event *a, const struct tdm_trace_event *b)
{
	return a->request == b->request && a->device == b->device && a->token == b->token;
}

/* The event of @kind of the PREFILL that a layer is of, or NULL. */
static const struct tdm_trace_event *
command_of(const struct story *s, const struct tdm_trace_event *layer, enum tdm_trace_kind kind)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->events[i].kind == kind && is_of(&s->events[i], layer))
			return &s->events[i];
	return NULL;
}

/* Where the layer before of the same PREFILL ended, or 0. */
static uint64_t end_before(const struct story *s, const struct tdm_trace_event *layer)
{
	for (uint32_t i = s->n_layers; i-- > 0;) {
		const struct story_layer *l = &s->layers[i];

		if (l->request == layer->request && l->device == layer->device &&
		    l->token == layer->token)
			return l->end_ns;
	}
	return 0;
}

/* @n layers that were seen in one look, or one that the device told the time of. */
static void add_look(struct story *s, const struct tdm_trace_event *look, uint32_t n)
{
	const struct tdm_trace_event *run = command_of(s, look, TDM_TRACE_PREFILL);
	const struct tdm_trace_event *asked = command_of(s, look, TDM_TRACE_SUBMIT);
	uint64_t from = end_before(s, look), to = look->time_ns;

	if (run && run->time_ns + run->duration_ns < to)
		to = run->time_ns + run->duration_ns;
	if (!from && run)
		from = run->time_ns;
	else if (!from)
		from = asked ? asked->time_ns : to;
	if (from > to)
		from = to;
	for (uint32_t i = 0; i < n; i++)
		s->layers[s->n_layers++] = (struct story_layer){
			.request = look->request,
			.start_ns = from + (to - from) * i / n,
			.end_ns = from + (to - from) * (i + 1) / n,
			.seen_ns = look->time_ns,
			.layer = look[i].layer,
			.token = look->token,
			.tokens = look->tokens,
			.together = n,
			.device = look->device,
			.by_device = look->flags & TDM_TRACE_BY_DEVICE,
		};
}

static void tell_layers(struct story *s)
{
	uint32_t n;

	for (uint32_t i = 0; i < s->n; i += n) {
		const struct tdm_trace_event *look = &s->events[i];

		n = 1;
		if (look->kind != TDM_TRACE_LAYER)
			continue;
		while (look->flags & TDM_TRACE_SEEN && i + n < s->n &&
		       look[n].kind == TDM_TRACE_LAYER && look[n].time_ns == look->time_ns &&
		       look[n].flags == look->flags && is_of(&look[n], look))
			n++;
		add_look(s, look, n);
	}
}

static int find_page(const void *key, const void *page)
{
	const struct tdm_trace_event *e = key;
	const struct story_page *p = page;
	int order = by_number(e->request, p->request);

	return order ? order : by_number(e->page, p->page);
}

static int by_page(const void *a, const void *b)
{
	const struct story_page *x = a, *y = b;
	int order = by_number(x->request, y->request);

	return order ? order : by_number(x->page, y->page);
}

/* Each page once: those that any event names. */
static int list_pages(struct story *s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < s->n; i++)
		if (s->events[i].page != TDM_TRACE_NO)
			n += s->events[i].pages;
	s->pages = calloc(n + 1, sizeof(*s->pages));
	if (!s->pages)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct tdm_trace_event *e = &s->events[i];

		for (uint32_t k = 0; e->page != TDM_TRACE_NO && k < e->pages; k++)
			s->pages[s->n_pages++] = (struct story_page){
				.request = e->request,
				.page = e->page + k,
				.layer = TDM_TRACE_NO,
				.importer = TDM_TRACE_NO_DEVICE,
			};
	}
	qsort(s->pages, s->n_pages, sizeof(*s->pages), by_page);
	n = 0;
	for (uint32_t i = 0; i < s->n_pages; i++)
		if (!n || by_page(&s->pages[n - 1], &s->pages[i]))
			s->pages[n++] = s->pages[i];
	s->n_pages = (uint32_t)n;
	return 0;
}

static void happen(struct story_page *p, const struct tdm_trace_event *e)
{
	static const enum story_stage stages[TDM_TRACE_KINDS] = {
		[TDM_TRACE_SEAL] = STAGE_ASKED,	       [TDM_TRACE_EXPORT] = STAGE_SEALED,
		[TDM_TRACE_PUSHED] = STAGE_PUSHED,     [TDM_TRACE_WRITTEN] = STAGE_WRITTEN,
		[TDM_TRACE_LANDED] = STAGE_LANDED,     [TDM_TRACE_TAKEN] = STAGE_TAKEN,
		[TDM_TRACE_IMPORTED] = STAGE_IMPORTED, [TDM_TRACE_CREDITED] = STAGE_CREDITED,
	};

	if (e->layer != TDM_TRACE_NO)
		p->layer = e->layer;
	if (e->bytes)
		p->bytes = e->bytes;
	p->again += e->kind == TDM_TRACE_AGAIN;
	if (e->kind == TDM_TRACE_WRITTEN)
		p->at[STAGE_POSTED] = e->time_ns;
	if (e->kind == TDM_TRACE_IMPORTED)
		p->importer = e->device;
	if (stages[e->kind] || e->kind == TDM_TRACE_SEAL)
		p->at[stages[e->kind]] = e->time_ns + e->duration_ns;
}

static void tell_pages(struct story *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		const struct tdm_trace_event *e = &s->events[i];
		struct story_page *p;

		if (e->page == TDM_TRACE_NO || !e->pages)
			continue;
		p = bsearch(e, s->pages, s->n_pages, sizeof(*p), find_page);
		for (uint32_t k = 0; p && k < e->pages; k++)
			happen(&p[k], e);
	}
}

/* A page was imported by the last KV_IMPORT of its device that had begun by then. */
static void tell_imports(struct story *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		const struct tdm_trace_event *e = &s->events[i];

		for (uint32_t k = 0; e->kind == TDM_TRACE_IMPORT && k < s->n_pages; k++)
			if (s->pages[k].importer == e->device &&
			    s->pages[k].at[STAGE_IMPORTED] >= e->time_ns)
				s->pages[k].import_ns = e->time_ns;
	}
}

int story_tell(struct story *s, const struct tdm_trace *trace, const struct story_about *about)
{
	uint32_t n = tdm_trace_count(trace);

	*s = (struct story){ .trace = trace, .about = *about };
	s->dropped = tdm_trace_dropped(trace);
	s->events = calloc((size_t)n + 1, sizeof(*s->events));
	s->layers = calloc((size_t)n + 1, sizeof(*s->layers));
	if (!s->events || !s->layers)
		return -ENOMEM;
	s->n = tdm_trace_read(trace, 0, s->events, n);
	qsort(s->events, s->n, sizeof(*s->events), by_time);
	for (uint32_t i = 0; i < s->n; i++)
		if (s->events[i].layer != TDM_TRACE_NO && s->events[i].layer >= s->depth)
			s->depth = s->events[i].layer + 1;
	tell_layers(s);
	if (list_pages(s))
		return -ENOMEM;
	tell_pages(s);
	tell_imports(s);
	return 0;
}

void story_forget(struct story *s)
{
	free(s->pages);
	free(s->layers);
	free(s->events);
}

const char *story_stage_name(enum story_stage stage)
{
	static const char *const names[STAGES] = {
		[STAGE_ASKED] = "export_asked", [STAGE_SEALED] = "sealed",
		[STAGE_PUSHED] = "pushed",	[STAGE_POSTED] = "posted",
		[STAGE_WRITTEN] = "written",	[STAGE_LANDED] = "landed",
		[STAGE_TAKEN] = "taken",	[STAGE_IMPORTED] = "imported",
		[STAGE_CREDITED] = "credited",
	};

	return names[stage];
}

static uint64_t first_known(const struct story_page *p, const enum story_stage *order)
{
	while (*order != STAGES && !p->at[*order])
		order++;
	return *order == STAGES ? 0 : p->at[*order];
}

uint64_t story_flight_start(const struct story_page *p)
{
	static const enum story_stage order[] = { STAGE_PUSHED, STAGE_POSTED, STAGE_LANDED,
						  STAGE_TAKEN, STAGES };

	return first_known(p, order);
}

uint64_t story_flight_end(const struct story_page *p)
{
	/* The receiver's half of a trace knows the page from its landing on. */
	static const enum story_stage both[] = { STAGE_LANDED, STAGE_WRITTEN, STAGE_CREDITED,
						 STAGES };
	static const enum story_stage receiver[] = { STAGE_TAKEN, STAGE_IMPORTED, STAGES };

	return first_known(p, p->at[STAGE_PUSHED] || p->at[STAGE_POSTED] ? both : receiver);
}

const struct story_layer *story_source(const struct story *s, const struct story_page *p)
{
	const struct story_layer *source = NULL;

	for (uint32_t i = 0; i < s->n_layers; i++) {
		const struct story_layer *l = &s->layers[i];

		if (l->request == p->request && l->layer == p->layer &&
		    l->seen_ns <= p->at[STAGE_ASKED])
			source = l;
	}
	return source;
}

const char *story_layer_clock(const struct story *s)
{
	bool told = false, seen = false;

	for (uint32_t i = 0; i < s->n_layers; i++) {
		told |= s->layers[i].by_device;
		seen |= !s->layers[i].by_device;
	}
	if (told)
		return seen ? "both" : "device";
	return seen ? "runtime" : NULL;
}

static int by_start(const void *a, const void *b)
{
	const struct story_span *x = a, *y = b;

	return by_number(x->start_ns, y->start_ns);
}

uint64_t story_union(struct story_span *spans, uint32_t n, uint64_t until_ns)
{
	uint64_t total = 0, covered = 0;

	qsort(spans, n, sizeof(*spans), by_start);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t start = spans[i].start_ns > covered ? spans[i].start_ns : covered;
		uint64_t end = spans[i].end_ns < until_ns ? spans[i].end_ns : until_ns;

		if (end > start)
			total += end - start;
		if (end > covered)
			covered = end;
	}
	return total;
}

uint64_t story_computed(const struct story *s)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct tdm_trace_event *e = &s->events[i];

		if (e->kind == TDM_TRACE_PREFILL && e->time_ns + e->duration_ns > end)
			end = e->time_ns + e->duration_ns;
	}
	return end;
}
