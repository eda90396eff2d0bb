// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The kernels in plain C: any processor, and what the others are checked with.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "compute/half.h"

typedef struct {
	float f[16];
} v16;

#define EACH(expr)                                                                                 \
	do {                                                                                       \
		for (uint32_t l = 0; l < 16; l++)                                                  \
			out.f[l] = (expr);                                                         \
		return out;                                                                        \
	} while (0)

static inline void v_done(void)
{
}

static inline v16 v_zero(void)
{
	return (v16){ { 0 } };
}

static inline v16 v_set1(float x)
{
	v16 out;

	EACH(x);
}

static inline v16 v_load(const float *p)
{
	v16 out;

	memcpy(&out, p, sizeof(out));
	return out;
}

static inline v16 v_load_n(const float *p, uint32_t n)
{
	v16 out = { { 0 } };

	memcpy(&out, p, n * sizeof(*p));
	return out;
}

static inline void v_store(float *p, v16 a)
{
	memcpy(p, &a, sizeof(a));
}

static inline void v_store_n(float *p, v16 a, uint32_t n)
{
	memcpy(p, &a, n * sizeof(*p));
}

static inline v16 v_add(v16 a, v16 b)
{
	v16 out;

	EACH(a.f[l] + b.f[l]);
}

static inline v16 v_add_n(v16 a, v16 b, uint32_t n)
{
	v16 out;

	EACH(l < n ? a.f[l] + b.f[l] : a.f[l]);
}

static inline v16 v_sub(v16 a, v16 b)
{
	v16 out;

	EACH(a.f[l] - b.f[l]);
}

static inline v16 v_mul(v16 a, v16 b)
{
	v16 out;

	EACH(a.f[l] * b.f[l]);
}

static inline v16 v_div(v16 a, v16 b)
{
	v16 out;

	EACH(a.f[l] / b.f[l]);
}

/* As the vector instructions: the second one where either is NaN. */
static inline v16 v_max(v16 a, v16 b)
{
	v16 out;

	EACH(a.f[l] > b.f[l] ? a.f[l] : b.f[l]);
}

static inline v16 v_min(v16 a, v16 b)
{
	v16 out;

	EACH(a.f[l] < b.f[l] ? a.f[l] : b.f[l]);
}

static inline v16 v_fma(v16 a, v16 b, v16 c)
{
	v16 out;

	EACH(fmaf(a.f[l], b.f[l], c.f[l]));
}

static inline v16 v_fma_n(v16 a, v16 b, v16 c, uint32_t n)
{
	v16 out;

	EACH(l < n ? fmaf(a.f[l], b.f[l], c.f[l]) : c.f[l]);
}

static inline v16 v_round(v16 a)
{
	v16 out;

	EACH(rintf(a.f[l]));
}

static inline v16 v_pow2(v16 n)
{
	v16 out;

	for (int l = 0; l < 16; l++) {
		uint32_t bits = (uint32_t)((int32_t)n.f[l] + 127) << 23;

		memcpy(&out.f[l], &bits, sizeof(bits));
	}
	return out;
}

static inline v16 v_keep_above(v16 x, float lo, v16 a)
{
	v16 out;

	EACH(x.f[l] > lo ? a.f[l] : 0.0f);
}

static inline uint16_t u16_at(const unsigned char *p, uint32_t i)
{
	p += 2UL * i;
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline v16 v_from_half(const unsigned char *p)
{
	v16 out;

	EACH(fw_from_half(u16_at(p, l)));
}

static inline v16 v_from_bf16(const unsigned char *p)
{
	v16 out;

	for (uint32_t l = 0; l < 16; l++) {
		uint32_t bits = (uint32_t)u16_at(p, l) << 16;

		memcpy(&out.f[l], &bits, sizeof(bits));
	}
	return out;
}

static inline v16 v_from_half_n(const unsigned char *p, uint32_t n)
{
	v16 out;

	EACH(l < n ? fw_from_half(u16_at(p, l)) : 0);
}

static inline v16 v_from_bf16_n(const unsigned char *p, uint32_t n)
{
	unsigned char tmp[32] = { 0 };

	memcpy(tmp, p, 2 * (size_t)n);
	return v_from_bf16(tmp);
}

static inline void v_to_half(uint16_t *p, v16 a)
{
	for (uint32_t l = 0; l < 16; l++)
		p[l] = fw_to_half(a.f[l]);
}

static inline v16 v_from_i8(const unsigned char *p)
{
	v16 out;

	EACH((float)(signed char)p[l]);
}

static inline v16 v_from_nibbles(const unsigned char *p, int shift)
{
	v16 out;

	EACH((float)((p[l] >> shift & 15) - 8));
}

static inline float v_sum(v16 a)
{
	for (int half = 8; half; half /= 2)
		for (int l = 0; l < half; l++)
			a.f[l] += a.f[l + half];
	return a.f[0];
}

static inline void v_sum16(const v16 *acc, float *out)
{
	for (int i = 0; i < 16; i++)
		out[i] = v_sum(acc[i]);
}

#include "compute/kernels_impl.h"

const struct fw_kernels fw_kernels_scalar = FW_KERNELS_TABLE("scalar");
