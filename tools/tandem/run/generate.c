// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/engine.h>
#include <tandem/remote.h>
#include <tandem/tokenizer.h>

#include "command.h"
#include "run/generate.h"
#include "interrupt.h"
#include "output.h"
#include "run/progress.h"
#include "run/report.h"
#include "process/shown.h"
#include "run/writer.h"

struct generate {
	struct generate_options opts;
	const struct generate_hook *hook; /* or NULL */
	struct progress progress;
	struct tdm_model *model;
	struct tdm_tokenizer *tokenizer;
	struct tdm_engine *engine; /* or */
	struct tdm_remote *remote;
	uint32_t *prompt;
	uint32_t n_prompt;
	struct writer writer;
	struct tdm_observer *observer; /* or NULL */
	bool ran;		       /* all was there that a run needs */
};

static void show_progress(void *ctx, enum tdm_stage stage, uint64_t done, uint64_t total)
{
	struct generate *g = ctx;

	progress_show(&g->progress, stage == TDM_STAGE_LOAD ? "loading" : "prefill", done, total);
}

/* Called by the engine with each token. Return: true to stop there */
static bool take_token(void *ctx, uint32_t token)
{
	struct generate *g = ctx;

	progress_clear(&g->progress);
	/* Not before: a request that is refused prints nothing. */
	if (!g->writer.n_tokens && !writer_echo(&g->writer, g->opts.prompt))
		return true;
	if (!writer_token(&g->writer, token))
		return true;
	return tdm_tokenizer_is_eog(g->tokenizer, token);
}

static int encode(struct generate *g, struct tdm_error *err)
{
	size_t len = strlen(g->opts.prompt), room = tdm_tokenizer_bound(g->tokenizer, len);
	int64_t n;

	g->prompt = calloc(room + 1, sizeof(*g->prompt));
	if (!g->prompt)
		return tdm_error_set(err, -ENOMEM, "prompt: out of memory; shorten it");
	n = tdm_tokenizer_encode(g->tokenizer, g->opts.prompt, len, TDM_ENCODE_ADD_SPECIAL,
				 g->prompt, room, err);
	if (n < 0)
		return (int)n;
	if (!n || n > UINT32_MAX)
		return tdm_error_set(err, -EINVAL,
				     "prompt: it has %lld tokens; give some text with -p",
				     (long long)n);
	g->n_prompt = (uint32_t)n;
	return 0;
}

static int open_engine(struct generate *g, struct tdm_error *err)
{
	struct tdm_engine_options o = {
		.size = sizeof(o),
		.mode = g->opts.mode,
		.prefill = g->opts.prefill,
		.decode = g->opts.decode,
		.net = g->opts.net,
		.ctx_len = g->opts.ctx_len,
		.progress = show_progress,
		.progress_ctx = g,
		.stop = interrupt_word(),
		.trace = g->hook ? g->hook->trace : NULL,
	};

	g->engine = tdm_engine_create(g->model, &o, err);
	if (!g->engine)
		return -EIO;
	shown_added(tdm_observer_add_engine(g->observer, g->engine));
	return 0;
}

static void say_retry(void *ctx, const char *why)
{
	struct generate *g = ctx;

	progress_clear(&g->progress);
	fprintf(stderr, "tandem: %s; trying again\n", why);
}

static int open_remote(struct generate *g, struct tdm_error *err)
{
	struct tdm_remote_options o = {
		.size = sizeof(o),
		.retries = g->opts.retries,
		.prefill = g->opts.prefill_worker,
		.decode = g->opts.decode_worker,
		.key_file = g->opts.key_file,
		.lease_ns = g->opts.lease_ns,
		.fused_fallback = g->opts.fused_fallback,
		.stop = interrupt_word(),
		.retry = say_retry,
		.retry_ctx = g,
		.trace = g->hook ? g->hook->trace : NULL,
	};

	g->remote = tdm_remote_create(&o, err);
	return g->remote ? 0 : -EIO;
}

static int open_runner(struct generate *g, struct tdm_error *err)
{
	return g->opts.decode_worker ? open_remote(g, err) : open_engine(g, err);
}

/* The engine looks by itself; this is for what comes before it. */
static int check_stop(struct tdm_error *err)
{
	if (!interrupt_name())
		return 0;
	return tdm_error_set(err, -ECANCELED, "request: stopped before it began; run it again");
}

/* The text is all that it prints, as it comes. */
static bool streams(const struct generate *g)
{
	return !g->opts.json && !(g->hook && g->hook->quiet);
}

