/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The kernels, written once over a vector of 16 floats. The file that includes
 * this defines the type v16 and its operations:
 *
 *	v_zero v_set1 v_load v_load_n v_store v_store_n	 (_n: the first n lanes)
 *	v_add v_sub v_mul v_div v_min v_max	(the second one where either is NaN)
 *	v_add_n(a, b, n)	a + b in the first n lanes, a in the others
 *	v_fma(a, b, c)		a * b + c, one rounding
 *	v_fma_n(a, b, c, n)	the same in the first n lanes, c in the others
 *	v_round v_pow2		to nearest even; 2 to an integer in -126..127
 *	v_keep_above(x, lo, a)	a where x > lo, 0 elsewhere (and where x is NaN)
 *	v_from_half v_from_bf16	16 values from memory
 *	v_from_i8 v_from_nibbles	16 values; see dequant below
 *	v_sum			the tree
 *	v_sum16(acc, out)	16 trees
 *	TILE_R, TILE_T		rows and tokens of a matmul tile
 *	TILE_R1			rows of a tile for one token
 */
#ifndef FW_KERNELS_IMPL_H
#define FW_KERNELS_IMPL_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "compute/half.h"
#include "compute/kernels.h"

static float block_scale(const unsigned char *block)
{
	uint16_t half;

	memcpy(&half, block, sizeof(half));
	return fw_from_half(half);
}

/* Q8_0: an F16 scale and 32 signed bytes. GGUF specification, "ggml_type". */
static void dequant_q8_0(const unsigned char *row, uint32_t cols, float *out)
{
	for (uint32_t c = 0; c < cols; c += 32, row += 34) {
		v16 d = v_set1(block_scale(row));

		v_store(out + c, v_mul(d, v_from_i8(row + 2)));
		v_store(out + c + 16, v_mul(d, v_from_i8(row + 18)));
	}
}

/* Q4_0: an F16 scale and 16 bytes; low nibbles are the first 16 values, less 8. */
static void dequant_q4_0(const unsigned char *row, uint32_t cols, float *out)
{
	for (uint32_t c = 0; c < cols; c += 32, row += 18) {
		v16 d = v_set1(block_scale(row));

		v_store(out + c, v_mul(d, v_from_nibbles(row + 2, 0)));
		v_store(out + c + 16, v_mul(d, v_from_nibbles(row + 2, 4)));
	}
}

static void dequant_half(const unsigned char *row, uint32_t cols, bool bf16, float *out)
{
	uint32_t c = 0;

	for (; c + 16 <= cols; c += 16)
		v_store(out + c, bf16 ? v_from_bf16(row + 2UL * c) : v_from_half(row + 2UL * c));
	for (; c < cols; c++) {
		uint16_t half;
		uint32_t bits;

		memcpy(&half, row + 2UL * c, sizeof(half));
		bits = (uint32_t)half << 16;
		if (bf16)
			memcpy(out + c, &bits, sizeof(bits));
		else
			out[c] = fw_from_half(half);
	}
}

static void dequant(const struct fw_mat *w, uint32_t row, float *out)
{
	const unsigned char *data = w->data;
	size_t r = row;

	switch (w->type) {
	case TDM_DTYPE_F32:
		memcpy(out, data + r * w->cols * 4, w->cols * sizeof(float));
		break;
	case TDM_DTYPE_F16:
		dequant_half(data + r * w->cols * 2, w->cols, false, out);
		break;
	case TDM_DTYPE_BF16:
		dequant_half(data + r * w->cols * 2, w->cols, true, out);
		break;
	case TDM_DTYPE_Q8_0:
		dequant_q8_0(data + r * (w->cols / 32) * 34, w->cols, out);
		break;
	default: /* Q4_0: PROGRAM_LOAD let nothing else through */
		dequant_q4_0(data + r * (w->cols / 32) * 18, w->cols, out);
		break;
	}
}

