/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Where a batch keeps its intermediate values.
 */
#ifndef FW_SCRATCH_H
#define FW_SCRATCH_H

#include "compute/compute.h"

struct fw_scratch {
	float *rope; /* [n][rope_dims] */
	float *h;    /* [n][dim]: after a norm; also what a matrix adds to x */
	float *q;    /* [n][n_heads * head_dim] */
	float *k;    /* [n][n_kv_heads * head_dim] */
	float *v;
	float *att;  /* as q */
	float *gate; /* [n][ffn_dim] */
	float *up;
	float *wbuf;  /* a part: rows of a matrix as floats */
	float *score; /* a part: one head's attention over the context */
	size_t wbuf_floats;
	size_t score_floats;
	size_t bytes;
};

/* Lays it over @base; base NULL measures. */
struct fw_scratch fw_scratch_lay(const struct fw_llama *m, uint32_t rows, unsigned int parts,
				 void *base);

#endif /* FW_SCRATCH_H */
