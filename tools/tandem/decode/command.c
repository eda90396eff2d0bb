// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Commands by uapi/tandem_queue.h: their members, and whether the memory that they name
 * is mapped.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <tandem/inject.h>

#include "decode/decode.h"
#include "tandem_hw.h"

enum member_kind {
	MEMBER_END,
	MEMBER_ADDR,
	MEMBER_LEN,
	MEMBER_HEX,
	MEMBER_LOW,  /* 32 bits of its word */
	MEMBER_HIGH, /* and the others */
};

struct member {
	const char *name;
	enum member_kind kind;
	unsigned int word;
};

/**
 * struct shape - of a command
 * @spans: words of addresses that are followed, ~0u for none
 * @lengths: words of their lengths; ~0u is 8 bytes
 * @writes: of each, a bit
 */
struct shape {
	struct member members[6];
	unsigned int spans[DECODE_SPANS];
	unsigned int lengths[DECODE_SPANS];
	unsigned int writes;
};

#define NO_SPAN ~0u
#define EIGHT ~0u

static const struct shape copy = {
	{ { "dst", MEMBER_ADDR, 0 }, { "src", MEMBER_ADDR, 1 }, { "len", MEMBER_LEN, 2 } },
	{ 0, 1 },
	{ 2, 2 },
	1,
};
static const struct shape fill = {
	{ { "dst", MEMBER_ADDR, 0 }, { "len", MEMBER_LEN, 1 }, { "pattern", MEMBER_HEX, 2 } },
	{ 0, NO_SPAN },
	{ 1 },
	1,
};
static const struct shape crc32c = {
	{ { "src", MEMBER_ADDR, 0 }, { "len", MEMBER_LEN, 1 }, { "seed", MEMBER_HEX, 2 } },
	{ 0, NO_SPAN },
	{ 1 },
	0,
};
static const struct shape signal_shape = {
	{ { "addr", MEMBER_ADDR, 0 }, { "value", MEMBER_HEX, 1 }, { "kind", MEMBER_LOW, 2 } },
	{ 0, NO_SPAN },
	{ EIGHT },
	1,
};
static const struct shape wait_shape = {
	{ { "addr", MEMBER_ADDR, 0 },
	  { "value", MEMBER_HEX, 1 },
	  { "mask", MEMBER_HEX, 2 },
	  { "timeout_ns", MEMBER_LEN, 3 },
	  { "kind", MEMBER_LOW, 4 } },
	{ 0, NO_SPAN },
	{ EIGHT },
	0,
};
static const struct shape desc = {
	{ { "descriptor", MEMBER_ADDR, 0 },
	  { "len", MEMBER_LEN, 1 },
	  { "program", MEMBER_LOW, 2 },
	  { "count", MEMBER_HIGH, 2 } },
	{ 0, NO_SPAN },
	{ 1 },
	0,
};
static const struct shape unload = {
	{ { "program", MEMBER_LOW, 2 } }, { NO_SPAN, NO_SPAN }, { 0 }, 0
};
static const struct shape nothing = { { { 0 } }, { NO_SPAN, NO_SPAN }, { 0 }, 0 };

static const struct shape *shape_of(uint32_t opcode)
{
	switch (opcode) {
	case TDM_OP_COPY:
		return &copy;
	case TDM_OP_FILL:
		return &fill;
	case TDM_OP_CRC32C:
		return &crc32c;
	case TDM_OP_SIGNAL:
		return &signal_shape;
	case TDM_OP_WAIT:
		return &wait_shape;
	case TDM_OP_PROGRAM_UNLOAD:
		return &unload;
	case TDM_OP_PROGRAM_LOAD:
	case TDM_OP_PREFILL:
	case TDM_OP_DECODE:
	case TDM_OP_KV_EXPORT:
	case TDM_OP_KV_IMPORT:
		return &desc;
	default:
		return &nothing;
	}
}

static int member_text(const struct decode_cmd *cmd, const struct member *member, char *out,
		       size_t size)
{
	uint64_t word = cmd->words[member->word];

	switch (member->kind) {
	case MEMBER_LEN:
		return snprintf(out, size, "%s %" PRIu64 " ", member->name, word);
	case MEMBER_LOW:
		return snprintf(out, size, "%s %u ", member->name, (uint32_t)word);
	case MEMBER_HIGH:
		return snprintf(out, size, "%s %u ", member->name, (uint32_t)(word >> 32));
	default:
		return snprintf(out, size, "%s 0x%" PRIx64 " ", member->name, word);
	}
}

const char *decode_cmd_text(const struct decode_cmd *cmd, char *out, size_t size)
{
	const struct shape *shape = shape_of(cmd->opcode);
	size_t used = 0;

	*out = '\0';
	for (unsigned int i = 0; i < 6 && shape->members[i].kind != MEMBER_END; i++) {
		int n = member_text(cmd, &shape->members[i], out + used, size - used);

		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
	}
	if (used)
		out[used - 1] = '\0';
	return out;
}

