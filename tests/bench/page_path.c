// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The whole way of a KV page by the engine's own mover: sealed by the prefill
 * device (KV_EXPORT, CRC32C), written by the software NIC, checked and imported by
 * the decode device (KV_IMPORT, its own layout). Beside it one memcpy of the same
 * pages from the same device memory to the same device memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/model.h>

#include "engine/mover.h"
#include "engine/side.h"

#include "bench.h"
#include "clock.h"
#include "model_file.h"
#include "pin.h"

#define OWNER 1
#define PAGE_TOKENS 16
#define NAP_NS 200000

/* What the engine seals at once: a layer of a chunk of 256 tokens. */
#define BLOCKS 16

struct path {
	struct side *from, *to;
	struct mover *mover;
	uint32_t tokens;
};

static char *page_at(const struct side *s, uint32_t page)
{
	return (char *)tdm_buffer_ptr(s->pages) + page * s->page_bytes;
}

static uint32_t pages_of(const struct path *p)
{
	return p->from->desc->n_layers * p->from->max_blocks;
}

static double bytes_per_s(const struct path *p, uint64_t start)
{
	double bytes = (double)pages_of(p) * (double)p->from->page_bytes;

	return bytes / ((double)(now_ns() - start) / 1e9);
}

static double by_memcpy(void *ctx)
{
	const struct path *p = ctx;
	uint64_t start = now_ns();

	for (uint32_t i = 0; i < pages_of(p); i++)
		memcpy(page_at(p->to, i), page_at(p->from, i), p->from->page_bytes);
	return bytes_per_s(p, start);
}

static void reserve(struct side *s, uint32_t tokens)
{
	struct tdm_error err = { 0 };

	if (side_reserve(s, OWNER, tokens, &err))
		bench_fail("KV pages", &err);
}

/* As a prefill that is done with every layer at once. */
static void move_all(const struct path *p)
{
	const uint32_t per_layer = p->from->blocks / BLOCKS;
	const uint32_t groups = p->from->desc->n_layers * per_layer;
	struct tdm_error err = { 0 };
	uint32_t sealed = 0;

	while (!mover_is_done(p->mover)) {
		int rc = 0, moved;

		if (sealed < groups)
			rc = mover_seal(p->mover, sealed / per_layer, sealed % per_layer * BLOCKS,
					BLOCKS, &err);
		if (rc > 0)
			sealed++;
		moved = rc < 0 ? rc : mover_step(p->mover, &err);
		if (moved < 0)
			bench_fail("KV pages", &err);
		if (!rc && !moved)
			mover_wait(p->mover, now_ns() + NAP_NS);
	}
}

static double by_mover(void *ctx)
{
	struct path *p = ctx;
	struct tdm_error err = { 0 };
	uint64_t start;
	double rate;

	reserve(p->from, p->tokens);
	reserve(p->to, p->tokens);
	start = now_ns();
	if (mover_start(p->mover, OWNER, &err))
		bench_fail("KV pages", &err);
	move_all(p);
	rate = bytes_per_s(p, start);
	mover_finish(p->mover);
	side_release(p->to);
	side_release(p->from);
	return rate;
}

static struct side *open_side(const struct tdm_model *model, const char *device, uint32_t pool)
{
	const struct side_options opts = {
		.device = device,
		.pool_id = pool,
		.model = {
			.size = sizeof(opts.model),
			.kv_dtype = TDM_DTYPE_F16,
			.kv_page_tokens = PAGE_TOKENS,
		},
	};
	struct tdm_error err = { 0 };
	struct side *side = side_open(model, &opts, &err);

	if (!side)
		bench_fail(device, &err);
	return side;
}

/* 64 KiB pages: keys and values of 1024 numbers of 2 bytes for 16 tokens. */
static struct tdm_model *open_model(const struct bench *b)
{
	const struct shape shape = {
		.dim = 1024,
		.layers = b->quick ? 1 : 4,
		.heads = 8,
		.kv_heads = 8,
		.ffn = 64,
		.vocab = 256,
		.ctx = b->quick ? 1024 : 65536,
		.sparse = true,
	};
	struct model_file file = model_file_make(&shape);
	struct tdm_error err = { 0 };
	struct tdm_model *model = tdm_model_open(file.path, &err);

	model_file_drop(&file);
	if (!model)
		bench_fail("model for KV pages", &err);
	return model;
}

void bench_page_path(struct bench *b)
{
	struct tdm_model *model = open_model(b);
	struct path p = { .tokens = tdm_model_info(model)->ctx_len };
	struct tdm_error err = { 0 };
	struct figure *f;

	pin_release(&b->allowed);
	p.from = open_side(model, "soft:trn2", 1);
	p.to = open_side(model, "soft:cs3", 2);
	p.mover = mover_create(p.from, p.to, "soft", &err);
	if (!p.mover)
		bench_fail("KV pages", &err);
	for (uint32_t i = 0; i < pages_of(&p); i++)
		memset(page_at(p.from, i), (int)(i + 1), p.from->page_bytes);
	f = bench_figure(b, "kv_page_path", UNIT_BYTES_PER_S, "memcpy",
			 "%u MiB: sealed, written, imported, %s", pages_of(&p) / 16,
			 mover_net(p.mover));
	bench_measure(b, f, by_mover, &p, by_memcpy, &p);
	mover_destroy(p.mover);
	side_close(p.from);
	side_close(p.to);
	tdm_model_close(model);
}
