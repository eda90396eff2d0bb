/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Rotary position embedding: every variant of scaling becomes one angle per
 * position and pair, and one factor, so that a device needs to know none.
 */
#ifndef TDM_ROPE_H
#define TDM_ROPE_H

#include <stdint.h>

enum rope_scaling {
	ROPE_NONE = 0,
	ROPE_LINEAR, /* positions divided by factor */
	ROPE_YARN,   /* Peng et al. 2023, "YaRN", sections 3.2 to 3.4 */
};

/**
 * struct rope_params - from a model's metadata
 * @dims: dimensions that turn, even
 * @base: theta
 * @factor: of LINEAR and YARN
 * @orig_ctx: context before scaling, for YARN
 * @beta_fast: turns above which YARN leaves a pair alone
 * @beta_slow: turns below which it interpolates in full
 * @ext_factor: weight of the unscaled part
 * @attn_factor: factor on cos and sin before YARN's own
 * @divisors: [dims / 2] or NULL: the tensor rope_freqs.weight (Llama 3.1)
 */
struct rope_params {
	uint32_t dims;
	enum rope_scaling scaling;
	double base;
	double factor;
	double orig_ctx;
	double beta_fast;
	double beta_slow;
	double ext_factor;
	double attn_factor;
	const float *divisors;
};

/**
 * rope_table - fill @freq[dims / 2] with radians per position
 * Return: the factor on cos and sin
 */
float rope_table(const struct rope_params *p, float *freq);

#endif /* TDM_ROPE_H */
