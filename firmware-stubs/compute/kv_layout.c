// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Pages between a device's layout and the wire's: V lies the same in both, K is
 * turned over, head by head.
 */
#include <string.h>

#include "compute/compute.h"

/* out[c][r] = in[r][c], in squares that stay in the first cache. */
#define TRANSPOSE(type)                                                                            \
	static void transpose_##type(const type *in, type *out, uint32_t rows, uint32_t cols)      \
	{                                                                                          \
		for (uint32_t r0 = 0; r0 < rows; r0 += 16)                                         \
			for (uint32_t c0 = 0; c0 < cols; c0 += 16)                                 \
				for (uint32_t c = c0; c < c0 + 16 && c < cols; c++)                \
					for (uint32_t r = r0; r < r0 + 16 && r < rows; r++)        \
						out[(size_t)c * rows + r] =                        \
							in[(size_t)r * cols + c];                  \
	}

TRANSPOSE(uint16_t)
TRANSPOSE(uint32_t)

static void turn_keys(const struct fw_llama *m, const char *in, char *out, uint32_t rows,
		      uint32_t cols)
{
	size_t bytes = (size_t)rows * cols * (m->kv_type == TDM_DTYPE_F32 ? 4 : 2);

	for (uint32_t h = 0; h < m->n_kv_heads; h++, in += bytes, out += bytes) {
		if (m->kv_type == TDM_DTYPE_F32)
			transpose_uint32_t((const void *)in, (void *)out, rows, cols);
		else
			transpose_uint16_t((const void *)in, (void *)out, rows, cols);
	}
}

void fw_kv_export(const struct fw_llama *m, const void *page, void *wire)
{
	size_t half = fw_kv_page_bytes(m) / 2;

	if (m->kv_layout == TDM_KV_LAYOUT_WIRE) {
		memcpy(wire, page, 2 * half);
		return;
	}
	turn_keys(m, page, wire, m->head_dim, m->kv_page_tokens);
	memcpy((char *)wire + half, (const char *)page + half, half);
}

void fw_kv_import(const struct fw_llama *m, const void *wire, void *page)
{
	size_t half = fw_kv_page_bytes(m) / 2;

	if (m->kv_layout == TDM_KV_LAYOUT_WIRE) {
		memcpy(page, wire, 2 * half);
		return;
	}
	turn_keys(m, wire, page, m->kv_page_tokens, m->head_dim);
	memcpy((char *)page + half, (const char *)wire + half, half);
}
