// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * How much of the KV transfer is hidden behind prefill, by the number of layers: a
 * layer's pages travel while the next ones compute, so the last layer's remain. One
 * layer hides nothing; of many, all but one could be.
 */
#include <math.h>
#include <stdlib.h>

#include <tandem/engine.h>
#include <tandem/model.h>

#include "bench.h"
#include "model_file.h"
#include "pin.h"

struct subject {
	struct tdm_engine *engine;
	uint32_t *prompt;
	uint32_t n_prompt;
};

static void run(struct subject *s, struct series *series)
{
	const struct tdm_request req = {
		.prompt = s->prompt,
		.n_prompt = s->n_prompt,
		.max_new = 2,
		.top_p = 1,
	};
	struct tdm_result result = { 0 };
	struct tdm_error err = { 0 };

	if (tdm_engine_run(s->engine, &req, &result, &err))
		bench_fail("hidden transfer", &err);
	if (series)
		bench_add(series, (double)result.hidden_ns / 1e6, (double)result.transfer_ns / 1e6);
}

static struct tdm_model *open_model(uint32_t layers)
{
	const struct shape shape = {
		.dim = 256,
		.layers = layers,
		.heads = 8,
		.kv_heads = 8,
		.ffn = 512,
		.vocab = 256,
		.ctx = 512,
	};
	struct model_file file = model_file_make(&shape);
	struct tdm_error err = { 0 };
	struct tdm_model *model = tdm_model_open(file.path, &err);

	model_file_drop(&file);
	if (!model)
		bench_fail("model for the hidden transfer", &err);
	return model;
}

static void measure(struct bench *b, struct subject *s, uint32_t layers)
{
	const struct tdm_engine_options opts = {
		.size = sizeof(opts),
		.mode = TDM_MODE_SPLIT,
		.net = b->net ? b->net : "soft",
	};
	struct tdm_model *model = open_model(layers);
	struct series series = { .n = 0 };
	struct tdm_error err = { 0 };

	s->engine = tdm_engine_create(model, &opts, &err);
	if (!s->engine)
		bench_fail("hidden transfer", &err);
	run(s, NULL);
	for (unsigned int i = 0; i < b->runs; i++)
		run(s, &series);
	bench_fill(bench_figure(b, "kv_hidden_layers", UNIT_MS, "KV transfer",
				"%u layers, %u tokens: hidden behind prefill", layers, s->n_prompt),
		   &series);
	tdm_engine_destroy(s->engine);
	tdm_model_close(model);
}

void bench_hidden(struct bench *b)
{
	static const uint32_t layers[] = { 1, 2, 4, 8, 16 };
	struct subject s = { .n_prompt = b->quick ? 32 : 256 };

	pin_release(&b->allowed);
	s.prompt = calloc(s.n_prompt, sizeof(*s.prompt));
	if (!s.prompt)
		bench_fail("out of memory; free some", NULL);
	for (uint32_t i = 0; i < s.n_prompt; i++)
		s.prompt[i] = (i * 2654435761U >> 7) % 256;
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		measure(b, &s, layers[i]);
	free(s.prompt);
}