static int open_all(struct generate *g, struct tdm_error *err)
{
	g->model = tdm_model_open(g->opts.model, err);
	if (!g->model || check_stop(err))
		return -EIO;
	g->tokenizer = tdm_tokenizer_create(tdm_model_gguf(g->model), err);
	if (!g->tokenizer || check_stop(err))
		return -EIO;
	if (encode(g, err) || open_runner(g, err))
		return -EIO;
	if (writer_init(&g->writer, g->tokenizer, streams(g), g->opts.max_new))
		return tdm_error_set(err, -ENOMEM, "output: out of memory; take a smaller -n");
	return 0;
}

static int run(struct generate *g, struct tdm_result *result, struct tdm_error *err)
{
	struct tdm_request req = {
		.prompt = g->prompt,
		.n_prompt = g->n_prompt,
		.max_new = g->opts.max_new,
		.temperature = g->opts.temperature,
		.top_k = g->opts.top_k,
		.top_p = g->opts.top_p,
		.seed = g->opts.seed,
		.token = take_token,
		.token_ctx = g,
	};
	int rc = g->remote ? tdm_remote_run(g->remote, &req, result, err)
			   : tdm_engine_run(g->engine, &req, result, err);

	progress_clear(&g->progress);
	/* What has come is whole characters and a line, however it ended. */
	if (g->writer.n_tokens && !g->writer.error && writer_end(&g->writer))
		writer_echo(&g->writer, "\n");
	if ((!rc || rc == -ECANCELED) && g->writer.error)
		rc = output_error(g->writer.error, err);
	return rc;
}

/* @rc: of the run. Return: exit code */
static int report(const struct generate *g, const struct report *r, int rc, struct tdm_error *err)
{
	if (rc && !r->stopped)
		return g->ran ? command_failed(err) : command_not_begun(err);
	if (g->opts.json && report_json(r, err)) {
		command_failed(err);
		rc = err->code;
	}
	if (r->stopped)
		report_stopped(r);
	else if (streams(g))
		report_line(r);
	return rc ? EXIT_FAILED : EXIT_DONE;
}

static void close_all(struct generate *g)
{
	tdm_observer_stop(g->observer);
	writer_fini(&g->writer);
	tdm_engine_destroy(g->engine);
	tdm_remote_destroy(g->remote);
	tdm_tokenizer_destroy(g->tokenizer);
	tdm_model_close(g->model);
	free(g->prompt);
}

static void name_devices(const struct generate *g, struct report *r)
{
	if (g->engine) {
		r->prefill_device = tdm_engine_device(g->engine, false);
		r->decode_device = tdm_engine_device(g->engine, true);
		r->net = tdm_engine_net(g->engine);
	} else if (g->remote && tdm_remote_fell_back(g->remote)) {
		r->mode = TDM_MODE_FUSED;
		r->prefill_device = tdm_remote_device(g->remote, true);
		r->decode_device = r->prefill_device;
	} else if (g->remote) {
		r->prefill_device = tdm_remote_device(g->remote, false);
		r->decode_device = tdm_remote_device(g->remote, true);
		r->net = tdm_remote_net(g->remote);
	}
}

/* A signal cut the run, or a call of the system on its way. */
static bool was_stopped(const struct tdm_error *err)
{
	return interrupt_name() && (err->code == -ECANCELED || err->code == -EINTR);
}

int generate_run(int argc, char **argv, const struct generate_hook *hook)
{
	struct generate g = { .hook = hook };
	struct tdm_result result = { 0 };
	struct tdm_error err;
	struct report r = { .writer = &g.writer, .result = &result };
	int rc;

	if (generate_parse(argc, argv, &g.opts, &err))
		return command_failed(&err);
	interrupt_start();
	progress_start(&g.progress);
	g.observer = shown_start("tandem generate", g.opts.no_observe);
	rc = open_all(&g, &err);
	g.ran = !rc;
	if (g.ran)
		rc = run(&g, &result, &err);
	progress_clear(&g.progress);
	r.mode = g.opts.mode;
	name_devices(&g, &r);
	r.n_prompt = g.n_prompt;
	r.stopped = rc && was_stopped(&err) ? interrupt_name() : NULL;
	rc = report(&g, &r, rc, &err);
	if (hook && (g.engine || g.remote)) {
		int code = hook->done(hook->ctx, &g.opts, &r);

		rc = rc ? rc : code;
	}
	close_all(&g);
	if (r.stopped)
		interrupt_exit();
	return rc;
}

int command_generate(int argc, char **argv)
{
	return generate_run(argc, argv, NULL);
}
