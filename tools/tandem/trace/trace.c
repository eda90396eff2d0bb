// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem trace: generate, with a timeline of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "run/generate.h"
#include "trace/file.h"
#include "trace/json.h"
#include "trace/merge.h"
#include "trace/svg.h"
#include "trace/table.h"

/* To find out what an event costs. */
#define SAMPLES 4096

enum key {
	KEY_SVG = 256,
	KEY_EVENTS,
	KEY_JSON,
	KEY_MERGE,
};

struct trace_options {
	const char *output;
	const char *svg;
	uint32_t events;
	bool json;
	bool merge;
	int argc; /* generate's, or files */
	char **argv;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "Write a trace for Perfetto (ui.perfetto.dev) or chrome://tracing to FILE", 1 },
	{ "svg", KEY_SVG, "FILE", 0, "Write a picture of it to FILE", 1 },
	{ "events", KEY_EVENTS, "N", 0,
	  "Room for N events of 64 bytes; those behind are counted and dropped (default 262144)",
	  2 },
	{ "json", KEY_JSON, NULL, 0, "Print the summary as one JSON object, and no text", 2 },
	{ "merge", KEY_MERGE, NULL, 0,
	  "Run nothing: make one trace of the FILEs, which processes of one host wrote", 3 },
	{ 0 },
};

static uint32_t count(const char *arg, struct argp_state *state)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || strchr(arg, '-') || !value || value > 1UL << 28)
		argp_error(state,
			   "--events '%s': not a whole number in its range; give one from 1 to %lu",
			   arg, 1UL << 28);
	return (uint32_t)value;
}

static void check(const struct trace_options *o, struct argp_state *state)
{
	if (o->merge && (!o->output || o->svg || o->argc < 2))
		argp_error(state, "--merge makes one trace of several; give -o FILE and two files "
				  "or more");
	if (!o->argc)
		argp_error(state, "nothing to run; give options of generate behind --");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace_options *o = state->input;

	switch (key) {
	case 'o':
		o->output = arg;
		return 0;
	case KEY_SVG:
		o->svg = arg;
		return 0;
	case KEY_EVENTS:
		o->events = count(arg, state);
		return 0;
	case KEY_JSON:
		o->json = true;
		return 0;
	case KEY_MERGE:
		o->merge = true;
		return 0;
	case ARGP_KEY_ARGS:
		o->argc = state->argc - state->next;
		o->argv = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		check(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp trace_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "-- GENERATE-OPTION...\n--merge -o FILE FILE...",
	.doc = "Run a prompt as 'tandem generate' does, and show when each layer was computed, "
	       "when its KV pages were on their way, and when each token was made.\v"
	       "Times of commands and of layers' ends are the devices' own, moved to "
	       "CLOCK_MONOTONIC; those of pages are when this process saw or did it. A device "
	       "with older firmware tells that a layer is done, not when: a layer's end is when "
	       "that was seen then, which is up to about a millisecond late; layers that were "
	       "seen in one look share the time. The trace says which of the two it is.\n\n"
	       "'tandem worker --trace FILE' writes a worker's half. The halves of one host have "
	       "the same clock, and --merge makes one of them.",
};

struct tracing {
	const struct trace_options *opts;
	struct tdm_trace *trace;
	struct trace_file json, svg;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Nanoseconds to read the clock and record an event, 0 without memory to try it. */
static double cost(void)
{
	struct tdm_trace *trace = tdm_trace_create(SAMPLES);
	uint64_t start = now_ns();

	for (int i = 0; i < SAMPLES; i++) {
		const struct tdm_trace_event event = {
			.time_ns = now_ns(),
			.kind = TDM_TRACE_PUSHED,
		};

		tdm_trace_add(trace, &event);
	}
	start = now_ns() - start;
	tdm_trace_destroy(trace);
	return trace ? (double)start / SAMPLES : 0;
}

static int write_all(struct tracing *t, const struct story *story, struct tdm_error *err)
{
	int rc = 0;

	if (t->json.out)
		rc = trace_file_write(&t->json, trace_json, story, err);
	if (!rc && t->svg.out)
		rc = trace_file_write(&t->svg, trace_svg, story, err);
	if (!rc)
		rc = trace_table(story, cost(), t->opts->json ? VIEW_JSON : VIEW_TABLE, err);
	return rc;
}

static int done(void *ctx, const struct generate_options *opts, const struct report *report)
{
	struct tracing *t = ctx;
	const struct story_about about = {
		.model = trace_file_base(opts->model),
		.prefill_device = report->prefill_device,
		.decode_device = report->decode_device,
		.net = report->net,
		.result = report->result,
		.mode = report->mode,
		.n_prompt = report->n_prompt,
	};
	struct tdm_error err;
	struct story story;
	int rc = 0;

	if (story_tell(&story, t->trace, &about))
		rc = tdm_error_set(&err, -ENOMEM, "trace: out of memory; take fewer --events");
	if (!rc)
		rc = write_all(t, &story, &err);
	story_forget(&story);
	return rc ? command_failed(&err) : EXIT_DONE;
}

static int open_all(struct tracing *t, struct tdm_error *err)
{
	int rc = 0;

	if (t->opts->output)
		rc = trace_file_open(&t->json, t->opts->output, err);
	if (!rc && t->opts->svg)
		rc = trace_file_open(&t->svg, t->opts->svg, err);
	if (rc)
		return rc;
	t->trace = tdm_trace_create(t->opts->events);
	return t->trace ? 0
			: tdm_error_set(err, -ENOMEM,
					"trace: no memory for %u events; take fewer "
					"--events",
					t->opts->events);
}

static int run(struct tracing *t)
{
	struct generate_hook hook = {
		.trace = t->trace,
		.quiet = t->opts->json,
		.done = done,
		.ctx = t,
	};
	char **argv = calloc((size_t)t->opts->argc + 2, sizeof(*argv));
	char name[] = "tandem generate";
	struct tdm_error err;
	int rc;

	if (!argv) {
		tdm_error_set(&err, -ENOMEM, "options: out of memory; free some");
		return command_failed(&err);
	}
	argv[0] = name;
	memcpy(argv + 1, t->opts->argv, (size_t)t->opts->argc * sizeof(*argv));
	rc = generate_run(t->opts->argc + 1, argv, &hook);
	free(argv);
	return rc;
}

static int merge(struct tracing *t)
{
	struct tdm_error err;
	int rc = trace_file_open(&t->json, t->opts->output, &err);

	if (!rc)
		rc = trace_merge(t->opts->argv, t->opts->argc, t->json.out, &err);
	if (!rc)
		rc = trace_file_end(&t->json, 0, &err);
	return rc ? command_failed(&err) : EXIT_DONE;
}

int command_trace(int argc, char **argv)
{
	struct trace_options opts = { .events = TRACE_FILE_EVENTS };
	struct tracing t = { .opts = &opts };
	struct tdm_error err;
	int rc;

	if (command_parse(&trace_argp, argc, argv, &opts, &err))
		return command_failed(&err);
	if (opts.merge)
		rc = merge(&t);
	else
		rc = open_all(&t, &err) ? command_failed(&err) : run(&t);
	trace_file_close(&t.json);
	trace_file_close(&t.svg);
	tdm_trace_destroy(t.trace);
	return rc;
}
