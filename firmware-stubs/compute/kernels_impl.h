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
 *	v_from_half_n v_from_bf16_n	the first n of them
 *	v_from_i8 v_from_nibbles	16 values; see kernels_dequant.h
 *	v_to_half(p, a)		16 values to memory
 *	v_done()		before a kernel returns: leave the registers to SSE code
 *	v_sum			the tree
 *	v_sum16(acc, out)	16 trees
 *
 * and either leaves tile() and dots16() to kernels_tile.h or, where 16
 * accumulators are not 16 registers, brings its own and says FW_OWN_TILE.
 */
#ifndef FW_KERNELS_IMPL_H
#define FW_KERNELS_IMPL_H

#include "compute/kernels.h"
#include "compute/kernels_dequant.h"
#include "compute/kernels_tile.h"
#include "compute/kernels_matmul.h"
#include "compute/kernels_math.h"
#include "compute/kernels_attention.h"

#define FW_KERNELS_TABLE(kernels_name)                                                             \
	{                                                                                          \
		.name = kernels_name, .matmul = matmul, .norm = norm, .silu_mul = silu_mul,        \
		.scores = scores, .softmax = softmax, .values = values, .dequant = dequant,        \
		.to_half = to_half,                                                                \
	}

#endif /* FW_KERNELS_IMPL_H */
