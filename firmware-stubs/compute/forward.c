// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A layer over a batch of rows. Parts share rows of matrices, rows of the batch
 * or heads: whole output elements, never a sum.
 */
#include <string.h>

#include "compute/attention.h"
#include "compute/kernels.h"
#include "compute/rope.h"
#include "compute/scratch.h"

struct job {
	const struct fw_kernels *k;
	const struct fw_llama *m;
	const struct fw_layer *layer;
	const struct fw_row *rows;
	uint32_t n;
	float *x;
	void *const *const *pages;
	struct fw_scratch s;
};

typedef void (*part_fn)(void *job, unsigned int part, unsigned int parts);

/* Below this many multiplications, waking the others costs more than it gives. */
#define SHARE_WORK 100000

static void share(struct fw_pool *pool, uint64_t work, part_fn fn, void *arg)
{
	if (!pool || pool->n == 1 || work < SHARE_WORK)
		fn(arg, 0, 1);
	else
		pool->run(pool, fn, arg);
}

struct span {
	uint32_t from, to;
};

/* A part's share of @n, in units that suit the tiles. */
static struct span part_of(uint32_t n, unsigned int part, unsigned int parts)
{
	uint32_t units = (n + 15) / 16;
	struct span s = {
		.from = (uint32_t)((uint64_t)units * part / parts * 16),
		.to = (uint32_t)((uint64_t)units * (part + 1) / parts * 16),
	};

	if (s.to > n)
		s.to = n;
	if (s.from > n)
		s.from = n;
	return s;
}

static void multiply(const struct job *j, const struct fw_mat *w, const float *x, float *y,
		     unsigned int part, struct span span)
{
	j->k->matmul(w, span.from, span.to, x, j->n, y, w->rows,
		     j->s.wbuf + part * j->s.wbuf_floats);
}

static void norm_rows(const struct job *j, const float *weight)
{
	uint32_t dim = j->m->dim;

	for (uint32_t i = 0; i < j->n; i++)
		j->k->norm(j->s.h + (size_t)i * dim, j->x + (size_t)i * dim, weight, dim,
			   j->m->norm_eps);
}

static void qkv(void *arg, unsigned int part, unsigned int parts)
{
	const struct job *j = arg;
	const struct fw_layer *l = j->layer;

	multiply(j, &l->wq, j->s.h, j->s.q, part, part_of(l->wq.rows, part, parts));
	multiply(j, &l->wk, j->s.h, j->s.k, part, part_of(l->wk.rows, part, parts));
	multiply(j, &l->wv, j->s.h, j->s.v, part, part_of(l->wv.rows, part, parts));
}

static void add(float *x, const float *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] += y[i];
}

static void add_bias(float *row, const float *bias, uint32_t n)
{
	if (bias)
		add(row, bias, n);
}

/* Biases, rotation, and K and V to their pages. */
static void place_row(const struct job *j, uint32_t i)
{
	const struct fw_llama *m = j->m;
	uint32_t q_dim = m->n_heads * m->head_dim, kv_dim = m->n_kv_heads * m->head_dim;
	const float *rope = j->s.rope + (size_t)i * m->rope_dims;
	float *q = j->s.q + (size_t)i * q_dim;
	float *k = j->s.k + (size_t)i * kv_dim;
	float *v = j->s.v + (size_t)i * kv_dim;

	add_bias(q, j->layer->bq, q_dim);
	add_bias(k, j->layer->bk, kv_dim);
	add_bias(v, j->layer->bv, kv_dim);
	for (uint32_t h = 0; h < m->n_heads; h++)
		fw_rope_turn(m, rope, q + (size_t)h * m->head_dim);
	for (uint32_t h = 0; h < m->n_kv_heads; h++)
		fw_rope_turn(m, rope, k + (size_t)h * m->head_dim);
	fw_attention_store(j->k, m, j->pages[j->rows[i].seq], j->rows[i].pos, k, v);
}

/* Later rows have more to look at: deal heads out in turn. */
static void attention(void *arg, unsigned int part, unsigned int parts)
{
	const struct job *j = arg;
	const struct fw_llama *m = j->m;
	uint64_t units = (uint64_t)j->n * m->n_heads;

	for (uint64_t u = part; u < units; u += parts) {
		uint32_t i = (uint32_t)(u / m->n_heads), h = (uint32_t)(u % m->n_heads);
		size_t at = ((size_t)i * m->n_heads + h) * m->head_dim;

		fw_attention_head(j->k, m, j->pages[j->rows[i].seq], j->rows[i].pos, h, j->s.q + at,
				  j->s.att + at, j->s.score + part * j->s.score_floats);
	}
}

