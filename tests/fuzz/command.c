// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The input is what a hostile application does with a device: records that write
 * its memory, put entries into its rings and publish them, in any order.
 */
#include <stdlib.h>
#include <string.h>

#include "command_ring.h"
#include "command_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum record {
	RECORD_POKE,	/* region, offset / 4 (2 bytes), length (1), bytes */
	RECORD_COMMAND, /* struct packed_command */
	RECORD_PUBLISH, /* queue */
	RECORD_DRAIN,	/* queue */
	RECORD_UNMAP,
	RECORD_TAIL,	/* queue, how far ahead */
	RECORD_CQ_HEAD, /* queue, how far ahead */
	RECORD_POINT,	/* region, offset / 4 (2 bytes), an address as in a command (8) */
	RECORDS,
};

/*
 * @relocate: bit i: word i is a region in its top byte and an offset below, and
 * becomes an address; bit 7: the command goes into the second queue
 */
struct packed_command {
	uint8_t relocate;
	uint8_t opcode;
	uint8_t flags;
	uint8_t reserved;
	uint8_t raw[6][8];
};

struct input {
	const uint8_t *data;
	size_t left;
};

/* Zeros where the input is over. */
static void take(struct input *in, void *dst, size_t len)
{
	size_t n = len < in->left ? len : in->left;

	memset(dst, 0, len);
	if (n)
		memcpy(dst, in->data, n);
	in->data += n;
	in->left -= n;
}

static uint32_t take_number(struct input *in, size_t bytes)
{
	uint32_t value = 0;

	take(in, &value, bytes);
	return value;
}

static struct ring *take_ring(struct state *s, struct input *in)
{
	return &s->rings[take_number(in, 1) & 1];
}

/* Commands may be running on it: that is the point. */
static void poke(struct state *s, struct input *in)
{
	enum region region = take_number(in, 1) % REGION_NONE;
	uint64_t offset = 4ULL * take_number(in, 2) % region_bytes(region);
	uint64_t len = take_number(in, 1) % 64 + 1;

	if (len > region_bytes(region) - offset)
		len = region_bytes(region) - offset;
	take(in, s->memory[region] + offset, len);
}

static uint64_t address(const struct state *s, uint64_t packed)
{
	return s->dva[(packed >> 56) % REGIONS] + (packed & 0xfffff);
}

static void point(struct state *s, struct input *in)
{
	enum region region = take_number(in, 1) % REGION_NONE;
	uint64_t offset = 4ULL * take_number(in, 2) % (region_bytes(region) - 4);
	uint64_t packed;

	take(in, &packed, sizeof(packed));
	packed = address(s, packed);
	memcpy(s->memory[region] + offset, &packed, sizeof(packed));
}

static void command(struct state *s, struct input *in)
{
	struct packed_command packed;
	struct tdm_cmd cmd = { 0 };
	static uint64_t cookie;

	take(in, &packed, sizeof(packed));
	memcpy(cmd.raw, packed.raw, sizeof(cmd.raw));
	cmd.opcode = packed.opcode;
	cmd.flags = packed.flags;
	cmd.reserved = packed.reserved;
	cmd.cookie = ++cookie;
	for (unsigned int i = 0; i < 6; i++)
		if (packed.relocate >> i & 1)
			cmd.raw[i] = address(s, cmd.raw[i]);
	/* A wait may be as long as it likes; a fuzzer has no time for it. */
	if (cmd.opcode == TDM_OP_WAIT)
		cmd.wait.timeout_ns %= 100000;
	if (cmd.opcode == TDM_OP_PROGRAM_LOAD || cmd.opcode == TDM_OP_PROGRAM_UNLOAD)
		s->dirty = true;
	ring_put(&s->rings[packed.relocate >> 7], &cmd);
}

static void step(struct state *s, struct input *in)
{
	struct ring *ring;

	switch (take_number(in, 1) % RECORDS) {
	case RECORD_POKE:
		poke(s, in);
		break;
	case RECORD_COMMAND:
		command(s, in);
		break;
	case RECORD_PUBLISH:
		ring_publish(take_ring(s, in));
		break;
	case RECORD_DRAIN:
		ring_drain(take_ring(s, in));
		break;
	case RECORD_UNMAP:
		state_unmap(s);
		break;
	case RECORD_TAIL:
		ring = take_ring(s, in);
		ring_corrupt(ring, take_number(in, 4), 0);
		break;
	case RECORD_CQ_HEAD:
		ring = take_ring(s, in);
		ring_corrupt(ring, 0, take_number(in, 4) | 1);
		break;
	case RECORD_POINT:
		point(s, in);
		break;
	default:
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct state *states[2]; /* each class: their page layouts differ */
	struct input in = { data, size };
	unsigned int which = take_number(&in, 1) & 1;
	struct state *s = states[which];

	if (!s)
		s = states[which] =
			state_open(which ? "soft:cs3,threads=1" : "soft:trn2,threads=1");
	while (in.left)
		step(s, &in);
	ring_drain(&s->rings[0]);
	ring_drain(&s->rings[1]);
	state_reset(s);
	return 0;
}
