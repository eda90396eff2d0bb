/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Dot products side by side: tile() of TILE_R rows with TILE_T tokens, dots16() of
 * 16 rows with one vector, dot() of one with one. Part of kernels_impl.h.
 *
 * Every loop over accumulators is unrolled, tails as well: an accumulator that is
 * indexed by a variable lives in memory, which costs four fifths of the speed.
 */
#ifndef FW_KERNELS_TILE_H
#define FW_KERNELS_TILE_H

#include "compute/kernels.h"

/* @type is a constant wherever this is called. BF16 is no type of KV pages. */
INLINE v16 load_as(const void *base, size_t at, uint32_t type)
{
	if (type == TDM_DTYPE_F32)
		return v_load((const float *)base + at);
	if (type == TDM_DTYPE_F16)
		return v_from_half((const unsigned char *)base + 2 * at);
	return v_from_bf16((const unsigned char *)base + 2 * at);
}

INLINE v16 load_as_n(const void *base, size_t at, uint32_t type, uint32_t n)
{
	if (type == TDM_DTYPE_F32)
		return v_load_n((const float *)base + at, n);
	if (type == TDM_DTYPE_F16)
		return v_from_half_n((const unsigned char *)base + 2 * at, n);
	return v_from_bf16_n((const unsigned char *)base + 2 * at, n);
}

#ifndef FW_OWN_TILE

#define TILE_R 4
#define TILE_T 4

/* out[t][r] = w[r] . x[t]; @ws, @xs: from one row to the next */
static inline void tile(const float *w, size_t ws, const float *x, size_t xs, uint32_t k,
			float *out)
{
	v16 acc[16], ts[TILE_T];
	uint32_t i = 0, left;

	UNROLL
	for (int a = 0; a < 16; a++)
		acc[a] = v_zero();
	for (; i + 16 <= k; i += 16) {
		UNROLL
		for (size_t t = 0; t < TILE_T; t++)
			ts[t] = v_load(x + t * xs + i);
		UNROLL
		for (size_t r = 0; r < TILE_R; r++) {
			v16 row = v_load(w + r * ws + i);

			UNROLL
			for (size_t t = 0; t < TILE_T; t++)
				acc[t * TILE_R + r] = v_fma(row, ts[t], acc[t * TILE_R + r]);
		}
	}
	left = k - i;
	if (left) {
		UNROLL
		for (size_t t = 0; t < TILE_T; t++)
			ts[t] = v_load_n(x + t * xs + i, left);
		UNROLL
		for (size_t r = 0; r < TILE_R; r++) {
			v16 row = v_load_n(w + r * ws + i, left);

			UNROLL
			for (size_t t = 0; t < TILE_T; t++)
				acc[t * TILE_R + r] =
					v_fma_n(row, ts[t], acc[t * TILE_R + r], left);
		}
	}
	v_sum16(acc, out);
}

/* out[r] = w[r] . x, r < 16; w is F32, F16 or BF16 */
INLINE void dots16(const void *w, size_t ws, uint32_t type, const float *x, uint32_t k, float *out)
{
	v16 acc[16], xs;
	uint32_t i = 0, left;

	UNROLL
	for (int a = 0; a < 16; a++)
		acc[a] = v_zero();
	for (; i + 16 <= k; i += 16) {
		xs = v_load(x + i);
		UNROLL
		for (size_t r = 0; r < 16; r++)
			acc[r] = v_fma(load_as(w, r * ws + i, type), xs, acc[r]);
	}
	left = k - i;
	if (left) {
		xs = v_load_n(x + i, left);
		UNROLL
		for (size_t r = 0; r < 16; r++)
			acc[r] = v_fma_n(load_as_n(w, r * ws + i, type, left), xs, acc[r], left);
	}
	v_sum16(acc, out);
}

#endif /* FW_OWN_TILE */

static float dot(const float *w, const float *x, uint32_t k)
{
	v16 acc = v_zero();
	uint32_t i = 0;

	for (; i + 16 <= k; i += 16)
		acc = v_fma(v_load(w + i), v_load(x + i), acc);
	if (i < k)
		acc = v_fma_n(v_load_n(w + i, k - i), v_load_n(x + i, k - i), acc, k - i);
	return v_sum(acc);
}

#endif /* FW_KERNELS_TILE_H */
