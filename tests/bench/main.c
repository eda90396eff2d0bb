// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem-bench: what the stack does, beside what the machine could.
 */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "pin.h"
#include "report.h"

#define EXIT_USAGE 2

static const struct {
	const char *name;
	const char *what;
	void (*run)(struct bench *b);
} groups[] = {
	{ "nop", "what a command costs", bench_nop },
	{ "calls", "system calls and context switches of a command", bench_calls },
	{ "pages", "KV pages between two devices", bench_pages },
	{ "transfer", "pages by the transfer agent, reserved to committed", bench_transfer },
	{ "hidden", "how much of a transfer prefill hides, by layers", bench_hidden },
	{ "tokens", "tokens a second, and the way to the first one", bench_tokens },
	{ "load", "opening a large model", bench_load },
	{ "trace", "recording an event", bench_trace },
	{ "watched", "tokens a second while 'tandem top' looks", bench_watched },
};

#define N_GROUPS (sizeof(groups) / sizeof(groups[0]))

enum key { KEY_QUICK = 256, KEY_LIST };

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object (schema tandem.bench.v1)", 0 },
	{ "runs", 'r', "N", 0, "Runs of each measurement, 1 to 99 (default 7)", 0 },
	{ "only", 'o', "GROUP", 0,
	  "nop, calls, pages, transfer, hidden, tokens, load, trace or watched (default: all)", 0 },
	{ "list", KEY_LIST, NULL, 0, "List the groups", 0 },
	{ "net", 'n', "NET", 0, "Network of the transfers, as tandem generate --net (default soft)",
	  0 },
	{ "model", 'm', "FILE", 0, "The model beside the random ones", 0 },
	{ "quick", KEY_QUICK, NULL, 0, "Small sizes: shows that it works, and no more", 0 },
	{ 0 },
};

struct choice {
	struct bench *b;
	const char *only;
	bool json;
	bool list;
};

static bool is_group(const char *name)
{
	for (size_t i = 0; i < N_GROUPS; i++)
		if (!strcmp(groups[i].name, name))
			return true;
	return false;
}

static int list(void)
{
	for (size_t i = 0; i < N_GROUPS; i++)
		printf("%-9s%s\n", groups[i].name, groups[i].what);
	if (fflush(stdout))
		bench_fail("the list could not be printed; make room where it goes", NULL);
	return 0;
}

static unsigned int runs(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (end == arg || *end || strchr(arg, '-') || !n || n > MAX_RUNS)
		argp_error(state, "--runs '%s': not a whole number from 1 to %d", arg, MAX_RUNS);
	return (unsigned int)n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct choice *c = state->input;

	switch (key) {
	case 'j':
		c->json = true;
		return 0;
	case 'r':
		c->b->runs = runs(arg, state);
		return 0;
	case 'o':
		if (!is_group(arg))
			argp_error(state, "--only '%s': no such group; see --help", arg);
		c->only = arg;
		return 0;
	case 'n':
		c->b->net = arg;
		return 0;
	case 'm':
		c->b->model = arg;
		return 0;
	case KEY_LIST:
		c->list = true;
		return 0;
	case KEY_QUICK:
		c->b->quick = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': takes no argument", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "Measure the stack beside the limits of this machine and its peers.",
	};
	static struct bench b = { .runs = 7, .pinned = -1, .model = TANDEM_BENCH_MODEL };
	struct choice choice = { .b = &b };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &choice);
	if (choice.list)
		return list();
	pin_choose(&b.allowed, &b.near, &b.far);
	if (getloadavg(&b.load, 1) != 1)
		b.load = NAN;
	for (size_t i = 0; i < N_GROUPS; i++)
		if (!choice.only || !strcmp(choice.only, groups[i].name))
			groups[i].run(&b);
	pin_release(&b.allowed);
	if (choice.json ? report_json(&b) : report_table(&b))
		bench_fail("the result could not be printed; make room where it goes", NULL);
	return 0;
}
