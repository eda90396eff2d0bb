// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int command_failed(const struct tdm_error *err)
{
	fprintf(stderr, "tandem: %s\n", err->msg);
	return EXIT_FAILED;
}

int command_could_not(const struct tdm_error *err)
{
	command_failed(err);
	return command_exit_code(err);
}

int command_not_begun(const struct tdm_error *err)
{
	int code = command_could_not(err);

	return code == EXIT_COULD_NOT ? EXIT_FAILED : code;
}

int command_exit_code(const struct tdm_error *err)
{
	switch (err->code) {
	case -ENODEV:
		return EXIT_NO_DEVICE;
	case -EACCES:
	case -EPERM:
		return EXIT_PERMISSION;
	default:
		return EXIT_COULD_NOT;
	}
}

int command_parse(const struct argp *argp, int argc, char **argv, void *input,
		  struct tdm_error *err)
{
	error_t code = argp_parse(argp, argc, argv, 0, NULL, input);

	if (!code)
		return 0;
	return tdm_error_set(err, -code, "options: %s; free some memory", strerror(code));
}
