/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Norm, exp and what is made of it. Part of kernels_impl.h.
 */
#ifndef FW_KERNELS_MATH_H
#define FW_KERNELS_MATH_H

#include <math.h>
#include <string.h>

#include "compute/kernels.h"

static void norm(float *y, const float *x, const float *w, uint32_t n, float eps)
{
	v16 acc = v_zero(), r;
	uint32_t i = 0;
	float mean;

	for (; i + 16 <= n; i += 16)
		acc = v_fma(v_load(x + i), v_load(x + i), acc);
	if (i < n)
		acc = v_fma_n(v_load_n(x + i, n - i), v_load_n(x + i, n - i), acc, n - i);
	mean = v_sum(acc) / (float)n;
	r = v_set1(1.0f / sqrtf(mean + eps));
	for (i = 0; i + 16 <= n; i += 16)
		v_store(y + i, v_mul(v_mul(v_load(x + i), r), v_load(w + i)));
	if (i < n)
		v_store_n(y + i, v_mul(v_mul(v_load_n(x + i, n - i), r), v_load_n(w + i, n - i)),
			  n - i);
	v_done();
}

/*
 * exp by 2^n * e^r with |r| <= ln 2 / 2: ln 2 in two parts (Cody and Waite), then
 * the Taylor polynomial of degree 7, whose error there is below half an ulp.
 */
static inline v16 v_exp(v16 x)
{
	const float lo = -87.0f, hi = 88.0f;
	v16 n, r, p, clamped = v_min(x, v_set1(hi));

	n = v_round(v_mul(v_max(clamped, v_set1(lo)), v_set1(0x1.715476p+0f)));
	r = v_fma(n, v_set1(-0x1.62e400p-1f), v_max(clamped, v_set1(lo)));
	r = v_fma(n, v_set1(-0x1.7f7d1cp-20f), r);
	p = v_set1(0x1.a01a02p-13f);
	p = v_fma(p, r, v_set1(0x1.6c16c2p-10f));
	p = v_fma(p, r, v_set1(0x1.111112p-7f));
	p = v_fma(p, r, v_set1(0x1.555556p-5f));
	p = v_fma(p, r, v_set1(0x1.555556p-3f));
	p = v_fma(p, r, v_set1(0.5f));
	p = v_fma(p, r, v_set1(1.0f));
	p = v_fma(p, r, v_set1(1.0f));
	return v_keep_above(x, lo, v_mul(p, v_pow2(n)));
}

static void silu_mul(float *g, const float *u, uint32_t n)
{
	const v16 one = v_set1(1.0f);

	for (uint32_t i = 0; i < n; i += 16) {
		uint32_t left = least(16, n - i);
		v16 a = v_load_n(g + i, left);
		v16 e = v_exp(v_sub(v_zero(), a));

		v_store_n(g + i, v_mul(v_div(a, v_add(one, e)), v_load_n(u + i, left)), left);
	}
	v_done();
}

/* Whatever the order, but for NaN: one in s[0] is the result, others are passed over. */
static float largest(const float *s, uint32_t n)
{
	v16 most = v_set1(s[0]);
	float lanes[16], max;
	uint32_t i = 0;

	for (; i + 16 <= n; i += 16)
		most = v_max(v_load(s + i), most);
	v_store(lanes, most);
	max = lanes[0];
	for (int l = 1; l < 16; l++)
		max = lanes[l] > max ? lanes[l] : max;
	for (; i < n; i++)
		max = s[i] > max ? s[i] : max;
	return max;
}

static float softmax(float *s, uint32_t n)
{
	v16 acc = v_zero(), max = v_set1(largest(s, n));
	float sum;

	for (uint32_t i = 0; i < n; i += 16) {
		uint32_t left = least(16, n - i);
		v16 e = v_exp(v_sub(v_load_n(s + i, left), max));

		v_store_n(s + i, e, left);
		acc = v_add_n(acc, e, left);
	}
	sum = v_sum(acc);
	v_done();
	return sum;
}

static void to_half(const float *in, uint32_t n, uint16_t *out)
{
	uint32_t i = 0;

	for (; i + 16 <= n; i += 16)
		v_to_half(out + i, v_load(in + i));
	if (i < n) {
		uint16_t last[16];

		v_to_half(last, v_load_n(in + i, n - i));
		memcpy(out + i, last, (n - i) * sizeof(*out));
	}
	v_done();
}

#endif /* FW_KERNELS_MATH_H */
