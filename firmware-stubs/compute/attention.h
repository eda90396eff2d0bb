/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Attention of one head of one row over the pages of its sequence.
 */
#ifndef FW_ATTENTION_H
#define FW_ATTENTION_H

#include "compute/compute.h"

/* Store a row's K and V at its position. */
void fw_attention_store(const struct fw_kernels *kernels, const struct fw_llama *m,
			void *const *pages, uint32_t pos, const float *k, const float *v);

/**
 * fw_attention_head - out[head_dim] = softmax(q . K * scale) V over positions 0..pos
 * @score: room for pos + 1 floats, rounded up to 16
 */
void fw_attention_head(const struct fw_kernels *kernels, const struct fw_llama *m,
		       void *const *pages, uint32_t pos, uint32_t head, const float *q, float *out,
		       float *score);

#endif /* FW_ATTENTION_H */
