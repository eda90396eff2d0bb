// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "compute/scratch.h"

#include "compute/kernels.h"

static float *take(void *base, size_t *at, size_t floats)
{
	size_t here = *at;

	*at += (floats * sizeof(float) + 63) & ~(size_t)63;
	return base ? (float *)(void *)((char *)base + here) : NULL;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t round16(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

struct fw_scratch fw_scratch_lay(const struct fw_llama *m, uint32_t rows, unsigned int parts,
				 void *base)
{
	size_t q = (size_t)m->n_heads * m->head_dim, kv = (size_t)m->n_kv_heads * m->head_dim;
	size_t n = rows, at = 0;
	struct fw_scratch s = {
		.wbuf_floats = FW_WBUF_ROWS * round16(larger(larger(m->dim, m->ffn_dim), q)),
		.score_floats = round16(m->max_ctx),
	};

	s.rope = take(base, &at, n * m->rope_dims);
	s.h = take(base, &at, n * m->dim);
	s.q = take(base, &at, n * q);
	s.k = take(base, &at, n * kv);
	s.v = take(base, &at, n * kv);
	s.att = take(base, &at, n * q);
	s.gate = take(base, &at, n * m->ffn_dim);
	s.up = take(base, &at, n * m->ffn_dim);
	s.wbuf = take(base, &at, parts * s.wbuf_floats);
	s.score = take(base, &at, parts * s.score_floats);
	s.bytes = at;
	return s;
}

size_t fw_scratch_size(const struct fw_llama *m, uint32_t rows, const struct fw_pool *pool)
{
	return fw_scratch_lay(m, rows, pool ? pool->n : 1, NULL).bytes;
}
