// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "process/look.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t look_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint32_t look_number(const char *arg, uint32_t min, const char *what, struct argp_state *state)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(arg, &end, 10);
	if (errno || end == arg || *end || strchr(arg, '-') || value < min || value >= UINT32_MAX)
		argp_error(state, "%s '%s': not a whole number; take one of those that are listed",
			   what, arg);
	return (uint32_t)value;
}

error_t look_option(struct look *look, int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case LOOK_KEY_PID:
		look->pid = look_number(arg, 1, "--pid", state);
		return 0;
	case 'j':
		look->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; name a process with --pid", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

error_t look_parse(int key, char *arg, struct argp_state *state)
{
	return look_option(state->input, key, arg, state);
}

/* One of many: the others are shown all the same. */
static void note(struct look *look, const struct tdm_error *why)
{
	if (why->code == -EACCES)
		look->refused++;
	else
		look->silent++;
	view_note(look->view, "%s", why->msg);
}

static int show_one(struct look *look, uint32_t pid,
		    int (*show)(void *ctx, struct tdm_observed *process, struct tdm_error *err),
		    void *ctx, struct tdm_error *err)
{
	struct tdm_observed *process = tdm_observed_connect(pid, 0, err);
	int rc;

	if (!process)
		return err->code;
	rc = show(ctx, process, err);
	tdm_observed_close(process);
	look->seen += !rc;
	return rc;
}

/* A process with several observers comes several times in the list. */
static bool is_first(const struct tdm_observed_entry *list, uint32_t i)
{
	return !i || list[i].process.pid != list[i - 1].process.pid;
}

static void say(const struct tdm_observed_entry *entry, struct tdm_error *err)
{
	/* errors.sh: the cure is in why */
	tdm_error_set(err, entry->error, "%s", entry->why);
}

int look_each(struct look *look,
	      int (*show)(void *ctx, struct tdm_observed *process, struct tdm_error *err),
	      void *ctx, struct tdm_error *err)
{
	struct tdm_observed_entry *list;
	struct tdm_error why;
	uint32_t n;

	if (look->pid)
		return show_one(look, look->pid, show, ctx, err);
	list = tdm_observed_list(&n, 0, err);
	if (!list)
		return err->code;
	for (uint32_t i = 0; i < n; i++) {
		if (list[i].error) {
			say(&list[i], &why);
			note(look, &why);
		} else if (is_first(list, i) &&
			   show_one(look, list[i].process.pid, show, ctx, &why) &&
			   why.code != -ESRCH) {
			/* One that has ended meanwhile is none. */
			note(look, &why);
		}
	}
	free(list);
	return 0;
}
