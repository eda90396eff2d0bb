// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/engine.h>
#include <tandem/tokenizer.h>

#include "command.h"
#include "generate_options.h"
#include "progress.h"
#include "report.h"
#include "writer.h"

struct generate {
	struct generate_options opts;
	struct progress progress;
	struct tdm_model *model;
	struct tdm_tokenizer *tokenizer;
	struct tdm_engine *engine;
	uint32_t *prompt;
	uint32_t n_prompt;
	struct writer writer;
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
	if (!g->writer.n_tokens && !g->opts.json)
		fputs(g->opts.prompt, stdout);
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
	};

	g->engine = tdm_engine_create(g->model, &o, err);
	return g->engine ? 0 : -EIO;
}

static int open_all(struct generate *g, struct tdm_error *err)
{
	g->model = tdm_model_open(g->opts.model, err);
	if (!g->model)
		return -EIO;
	g->tokenizer = tdm_tokenizer_create(tdm_model_gguf(g->model), err);
	if (!g->tokenizer)
		return -EIO;
	if (encode(g, err) || open_engine(g, err))
		return -EIO;
	if (writer_init(&g->writer, g->tokenizer, g->opts.json ? NULL : stdout, g->opts.max_new))
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
	int rc;

	rc = tdm_engine_run(g->engine, &req, result, err);
	progress_clear(&g->progress);
	if (!rc && !g->writer.error && writer_end(&g->writer) && !g->opts.json)
		putchar('\n');
	if (!rc && (g->writer.error || fflush(stdout)))
		rc = tdm_error_set(err, -EIO, "standard output: %s; the rest of the text is lost",
				   strerror(g->writer.error ? -g->writer.error : errno));
	return rc;
}

static void close_all(struct generate *g)
{
	writer_fini(&g->writer);
	tdm_engine_destroy(g->engine);
	tdm_tokenizer_destroy(g->tokenizer);
	tdm_model_close(g->model);
	free(g->prompt);
}

int command_generate(int argc, char **argv)
{
	struct generate g = { .opts = generate_parse(argc, argv) };
	struct tdm_result result;
	struct tdm_error err;
	int rc;

	/* A closed pipe is an error of the write, which ends the run in order. */
	signal(SIGPIPE, SIG_IGN);
	progress_start(&g.progress);
	rc = open_all(&g, &err);
	if (!rc)
		rc = run(&g, &result, &err);
	progress_clear(&g.progress);
	if (rc) {
		rc = command_failed(&err);
	} else {
		struct report report = {
			.engine = g.engine,
			.writer = &g.writer,
			.result = &result,
			.mode = g.opts.mode,
			.n_prompt = g.n_prompt,
		};

		if (g.opts.json)
			rc = report_json(&report);
		else
			report_line(&report);
	}
	close_all(&g);
	return rc;
}
