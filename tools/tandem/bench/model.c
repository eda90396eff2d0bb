// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a device does with a model: prefill, decode, and KV pages to another device.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/engine.h>

#include "bench/bench.h"

#define NEW_TOKENS 32
#define MAX_PROMPT 256

struct run {
	struct bench *b;
	struct tdm_model *model;
	struct tdm_engine *engine;
	uint32_t prompt[MAX_PROMPT];
	uint32_t n_prompt;
	uint64_t last_ns;  /* of the token before */
	uint64_t *tokens;  /* times between tokens */
	uint32_t n_tokens; /* of them */
	uint32_t room;
};

/* The second token and on: what is between two of them. */
static bool take_token(void *ctx, uint32_t token)
{
	struct run *r = ctx;
	uint64_t now = bench_now_ns();

	(void)token;
	if (r->last_ns && r->n_tokens < r->room)
		r->tokens[r->n_tokens++] = now - r->last_ns;
	r->last_ns = now;
	return false;
}

static int run_once(struct run *r, struct tdm_result *result, struct tdm_error *err)
{
	const struct tdm_request req = {
		.prompt = r->prompt,
		.n_prompt = r->n_prompt,
		.max_new = NEW_TOKENS,
		.top_p = 1,
		.token = take_token,
		.token_ctx = r,
	};

	r->last_ns = 0;
	return tdm_engine_run(r->engine, &req, result, err);
}

/* Any tokens cost the same; those of a text would need a tokenizer. */
static void make_prompt(struct run *r)
{
	uint32_t ctx = tdm_model_info(r->model)->ctx_len, vocab;

	vocab = tdm_model_info(r->model)->vocab;
	r->n_prompt = MAX_PROMPT;
	if (r->n_prompt + NEW_TOKENS > ctx)
		r->n_prompt = ctx > 2 * NEW_TOKENS ? ctx - NEW_TOKENS : ctx / 2;
	for (uint32_t i = 0; i < r->n_prompt; i++)
		r->prompt[i] = (i * 7919 + 13) % vocab;
}

static int open_engine(struct run *r, const char *decode, struct tdm_error *err)
{
	const struct tdm_engine_options o = {
		.size = sizeof(o),
		.mode = decode ? TDM_MODE_SPLIT : TDM_MODE_FUSED,
		.prefill = r->b->opts->on.device,
		.decode = decode ? decode : r->b->opts->on.device,
		.net = r->b->opts->on.net,
		.stop = r->b->opts->stop,
	};

	r->engine = tdm_engine_create(r->model, &o, err);
	return r->engine ? 0 : err->code;
}

/* On one device: prefill's own time, and the time between tokens. */
static int bench_fused(struct run *r, uint32_t rounds, struct tdm_error *err)
{
	struct bench *b = r->b;
	int rc = open_engine(r, NULL, err);
	uint32_t n = 0;

	for (; !rc && n < rounds && !bench_stopped(b); n++) {
		struct tdm_result result;

		rc = run_once(r, &result, err);
		b->times[n] = result.prefill_ns;
	}
	tdm_engine_destroy(r->engine);
	if (rc)
		return rc;
	bench_figure(b, "prefill", BENCH_TOKENS, n, r->n_prompt);
	memcpy(b->times, r->tokens, r->n_tokens * sizeof(b->times[0]));
	bench_figure(b, "decode", BENCH_TOKENS, r->n_tokens, 1);
	return 0;
}

/* To another device: pages while they are on the way, and the first token. */
static int bench_split(struct run *r, uint32_t rounds, struct tdm_error *err)
{
	struct bench *b = r->b;
	int rc = open_engine(r, b->opts->peer, err);
	uint64_t bytes = 0;
	uint32_t n = 0;

	for (; !rc && n < rounds && !bench_stopped(b); n++) {
		struct tdm_result result;

		rc = run_once(r, &result, err);
		b->times[n] = result.transfer_ns;
		r->tokens[n] = result.ttft_ns;
		bytes = result.kv_bytes;
	}
	tdm_engine_destroy(r->engine);
	if (rc)
		return rc;
	bench_figure(b, "kv-transfer", BENCH_BYTES, n, bytes);
	memcpy(b->times, r->tokens, n * sizeof(b->times[0]));
	bench_figure(b, "first-token", BENCH_LATENCY, n, 1);
	return 0;
}

static bool any_wanted(const struct bench *b)
{
	return bench_wanted(b, "prefill") || bench_wanted(b, "decode") ||
	       bench_wanted(b, "kv-transfer") || bench_wanted(b, "first-token");
}

int bench_model(struct bench *b, struct tdm_error *err)
{
	struct run r = { .b = b, .room = b->opts->samples };
	uint32_t rounds = b->opts->samples / 100 + 3;
	int rc = 0;

	if (!any_wanted(b))
		return 0;
	if (!b->opts->model) {
		view_note(b->view, "prefill, decode, kv-transfer, first-token: they need a model; "
				   "name one with -m FILE");
		return 0;
	}
	if (rounds > b->opts->samples)
		rounds = b->opts->samples;
	r.model = tdm_model_open(b->opts->model, err);
	r.tokens = calloc(b->opts->samples, sizeof(*r.tokens));
	if (!r.model || !r.tokens)
		rc = r.model ? tdm_error_set(err, -ENOMEM, "samples: out of memory; take fewer")
			     : err->code;
	if (!rc) {
		make_prompt(&r);
		rc = bench_fused(&r, rounds, err);
	}
	if (!rc)
		rc = bench_split(&r, rounds, err);
	free(r.tokens);
	tdm_model_close(r.model);
	return rc;
}