static void attn_out(void *arg, unsigned int part, unsigned int parts)
{
	const struct job *j = arg;

	multiply(j, &j->layer->wo, j->s.att, j->s.h, part, part_of(j->m->dim, part, parts));
}

static void gate_up(void *arg, unsigned int part, unsigned int parts)
{
	const struct job *j = arg;
	uint32_t ffn = j->m->ffn_dim;
	struct span span = part_of(ffn, part, parts);

	multiply(j, &j->layer->gate, j->s.h, j->s.gate, part, span);
	multiply(j, &j->layer->up, j->s.h, j->s.up, part, span);
	for (uint32_t i = 0; i < j->n && span.from < span.to; i++)
		j->k->silu_mul(j->s.gate + (size_t)i * ffn + span.from,
			       j->s.up + (size_t)i * ffn + span.from, span.to - span.from);
}

static void down(void *arg, unsigned int part, unsigned int parts)
{
	const struct job *j = arg;

	multiply(j, &j->layer->down, j->s.gate, j->s.h, part, part_of(j->m->dim, part, parts));
}

static void attention_block(struct job *j, struct fw_pool *pool)
{
	const struct fw_llama *m = j->m;
	uint64_t n = j->n, q_dim = (uint64_t)m->n_heads * m->head_dim;
	uint64_t seen = (uint64_t)j->rows[j->n - 1].pos + 1;

	norm_rows(j, j->layer->attn_norm);
	share(pool, n * m->dim * q_dim, qkv, j);
	for (uint32_t i = 0; i < j->n; i++)
		place_row(j, i);
	share(pool, n * q_dim * seen, attention, j);
	share(pool, n * m->dim * q_dim, attn_out, j);
	for (uint32_t i = 0; i < j->n; i++)
		add_bias(j->s.h + (size_t)i * m->dim, j->layer->bo, m->dim);
	add(j->x, j->s.h, n * m->dim);
}

static void ffn_block(struct job *j, struct fw_pool *pool)
{
	uint64_t work = (uint64_t)j->n * j->m->dim * j->m->ffn_dim;

	norm_rows(j, j->layer->ffn_norm);
	share(pool, work, gate_up, j);
	share(pool, work, down, j);
	add(j->x, j->s.h, (size_t)j->n * j->m->dim);
}

static struct fw_scratch lay(const struct fw_llama *m, uint32_t n, const struct fw_pool *pool,
			     void *scratch)
{
	return fw_scratch_lay(m, n, pool ? pool->n : 1, scratch);
}

void fw_embed(const struct fw_kernels *k, const struct fw_llama *m, const struct fw_row *rows,
	      uint32_t n, float *x)
{
	for (uint32_t i = 0; i < n; i++)
		k->dequant(&m->tok_embd, rows[i].token, x + (size_t)i * m->dim);
}

void fw_begin(const struct fw_llama *m, const struct fw_row *rows, uint32_t n, void *scratch)
{
	/* The table comes first, wherever the parts' share ends. */
	fw_rope_table(m, rows, n, fw_scratch_lay(m, n, 1, scratch).rope);
}

void fw_layer_forward(const struct fw_kernels *k, const struct fw_llama *m, uint32_t layer,
		      const struct fw_row *rows, uint32_t n, float *x, void *const *const *pages,
		      void *scratch, struct fw_pool *pool)
{
	struct job j = {
		.k = k,
		.m = m,
		.layer = &m->layers[layer],
		.rows = rows,
		.n = n,
		.x = x,
		.pages = pages,
		.s = lay(m, n, pool, scratch),
	};

	if (!n)
		return;
	attention_block(&j, pool);
	ffn_block(&j, pool);
}

struct head_job {
	struct job j;
	float *logits;
};

static void output(void *arg, unsigned int part, unsigned int parts)
{
	const struct head_job *h = arg;

	multiply(&h->j, &h->j.m->output, h->j.s.h, h->logits, part,
		 part_of(h->j.m->output.rows, part, parts));
}

void fw_logits(const struct fw_kernels *k, const struct fw_llama *m, const float *x, uint32_t n,
	       float *logits, void *scratch, struct fw_pool *pool)
{
	struct head_job h = {
		.j = { .k = k,
		       .m = m,
		       .n = n,
		       .x = (float *)(uintptr_t)x,
		       .s = lay(m, n, pool, scratch) },
		.logits = logits,
	};

	norm_rows(&h.j, m->out_norm);
	share(pool, (uint64_t)n * m->dim * m->vocab, output, &h);
}
