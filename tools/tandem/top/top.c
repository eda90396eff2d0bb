// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "top/top.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "interrupt.h"

#define MIN_S 0.05
#define MAX_S 3600.0

enum {
	OPT_ONCE = 256,
};

static const struct argp_option option_table[] = {
	{ "once", OPT_ONCE, NULL, 0, "Print tables once, of two readings, and end", 0 },
	{ "json", 'j', NULL, 0, "Print JSON: one object a line, or one with --once", 0 },
	{ "interval", 'i', "SECONDS", 0, "Between two readings (1)", 0 },
	{ "count", 'n', "N", 0, "End after so many (no end)", 0 },
	{ 0 },
};

static double parse_seconds(const char *arg, struct argp_state *state)
{
	char *end;
	double s = strtod(arg, &end);

	if (end == arg || *end || !isfinite(s) || s < MIN_S || s > MAX_S)
		argp_error(state, "'%s': no interval; take 0.05 to 3600 seconds", arg);
	return s;
}

static uint64_t parse_count(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || !n)
		argp_error(state, "'%s': no count; take a whole number from 1 on", arg);
	return n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct top_options *options = state->input;

	switch (key) {
	case OPT_ONCE:
		options->once = true;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case 'i':
		options->interval_s = parse_seconds(arg, state);
		return 0;
	case 'n':
		options->count = parse_count(arg, state);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; 'tandem info' shows one device", arg);
		return 0;
	case ARGP_KEY_END:
		if (options->once && options->count)
			argp_error(state, "--count: --once is one already; leave one of them out");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp top_argp = {
	.options = option_table,
	.parser = parse,
	.doc = "Show what devices, processes, queues, engines, KV pools, transfer agents and RDMA "
	       "ports do.\v"
	       "On the screen, 1 to 0 show one section alone, a all of them; arrows move, ? names "
	       "all keys. Queues of the driver's devices are shown to root.",
};

int top_take(struct seen *seen, struct tdm_error *err)
{
	return seen_take(
		seen, SEEN_KERNEL | SEEN_QUEUES | SEEN_OBSERVED | SEEN_PROCESSES | SEEN_RDMA_PORTS,
		err);
}

/* Until @at, in ns of CLOCK_MONOTONIC, or a signal. */
static void sleep_until(uint64_t at)
{
	const struct timespec when = { .tv_sec = (time_t)(at / 1000000000),
				       .tv_nsec = (long)(at % 1000000000) };

	while (!*interrupt_word() &&
	       clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

/* Readings, each printed with the one before it. Return: 0 or -errno with @err */
static int print_all(const struct top_options *options, struct tdm_error *err)
{
	uint64_t n = options->once ? 1 : options->count;
	enum view_format format = !options->json  ? VIEW_TABLE
				  : options->once ? VIEW_JSON
						  : VIEW_JSON_LINE;
	struct seen before, now;
	int rc = top_take(&before, err);

	for (uint64_t i = 0; !rc && (!n || i < n); i++) {
		sleep_until(before.taken_ns + (uint64_t)(options->interval_s * 1e9));
		if (*interrupt_word())
			break;
		rc = top_take(&now, err);
		if (!rc)
			rc = top_print(&before, &now, format, err);
		seen_free(&before);
		before = now;
	}
	seen_free(&before);
	return rc;
}

int command_top(int argc, char **argv)
{
	struct top_options options = { .interval_s = 1 };
	struct tdm_error err;
	int rc;

	if (command_parse(&top_argp, argc, argv, &options, &err))
		return command_failed(&err);
	interrupt_start();
	rc = options.once || options.json ? print_all(&options, &err) : top_screen(&options, &err);
	if (rc == -ENOTTY)
		return command_could_not(&err);
	if (rc)
		return command_failed(&err);
	if (*interrupt_word())
		interrupt_exit();
	return EXIT_DONE;
}
