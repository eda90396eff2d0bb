// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem bench: how fast is a device, and how evenly?
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <time.h>

#include "bench/bench.h"
#include "command.h"
#include "interrupt.h"
#include "host/nodes.h"

#define KEY_PEER 1
#define KEY_ONLY 2
#define MAX_SAMPLES 1000000
#define MIN_SAMPLES 10
#define QUEUE_ENTRIES 256

static const struct argp_option options[] = {
	{ "samples", 'n', "N", 0, "Samples of the shortest figures (default 2000)", 1 },
	{ "only", KEY_ONLY, "PATTERN", 0, "Only figures whose name matches, as a shell matches",
	  1 },
	{ "model", 'm', "FILE", 0, "Model for prefill, decode and KV pages", 1 },
	{ "peer", KEY_PEER, "DEV", 0, "Device that KV pages go to (default soft:cs3)", 1 },
	DEVICE_OPTION_NET("Network for the KV pages"),
	DEVICE_OPTION_JSON,
	{ 0 },
};

static uint32_t count(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (end == arg || *end || *arg == '-' || n < MIN_SAMPLES || n > MAX_SAMPLES)
		argp_error(state,
			   "--samples '%s': not a number in its range; give one from %d to %d", arg,
			   MIN_SAMPLES, MAX_SAMPLES);
	return (uint32_t)n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct bench_options *o = state->input;

	switch (key) {
	case 'n':
		o->samples = count(arg, state);
		return 0;
	case KEY_ONLY:
		o->only = arg;
		return 0;
	case 'm':
		o->model = arg;
		return 0;
	case KEY_PEER:
		o->peer = arg;
		return 0;
	default:
		return device_option(&o->on, key, arg, state);
	}
}

const struct argp bench_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "DEV",
	.doc = "Measure a device: latency, rate, copies, checksums, and with a model prefill, "
	       "decode "
	       "and the transfer of KV pages, as percentiles.\v"
	       "Times are measured in this process, from submission to completion. P99 is what 99 "
	       "of 100 samples did at least as well as; a rate's is therefore below its P50. An "
	       "emulated device is as fast as this machine: its figures say nothing of hardware.",
};

uint64_t bench_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

bool bench_wanted(const struct bench *b, const char *name)
{
	return !b->opts->only || !fnmatch(b->opts->only, name, 0);
}

bool bench_stopped(const struct bench *b)
{
	return b->opts->stop && __atomic_load_n(b->opts->stop, __ATOMIC_RELAXED);
}

enum head { HEAD_DEVICE, HEAD_EMULATED, HEADS };

static const struct view_column heads[HEADS] = {
	[HEAD_DEVICE] = { "device", "device", VIEW_TEXT },
	[HEAD_EMULATED] = { "emulated", "emulated in software", VIEW_FLAG },
};

static int open_bench(struct bench *b, struct tdm_error *err)
{
	struct view_row *head;
	struct tdm_error full;

	b->dev = tdm_device_open(b->opts->on.device, err);
	if (!b->dev)
		return err->code;
	b->queue = tdm_queue_create(b->dev, QUEUE_ENTRIES, err);
	if (!b->queue)
		return err->code;
	b->mem = tdm_buffer_create(b->dev, TDM_DOMAIN_DEVICE, BENCH_MEM_BYTES,
				   TDM_ACCESS_READ | TDM_ACCESS_WRITE, &full);
	b->times = calloc(b->opts->samples, sizeof(*b->times));
	if (!b->times)
		return tdm_error_set(err, -ENOMEM, "samples: out of memory; take fewer");
	b->view = view_create("tandem.bench.device.v1");
	head = view_record(b->view, NULL, heads, HEADS);
	view_text(head, HEAD_DEVICE, b->opts->on.device);
	view_flag(head, HEAD_EMULATED, tdm_device_info(b->dev)->identify.emulated != 0);
	bench_parts(b);
	return 0;
}

static void close_device(struct bench *b)
{
	tdm_buffer_destroy(b->mem);
	tdm_queue_destroy(b->queue);
	if (b->dev)
		tdm_device_close(b->dev);
	b->mem = NULL;
	b->queue = NULL;
	b->dev = NULL;
}

int command_bench(int argc, char **argv)
{
	struct bench_options o = { .samples = 2000, .peer = "soft:cs3" };
	struct bench b = { .opts = &o };
	struct node node, peer;
	struct tdm_error err;
	int rc;

	if (command_parse(&bench_argp, argc, argv, &o, &err))
		return command_failed(&err);
	o.on.device = nodes_path(o.on.device, &node);
	o.peer = nodes_path(o.peer, &peer);
	interrupt_start();
	o.stop = interrupt_word();
	rc = open_bench(&b, &err);
	if (!rc)
		rc = bench_device(&b, &err);
	close_device(&b);
	if (!rc)
		rc = bench_model(&b, &err);
	/* A signal ends the figure that runs; what was measured until then is shown. */
	if (rc == -ECANCELED && interrupt_name())
		rc = 0;
	rc = view_finish(b.view, o.on.json, rc, &err);
	free(b.times);
	if (rc)
		return command_could_not(&err);
	if (interrupt_name())
		interrupt_exit();
	return EXIT_DONE;
}
