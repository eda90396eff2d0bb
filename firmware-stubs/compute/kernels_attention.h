/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * One query head over the tokens of one page. Part of kernels_impl.h.
 */
#ifndef FW_KERNELS_ATTENTION_H
#define FW_KERNELS_ATTENTION_H

#include "compute/kernels.h"

/* Keys by dimension: lane l of every token's dot product is accumulator l. */
INLINE v16 dots16_turned(const void *k, size_t stride, uint32_t type, const float *q, uint32_t n)
{
	v16 acc[16];
	uint32_t d = 0;

	UNROLL
	for (int i = 0; i < 16; i++)
		acc[i] = v_zero();
	for (; d + 16 <= n; d += 16) {
		UNROLL
		for (uint32_t i = 0; i < 16; i++)
			acc[i] =
				v_fma(load_as(k, (d + i) * stride, type), v_set1(q[d + i]), acc[i]);
	}
	UNROLL
	for (uint32_t i = 0; i < 16; i++)
		if (d + i < n)
			acc[i] =
				v_fma(load_as(k, (d + i) * stride, type), v_set1(q[d + i]), acc[i]);
	UNROLL
	for (int i = 0; i < 8; i++)
		acc[i] = v_add(acc[i], acc[i + 8]);
	UNROLL
	for (int i = 0; i < 4; i++)
		acc[i] = v_add(acc[i], acc[i + 4]);
	return v_add(v_add(acc[0], acc[2]), v_add(acc[1], acc[3]));
}

/* Tokens behind @n are computed too: the page has them, whatever they hold. */
INLINE void scores_of(const struct fw_kv_shape *s, uint32_t type, const float *q, const void *k,
		      uint32_t n, float scale, float *out)
{
	size_t elt = type == TDM_DTYPE_F32 ? 4 : 2;

	for (size_t t = 0; t < n; t += 16) {
		const char *at = (const char *)k;

		if (s->layout == TDM_KV_LAYOUT_WIRE) {
			dots16(at + t * s->head_dim * elt, s->head_dim, type, q, s->head_dim,
			       out + t);
			v_store(out + t, v_mul(v_load(out + t), v_set1(scale)));
		} else {
			v16 dots =
				dots16_turned(at + t * elt, s->page_tokens, type, q, s->head_dim);

			v_store(out + t, v_mul(dots, v_set1(scale)));
		}
	}
}

static void scores(const struct fw_kv_shape *s, const float *q, const void *k, uint32_t n,
		   float scale, float *out)
{
	if (s->type == TDM_DTYPE_F32)
		scores_of(s, TDM_DTYPE_F32, q, k, n, scale, out);
	else
		scores_of(s, TDM_DTYPE_F16, q, k, n, scale, out);
	v_done();
}

/* 16 * C elements of the result at once: as many chains of additions. */
INLINE void values_at(const void *v, size_t stride, uint32_t type, const float *p, uint32_t n,
		      float *acc, size_t d, const size_t C)
{
	v16 sum[4];

	UNROLL
	for (size_t c = 0; c < C; c++)
		sum[c] = v_load(acc + d + 16 * c);
	for (size_t t = 0; t < n; t++) {
		v16 weight = v_set1(p[t]);

		UNROLL
		for (size_t c = 0; c < C; c++)
			sum[c] = v_fma(weight, load_as(v, t * stride + d + 16 * c, type), sum[c]);
	}
	UNROLL
	for (size_t c = 0; c < C; c++)
		v_store(acc + d + 16 * c, sum[c]);
}

INLINE void values_of(const struct fw_kv_shape *s, uint32_t type, const float *p, const void *v,
		      uint32_t n, float *acc)
{
	size_t dim = s->head_dim, d = 0;
	uint32_t left;

	for (; d + 64 <= dim; d += 64)
		values_at(v, dim, type, p, n, acc, d, 4);
	if (d + 48 <= dim) {
		values_at(v, dim, type, p, n, acc, d, 3);
		d += 48;
	} else if (d + 32 <= dim) {
		values_at(v, dim, type, p, n, acc, d, 2);
		d += 32;
	} else if (d + 16 <= dim) {
		values_at(v, dim, type, p, n, acc, d, 1);
		d += 16;
	}
	left = (uint32_t)(dim - d);
	if (left) {
		v16 sum = v_load_n(acc + d, left);

		for (size_t t = 0; t < n; t++)
			sum = v_fma_n(v_set1(p[t]), load_as_n(v, t * dim + d, type, left), sum,
				      left);
		v_store_n(acc + d, sum, left);
	}
}

static void values(const struct fw_kv_shape *s, const float *p, const void *v, uint32_t n,
		   float *acc)
{
	if (s->type == TDM_DTYPE_F32)
		values_of(s, TDM_DTYPE_F32, p, v, n, acc);
	else
		values_of(s, TDM_DTYPE_F16, p, v, n, acc);
	v_done();
}

#endif /* FW_KERNELS_ATTENTION_H */