unsigned int decode_cmd_spans(const struct decode_cmd *cmd, struct decode_span spans[DECODE_SPANS])
{
	const struct shape *shape = shape_of(cmd->opcode);
	unsigned int n = 0;

	for (unsigned int i = 0; i < DECODE_SPANS && shape->spans[i] != NO_SPAN; i++) {
		unsigned int word = shape->spans[i];

		spans[n].name = shape->members[word].name;
		spans[n].addr = cmd->words[word];
		spans[n].len = shape->lengths[i] == EIGHT ? 8 : cmd->words[shape->lengths[i]];
		spans[n++].write = shape->writes >> i & 1;
	}
	return n;
}

/* Bytes between an address and a mapping that does not hold it. */
static uint64_t distance(const struct decode_map *map, uint64_t addr)
{
	return addr < map->start ? map->start - addr : addr - map->end;
}

static const struct decode_map *holding(const struct decode *d, uint32_t context, uint64_t addr,
					const struct decode_map **nearest)
{
	*nearest = NULL;
	for (size_t i = 0; i < d->maps.n; i++) {
		const struct decode_map *map = &d->maps.of[i];

		if (map->context != context)
			continue;
		if (addr >= map->start && addr < map->end)
			return map;
		if (!*nearest || distance(map, addr) < distance(*nearest, addr))
			*nearest = map;
	}
	return NULL;
}

static void say_unmapped(const struct decode_span *span, const struct decode_map *nearest,
			 char *out, size_t size)
{
	if (!nearest) {
		snprintf(out, size, "%s 0x%" PRIx64 " is not mapped; the context has no mapping",
			 span->name, span->addr);
		return;
	}
	snprintf(out, size,
		 "%s 0x%" PRIx64 " is not mapped; the nearest mapping, 0x%" PRIx64 " to 0x%" PRIx64
		 ", is %" PRIu64 " bytes %s",
		 span->name, span->addr, nearest->start, nearest->end,
		 distance(nearest, span->addr), span->addr < nearest->start ? "above" : "below");
}

bool decode_has_maps(const struct decode *d)
{
	return d->maps.n || d->format;
}

bool decode_span_text(const struct decode *d, uint32_t context, const struct decode_span *span,
		      char *out, size_t size)
{
	const struct decode_map *nearest;
	const struct decode_map *map = holding(d, context, span->addr, &nearest);

	if (!decode_has_maps(d)) {
		snprintf(out, size, "%s 0x%" PRIx64 ": mappings are not in the dump", span->name,
			 span->addr);
		return true;
	}
	if (!map) {
		say_unmapped(span, nearest, out, size);
		return false;
	}
	if (span->len > map->end - span->addr) {
		snprintf(out, size,
			 "%s 0x%" PRIx64 " and %" PRIu64
			 " bytes leave their mapping, which ends at 0x%" PRIx64,
			 span->name, span->addr, span->len, map->end);
		return false;
	}
	if (span->write && !map->write) {
		snprintf(out, size, "%s 0x%" PRIx64 " is mapped for reading alone", span->name,
			 span->addr);
		return false;
	}
	snprintf(out, size, "%s 0x%" PRIx64 " is mapped: 0x%" PRIx64 " to 0x%" PRIx64 " %s%s",
		 span->name, span->addr, map->start, map->end, map->write ? "rw" : "r-",
		 map->leaving ? ", being unmapped" : "");
	return true;
}

const char *decode_admin_text(const struct decode_admin *admin, char *out, size_t size)
{
	uint32_t low = (uint32_t)admin->args[0], high = (uint32_t)(admin->args[0] >> 32);

	switch (admin->opcode) {
	case TDM_ADMIN_CTX_CREATE:
	case TDM_ADMIN_CTX_DESTROY:
		snprintf(out, size, "context %u", low);
		break;
	case TDM_ADMIN_ABORT:
		if (high == UINT32_MAX)
			snprintf(out, size, "context %u, all queues", low);
		else
			snprintf(out, size, "context %u queue %u", low, high);
		break;
	case TDM_ADMIN_MAP:
		snprintf(out, size, "context %u 0x%" PRIx64 " %" PRIu64 " bytes %s", low,
			 admin->args[1], admin->args[2], decode_access_name(high));
		break;
	case TDM_ADMIN_UNMAP:
		snprintf(out, size, "context %u 0x%" PRIx64 " %" PRIu64 " bytes", low,
			 admin->args[1], admin->args[2]);
		break;
	case TDM_ADMIN_QUEUE_CREATE:
	case TDM_ADMIN_QUEUE_DESTROY:
		snprintf(out, size, "context %u queue %u", low, high);
		break;
	case TDM_ADMIN_INJECT:
		snprintf(out, size, "%s, count %u", tdm_inject_name(low), high);
		break;
	default:
		snprintf(out, size, "%" PRIx64 " %" PRIx64, admin->args[0], admin->args[1]);
		break;
	}
	return out;
}
