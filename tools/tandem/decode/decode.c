// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem decode: what a coredump or a bundle says, and what went wrong.
 */
#include "decode/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "host/sysfile.h"

struct decode_options {
	bool json;
	const char *file;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct decode_options *o = state->input;

	switch (key) {
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->file)
			argp_error(state, "'%s': a second file; give one", arg);
		o->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->file)
			argp_error(state, "no file; give one, or - for standard input");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp decode_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE",
	.doc = "Explain a coredump of the driver or a bundle of 'tandem dump': who was at work, "
	       "with which command, what its addresses hit, and what went wrong.\v"
	       "FILE - is standard input. A coredump waits in /sys/class/devcoredump/devcd*/data "
	       "(for root), and reading does not take it away. Exit code 1: something is wrong "
	       "or ordered to be, 0: nothing is.",
};

/* Return: @len bytes, to be freed, or NULL with @err */
static char *load(const char *file, size_t *len, struct tdm_error *err)
{
	int error = 0;
	int fd = strcmp(file, "-") != 0 ? open(file, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	char *text = sys_load(fd < 0 ? -errno : fd, DECODE_MAX_BYTES + 1, len, &error);

	if (text)
		return text;
	if (error == -EACCES || error == -EPERM)
		tdm_error_set(err, error,
			      "%s: no permission to read it; sudo tandem decode reads it", file);
	else
		tdm_error_set(err, error == -ENOENT ? -EIO : error,
			      "%s: it cannot be read: %s; give a coredump or a bundle", file,
			      strerror(-error));
	return NULL;
}

int command_decode(int argc, char **argv)
{
	struct decode_options o = { 0 };
	struct decode_judgement judgement;
	struct tdm_error err;
	struct decode d;
	size_t len;
	char *text;
	int rc;

	if (command_parse(&decode_argp, argc, argv, &o, &err))
		return command_could_not(&err);
	text = load(o.file, &len, &err);
	if (!text)
		return command_could_not(&err);
	rc = decode_read(&d, text, len, strcmp(o.file, "-") ? o.file : "standard input", &err);
	free(text);
	if (!rc)
		rc = decode_show(&d, o.json, &err);
	if (rc) {
		rc = command_could_not(&err);
	} else {
		decode_judge(&d, &judgement);
		rc = judgement.verdict == DECODE_FINE ? EXIT_DONE : EXIT_FAILED;
	}
	decode_free(&d);
	return rc;
}
