// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "trace/json.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "trace/rows.h"

enum pid { PID_RUNTIME = 1, PID_NET = 2, PID_DEVICE = 10 };

enum tid {
	TID_REQUEST = 1,
	TID_PREFILL = 1,
	TID_LAYERS = 2,
	TID_EXPORT = 3,
	TID_IMPORT = 4,
	TID_DECODE = 5,
	TID_ROW = 1, /* of the network, and on */
};

struct writer_json {
	const struct story *s;
	FILE *out;
	bool more; /* an event is written: a comma comes first */
	bool failed;
};

/* Takes @value, which NULL is want of memory. */
static void put(struct writer_json *w, struct json_object *o, const char *key,
		struct json_object *value)
{
	if (o && value && !json_object_object_add(o, key, value))
		return;
	json_object_put(value);
	w->failed = true;
}

static void put_text(struct writer_json *w, struct json_object *o, const char *key,
		     const char *text)
{
	put(w, o, key, json_object_new_string(text));
}

static void put_number(struct writer_json *w, struct json_object *o, const char *key, uint64_t n)
{
	put(w, o, key, json_object_new_uint64(n));
}

/* Microseconds, to the nanosecond: more digits than a double prints nicely. */
static void put_us(struct writer_json *w, struct json_object *o, const char *key, uint64_t ns)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 ".%03u", ns / 1000, (unsigned int)(ns % 1000));
	put(w, o, key, json_object_new_double_s((double)ns / 1e3, text));
}

static struct json_object *event(struct writer_json *w, const char *phase, const char *name,
				 unsigned int pid, unsigned int tid)
{
	struct json_object *o = json_object_new_object();

	put_text(w, o, "name", name);
	put_text(w, o, "ph", phase);
	put_number(w, o, "pid", pid);
	put_number(w, o, "tid", tid);
	return o;
}

static struct json_object *args_of(struct writer_json *w, struct json_object *o)
{
	struct json_object *args = json_object_new_object();

	put(w, o, "args", args);
	return w->failed ? NULL : args;
}

/* Writes and frees it. */
static void emit(struct writer_json *w, struct json_object *o)
{
	const char *text = w->failed ? NULL : json_object_to_json_string_ext(o, 0);

	if (text)
		fprintf(w->out, "%s\n%s", w->more ? "," : "", text);
	else
		w->failed = true;
	w->more = true;
	json_object_put(o);
}

static struct json_object *span(struct writer_json *w, const char *name, const char *category,
				unsigned int pid, unsigned int tid, uint64_t start, uint64_t end)
{
	struct json_object *o = event(w, "X", name, pid, tid);

	put_text(w, o, "cat", category);
	put_us(w, o, "ts", start);
	put_us(w, o, "dur", end > start ? end - start : 0);
	return o;
}

static unsigned int pid_of(uint16_t device)
{
	return device == TDM_TRACE_NO_DEVICE ? PID_RUNTIME : PID_DEVICE + device;
}

/* The numbers of an event that it has. */
static void put_args(struct writer_json *w, struct json_object *o, const struct tdm_trace_event *e)
{
	struct json_object *args = args_of(w, o);

	put_number(w, args, "request", e->request);
	if (e->layer != TDM_TRACE_NO)
		put_number(w, args, "layer", e->layer);
	if (e->page != TDM_TRACE_NO)
		put_number(w, args, "page", e->page);
	if (e->pages)
		put_number(w, args, "pages", e->pages);
	if (e->token != TDM_TRACE_NO)
		put_number(w, args, "token", e->token);
	if (e->tokens)
		put_number(w, args, "tokens", e->tokens);
	if (e->code)
		put(w, args, "code", json_object_new_int(e->code));
	put_text(w, args, "clock", e->flags & TDM_TRACE_BY_DEVICE ? "device" : "runtime");
}

static void command(struct writer_json *w, const struct tdm_trace_event *e, unsigned int tid)
{
	struct json_object *o =
		span(w, tdm_trace_kind_name(e->kind), tdm_trace_lane_name(e->lane),
		     pid_of(e->device), tid, e->time_ns, e->time_ns + e->duration_ns);

	put_args(w, o, e);
	emit(w, o);
}