/* R x T dot products of length k, accumulators in registers. */
static inline __attribute__((always_inline)) void
tile(const float *const *w, const float *const *x, uint32_t k, const int R, const int T, v16 *acc)
{
	uint32_t i = 0;

	UNROLL
	for (int a = 0; a < R * T; a++)
		acc[a] = v_zero();
	for (; i + 16 <= k; i += 16) {
		v16 xs[T];

		UNROLL
		for (int t = 0; t < T; t++)
			xs[t] = v_load(x[t] + i);
		UNROLL
		for (int r = 0; r < R; r++) {
			v16 ws = v_load(w[r] + i);

			UNROLL
			for (int t = 0; t < T; t++)
				acc[r * T + t] = v_fma(ws, xs[t], acc[r * T + t]);
		}
	}
	if (i == k)
		return;
	for (int r = 0; r < R; r++)
		for (int t = 0; t < T; t++)
			acc[r * T + t] = v_fma_n(v_load_n(w[r] + i, k - i),
						 v_load_n(x[t] + i, k - i), acc[r * T + t], k - i);
}

/* Pointers to rows r .. r + want, the last one again where the matrix ends. */
static void row_pointers(const struct fw_mat *w, uint32_t r, uint32_t end, uint32_t want,
			 float *wbuf, const float **rows)
{
	size_t stride = (w->cols + 15) & ~15U;

	for (uint32_t i = 0; i < want; i++) {
		if (r + i >= end) {
			rows[i] = rows[i - 1];
		} else if (w->type == TDM_DTYPE_F32) {
			rows[i] = (const float *)w->data + (size_t)(r + i) * w->cols;
		} else {
			dequant(w, r + i, wbuf + i * stride);
			rows[i] = wbuf + i * stride;
		}
	}
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void matmul_one(const struct fw_mat *w, uint32_t r0, uint32_t r1, const float *x, float *y,
		       float *wbuf)
{
	const float *rows[TILE_R1];
	v16 acc[16] = { 0 };
	float out[16];

	for (uint32_t r = r0; r < r1; r += TILE_R1) {
		row_pointers(w, r, r1, TILE_R1, wbuf, rows);
		tile(rows, &x, w->cols, TILE_R1, 1, acc);
		v_sum16(acc, TILE_R1, out);
		memcpy(y + r, out, least(TILE_R1, r1 - r) * sizeof(*y));
	}
}

static void matmul(const struct fw_mat *w, uint32_t r0, uint32_t r1, const float *x, uint32_t n,
		   float *y, uint32_t ldy, float *wbuf)
{
	const float *rows[TILE_R], *cols[TILE_T];
	v16 acc[16] = { 0 };
	float out[16];

	if (n == 1) {
		matmul_one(w, r0, r1, x, y, wbuf);
		return;
	}
	for (uint32_t r = r0; r < r1; r += TILE_R) {
		row_pointers(w, r, r1, TILE_R, wbuf, rows);
		for (uint32_t t = 0; t < n; t += TILE_T) {
			for (uint32_t i = 0; i < TILE_T; i++)
				cols[i] = x + (size_t)least(t + i, n - 1) * w->cols;
			tile(rows, cols, w->cols, TILE_R, TILE_T, acc);
			v_sum16(acc, TILE_R * TILE_T, out);
			for (uint32_t i = 0; i < least(TILE_R, r1 - r); i++)
				for (uint32_t j = 0; j < least(TILE_T, n - t); j++)
					y[(size_t)(t + j) * ldy + r + i] = out[i * TILE_T + j];
		}
	}
}

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
}

static float softmax(float *s, uint32_t n)
{
	v16 acc = v_zero();
	float max = s[0];

	for (uint32_t i = 1; i < n; i++)
		max = s[i] > max ? s[i] : max;
	for (uint32_t i = 0; i < n; i += 16) {
		uint32_t left = least(16, n - i);
		v16 e = v_exp(v_sub(v_load_n(s + i, left), v_set1(max)));

		v_store_n(s + i, e, left);
		acc = v_add_n(acc, e, left);
	}
	return v_sum(acc);
}

static inline v16 load_kv(const void *base, size_t at, uint32_t type)
{
	if (type == TDM_DTYPE_F32)
		return v_load((const float *)base + at);
	return v_from_half((const unsigned char *)base + 2 * at);
}

