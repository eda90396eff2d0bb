/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The subcommands of tandem. Each parses its own options by its argp and returns an
 * exit code. The registry (registry.c) is the one source of 'tandem --help', of the
 * man pages' list and of the shells' completion.
 */
#ifndef TANDEM_COMMAND_H
#define TANDEM_COMMAND_H

#include <argp.h>
#include <tandem/error.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* or a finding: something is not as it should be */
	EXIT_USAGE = 2,
	EXIT_NO_DEVICE = 3, /* no such device, or no driver */
	EXIT_PERMISSION = 4,
	EXIT_COULD_NOT = 5, /* could not run, so nothing is known */
};

/**
 * struct command
 * @name: NULL ends an array
 * @help: one line for --help
 * @argp: its options; NULL for a group
 * @run: @argv[0] is "tandem NAME"; NULL for a group
 * @subs: a group's own subcommands, an array
 */
struct command {
	const char *name;
	const char *help;
	const struct argp *argp;
	int (*run)(int argc, char **argv);
	const struct command *subs;
};

extern const struct command commands[];

extern const struct argp generate_argp, worker_argp, trace_argp, completion_argp;
extern const struct argp list_argp, info_argp, topo_argp, top_argp, metrics_argp;
extern const struct argp ps_argp, kv_list_argp, kv_show_argp, kv_verify_argp;
extern const struct argp selftest_argp, bench_argp;
extern const struct argp generate_argp, worker_argp, devices_argp, completion_argp, trace_argp;
extern const struct argp doctor_argp;
extern const struct argp doctor_argp, decode_argp, dump_argp, inject_argp;

int command_generate(int argc, char **argv);
int command_worker(int argc, char **argv);
int command_ps(int argc, char **argv);
int command_kv_list(int argc, char **argv);
int command_kv_show(int argc, char **argv);
int command_kv_verify(int argc, char **argv);

int command_generate(int argc, char **argv);
int command_worker(int argc, char **argv);
int command_list(int argc, char **argv);
int command_info(int argc, char **argv);
int command_topo(int argc, char **argv);
int command_top(int argc, char **argv);
int command_metrics(int argc, char **argv);
int command_completion(int argc, char **argv);
int command_selftest(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_trace(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_decode(int argc, char **argv);
int command_dump(int argc, char **argv);
int command_inject(int argc, char **argv);

/**
 * command_parse - argp_parse(), which exits with a message and code 2 on a wrong
 * option
 * Return: 0, or -errno with @err when it could not work
 */
int command_parse(const struct argp *argp, int argc, char **argv, void *input,
		  struct tdm_error *err);

/* "tandem: MESSAGE" on standard error. Return: EXIT_FAILED */
int command_failed(const struct tdm_error *err);

/* What a diagnostic's code says was missing: EXIT_NO_DEVICE, _PERMISSION or _COULD_NOT */
int command_exit_code(const struct tdm_error *err);

/* The message, as of command_failed(). Return: command_exit_code() */
int command_could_not(const struct tdm_error *err);

/* The same for what runs something, where a model that is none is a failure: EXIT_FAILED */
int command_not_begun(const struct tdm_error *err);

#endif /* TANDEM_COMMAND_H */
