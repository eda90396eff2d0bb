// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Pages between a device's layout and the wire's: V lies the same in both, K is
 * turned over, head by head.
 */
#include <stdbool.h>
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

/* Where a head's keys or values are: whole rows, or in the device's layout columns. */
struct part {
	const struct fw_llama *m;
	uint32_t first;
	uint32_t tokens;
};

static size_t elt_bytes(const struct fw_llama *m)
{
	return m->kv_type == TDM_DTYPE_F32 ? 4 : 2;
}

/* One element between a head's keys turned over and a row of the wire. */
static void copy_turned(const struct part *p, char *page, char *wire, bool to_wire)
{
	size_t elt = elt_bytes(p->m);

	for (uint32_t t = 0; t < p->tokens; t++) {
		for (uint32_t d = 0; d < p->m->head_dim; d++) {
			char *a = page + ((size_t)d * p->m->kv_page_tokens + p->first + t) * elt;
			char *b = wire + ((size_t)t * p->m->head_dim + d) * elt;

			memcpy(to_wire ? b : a, to_wire ? a : b, elt);
		}
	}
}

static void copy_rows(const struct part *p, char *page, char *wire, bool to_wire)
{
	size_t row = p->m->head_dim * elt_bytes(p->m);
	char *a = page + p->first * row;

	memcpy(to_wire ? wire : a, to_wire ? a : wire, p->tokens * row);
}

/* Keys of all heads, then values of all heads, on both sides. */
static void copy_part(const struct part *p, char *page, char *wire, bool to_wire)
{
	size_t row = p->m->head_dim * elt_bytes(p->m);
	uint32_t heads = p->m->n_kv_heads;

	for (uint32_t i = 0; i < 2 * heads; i++) {
		if (i < heads && p->m->kv_layout != TDM_KV_LAYOUT_WIRE)
			copy_turned(p, page, wire, to_wire);
		else
			copy_rows(p, page, wire, to_wire);
		page += p->m->kv_page_tokens * row;
		wire += p->tokens * row;
	}
}

void fw_kv_export_part(const struct fw_llama *m, const void *page, uint32_t first, uint32_t tokens,
		       void *wire)
{
	const struct part p = { m, first, tokens };

	copy_part(&p, (char *)(uintptr_t)page, wire, true);
}

void fw_kv_import_part(const struct fw_llama *m, const void *wire, uint32_t first, uint32_t tokens,
		       void *page)
{
	const struct part p = { m, first, tokens };

	copy_part(&p, page, (char *)(uintptr_t)wire, false);
}
