/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Dot products side by side in AVX2. 16 lanes are two registers and there are 16 of
 * those: so the lower eight lanes of eight dot products go over the whole length
 * first, then the upper eight. Part of kernels_avx2.c.
 */
#ifndef FW_TILE_AVX2_H
#define FW_TILE_AVX2_H

#include "compute/kernels.h"

#define FW_OWN_TILE
#define TILE_R 4
#define TILE_T 2

/* @type is a constant wherever this is called. */
INLINE __m256 load8(const void *base, size_t at, uint32_t type)
{
	if (type == TDM_DTYPE_F32)
		return _mm256_loadu_ps((const float *)base + at);
	if (type == TDM_DTYPE_F16)
		return _mm256_cvtph_ps(load128((const unsigned char *)base + 2 * at));
	return from_bf16(load128((const unsigned char *)base + 2 * at));
}

/* The first n of eight; nothing behind them is read. */
INLINE __m256 load8_n(const void *base, size_t at, uint32_t type, uint32_t n)
{
	uint16_t tmp[8] = { 0 };

	if (type == TDM_DTYPE_F32)
		return _mm256_maskload_ps((const float *)base + at, first8((int)n));
	if (n == 8)
		return load8(base, at, type);
	for (uint32_t i = 0; i < n; i++)
		memcpy(tmp + i, (const unsigned char *)base + 2 * (at + i), 2);
	return load8(tmp, 0, type);
}

/* a * b + c in the first n of eight lanes, c in the others */
static inline __m256 fma8_n(__m256 a, __m256 b, __m256 c, uint32_t n)
{
	return _mm256_blendv_ps(c, _mm256_fmadd_ps(a, b, c), _mm256_castsi256_ps(first8((int)n)));
}

/* What is left for eight lanes from @i on. */
static inline uint32_t left8(uint32_t i, uint32_t k)
{
	return i >= k ? 0 : k - i > 8 ? 8 : k - i;
}

/* Lanes first .. first + 7 of R * T dot products; acc[t][r] */
INLINE void tile8(const void *w, size_t ws, uint32_t type, const float *x, size_t xs,
		  uint32_t first_lane, uint32_t k, const size_t R, const size_t T, __m256 *acc)
{
	uint32_t i = first_lane, left;
	__m256 ts[2];

	UNROLL
	for (size_t a = 0; a < R * T; a++)
		acc[a] = _mm256_setzero_ps();
	for (; i + 8 <= k; i += 16) {
		UNROLL
		for (size_t t = 0; t < T; t++)
			ts[t] = _mm256_loadu_ps(x + t * xs + i);
		UNROLL
		for (size_t r = 0; r < R; r++) {
			__m256 row = load8(w, r * ws + i, type);

			UNROLL
			for (size_t t = 0; t < T; t++)
				acc[t * R + r] = _mm256_fmadd_ps(row, ts[t], acc[t * R + r]);
		}
	}
	left = left8(i, k);
	if (!left)
		return;
	UNROLL
	for (size_t t = 0; t < T; t++)
		ts[t] = load8_n(x, t * xs + i, TDM_DTYPE_F32, left);
	UNROLL
	for (size_t r = 0; r < R; r++) {
		__m256 row = load8_n(w, r * ws + i, type, left);

		UNROLL
		for (size_t t = 0; t < T; t++)
			acc[t * R + r] = fma8_n(row, ts[t], acc[t * R + r], left);
	}
}

/* The far half of a and of b added to the near one: a's left, b's right. */
static inline __m256 fold_halves(__m256 a, __m256 b)
{
	return _mm256_add_ps(_mm256_blend_ps(a, b, 0xf0), _mm256_permute2f128_ps(a, b, 0x21));
}

static inline __m256 fold_pairs(__m256 a, __m256 b)
{
	return _mm256_add_ps(_mm256_blend_ps(a, b, 0xcc), _mm256_shuffle_ps(a, b, 0x4e));
}

static inline __m256 fold_lanes(__m256 a, __m256 b)
{
	return _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x88), _mm256_shuffle_ps(a, b, 0xdd));
}

/* The rest of eight trees, from lanes that were 16 and are eight. */
static inline void sum8(const __m256 *s, float *out)
{
	__m256 ac = fold_pairs(fold_halves(s[0], s[4]), fold_halves(s[1], s[5]));
	__m256 bd = fold_pairs(fold_halves(s[2], s[6]), fold_halves(s[3], s[7]));

	_mm256_storeu_ps(out, fold_lanes(ac, bd));
}

INLINE void eight(const void *w, size_t ws, uint32_t type, const float *x, size_t xs, uint32_t k,
		  const size_t R, const size_t T, float *out)
{
	__m256 lo[8], hi[8];

	tile8(w, ws, type, x, xs, 0, k, R, T, lo);
	tile8(w, ws, type, x, xs, 8, k, R, T, hi);
	UNROLL
	for (int i = 0; i < 8; i++)
		lo[i] = _mm256_add_ps(lo[i], hi[i]);
	sum8(lo, out);
}

/* out[t][r] = w[r] . x[t]; @ws, @xs: from one row to the next */
static inline void tile(const float *w, size_t ws, const float *x, size_t xs, uint32_t k,
			float *out)
{
	eight(w, ws, TDM_DTYPE_F32, x, xs, k, TILE_R, TILE_T, out);
}

/* out[r] = w[r] . x, r < 16; w is F32, F16 or BF16 */
INLINE void dots16(const void *w, size_t ws, uint32_t type, const float *x, uint32_t k, float *out)
{
	size_t elt = type == TDM_DTYPE_F32 ? 4 : 2;

	eight(w, ws, type, x, 0, k, 8, 1, out);
	eight((const char *)w + 8 * ws * elt, ws, type, x, 0, k, 8, 1, out + 8);
}

#endif /* FW_TILE_AVX2_H */
