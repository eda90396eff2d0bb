// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "metrics/metrics.h"

#include <stdlib.h>

#include "command.h"
#include "interrupt.h"
#include "output.h"

static const struct argp_option options[] = {
	{ "listen", 'l', "ADDR:PORT", 0, "Serve them over HTTP at /metrics, on that address alone",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **listen = state->input;

	switch (key) {
	case 'l':
		*listen = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; --listen takes the address", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp metrics_argp = {
	.options = options,
	.parser = parse,
	.doc = "Print metrics in Prometheus' text format, or serve them.",
};

static int print(struct tdm_error *err)
{
	size_t len;
	char *text = metrics_text(&len, err);
	int rc;

	if (!text)
		return err->code;
	rc = output_write(text, len, true);
	free(text);
	return rc ? output_error(rc, err) : 0;
}

int command_metrics(int argc, char **argv)
{
	const char *listen = NULL;
	struct tdm_error err;

	if (command_parse(&metrics_argp, argc, argv, &listen, &err))
		return command_failed(&err);
	if (!listen)
		return print(&err) ? command_failed(&err) : EXIT_DONE;
	interrupt_start();
	if (metrics_serve(listen, &err))
		return command_could_not(&err);
	interrupt_exit();
}
