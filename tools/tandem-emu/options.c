// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "options.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "core/firmware.h"
#include "tandem_emu.h"

#define EXIT_USAGE 2
#define THREADS_MAX 256
#define BOUND_MIN_MS 100
#define BOUND_MAX_MS 120000

enum key { KEY_NODE = 256, KEY_USER, KEY_BOUND };

static const struct argp_option options[] = {
	{ "threads", 't', "N", 0, "Compute threads of each device (default 2)", 0 },
	{ "user", KEY_USER, "NAME", 0, "Who to be once the devices exist (default nobody)", 0 },
	{ "bound", KEY_BOUND, "MS", 0,
	  "Milliseconds in which a device answers the driver, or is reset (default 30000)", 0 },
	{ "node", KEY_NODE, "PATH", 0, "The control node (default " TDM_EMU_NODE ")", 0 },
	{ 0 },
};

static unsigned int threads(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (end == arg || *end || strchr(arg, '-') || !n || n > THREADS_MAX)
		argp_error(state, "--threads '%s': not a number of threads; use 1 to %d", arg,
			   THREADS_MAX);
	return (unsigned int)n;
}

static unsigned int bound(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long ms = strtoul(arg, &end, 10);

	if (end == arg || *end || strchr(arg, '-') || ms < BOUND_MIN_MS || ms > BOUND_MAX_MS)
		argp_error(state, "--bound '%s': not a bound; use %d to %d (milliseconds)", arg,
			   BOUND_MIN_MS, BOUND_MAX_MS);
	return (unsigned int)ms;
}

static void add(struct emu_options *o, const char *model, struct argp_state *state)
{
	if (!fw_profile_find(model))
		argp_error(state, "'%s': no such device; use trn2, trn3 or cs3", model);
	if (o->n_models == EMU_DEVICES_MAX)
		argp_error(state, "'%s': more than %d devices; start tandem-emu again for it",
			   model, EMU_DEVICES_MAX);
	o->models[o->n_models++] = model;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct emu_options *o = state->input;

	switch (key) {
	case 't':
		o->threads = threads(arg, state);
		return 0;
	case KEY_BOUND:
		o->bound_ms = bound(arg, state);
		return 0;
	case KEY_NODE:
		o->node = arg;
		return 0;
	case KEY_USER:
		o->user = arg;
		return 0;
	case ARGP_KEY_ARG:
		add(o, arg, state);
		return 0;
	case ARGP_KEY_END:
		if (!o->n_models)
			argp_error(state, "no device; name some: trn2, trn3, cs3");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct emu_options emu_options_parse(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "DEVICE...",
		.doc = "Serve emulated devices to the kernel's driver, until it is stopped by "
		       "SIGINT or SIGTERM.\v"
		       "A DEVICE is trn2, trn3 or cs3. Its node is printed once it can be used. "
		       "Everything computes for real, at the speed of this machine.",
	};
	struct emu_options o = { .node = TDM_EMU_NODE, .user = "nobody", .threads = 2 };

	argp_program_version = "tandem-emu " TANDEM_VERSION;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	return o;
}
