// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Tokens a second beside the two ceilings: a token that is decoded reads all
 * weights once, a token of the prompt is multiplied with all of the layers'.
 */
#include "tokens.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "clock.h"
#include "model_file.h"
#include "peer.h"
#include "pin.h"

#define HUGE_PAGE (2ULL << 20)

struct subject {
	struct bench *b;
	const char *name;
	const struct tdm_model *model;
	struct tdm_engine *engine;
	struct text text; /* the prompt's, where there is a vocabulary */
	uint32_t *prompt;
	uint32_t n_prompt;
	uint32_t n_new;
	char *weights; /* as many bytes as the model's, to be read by the peer */
};

static double decode_ceiling(const struct subject *s)
{
	uint64_t bytes = tdm_model_info(s->model)->weight_bytes;

	return peer_read(s->weights, bytes) / (double)bytes;
}

static double prefill_ceiling(const struct subject *s)
{
	const struct tdm_model_shape *m = tdm_model_info(s->model);
	double heads = 2.0 * m->dim * m->head_dim * (m->n_heads + m->n_kv_heads);
	double weights = m->n_layers * (heads + 3.0 * m->ffn_dim * m->dim);

	return peer_flops() / (2 * weights);
}

/* When the first, the second and the last token came. */
struct moments {
	uint64_t at[3];
	uint32_t n;
};

static bool note_token(void *ctx, uint32_t token)
{
	struct moments *m = ctx;

	(void)token;
	m->at[m->n < 2 ? m->n : 2] = now_ns();
	m->n++;
	return false;
}

static struct request run(struct subject *s)
{
	struct moments m = { .n = 0 };
	struct tdm_request req = {
		.prompt = s->prompt,
		.n_prompt = s->n_prompt,
		.max_new = s->n_new,
		.top_p = 1,
		.token = note_token,
		.token_ctx = &m,
	};
	struct tdm_error err = { 0 };
	struct request r = { .tokenize = 0 };
	uint64_t start = now_ns();

	if (s->text.tokenizer) {
		text_encode(&s->text);
		r.tokenize = (double)(now_ns() - start);
	}
	if (tdm_engine_run(s->engine, &req, &r.result, &err))
		bench_fail(s->name, &err);
	if (m.n < 3)
		bench_fail("the model ended too early; take another one (--model)", NULL);
	r.second = (double)(m.at[1] - m.at[0]);
	/* DECODE began that long before the last token. */
	r.first_decode = (double)m.at[1] - ((double)m.at[2] - (double)r.result.decode_ns);
	return r;
}

static struct tdm_engine *engine(const struct subject *s, uint32_t mode)
{
	struct tdm_engine_options opts = { .size = sizeof(opts), .mode = mode, .net = "soft" };
	struct tdm_error err = { 0 };
	struct tdm_engine *e = tdm_engine_create(s->model, &opts, &err);

	if (!e)
		bench_fail(s->name, &err);
	return e;
}

struct all_runs {
	struct series prefill, decode;
	struct request requests[MAX_RUNS];
};

static void run_all(struct subject *s, struct all_runs *all)
{
	run(s);
	for (unsigned int i = 0; i < s->b->runs; i++) {
		double prefill_limit = prefill_ceiling(s);
		double decode_limit = decode_ceiling(s);
		struct request r = run(s);

		all->requests[i] = r;
		bench_add(&all->prefill, s->n_prompt / ((double)r.result.ttft_ns / 1e9),
			  prefill_limit);
		bench_add(&all->decode,
			  (r.result.n_tokens - 1) / ((double)r.result.decode_ns / 1e9),
			  decode_limit);
	}
}

