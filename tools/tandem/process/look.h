/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Processes that let themselves be looked at: one that was named, or all there are.
 * What cannot be looked at is noted below the view, and in the exit code of those that
 * had to.
 */
#ifndef TANDEM_LOOK_H
#define TANDEM_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include <argp.h>
#include <tandem/observe.h>

#include "view/view.h"

/* Of theirs; commands' own keys are smaller. */
#define LOOK_KEY_PID 1000

/* In a table of options. @doc: of what is shown of that process */
#define LOOK_OPTION_PID(doc)                                                                       \
	{                                                                                          \
		"pid", LOOK_KEY_PID, "PID", 0, doc, 0                                              \
	}
#define LOOK_OPTION_JSON                                                                           \
	{                                                                                          \
		"json", 'j', NULL, 0, "Print one JSON object", 0                                   \
	}

/**
 * struct look
 * @pid: 0: all
 * @json: whether it is shown as JSON
 * @view: what is shown
 * @seen: processes that were
 * @refused: of another user; @silent: that did not answer
 */
struct look {
	uint32_t pid;
	bool json;
	struct view *view;
	uint32_t seen;
	uint32_t refused;
	uint32_t silent;
};

/**
 * look_each - call @show for every process
 * @show: Return: 0, or -errno with @err: the process could not be looked at after all
 *
 * Return: 0; -errno with @err when the one that was named cannot be looked at, or the
 * list of processes cannot be had
 */
int look_each(struct look *look,
	      int (*show)(void *ctx, struct tdm_observed *process, struct tdm_error *err),
	      void *ctx, struct tdm_error *err);

/* What a parser of argp does with a key that is not its own. */
error_t look_option(struct look *look, int key, char *arg, struct argp_state *state);

/* A parser of argp for a command without more; its input is the struct look. */
error_t look_parse(int key, char *arg, struct argp_state *state);

/* A process number of the command line, or an error by argp. */
uint32_t look_number(const char *arg, uint32_t min, const char *what, struct argp_state *state);

/* CLOCK_MONOTONIC */
uint64_t look_now(void);

#endif /* TANDEM_LOOK_H */
