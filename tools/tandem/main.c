// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem SUBCOMMAND: the one tool.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "output.h"

static const struct command commands[] = {
	{ "generate", "run a prompt through a model and print the text", command_generate },
	{ "worker", "serve a device to clients on other hosts", command_worker },
	{ "devices", "list the devices that can be opened", command_devices },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	fputs("Usage: tandem SUBCOMMAND [OPTION...]\n\nSubcommands:\n", out);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n'tandem SUBCOMMAND --help' lists its options.\n"
	      "Exit codes: 0 done, 1 failed, 2 usage, 128 + N stopped by signal N.\n",
	      out);
}

int command_failed(const struct tdm_error *err)
{
	fprintf(stderr, "tandem: %s\n", err->msg);
	return EXIT_FAILED;
}

int command_parse(const struct argp *argp, int argc, char **argv, void *input,
		  struct tdm_error *err)
{
	error_t code = argp_parse(argp, argc, argv, 0, NULL, input);

	if (!code)
		return 0;
	return tdm_error_set(err, -code, "options: %s; free some memory", strerror(code));
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	char name[64];

	if (output_check_at_exit()) {
		fputs("tandem: out of memory; free some\n", stderr);
		return EXIT_FAILED;
	}
	/* A closed pipe is an error of the write, which ends the run in order. */
	signal(SIGPIPE, SIG_IGN);
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("tandem " TANDEM_VERSION);
		return EXIT_DONE;
	}
	command = find(argv[1]);
	if (!command) {
		fprintf(stderr, "tandem: no subcommand '%s'; 'tandem --help' lists them\n",
			argv[1]);
		return EXIT_USAGE;
	}
	/* argp names the program by argv[0] in its messages. */
	snprintf(name, sizeof(name), "tandem %s", command->name);
	argv[1] = name;
	return command->run(argc - 1, argv + 1);
}
