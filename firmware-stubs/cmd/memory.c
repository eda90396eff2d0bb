// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * COPY, FILL and CRC32C: any length, over any number of mappings, a slice at a
 * time. Every range is walked once before the first byte moves.
 */
#include <stddef.h>
#include <string.h>

#include "cmd/exec.h"
#include "compute/compute.h"
#include "core/context.h"
#include "core/device.h"

#define SLICE_BYTES (16ULL << 20)

/* Return: false with the command failed. */
static bool check(struct fw_exec *x, uint64_t dva, uint64_t len, unsigned int access)
{
	if (len > TDM_DVA_END || dva > TDM_DVA_END - len) {
		struct fw_span bad = { .bad_addr = dva, .reason = TDM_FAULT_RANGE };

		fw_fault(x, &bad, access);
		return false;
	}
	while (len) {
		struct fw_span span = fw_vm_span(&x->ctx->vm, dva, len, access);

		if (!span.ptr) {
			fw_fault(x, &span, access);
			return false;
		}
		dva += span.len;
		len -= span.len;
	}
	return true;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The longest piece that ends at @end, backwards, at most @len bytes. */
static struct fw_span span_before(struct fw_exec *x, uint64_t end, uint64_t len,
				  unsigned int access)
{
	uint64_t lo = 1, hi = len;
	struct fw_span last = fw_vm_span(&x->ctx->vm, end - 1, 1, access);

	if (!last.ptr)
		return last;
	while (lo < hi) {
		uint64_t mid = lo + (hi - lo + 1) / 2;
		struct fw_span span = fw_vm_span(&x->ctx->vm, end - mid, mid, access);

		if (span.ptr && span.len == mid)
			lo = mid;
		else
			hi = mid - 1;
	}
	last.ptr -= lo - 1;
	last.len = lo;
	return last;
}

/* Forward, or backward where the target begins inside the source. */
static bool copy_piece(struct fw_exec *x, uint64_t *done, uint64_t budget)
{
	const struct tdm_cmd_copy *c = &x->cmd.copy;
	bool backward = c->dst > c->src && c->dst - c->src < c->len;
	uint64_t left = min_u64(c->len - *done, budget);
	struct fw_span src, dst;
	uint64_t n;

	if (backward) {
		src = span_before(x, c->src + c->len - *done, left, TDM_ACCESS_READ);
		dst = span_before(x, c->dst + c->len - *done, left, TDM_ACCESS_WRITE);
	} else {
		src = fw_vm_span(&x->ctx->vm, c->src + *done, left, TDM_ACCESS_READ);
		dst = fw_vm_span(&x->ctx->vm, c->dst + *done, left, TDM_ACCESS_WRITE);
	}
	if (!src.ptr || !dst.ptr) {
		fw_fault(x, src.ptr ? &dst : &src, src.ptr ? TDM_ACCESS_WRITE : TDM_ACCESS_READ);
		return false;
	}
	n = min_u64(src.len, dst.len);
	if (backward)
		memmove(dst.ptr + (dst.len - n), src.ptr + (src.len - n), n);
	else
		memmove(dst.ptr, src.ptr, n);
	*done += n;
	return true;
}

enum fw_step fw_cmd_copy(struct fw_exec *x)
{
	const struct tdm_cmd_copy *c = &x->cmd.copy;
	uint64_t start = x->progress;

	if (!fw_tail_is_zero(x, 3))
		return fw_invalid(x, copy.reserved);
	if (x->first && (!check(x, c->src, c->len, TDM_ACCESS_READ) ||
			 !check(x, c->dst, c->len, TDM_ACCESS_WRITE)))
		return FW_DONE;
	while (x->progress < c->len) {
		uint64_t moved = x->progress - start;

		if (moved >= SLICE_BYTES)
			return FW_MORE;
		if (!copy_piece(x, &x->progress, SLICE_BYTES - moved))
			return FW_DONE;
	}
	fw_count(&x->dev->counters.bytes_moved, c->len);
	return fw_ok(x, c->len);
}

static void fill(char *dst, uint64_t len, uint64_t pattern, uint64_t phase)
{
	unsigned char bytes[8];

	for (unsigned int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(pattern >> (8 * ((i + phase) & 7)));
	for (uint64_t i = 0; i < len && i < 8; i++)
		dst[i] = (char)bytes[i];
	/* Double what is there: a multiple of 8 keeps the pattern's phase. */
	for (uint64_t have = 8; have < len; have *= 2)
		memcpy(dst + have, dst, min_u64(have, len - have));
}

enum fw_step fw_cmd_fill(struct fw_exec *x)
{
	const struct tdm_cmd_fill *c = &x->cmd.fill;
	uint64_t start = x->progress;

	if (!fw_tail_is_zero(x, 3))
		return fw_invalid(x, fill.reserved);
	if (x->first && !check(x, c->dst, c->len, TDM_ACCESS_WRITE))
		return FW_DONE;
	while (x->progress < c->len) {
		struct fw_span span;

		if (x->progress - start >= SLICE_BYTES)
			return FW_MORE;
		span = fw_vm_span(&x->ctx->vm, c->dst + x->progress,
				  min_u64(c->len - x->progress, SLICE_BYTES), TDM_ACCESS_WRITE);
		if (!span.ptr)
			return fw_fault(x, &span, TDM_ACCESS_WRITE);
		fill(span.ptr, span.len, c->pattern, x->progress & 7);
		x->progress += span.len;
	}
	fw_count(&x->dev->counters.bytes_moved, c->len);
	return fw_ok(x, c->len);
}

enum fw_step fw_cmd_crc32c(struct fw_exec *x)
{
	struct tdm_cmd_crc32c *c = &x->cmd.crc32c;
	uint64_t start = x->progress;

	if (!fw_tail_is_zero(x, 3))
		return fw_invalid(x, crc32c.reserved);
	if (c->seed > UINT32_MAX)
		return fw_invalid(x, crc32c.seed);
	if (x->first && !check(x, c->src, c->len, TDM_ACCESS_READ))
		return FW_DONE;
	while (x->progress < c->len) {
		struct fw_span span;

		if (x->progress - start >= SLICE_BYTES)
			return FW_MORE;
		span = fw_vm_span(&x->ctx->vm, c->src + x->progress,
				  min_u64(c->len - x->progress, SLICE_BYTES), TDM_ACCESS_READ);
		if (!span.ptr)
			return fw_fault(x, &span, TDM_ACCESS_READ);
		/* The firmware's copy of the command carries the CRC so far. */
		c->seed = fw_crc32c((uint32_t)c->seed, span.ptr, span.len);
		x->progress += span.len;
	}
	fw_count(&x->dev->counters.bytes_moved, c->len);
	return fw_ok(x, c->seed);
}
