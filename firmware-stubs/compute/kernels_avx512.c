// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The kernels in AVX-512 (F, BW, DQ, VL): a vector of 16 is one register.
 * Compiled with -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mf16c.
 */
#include <immintrin.h>
#include <stdint.h>

#include "compute/kernels.h"

/* Without optimisation gcc's intrinsics are macros, and warn where they are used. */
#pragma GCC diagnostic ignored "-Wsign-conversion"

typedef __m512 v16;

static inline __mmask16 first(uint32_t n)
{
	return (__mmask16)((1U << n) - 1);
}

/* gcc does this by itself, but not below -O2. */
#define v_done() _mm256_zeroupper()
#define v_zero() _mm512_setzero_ps()
#define v_set1(x) _mm512_set1_ps(x)
#define v_load(p) _mm512_loadu_ps(p)
#define v_load_n(p, n) _mm512_maskz_loadu_ps(first(n), p)
#define v_store(p, a) _mm512_storeu_ps(p, a)
#define v_store_n(p, a, n) _mm512_mask_storeu_ps(p, first(n), a)
#define v_add(a, b) _mm512_add_ps(a, b)
#define v_add_n(a, b, n) _mm512_mask_add_ps(a, first(n), a, b)
#define v_sub(a, b) _mm512_sub_ps(a, b)
#define v_mul(a, b) _mm512_mul_ps(a, b)
#define v_div(a, b) _mm512_div_ps(a, b)
#define v_max(a, b) _mm512_max_ps(a, b)
#define v_min(a, b) _mm512_min_ps(a, b)
#define v_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define v_fma_n(a, b, c, n) _mm512_mask3_fmadd_ps(a, b, c, first(n))
#define v_round(a) _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

static inline v16 v_pow2(v16 n)
{
	__m512i i = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));

	return _mm512_castsi512_ps(_mm512_slli_epi32(i, 23));
}

static inline v16 v_keep_above(v16 x, float lo, v16 a)
{
	return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, _mm512_set1_ps(lo), _CMP_GT_OQ), a);
}

static inline v16 v_from_half(const unsigned char *p)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

static inline v16 v_from_half_n(const unsigned char *p, uint32_t n)
{
	return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first(n), p));
}

static inline void v_to_half(uint16_t *p, v16 a)
{
	_mm256_storeu_si256((__m256i *)(void *)p,
			    _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

static inline v16 v_from_bf16_n(const unsigned char *p, uint32_t n)
{
	__m512i wide = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(first(n), p));

	return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

static inline v16 v_from_bf16(const unsigned char *p)
{
	__m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));

	return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

static inline v16 v_from_i8(const unsigned char *p)
{
	return _mm512_cvtepi32_ps(
		_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p)));
}

static inline v16 v_from_nibbles(const unsigned char *p, int shift)
{
	__m512i wide = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));

	wide = _mm512_and_epi32(_mm512_srli_epi32(wide, (unsigned int)shift),
				_mm512_set1_epi32(15));
	return _mm512_cvtepi32_ps(_mm512_sub_epi32(wide, _mm512_set1_epi32(8)));
}

static inline float v_sum(v16 a)
{
	__m256 s8 = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
	__m128 s4 = _mm_add_ps(_mm256_castps256_ps128(s8), _mm256_extractf128_ps(s8, 1));
	__m128 s2 = _mm_add_ps(s4, _mm_movehl_ps(s4, s4));

	return _mm_cvtss_f32(_mm_add_ss(s2, _mm_shuffle_ps(s2, s2, 1)));
}

/*
 * 16 trees at once: each step adds the far half to the near one for two vectors
 * and packs both results into one: a's where a had its near half, b's where b had
 * its far half. A blend and one shuffle, since shuffles have but one port. Which
 * half is added to which does not matter to a sum.
 */
static inline __m512 fold_halves(__m512 a, __m512 b)
{
	return _mm512_add_ps(_mm512_mask_blend_ps(0xff00, a, b), _mm512_shuffle_f32x4(a, b, 0x4e));
}

static inline __m512 fold_quarters(__m512 a, __m512 b)
{
	return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
}

static inline __m512 fold_pairs(__m512 a, __m512 b)
{
	return _mm512_add_ps(_mm512_mask_blend_ps(0xcccc, a, b), _mm512_shuffle_ps(a, b, 0x4e));
}

static inline __m512 fold_lanes(__m512 a, __m512 b)
{
	return _mm512_add_ps(_mm512_shuffle_ps(a, b, 0x88), _mm512_shuffle_ps(a, b, 0xdd));
}

/* The folds leave the sum of vector 4 * g + j in lane 4 * j + g: put them in order. */
static inline void v_sum16(const v16 *acc, float *out)
{
	const __m512i order =
		_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
	__m512 four[4];

	UNROLL
	for (int g = 0; g < 4; g++)
		four[g] = fold_quarters(fold_halves(acc[4L * g], acc[4L * g + 1]),
					fold_halves(acc[4L * g + 2], acc[4L * g + 3]));
	_mm512_storeu_ps(out,
			 _mm512_permutexvar_ps(order, fold_lanes(fold_pairs(four[0], four[1]),
								 fold_pairs(four[2], four[3]))));
}

#include "compute/kernels_impl.h"

const struct fw_kernels fw_kernels_avx512 = FW_KERNELS_TABLE("avx512");