static void moment(struct writer_json *w, const struct tdm_trace_event *e, unsigned int pid,
		   unsigned int tid)
{
	struct json_object *o = event(w, "i", tdm_trace_kind_name(e->kind), pid, tid);

	put_text(w, o, "cat", tdm_trace_lane_name(e->lane));
	put_us(w, o, "ts", e->time_ns);
	put_text(w, o, "s", "t");
	put_args(w, o, e);
	emit(w, o);
}

static void plain_event(struct writer_json *w, const struct tdm_trace_event *e)
{
	switch (e->kind) {
	case TDM_TRACE_REQUEST:
		command(w, e, TID_REQUEST);
		break;
	case TDM_TRACE_PREFILL:
		command(w, e, TID_PREFILL);
		break;
	case TDM_TRACE_EXPORT:
		command(w, e, TID_EXPORT);
		break;
	case TDM_TRACE_IMPORT:
		command(w, e, TID_IMPORT);
		break;
	case TDM_TRACE_DECODE:
		command(w, e, TID_DECODE);
		break;
	case TDM_TRACE_SUBMIT:
		moment(w, e, pid_of(e->device), TID_PREFILL);
		break;
	case TDM_TRACE_FIRST:
	case TDM_TRACE_TOKEN:
	case TDM_TRACE_RETRY:
	case TDM_TRACE_LOST:
	case TDM_TRACE_FAILED:
	case TDM_TRACE_PEER_LOST:
	case TDM_TRACE_CORRUPT:
	case TDM_TRACE_AGAIN:
		moment(w, e, PID_RUNTIME, TID_REQUEST);
		break;
	default: /* told by the pages */
		break;
	}
}

static void layer(struct writer_json *w, const struct story_layer *l)
{
	struct json_object *o, *args;
	char name[32];

	snprintf(name, sizeof(name), "layer %u", l->layer);
	o = span(w, name, "layer", pid_of(l->device), TID_LAYERS, l->start_ns, l->end_ns);
	args = args_of(w, o);
	put_number(w, args, "request", l->request);
	put_number(w, args, "layer", l->layer);
	put_number(w, args, "token", l->token);
	put_number(w, args, "tokens", l->tokens);
	put_text(w, args, "clock", l->by_device ? "device" : "runtime");
	put(w, args, "seen_by_runtime", json_object_new_boolean(!l->by_device));
	if (!l->by_device) {
		put_us(w, args, "seen_us", l->seen_ns);
		put_number(w, args, "layers_of_this_look", l->together);
	}
	emit(w, o);
}

static void flight(struct writer_json *w, const struct story_page *p, unsigned int row)
{
	struct json_object *o, *args;
	char name[64];

	snprintf(name, sizeof(name), "layer %d page %u",
		 p->layer == TDM_TRACE_NO ? -1 : (int)p->layer, p->page);
	o = span(w, name, "page", PID_NET, TID_ROW + row, story_flight_start(p),
		 story_flight_end(p));
	args = args_of(w, o);
	put_number(w, args, "request", p->request);
	if (p->layer != TDM_TRACE_NO)
		put_number(w, args, "layer", p->layer);
	put_number(w, args, "page", p->page);
	put_number(w, args, "bytes", p->bytes);
	put_number(w, args, "sent_again", p->again);
	for (int i = 0; i < STAGES; i++) {
		snprintf(name, sizeof(name), "%s_us", story_stage_name((enum story_stage)i));
		if (p->at[i])
			put_us(w, args, name, p->at[i]);
	}
	emit(w, o);
	if (!p->at[STAGE_POSTED] || !p->at[STAGE_WRITTEN])
		return;
	o = span(w, "RDMA write", "write", PID_NET, TID_ROW + row, p->at[STAGE_POSTED],
		 p->at[STAGE_WRITTEN]);
	put_number(w, args_of(w, o), "page", p->page);
	emit(w, o);
}

