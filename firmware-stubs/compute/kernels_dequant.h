/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Weights as floats: scale times integer, one rounding. Part of kernels_impl.h.
 */
#ifndef FW_KERNELS_DEQUANT_H
#define FW_KERNELS_DEQUANT_H

#include <string.h>

#include "compute/half.h"
#include "compute/kernels.h"

static inline float half_at(const unsigned char *p)
{
	uint16_t half;

	memcpy(&half, p, sizeof(half));
	return fw_from_half(half);
}

/* Q8_0: an F16 scale and 32 signed bytes. GGUF specification, "ggml_type". */
static void dequant_q8_0(const unsigned char *row, uint32_t cols, float *out)
{
	for (uint32_t c = 0; c < cols; c += 32, row += 34) {
		v16 d = v_set1(half_at(row));

		v_store(out + c, v_mul(d, v_from_i8(row + 2)));
		v_store(out + c + 16, v_mul(d, v_from_i8(row + 18)));
	}
}

/* Q4_0: an F16 scale and 16 bytes; low nibbles are the first 16 values, less 8. */
static void dequant_q4_0(const unsigned char *row, uint32_t cols, float *out)
{
	for (uint32_t c = 0; c < cols; c += 32, row += 18) {
		v16 d = v_set1(half_at(row));

		v_store(out + c, v_mul(d, v_from_nibbles(row + 2, 0)));
		v_store(out + c + 16, v_mul(d, v_from_nibbles(row + 2, 4)));
	}
}

static void dequant_f16(const unsigned char *row, uint32_t cols, float *out)
{
	uint32_t c = 0;

	for (; c + 16 <= cols; c += 16)
		v_store(out + c, v_from_half(row + 2 * (size_t)c));
	if (c < cols)
		v_store_n(out + c, v_from_half_n(row + 2 * (size_t)c, cols - c), cols - c);
}

static void dequant_bf16(const unsigned char *row, uint32_t cols, float *out)
{
	uint32_t c = 0;

	for (; c + 16 <= cols; c += 16)
		v_store(out + c, v_from_bf16(row + 2 * (size_t)c));
	if (c < cols)
		v_store_n(out + c, v_from_bf16_n(row + 2 * (size_t)c, cols - c), cols - c);
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
		dequant_f16(data + r * w->cols * 2, w->cols, out);
		break;
	case TDM_DTYPE_BF16:
		dequant_bf16(data + r * w->cols * 2, w->cols, out);
		break;
	case TDM_DTYPE_Q8_0:
		dequant_q8_0(data + r * (w->cols / 32) * 34, w->cols, out);
		break;
	default: /* Q4_0: PROGRAM_LOAD let nothing else through */
		dequant_q4_0(data + r * (w->cols / 32) * 18, w->cols, out);
		break;
	}
	v_done();
}

#endif /* FW_KERNELS_DEQUANT_H */