static void measure_mode(struct subject *s, uint32_t mode)
{
	const char *how = mode == TDM_MODE_SPLIT ? "split" : "fused";
	struct all_runs *all = calloc(1, sizeof(*all));
	struct bench *b = s->b;

	if (!all)
		bench_fail("out of memory; free some", NULL);
	fprintf(stderr, "tokens: %s, %s\n", s->name, how);
	s->engine = engine(s, mode);
	run_all(s, all);
	bench_fill(bench_figure(b, "prefill", UNIT_TOKENS_PER_S, "FLOP ceiling",
				"%s, %u tokens, %s", s->name, s->n_prompt, how),
		   &all->prefill);
	bench_fill(bench_figure(b, "decode", UNIT_TOKENS_PER_S, "bandwidth ceiling",
				"%s, %u tokens, %s", s->name, s->n_new, how),
		   &all->decode);
	if (mode == TDM_MODE_SPLIT)
		bench_first_token(b, s->name, all->requests, s->text.tokenizer != NULL);
	tdm_engine_destroy(s->engine);
	free(all);
}

static void make_prompt(struct subject *s, bool has_text)
{
	uint32_t vocab = tdm_model_info(s->model)->vocab;

	if (has_text) {
		s->text = text_make(s->model, s->n_prompt);
		s->n_prompt = text_encode(&s->text);
	}
	s->prompt = calloc(s->n_prompt, sizeof(*s->prompt));
	if (!s->prompt)
		bench_fail("out of memory; free some", NULL);
	/* Without words any tokens do: the work is the same. */
	for (uint32_t i = 0; i < s->n_prompt; i++)
		s->prompt[i] = has_text ? s->text.ids[i] : (i * 2654435761U >> 7) % vocab;
}

static void measure(struct bench *b, const char *name, const struct tdm_model *model, bool has_text)
{
	struct subject s = { .b = b, .name = name, .model = model };
	uint64_t bytes = tdm_model_info(model)->weight_bytes;

	s.n_prompt = b->quick ? 16 : 256;
	s.n_new = b->quick ? 4 : 128;
	make_prompt(&s, has_text);
	s.weights = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
	if (!s.weights)
		bench_fail("out of memory; free some", NULL);
	/* A limit is not to pay for page tables where it need not. */
	(void)madvise(s.weights, bytes, MADV_HUGEPAGE);
	memset(s.weights, 1, bytes);
	measure_mode(&s, TDM_MODE_SPLIT);
	measure_mode(&s, TDM_MODE_FUSED);
	free(s.prompt);
	free(s.weights);
	if (has_text)
		text_drop(&s.text);
}

static struct tdm_model *open_model(const char *path)
{
	struct tdm_error err = { 0 };
	struct tdm_model *model = tdm_model_open(path, &err);

	if (!model)
		bench_fail("model", &err);
	return model;
}

/* ns for a token. */
static double encode(void *ctx)
{
	uint64_t start = now_ns();
	uint32_t n = text_encode(ctx);

	return (double)(now_ns() - start) / n;
}

static void measure_own(struct bench *b)
{
	struct tdm_model *model = open_model(b->model);
	struct text text = text_make(model, b->quick ? 32 : 2048);

	bench_measure(b,
		      bench_figure(b, "tokenize", UNIT_NS, NULL, "a token of %zu bytes of text",
				   text.len),
		      encode, &text, NULL, NULL);
	text_drop(&text);
	measure(b, "tales Q8_0", model, true);
	tdm_model_close(model);
}

static const struct shape shapes[] = {
	{
		.name = "260K F32",
		.dim = 64,
		.layers = 5,
		.heads = 8,
		.kv_heads = 4,
		.ffn = 172,
		.vocab = 512,
		.ctx = 512,
	},
	{
		.name = "15M F32",
		.dim = 288,
		.layers = 6,
		.heads = 6,
		.kv_heads = 6,
		.ffn = 768,
		.vocab = 32000,
		.ctx = 1024,
	},
};

void bench_tokens(struct bench *b)
{
	pin_release(&b->allowed);
	measure_own(b);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct model_file file = model_file_make(&shapes[i]);
		struct tdm_model *model = open_model(file.path);

		measure(b, shapes[i].name, model, false);
		tdm_model_close(model);
		model_file_drop(&file);
	}
}