static void flow(struct writer_json *w, const char *phase, const struct story_page *p,
		 unsigned int pid, unsigned int tid, uint64_t at)
{
	struct json_object *o = event(w, phase, "page", pid, tid);
	char id[48];

	snprintf(id, sizeof(id), "%" PRIx64 ".%u", p->request, p->page);
	put_text(w, o, "cat", "kv");
	put_text(w, o, "id", id);
	put_us(w, o, "ts", at);
	if (*phase != 's')
		put_text(w, o, "bp", "e");
	emit(w, o);
}

/* From the layer to the flight, and on to the import where that is known. */
static void follow(struct writer_json *w, const struct story_page *p, unsigned int row)
{
	const struct story_layer *from = story_source(w->s, p);

	if (!from || !story_flight_start(p))
		return;
	flow(w, "s", p, pid_of(from->device), TID_LAYERS, from->start_ns);
	flow(w, p->import_ns ? "t" : "f", p, PID_NET, TID_ROW + row, story_flight_start(p));
	if (p->import_ns)
		flow(w, "f", p, pid_of(p->importer), TID_IMPORT, p->import_ns);
}

struct change {
	uint64_t at;
	int by;
};

static int by_moment(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* How many pages are on their way, whenever that changes. */
static void count_pages(struct writer_json *w)
{
	struct change *changes = calloc(2 * (size_t)w->s->n_pages + 1, sizeof(*changes));
	uint32_t n = 0;
	int now = 0;

	if (!changes) {
		w->failed = true;
		return;
	}
	for (uint32_t i = 0; i < w->s->n_pages; i++) {
		const struct story_page *p = &w->s->pages[i];
		uint64_t start = p->at[STAGE_SEALED] ? p->at[STAGE_SEALED] : story_flight_start(p);
		uint64_t end = p->at[STAGE_IMPORTED] ? p->at[STAGE_IMPORTED] : story_flight_end(p);

		if (!start || !end)
			continue;
		changes[n++] = (struct change){ start, 1 };
		changes[n++] = (struct change){ end, -1 };
	}
	qsort(changes, n, sizeof(*changes), by_moment);
	for (uint32_t i = 0; i < n; i++) {
		struct json_object *o;

		now += changes[i].by;
		if (i + 1 < n && changes[i + 1].at == changes[i].at)
			continue;
		o = event(w, "C", "KV pages on their way", PID_NET, 0);
		put_us(w, o, "ts", changes[i].at);
		put(w, args_of(w, o), "pages", json_object_new_int(now));
		emit(w, o);
	}
	free(changes);
}

static void name_one(struct writer_json *w, const char *what, unsigned int pid, unsigned int tid,
		     const char *name)
{
	struct json_object *o = event(w, "M", what, pid, tid);

	put_text(w, args_of(w, o), "name", name);
	emit(w, o);
}

static void sort_one(struct writer_json *w, unsigned int pid, unsigned int place)
{
	struct json_object *o = event(w, "M", "process_sort_index", pid, 0);

	put_number(w, args_of(w, o), "sort_index", place);
	emit(w, o);
}

static bool has(const struct story *s, uint16_t device, enum tdm_trace_kind kind)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->events[i].device == device && s->events[i].kind == kind)
			return true;
	return false;
}

/* Whose times they are is the first thing to know of them. */
static void name_layers(struct writer_json *w, uint16_t device)
{
	const char *clock = story_layer_clock(w->s);

	if (!clock || !has(w->s, device, TDM_TRACE_LAYER))
		return;
	name_one(w, "thread_name", pid_of(device), TID_LAYERS,
		 strcmp(clock, "device") ? "layers (as the runtime saw them)"
					 : "layers (by the device's clock)");
}

