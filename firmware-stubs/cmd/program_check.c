// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "cmd/program_check.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/*
 * Bounds that keep every product of two dimensions far from overflow. Real
 * models stay well below: 2^18 wide, 2^20 words, 2^20 tokens.
 */
#define MAX_LAYERS 1024
#define MAX_DIM (1U << 18)
#define MAX_VOCAB (1U << 22)
#define MAX_CTX (1U << 22)
#define MAX_TENSORS (MAX_LAYERS * 16)

static bool in(uint32_t value, uint32_t lo, uint32_t hi)
{
	return value >= lo && value <= hi;
}

static bool finite_positive(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return isfinite(f) && f > 0;
}

#define CHECK(member, cond)                                                                        \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fw_fail(x, TDM_ST_BAD_DESC,                                                \
				x->cmd.desc.addr + offsetof(struct tdm_program, member));          \
			return false;                                                              \
		}                                                                                  \
	} while (0)

static bool check_head(struct fw_exec *x, const struct tdm_program *d)
{
	CHECK(size, d->size == sizeof(*d));
	CHECK(flags, !d->flags);
	CHECK(reserved, !d->reserved);
	CHECK(n_layers, in(d->n_layers, 1, MAX_LAYERS));
	CHECK(layer_first, d->layer_first < d->n_layers);
	CHECK(layer_count, in(d->layer_count, 1, d->n_layers - d->layer_first));
	CHECK(n_tensors, in(d->n_tensors, 1, MAX_TENSORS));
	return true;
}

static bool check_shape(struct fw_exec *x, const struct tdm_program *d)
{
	CHECK(dim, in(d->dim, 1, MAX_DIM));
	CHECK(n_heads, in(d->n_heads, 1, MAX_DIM));
	CHECK(n_kv_heads, in(d->n_kv_heads, 1, d->n_heads) && d->n_heads % d->n_kv_heads == 0);
	CHECK(head_dim, in(d->head_dim, 2, 1024) && d->head_dim % 2 == 0 &&
				(uint64_t)d->head_dim * d->n_heads <= MAX_DIM);
	CHECK(ffn_dim, in(d->ffn_dim, 1, MAX_DIM));
	CHECK(vocab, in(d->vocab, 1, MAX_VOCAB));
	CHECK(ctx_len, in(d->ctx_len, 1, MAX_CTX));
	CHECK(rope_dims, in(d->rope_dims, 2, d->head_dim) && d->rope_dims % 2 == 0);
	return true;
}

static bool check_numbers(struct fw_exec *x, const struct tdm_program *d)
{
	CHECK(rms_eps, finite_positive(d->rms_eps));
	CHECK(rope_scale, finite_positive(d->rope_scale));
	CHECK(attn_scale, finite_positive(d->attn_scale));
	CHECK(kv_dtype, d->kv_dtype == TDM_DTYPE_F32 || d->kv_dtype == TDM_DTYPE_F16);
	CHECK(kv_page_tokens, in(d->kv_page_tokens, 16, 256) && d->kv_page_tokens % 16 == 0);
	return true;
}

bool fw_program_check(struct fw_exec *x, const struct tdm_program *desc)
{
	return check_head(x, desc) && check_shape(x, desc) && check_numbers(x, desc);
}
