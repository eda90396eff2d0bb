// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The kernels in AVX2 with FMA and F16C: a vector of 16 is two registers.
 * Compiled with -mavx2 -mfma -mf16c.
 */
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "compute/kernels.h"

typedef struct {
	__m256 lo, hi;
} v16;

/* gcc does this by itself, but not below -O2. */
static inline void v_done(void)
{
	_mm256_zeroupper();
}

static inline v16 v_zero(void)
{
	return (v16){ _mm256_setzero_ps(), _mm256_setzero_ps() };
}

static inline v16 v_set1(float x)
{
	return (v16){ _mm256_set1_ps(x), _mm256_set1_ps(x) };
}

static inline v16 v_load(const float *p)
{
	return (v16){ _mm256_loadu_ps(p), _mm256_loadu_ps(p + 8) };
}

/* All bits in the first n of eight lanes; n may be outside of 0..8. */
static inline __m256i first8(int n)
{
	return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Masked lanes are neither read nor written. */
static inline v16 v_load_n(const float *p, uint32_t n)
{
	return (v16){ _mm256_maskload_ps(p, first8((int)n)),
		      _mm256_maskload_ps(p + 8, first8((int)n - 8)) };
}

static inline void v_store(float *p, v16 a)
{
	_mm256_storeu_ps(p, a.lo);
	_mm256_storeu_ps(p + 8, a.hi);
}

static inline void v_store_n(float *p, v16 a, uint32_t n)
{
	_mm256_maskstore_ps(p, first8((int)n), a.lo);
	_mm256_maskstore_ps(p + 8, first8((int)n - 8), a.hi);
}

/* b in the first n lanes, a in the others */
static inline v16 first(v16 a, v16 b, uint32_t n)
{
	return (v16){ _mm256_blendv_ps(a.lo, b.lo, _mm256_castsi256_ps(first8((int)n))),
		      _mm256_blendv_ps(a.hi, b.hi, _mm256_castsi256_ps(first8((int)n - 8))) };
}

static inline v16 v_add(v16 a, v16 b)
{
	return (v16){ _mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi) };
}

static inline v16 v_add_n(v16 a, v16 b, uint32_t n)
{
	return first(a, v_add(a, b), n);
}

static inline v16 v_sub(v16 a, v16 b)
{
	return (v16){ _mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi) };
}

static inline v16 v_mul(v16 a, v16 b)
{
	return (v16){ _mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi) };
}

static inline v16 v_div(v16 a, v16 b)
{
	return (v16){ _mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi) };
}

static inline v16 v_max(v16 a, v16 b)
{
	return (v16){ _mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi) };
}

static inline v16 v_min(v16 a, v16 b)
{
	return (v16){ _mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi) };
}

static inline v16 v_fma(v16 a, v16 b, v16 c)
{
	return (v16){ _mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi) };
}

static inline v16 v_fma_n(v16 a, v16 b, v16 c, uint32_t n)
{
	return first(c, v_fma(a, b, c), n);
}

static inline v16 v_round(v16 a)
{
	return (v16){
		_mm256_round_ps(a.lo, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
		_mm256_round_ps(a.hi, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
	};
}

static inline __m256 pow2(__m256 n)
{
	__m256i i = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));

	return _mm256_castsi256_ps(_mm256_slli_epi32(i, 23));
}

static inline v16 v_pow2(v16 n)
{
	return (v16){ pow2(n.lo), pow2(n.hi) };
}

static inline v16 v_keep_above(v16 x, float lo, v16 a)
{
	__m256 bound = _mm256_set1_ps(lo);

	return (v16){ _mm256_and_ps(_mm256_cmp_ps(x.lo, bound, _CMP_GT_OQ), a.lo),
		      _mm256_and_ps(_mm256_cmp_ps(x.hi, bound, _CMP_GT_OQ), a.hi) };
}

static inline __m128i load128(const unsigned char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline v16 v_from_half(const unsigned char *p)
{
	return (v16){ _mm256_cvtph_ps(load128(p)), _mm256_cvtph_ps(load128(p + 16)) };
}

static inline __m256 from_bf16(__m128i half)
{
	return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}

static inline v16 v_from_bf16(const unsigned char *p)
{
	return (v16){ from_bf16(load128(p)), from_bf16(load128(p + 16)) };
}

static inline v16 v_from_half_n(const unsigned char *p, uint32_t n)
{
	unsigned char tmp[32] = { 0 };

	memcpy(tmp, p, 2 * (size_t)n);
	return v_from_half(tmp);
}

static inline v16 v_from_bf16_n(const unsigned char *p, uint32_t n)
{
	unsigned char tmp[32] = { 0 };

	memcpy(tmp, p, 2 * (size_t)n);
	return v_from_bf16(tmp);
}

static inline __m128i half_of(__m256 a)
{
	return _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

static inline void v_to_half(uint16_t *p, v16 a)
{
	_mm_storeu_si128((__m128i *)(void *)p, half_of(a.lo));
	_mm_storeu_si128((__m128i *)(void *)(p + 8), half_of(a.hi));
}

static inline v16 v_from_i8(const unsigned char *p)
{
	__m128i bytes = load128(p);

	return (v16){ _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)),
		      _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8))) };
}

static inline v16 v_from_nibbles(const unsigned char *p, int shift)
{
	__m128i nibbles = _mm_and_si128(_mm_srli_epi16(load128(p), shift), _mm_set1_epi8(15));
	__m128i bytes = _mm_sub_epi8(nibbles, _mm_set1_epi8(8));

	return (v16){ _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)),
		      _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8))) };
}

static inline float v_sum(v16 a)
{
	__m256 s8 = _mm256_add_ps(a.lo, a.hi);
	__m128 s4 = _mm_add_ps(_mm256_castps256_ps128(s8), _mm256_extractf128_ps(s8, 1));
	__m128 s2 = _mm_add_ps(s4, _mm_movehl_ps(s4, s4));

	return _mm_cvtss_f32(_mm_add_ss(s2, _mm_shuffle_ps(s2, s2, 1)));
}

#include "compute/tile_avx2.h"
#include "compute/kernels_impl.h"

const struct fw_kernels fw_kernels_avx2 = FW_KERNELS_TABLE("avx2");
