/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Matrix times tokens. Rows are taken in blocks that stay in the first cache while
 * every token passes by, so weights come from memory, and are turned into floats,
 * once a batch. The last block of a part reaches back over rows that are done
 * already rather than being smaller: the bits are the same. Part of kernels_impl.h.
 */
#ifndef FW_KERNELS_MATMUL_H
#define FW_KERNELS_MATMUL_H

#include <stdbool.h>
#include <string.h>

#include "compute/kernels.h"

/* Rows of a matrix as floats. */
struct rows {
	const float *at;
	size_t stride;
};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static struct rows rows_of(const struct fw_mat *w, uint32_t r, uint32_t n, float *wbuf)
{
	struct rows rows = { wbuf, (w->cols + 15) & ~15U };

	if (w->type == TDM_DTYPE_F32) {
		rows.stride = w->cols;
		rows.at = (const float *)w->data + r * rows.stride;
		return rows;
	}
	for (uint32_t i = 0; i < n; i++)
		dequant(w, r + i, wbuf + i * rows.stride);
	return rows;
}

/* Fewer rows than a tile: only where a part of the matrix is that small. */
static void few_rows(struct rows w, uint32_t m, uint32_t k, const float *x, uint32_t n, float *y,
		     uint32_t ldy)
{
	for (uint32_t t = 0; t < n; t++)
		for (uint32_t r = 0; r < m; r++)
			y[(size_t)t * ldy + r] = dot(w.at + r * w.stride, x + (size_t)t * k, k);
}

/* @n tokens, at least TILE_T, with @m rows, at least TILE_R. */
static void block(struct rows w, uint32_t m, uint32_t k, const float *x, uint32_t n, float *y,
		  uint32_t ldy)
{
	float out[TILE_R * TILE_T];

	for (uint32_t t0 = 0; t0 < n; t0 += TILE_T) {
		uint32_t t = least(t0, n - TILE_T);

		for (uint32_t r0 = 0; r0 < m; r0 += TILE_R) {
			uint32_t r = least(r0, m - TILE_R);

			tile(w.at + r * w.stride, w.stride, x + (size_t)t * k, k, k, out);
			for (size_t i = 0; i < TILE_T; i++)
				memcpy(y + (t + i) * ldy + r, out + i * TILE_R,
				       TILE_R * sizeof(*out));
		}
	}
}

/* A block of this many floats leaves room for a tile's tokens. */
#define BLOCK_FLOATS 8192

static uint32_t block_rows(uint32_t cols)
{
	uint32_t rows = BLOCK_FLOATS / cols & ~(TILE_R - 1U);

	return rows < TILE_R ? TILE_R : least(rows, FW_WBUF_ROWS);
}

static void matmul_many(const struct fw_mat *w, uint32_t r0, uint32_t r1, const float *x,
			uint32_t n, float *y, uint32_t ldy, float *wbuf)
{
	uint32_t step = least(block_rows(w->cols), r1 - r0);

	for (uint32_t at = r0; at < r1; at += step) {
		uint32_t r = least(at, r1 - step);
		struct rows rows = rows_of(w, r, step, wbuf);

		if (step < TILE_R)
			few_rows(rows, step, w->cols, x, n, y + r, ldy);
		else
			block(rows, step, w->cols, x, n, y + r, ldy);
	}
}

/* 16 rows with one token; F16 and BF16 without a detour through memory. */
static void sixteen(const struct fw_mat *w, uint32_t r, const float *x, float *y)
{
	size_t at = (size_t)r * w->cols;

	if (w->type == TDM_DTYPE_F32)
		dots16((const float *)w->data + at, w->cols, TDM_DTYPE_F32, x, w->cols, y);
	else if (w->type == TDM_DTYPE_F16)
		dots16((const uint16_t *)w->data + at, w->cols, TDM_DTYPE_F16, x, w->cols, y);
	else
		dots16((const uint16_t *)w->data + at, w->cols, TDM_DTYPE_BF16, x, w->cols, y);
}

static bool has_blocks(uint32_t type)
{
	return type == TDM_DTYPE_Q8_0 || type == TDM_DTYPE_Q4_0;
}

static void matmul_few(const struct fw_mat *w, uint32_t r0, uint32_t r1, const float *x, uint32_t n,
		       float *y, uint32_t ldy, float *wbuf)
{
	uint32_t step = least(16, r1 - r0), k = w->cols;

	for (uint32_t at = r0; at < r1; at += step) {
		uint32_t r = least(at, r1 - step);
		struct rows rows = { 0 };

		if (step < 16 || has_blocks(w->type))
			rows = rows_of(w, r, step, wbuf);
		if (step < 16) {
			few_rows(rows, step, k, x, n, y + r, ldy);
			continue;
		}
		for (uint32_t t = 0; t < n; t++) {
			const float *token = x + (size_t)t * k;
			float *out = y + (size_t)t * ldy + r;

			if (rows.at)
				dots16(rows.at, rows.stride, TDM_DTYPE_F32, token, k, out);
			else
				sixteen(w, r, token, out);
		}
	}
}

static void matmul(const struct fw_mat *w, uint32_t r0, uint32_t r1, const float *x, uint32_t n,
		   float *y, uint32_t ldy, float *wbuf)
{
	if (n < TILE_T)
		matmul_few(w, r0, r1, x, n, y, ldy, wbuf);
	else
		matmul_many(w, r0, r1, x, n, y, ldy, wbuf);
	v_done();
}

#endif /* FW_KERNELS_MATMUL_H */
