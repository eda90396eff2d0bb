// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The CRC of a page that others may be writing: of its bytes in the order of the wire,
 * which its CRC is of wherever it lies (enum tdm_kv_layout).
 *
 * In the observer's thread, in pieces that fit a chunk: nothing is allocated, and no
 * page is written.
 */
#include <errno.h>
#include <string.h>

#include "compute/compute.h"
#include "observe/observer.h"

#define CHUNK 4096

__attribute__((no_sanitize("thread"), noinline)) void page_copy(char *to, const char *from,
								size_t len)
{
	typedef uint64_t word __attribute__((aligned(1), may_alias));

	for (; len >= sizeof(word); len -= sizeof(word)) {
		*(word *)(void *)to = *(const volatile word *)(const void *)from;
		to += sizeof(word);
		from += sizeof(word);
	}
	for (; len; len--)
		*to++ = *(const volatile char *)from++;
}

static uint32_t crc_of(uint32_t crc, const char *mem, uint64_t bytes)
{
	char chunk[CHUNK];

	for (uint64_t at = 0; at < bytes;) {
		size_t n = bytes - at < CHUNK ? (size_t)(bytes - at) : CHUNK;

		page_copy(chunk, mem + at, n);
		crc = fw_crc32c(crc, chunk, n);
		at += n;
	}
	return crc;
}

/* The keys of a token, one of each row. @mem: of its head, at the token */
__attribute__((no_sanitize("thread"), noinline)) static void gather(char *row, const char *mem,
								    const struct page_shape *s)
{
	typedef uint32_t elt32 __attribute__((may_alias));
	typedef uint16_t elt16 __attribute__((may_alias));

	for (uint32_t d = 0; d < s->head_dim; d++, mem += (size_t)s->tokens * s->elt_bytes) {
		if (s->elt_bytes == sizeof(elt32))
			((elt32 *)(void *)row)[d] = *(const volatile elt32 *)(const void *)mem;
		else
			((elt16 *)(void *)row)[d] = *(const volatile elt16 *)(const void *)mem;
	}
}

/* Of the first @tokens tokens: K turned over head by head, V as it is. */
static uint32_t crc_of_wafer(const struct page_shape *s, const char *mem, uint32_t tokens)
{
	size_t row = (size_t)s->head_dim * s->elt_bytes, head = row * s->tokens;
	_Alignas(8) char keys[CHUNK];
	uint32_t crc = 0;

	for (uint32_t h = 0; h < s->heads; h++, mem += head)
		for (uint32_t t = 0; t < tokens; t++) {
			gather(keys, mem + (size_t)t * s->elt_bytes, s);
			crc = fw_crc32c(crc, keys, row);
		}
	for (uint32_t h = 0; h < s->heads; h++, mem += head)
		crc = crc_of(crc, mem, row * tokens);
	return crc;
}

int64_t page_crc(const struct shown_pool *pool, const char *mem, uint64_t bytes)
{
	const struct page_shape *s = &pool->shape;
	uint64_t row = (uint64_t)s->head_dim * s->elt_bytes, token = 2 * row * s->heads;

	if (pool->layout == TDM_KV_LAYOUT_WIRE)
		return crc_of(0, mem, bytes);
	if (pool->layout != TDM_KV_LAYOUT_WAFER || !token || row > CHUNK || bytes % token ||
	    bytes / token > s->tokens)
		return -EOPNOTSUPP;
	return crc_of_wafer(s, mem, (uint32_t)(bytes / token));
}