static inline v16 load_kv_n(const void *base, size_t at, uint32_t type, uint32_t n)
{
	float tmp[16] = { 0 };

	if (type == TDM_DTYPE_F32)
		return v_load_n((const float *)base + at, n);
	for (uint32_t i = 0; i < n; i++)
		tmp[i] = block_scale((const unsigned char *)base + 2 * (at + i));
	return v_load(tmp);
}

/* Keys by token: 16 dot products side by side, as in matmul. */
static v16 scores_wire(const struct fw_kv_shape *s, const float *q, const void *k, uint32_t t0)
{
	v16 acc[16];
	float out[16];
	uint32_t d = 0, left;

	for (int i = 0; i < 16; i++)
		acc[i] = v_zero();
	for (; d + 16 <= s->head_dim; d += 16) {
		v16 qs = v_load(q + d);

		UNROLL
		for (uint32_t i = 0; i < 16; i++)
			acc[i] = v_fma(load_kv(k, (size_t)(t0 + i) * s->head_dim + d, s->type), qs,
				       acc[i]);
	}
	left = s->head_dim - d;
	for (uint32_t i = 0; left && i < 16; i++)
		acc[i] = v_fma_n(load_kv_n(k, (size_t)(t0 + i) * s->head_dim + d, s->type, left),
				 v_load_n(q + d, left), acc[i], left);
	v_sum16(acc, 16, out);
	return v_load(out);
}

/* Keys by dimension: lane l of every token's dot product is accumulator l. */
static v16 scores_wafer(const struct fw_kv_shape *s, const float *q, const void *k, uint32_t t0)
{
	v16 acc[16];
	uint32_t d = 0;

	for (int i = 0; i < 16; i++)
		acc[i] = v_zero();
	for (; d + 16 <= s->head_dim; d += 16) {
		UNROLL
		for (uint32_t i = 0; i < 16; i++)
			acc[i] = v_fma(load_kv(k, (size_t)(d + i) * s->page_tokens + t0, s->type),
				       v_set1(q[d + i]), acc[i]);
	}
	for (uint32_t i = 0; d + i < s->head_dim; i++)
		acc[i] = v_fma(load_kv(k, (size_t)(d + i) * s->page_tokens + t0, s->type),
			       v_set1(q[d + i]), acc[i]);
	for (int half = 8; half; half /= 2)
		for (int i = 0; i < half; i++)
			acc[i] = v_add(acc[i], acc[i + half]);
	return acc[0];
}

static void scores(const struct fw_kv_shape *s, const float *q, const void *k, uint32_t n,
		   float scale, float *out)
{
	for (uint32_t t = 0; t < n; t += 16) {
		v16 dots = s->layout == TDM_KV_LAYOUT_WIRE ? scores_wire(s, q, k, t)
							   : scores_wafer(s, q, k, t);

		v_store(out + t, v_mul(dots, v_set1(scale)));
	}
}

static void values(const struct fw_kv_shape *s, const float *p, const void *v, uint32_t n,
		   float *acc)
{
	uint32_t d = 0, left;

	for (; d + 16 <= s->head_dim; d += 16) {
		v16 sum = v_load(acc + d);

		for (uint32_t t = 0; t < n; t++)
			sum = v_fma(v_set1(p[t]), load_kv(v, (size_t)t * s->head_dim + d, s->type),
				    sum);
		v_store(acc + d, sum);
	}
	left = s->head_dim - d;
	if (left) {
		v16 sum = v_load_n(acc + d, left);

		for (uint32_t t = 0; t < n; t++)
			sum = v_fma_n(v_set1(p[t]),
				      load_kv_n(v, (size_t)t * s->head_dim + d, s->type, left), sum,
				      left);
		v_store_n(acc + d, sum, left);
	}
}

#define FW_KERNELS_TABLE(kernels_name)                                                             \
	{                                                                                          \
		.name = kernels_name, .matmul = matmul, .norm = norm, .silu_mul = silu_mul,        \
		.scores = scores, .softmax = softmax, .values = values, .dequant = dequant,        \
	}

#endif /* FW_KERNELS_IMPL_H */
