/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What an instruction set provides. One table a set; kernels_impl.h is the one
 * text that all of them are made from.
 */
#ifndef FW_KERNELS_H
#define FW_KERNELS_H

#include "compute/compute.h"

/* How K and V of one head lie in a page. */
struct fw_kv_shape {
	uint32_t head_dim;
	uint32_t page_tokens;
	uint32_t type;
	uint32_t layout;
};

struct fw_kernels {
	const char *name;

	/* y[t * ldy + r] = w[r] . x[t] for r0 <= r < r1; @wbuf: FW_WBUF_ROWS rows of floats */
	void (*matmul)(const struct fw_mat *w, uint32_t r0, uint32_t r1, const float *x, uint32_t n,
		       float *y, uint32_t ldy, float *wbuf);

	/* y = x / rms(x) * w */
	void (*norm)(float *y, const float *x, const float *w, uint32_t n, float eps);

	/* g = silu(g) * u */
	void (*silu_mul)(float *g, const float *u, uint32_t n);

	/* out[t] = (q . k[t]) * scale, t < n of one page; room for n rounded up to 16 */
	void (*scores)(const struct fw_kv_shape *s, const float *q, const void *k, uint32_t n,
		       float scale, float *out);

	/* s[i] = exp(s[i] - max); returns their sum */
	float (*softmax)(float *s, uint32_t n);

	/* acc[d] += p[t] * v[t][d], t < n of one page */
	void (*values)(const struct fw_kv_shape *s, const float *p, const void *v, uint32_t n,
		       float *acc);

	/* One row of a matrix as floats. */
	void (*dequant)(const struct fw_mat *w, uint32_t row, float *out);

	/* To half precision, to nearest even. */
	void (*to_half)(const float *in, uint32_t n, uint16_t *out);
};

/* A loop of constant length, whose arrays are then registers. */
#define UNROLL _Pragma("GCC unroll 16")

/* With constants for arguments, as loops of constant length need it. */
#define INLINE static inline __attribute__((always_inline))

/* Rows that matmul turns into floats at a time. */
#define FW_WBUF_ROWS 16

extern const struct fw_kernels fw_kernels_scalar;
extern const struct fw_kernels fw_kernels_avx2;
extern const struct fw_kernels fw_kernels_avx512;

#endif /* FW_KERNELS_H */
