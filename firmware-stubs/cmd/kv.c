// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * KV_EXPORT and KV_IMPORT: pages between the device's layout and the wire's.
 */
#include <stddef.h>

#include "cmd/exec.h"
#include "cmd/program.h"
#include "core/context.h"
#include "core/device.h"

/* Pages of a slice, or as many as come to these bytes: an abort never waits for more. */
#define SLICE_PAGES 64
#define SLICE_BYTES (16ULL << 20)

/* Return: NULL with the command failed. */
static struct fw_program *check(struct fw_exec *x)
{
	const struct tdm_cmd_desc *c = &x->cmd.desc;
	struct fw_program *program = fw_program_get(x->dev, x->ctx, c->program);

	if (!fw_tail_is_zero(x, 3))
		fw_invalid(x, desc.reserved);
	else if (!c->count)
		fw_invalid(x, desc.count);
	else if (c->len != c->count * sizeof(struct tdm_kv_move))
		fw_invalid(x, desc.len);
	else if (!program)
		fw_fail(x, TDM_ST_BAD_PROGRAM, c->program);
	else
		return program;
	return NULL;
}

static bool bad_move(struct fw_exec *x, size_t member)
{
	fw_fail(x, TDM_ST_BAD_DESC,
		x->cmd.desc.addr + x->progress * sizeof(struct tdm_kv_move) + member);
	return false;
}

#define BAD_MOVE(member) bad_move(x, offsetof(struct tdm_kv_move, member))

/* A page is turned over from one place into another. */
static bool overlap(const void *a, uint64_t a_bytes, const void *b, uint64_t b_bytes)
{
	uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;

	return x < y ? y - x < a_bytes : x - y < b_bytes;
}

/* Return: bytes of the wire page, 0 with the command failed */
static uint64_t wire_bytes(struct fw_exec *x, const struct fw_llama *m, uint64_t bytes,
			   const struct tdm_kv_move *move)
{
	uint32_t last = move->tokens ? m->kv_page_tokens - move->tokens : 0;

	if (move->tokens > m->kv_page_tokens)
		BAD_MOVE(tokens);
	else if (move->first > last)
		BAD_MOVE(first);
	else
		return move->tokens ? bytes / m->kv_page_tokens * move->tokens : bytes;
	return 0;
}

static bool export_page(struct fw_exec *x, const struct fw_llama *m, uint64_t bytes,
			struct tdm_kv_move *entry)
{
	struct tdm_kv_move move;
	void *page, *wire;
	uint64_t size;
	bool in_place;

	fw_copy_in(&move, entry, sizeof(move));
	in_place = !move.wire;
	size = wire_bytes(x, m, bytes, &move);
	if (!size)
		return false;
	if (in_place && (m->kv_layout != TDM_KV_LAYOUT_WIRE || move.tokens))
		return BAD_MOVE(wire);
	page = fw_whole(x, move.page, bytes, TDM_ACCESS_READ, 64);
	if (!page)
		return false;
	wire = page;
	if (!in_place) {
		wire = fw_whole(x, move.wire, size, TDM_ACCESS_READ | TDM_ACCESS_WRITE, 64);
		if (!wire)
			return false;
		if (overlap(page, bytes, wire, size))
			return BAD_MOVE(wire);
		if (move.tokens)
			fw_kv_export_part(m, page, move.first, move.tokens, wire);
		else
			fw_kv_export(m, page, wire);
	}
	tdm_store_relaxed(&entry->crc, fw_crc32c(0, wire, size));
	return true;
}

static bool import_page(struct fw_exec *x, const struct fw_llama *m, uint64_t bytes,
			struct tdm_kv_move *entry)
{
	struct tdm_kv_move move;
	void *page, *wire;
	uint64_t size;

	fw_copy_in(&move, entry, sizeof(move));
	size = wire_bytes(x, m, bytes, &move);
	if (!size)
		return false;
	wire = fw_whole(x, move.wire, size, TDM_ACCESS_READ, 64);
	if (!wire)
		return false;
	page = fw_whole(x, move.page, bytes, TDM_ACCESS_READ | TDM_ACCESS_WRITE, 64);
	if (!page)
		return false;
	if (overlap(page, bytes, wire, size))
		return BAD_MOVE(wire);
	if (fw_crc32c(0, wire, size) != move.crc) {
		fw_fail(x, TDM_ST_BAD_CRC, x->progress);
		return false;
	}
	if (move.tokens)
		fw_kv_import_part(m, wire, move.first, move.tokens, page);
	else
		fw_kv_import(m, wire, page);
	return true;
}

typedef bool (*page_fn)(struct fw_exec *x, const struct fw_llama *m, uint64_t bytes,
			struct tdm_kv_move *entry);

static enum fw_step each(struct fw_exec *x, page_fn one)
{
	const struct tdm_cmd_desc *c = &x->cmd.desc;
	struct fw_program *program = check(x);
	struct tdm_kv_move *table;
	uint64_t bytes, pages, end;

	if (!program)
		return FW_DONE;
	table = fw_whole(x, c->addr, c->len, TDM_ACCESS_READ | TDM_ACCESS_WRITE, 8);
	if (!table)
		return FW_DONE;
	bytes = fw_kv_page_bytes(&program->model);
	pages = bytes * SLICE_PAGES > SLICE_BYTES ? SLICE_BYTES / bytes : SLICE_PAGES;
	end = x->progress + (pages ? pages : 1);
	for (; x->progress < c->count; x->progress++) {
		if (x->progress == end)
			return FW_MORE;
		if (!one(x, &program->model, bytes, &table[x->progress]))
			return FW_DONE;
		fw_count(&x->dev->counters.bytes_moved, bytes);
	}
	return fw_ok(x, c->count);
}

enum fw_step fw_cmd_kv_export(struct fw_exec *x)
{
	return each(x, export_page);
}

enum fw_step fw_cmd_kv_import(struct fw_exec *x)
{
	return each(x, import_page);
}