static void name_device(struct writer_json *w, uint16_t device, const char *name)
{
	static const struct {
		enum tdm_trace_kind kind;
		enum tid tid;
		const char *name;
	} threads[] = {
		{ TDM_TRACE_PREFILL, TID_PREFILL, "prefill" },
		{ TDM_TRACE_EXPORT, TID_EXPORT, "KV export" },
		{ TDM_TRACE_IMPORT, TID_IMPORT, "KV import" },
		{ TDM_TRACE_DECODE, TID_DECODE, "decode" },
	};
	bool first = has(w->s, device, TDM_TRACE_PREFILL);
	char text[96];

	snprintf(text, sizeof(text), "device %s", name);
	name_one(w, "process_name", pid_of(device), 0, text);
	/* In the order of a page's way. */
	sort_one(w, pid_of(device), first ? 2 : 4);
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		if (has(w->s, device, threads[i].kind))
			name_one(w, "thread_name", pid_of(device), threads[i].tid, threads[i].name);
	name_layers(w, device);
}

static void name_all(struct writer_json *w, uint32_t rows)
{
	const char *name;
	char text[96];

	name_one(w, "process_name", PID_RUNTIME, 0, "tandem");
	sort_one(w, PID_RUNTIME, 1);
	name_one(w, "thread_name", PID_RUNTIME, TID_REQUEST, "requests");
	for (uint16_t i = 0; (name = tdm_trace_device_name(w->s->trace, i)); i++)
		name_device(w, i, name);
	if (!w->s->n_pages)
		return;
	snprintf(text, sizeof(text), "network %s", w->s->about.net ? w->s->about.net : "");
	name_one(w, "process_name", PID_NET, 0, text);
	sort_one(w, PID_NET, 3);
	for (uint32_t i = 0; i < rows; i++)
		name_one(w, "thread_name", PID_NET, TID_ROW + i, "pages");
}

static void put_or_null(struct writer_json *w, struct json_object *o, const char *key,
			const char *text)
{
	if (text)
		put_text(w, o, key, text);
	else if (json_object_object_add(o, key, NULL))
		w->failed = true;
}

static void about(struct writer_json *w)
{
	const struct story_about *a = &w->s->about;
	struct json_object *o = json_object_new_object();

	put_text(w, o, "schema", "tandem.trace.v1");
	put_text(w, o, "clock", "CLOCK_MONOTONIC");
	put_or_null(w, o, "model", a->model);
	put_or_null(w, o, "prefill_device", a->prefill_device);
	put_or_null(w, o, "decode_device", a->decode_device);
	put_or_null(w, o, "net", a->net);
	put_or_null(w, o, "layer_clock", story_layer_clock(w->s));
	put_number(w, o, "events", w->s->n);
	put_number(w, o, "dropped", w->s->dropped);
	if (a->result) {
		put_number(w, o, "prompt_tokens", a->n_prompt);
		put_number(w, o, "tokens", a->result->n_tokens);
		put_number(w, o, "kv_pages", a->result->kv_pages);
		put_number(w, o, "kv_bytes", a->result->kv_bytes);
		put_number(w, o, "ttft_ns", a->result->ttft_ns);
		put_number(w, o, "prefill_ns", a->result->prefill_ns);
		put_number(w, o, "transfer_ns", a->result->transfer_ns);
		put_number(w, o, "hidden_ns", a->result->hidden_ns);
		put_number(w, o, "decode_ns", a->result->decode_ns);
	}
	if (!w->failed)
		fprintf(w->out, "\n],\n\"otherData\":%s}\n", json_object_to_json_string_ext(o, 0));
	json_object_put(o);
}

int trace_json(const struct story *story, FILE *out)
{
	struct writer_json w = { .s = story, .out = out };
	uint32_t rows, *row = trace_rows(story, &rows);

	if (!row)
		return -ENOMEM;
	fputs("{\"displayTimeUnit\":\"ms\",\n\"traceEvents\":[", out);
	name_all(&w, rows);
	for (uint32_t i = 0; i < story->n; i++)
		plain_event(&w, &story->events[i]);
	for (uint32_t i = 0; i < story->n_layers; i++)
		layer(&w, &story->layers[i]);
	for (uint32_t i = 0; i < story->n_pages; i++) {
		if (!story_flight_start(&story->pages[i]))
			continue;
		flight(&w, &story->pages[i], row[i]);
		follow(&w, &story->pages[i], row[i]);
	}
	count_pages(&w);
	about(&w);
	free(row);
	return w.failed ? -ENOMEM : 0;
}
