/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The subcommands of tandem. Each parses its own options and returns an exit
 * code.
 */
#ifndef TANDEM_COMMAND_H
#define TANDEM_COMMAND_H

#include <argp.h>
#include <tandem/error.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

struct command {
	const char *name;
	const char *help; /* one line for tandem --help */
	int (*run)(int argc, char **argv);
};

int command_generate(int argc, char **argv);
int command_worker(int argc, char **argv);
int command_devices(int argc, char **argv);

/**
 * command_parse - argp_parse(), which exits with a message and code 2 on a wrong
 * option
 * Return: 0, or -errno with @err when it could not work
 */
int command_parse(const struct argp *argp, int argc, char **argv, void *input,
		  struct tdm_error *err);

/* "tandem: MESSAGE" on standard error. Return: EXIT_FAILED */
int command_failed(const struct tdm_error *err);

#endif /* TANDEM_COMMAND_H */
