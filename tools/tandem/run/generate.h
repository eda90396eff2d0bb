/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A run of generate by another subcommand, which looks at what came of it.
 */
#ifndef TANDEM_GENERATE_H
#define TANDEM_GENERATE_H

#include "run/generate_options.h"
#include "run/report.h"

/**
 * struct generate_hook
 * @trace: of the run
 * @quiet: the caller prints: no text, and no report
 * @done: the run is over, well or not; its devices are still there for their names.
 *	  Returns an exit code: the run's own counts where it is not 0
 * @ctx: handed to it
 */
struct generate_hook {
	struct tdm_trace *trace;
	bool quiet;
	int (*done)(void *ctx, const struct generate_options *opts, const struct report *report);
	void *ctx;
};

/**
 * generate_run - as 'tandem generate'
 * @hook: or NULL
 * Return: exit code
 */
int generate_run(int argc, char **argv, const struct generate_hook *hook);

#endif /* TANDEM_GENERATE_H */
