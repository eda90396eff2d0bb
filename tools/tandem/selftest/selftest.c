// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem selftest: does a device do what its contract says?
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "device_options.h"
#include "host/nodes.h"
#include "selftest/selftest.h"
#include "selftest/report.h"

#define KEY_LEVEL 1
#define KEY_JUNIT 2
#define KEY_SEED 3
#define KEY_LIST 4
#define KEY_DISRUPT 5
#define QUEUE_ENTRIES 64

static const struct selftest *const areas[] = {
	selftest_memory,  selftest_command, selftest_fault,  selftest_queue,
	selftest_compute, selftest_net,	    selftest_stress, selftest_inject,
};

#define N_AREAS (sizeof(areas) / sizeof(areas[0]))

struct options {
	struct device_options on; /* optional with 'list' */
	const char *pattern;	  /* of AREA/NAME */
	const char *junit;
	enum selftest_level level;
	uint64_t seed;
	bool list;
	bool disrupt;
};

static const struct argp_option options[] = {
	{ "level", KEY_LEVEL, "LEVEL", 0,
	  "quick (default), full, or stress: each has the tests of those before it", 1 },
	{ "test", 't', "PATTERN", 0, "Only tests whose AREA/NAME matches, as a shell matches", 1 },
	DEVICE_OPTION_NET("NIC of the loopback test"),
	{ "seed", KEY_SEED, "N", 0, "Seed of random data (default 1)", 1 },
	{ "disrupt", KEY_DISRUPT, NULL, 0,
	  "Run tests that hit other clients of the device as well: injected faults, a reset. Soft "
	  "devices have none",
	  1 },
	{ "list", KEY_LIST, NULL, 0, "List the tests and run none", 1 },
	DEVICE_OPTION_JSON,
	{ "junit", KEY_JUNIT, "FILE", 0, "Write the results as JUnit XML as well", 2 },
	{ 0 },
};

static enum selftest_level level_of(const char *arg, struct argp_state *state)
{
	static const char *const names[] = { "quick", "full", "stress" };

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(arg, names[i]))
			return (enum selftest_level)i;
	argp_error(state, "--level '%s': no such level; take quick, full or stress", arg);
	return SELFTEST_QUICK;
}

static uint64_t seed_of(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long long seed;

	errno = 0;
	seed = strtoull(arg, &end, 0);
	if (errno || end == arg || *end || *arg == '-')
		argp_error(state, "--seed '%s': not a number; give one from 0 to 2^64 - 1", arg);
	return seed;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case KEY_LEVEL:
		o->level = level_of(arg, state);
		return 0;
	case 't':
		o->pattern = arg;
		return 0;
	case KEY_SEED:
		o->seed = seed_of(arg, state);
		return 0;
	case KEY_DISRUPT:
		o->disrupt = true;
		return 0;
	case KEY_LIST:
		o->list = true;
		o->on.optional = true;
		return 0;
	case KEY_JUNIT:
		o->junit = arg;
		return 0;
	default:
		return device_option(&o->on, key, arg, state);
	}
}

const struct argp selftest_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "DEV",
	.doc = "Test a device: memory, commands, faults, queues, compute, KV pages, RDMA.\v"
	       "The tests run in a context of their own beside other clients, and leave nothing "
	       "behind. Results are pass, warn, fail, error (could not tell) and skip, each with "
	       "its reason; the exit code is 1 when a test failed, 5 when one could not tell.",
};

/* Return: 0 or -errno with @err */
static int open_queue(struct rig *rig, struct tdm_error *err)
{
	rig->queue = tdm_queue_create(rig->dev, QUEUE_ENTRIES, err);
	return rig->queue ? 0 : err->code;
}

static int open_rig(struct rig *rig, const struct options *o, struct tdm_error *err)
{
	struct node node;

	*rig = (struct rig){
		.net = o->on.net,
		.level = o->level,
		.seed = o->seed,
		.disrupt = o->disrupt,
	};
	rig->dev = tdm_device_open(nodes_path(o->on.device, &node), err);
	if (!rig->dev)
		return err->code;
	rig->mem = tdm_buffer_create(rig->dev, TDM_DOMAIN_HOST, RIG_BYTES,
				     TDM_ACCESS_READ | TDM_ACCESS_WRITE, err);
	if (!rig->mem)
		return err->code;
	return open_queue(rig, err);
}

static void close_rig(struct rig *rig)
{
	tdm_queue_destroy(rig->queue);
	tdm_buffer_destroy(rig->mem);
	if (rig->dev)
		tdm_device_close(rig->dev);
}

/* A test may have left its queue with something open, or lost: the next gets its own. */
static struct selftest_outcome run_test(struct rig *rig, const struct selftest *test)
{
	struct selftest_outcome outcome;
	struct tdm_error err;

	if (!rig->queue && open_queue(rig, &err))
		return selftest_say(SELFTEST_ERROR, "%.180s", err.msg);
	outcome = test->run(rig);
	if (outcome.result != SELFTEST_PASS || tdm_queue_open(rig->queue)) {
		tdm_queue_destroy(rig->queue);
		rig->queue = NULL;
	}
	return outcome;
}

static bool wanted(const struct options *o, const struct selftest *test)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/%s", test->area, test->name);
	return test->level <= o->level && (!o->pattern || !fnmatch(o->pattern, name, 0));
}

static int run_all(struct rig *rig, const struct options *o, struct selftest_report *report)
{
	int n = 0;

	for (size_t a = 0; a < N_AREAS; a++)
		for (const struct selftest *test = areas[a]; test->name; test++) {
			struct selftest_outcome outcome = selftest_pass();
			uint64_t start = rig_now_ns();

			if (!wanted(o, test))
				continue;
			n++;
			if (rig)
				outcome = run_test(rig, test);
			selftest_report_add(report, test, rig ? &outcome : NULL,
					    rig_now_ns() - start);
		}
	return n;
}

static int finish(struct selftest_report *report, const struct options *o, struct tdm_error *err)
{
	int rc = selftest_report_print(report, o->on.json, err);

	if (!rc && o->junit)
		rc = selftest_report_junit(report, o->junit, err);
	return rc;
}

int command_selftest(int argc, char **argv)
{
	struct options o = { .seed = 1 };
	struct selftest_report *report;
	struct tdm_error err;
	struct rig rig;
	int rc = 0, n;

	if (command_parse(&selftest_argp, argc, argv, &o, &err))
		return command_failed(&err);
	report = selftest_report_create(o.list ? NULL : o.on.device);
	if (!o.list) {
		rc = open_rig(&rig, &o, &err);
		if (rc)
			command_could_not(&err);
	}
	n = rc ? 0 : run_all(o.list ? NULL : &rig, &o, report);
	if (!o.list)
		close_rig(&rig);
	if (rc) {
		rc = command_exit_code(&err);
	} else if (!n) {
		tdm_error_set(&err, -EINVAL,
			      "--test '%s': no such test at this level; --list names them",
			      o.pattern);
		command_failed(&err);
		rc = EXIT_USAGE;
	} else {
		rc = finish(report, &o, &err) ? command_could_not(&err)
					      : selftest_report_exit_code(report);
	}
	selftest_report_destroy(report);
	return rc;
}
