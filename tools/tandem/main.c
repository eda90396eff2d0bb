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

static void usage(FILE *out, const char *name, const struct command *of)
{
	fprintf(out, "Usage: %s SUBCOMMAND [OPTION...]\n\nSubcommands:\n", name);
	for (; of->name; of++)
		fprintf(out, "  %-10s %s\n", of->name, of->help);
	fprintf(out,
		"\n'%s SUBCOMMAND --help' lists its options.\n"
		"Exit codes: 0 done, 1 failed or a finding, 2 usage, 3 no device or driver,\n"
		"4 permission, 5 could not run, 128 + N stopped by signal N.\n",
		name);
}

static const struct command *find(const struct command *of, const char *name)
{
	for (; of->name; of++)
		if (!strcmp(of->name, name))
			return of;
	return NULL;
}

/* @name: of the tool and the groups so far, which argv[0] becomes */
static int run(const struct command *of, char *name, size_t room, int argc, char **argv)
{
	const struct command *command;
	size_t len = strlen(name);

	if (argc < 2) {
		usage(stderr, name, of);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "help")) {
		usage(stdout, name, of);
		return EXIT_DONE;
	}
	command = find(of, argv[1]);
	if (!command) {
		fprintf(stderr, "tandem: no subcommand '%s'; '%s --help' lists them\n", argv[1],
			name);
		return EXIT_USAGE;
	}
	snprintf(name + len, room - len, " %s", command->name);
	if (command->subs)
		return run(command->subs, name, room, argc - 1, argv + 1);
	/* argp names the program by argv[0] in its messages. */
	argv[1] = name;
	return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	char name[64] = "tandem";

	if (output_check_at_exit()) {
		fputs("tandem: out of memory; free some\n", stderr);
		return EXIT_FAILED;
	}
	/* A closed pipe is an error of the write, which ends the run in order. */
	signal(SIGPIPE, SIG_IGN);
	argp_err_exit_status = EXIT_USAGE;
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("tandem " TANDEM_VERSION);
		return EXIT_DONE;
	}
	return run(commands, name, sizeof(name), argc, argv);
}
