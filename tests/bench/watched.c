// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Who is looked at goes on as before: tokens a second while 'tandem top' reads this
 * process ten times a second, beside those while nobody does, by turns.
 */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tandem/engine.h>
#include <tandem/observe.h>

#include "bench.h"
#include "clock.h"
#include "pin.h"

#define SECOND_NS 1000000000ULL
#define NEW_TOKENS 128
#define N_PROMPT 8

struct watched {
	struct bench *b;
	struct tdm_engine *engine;
	unsigned int unseen; /* runs in which nobody looked, though somebody should */
};

/* Tokens a second of as many requests as take a while. */
static double decode(struct watched *w)
{
	const uint32_t prompt[N_PROMPT] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct tdm_request req = {
		.prompt = prompt,
		.n_prompt = N_PROMPT,
		.max_new = NEW_TOKENS,
		.top_p = 1,
	};
	uint64_t until = now_ns() + (w->b->quick ? 0 : SECOND_NS), ns = 0, tokens = 0;

	do {
		struct tdm_result result = { 0 };
		struct tdm_error err = { 0 };

		if (tdm_engine_run(w->engine, &req, &result, &err))
			bench_fail("a run that is watched", &err);
		ns += result.decode_ns;
		tokens += result.n_tokens - 1;
	} while (now_ns() < until);
	return (double)tokens / ((double)ns / 1e9);
}

static double alone(void *ctx)
{
	return decode(ctx);
}

/* @out: what it prints. Return: its pid, or -1 */
static pid_t start_top(FILE **out)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends))
		return -1;
	/* Room for what it prints in a run: who waits to print does not look. */
	(void)fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
	pid = fork();
	if (!pid) {
		if (dup2(ends[1], STDOUT_FILENO) < 0 || !freopen("/dev/null", "w", stderr))
			_exit(1);
		close(ends[0]);
		execl(TANDEM_CLI, TANDEM_CLI, "top", "--json", "--interval", "0.1", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	*out = pid < 0 ? NULL : fdopen(ends[0], "r");
	if (!*out)
		close(ends[0]);
	return pid;
}

static bool has_line(FILE *out)
{
	char *line = NULL;
	size_t room = 0;
	bool has = out && getline(&line, &room, out) > 0;

	free(line);
	return has;
}

/* NAN when nobody looked. */
static double watched(void *ctx)
{
	struct watched *w = ctx;
	FILE *out = NULL;
	pid_t top = start_top(&out);
	/* It looks twice before its first line: from there on it goes round. */
	bool looks = top > 0 && has_line(out);
	double rate = looks ? decode(w) : NAN;

	looks = looks && has_line(out);
	if (!looks)
		w->unseen++;
	if (out)
		fclose(out);
	if (top > 0) {
		kill(top, SIGTERM);
		waitpid(top, NULL, 0);
	}
	return looks ? rate : NAN;
}

void bench_watched(struct bench *b)
{
	struct figure *f = bench_figure(b, "decode_watched", UNIT_TOKENS_PER_S, "not watched",
					"decode while 'tandem top' looks 10 times a second");
	const struct tdm_engine_options opts = { .size = sizeof(opts), .mode = TDM_MODE_FUSED };
	struct watched w = { .b = b };
	struct tdm_observer *observer;
	struct tdm_error err = { 0 };
	struct tdm_model *model = tdm_model_open(b->model, &err);

	pin_release(&b->allowed);
	if (!model)
		bench_fail("model", &err);
	w.engine = tdm_engine_create(model, &opts, &err);
	if (!w.engine)
		bench_fail("a device to be watched", &err);
	observer = tdm_observer_start("tandem-bench", &err);
	if (observer && !tdm_observer_add_engine(observer, w.engine))
		bench_measure(b, f, watched, &w, alone, &w);
	else
		snprintf(f->note, sizeof(f->note), "%.150s", err.msg);
	if (w.unseen)
		snprintf(f->note, sizeof(f->note),
			 "in %u runs top could not be started or told "
			 "nothing",
			 w.unseen);
	tdm_observer_remove(observer, w.engine);
	tdm_observer_stop(observer);
	tdm_engine_destroy(w.engine);
	tdm_model_close(model);
}
