/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A context with a tiny model, descriptors that are right, and memory around them;
 * cheap to put back as it was.
 */
#ifndef TESTS_FUZZ_COMMAND_STATE_H
#define TESTS_FUZZ_COMMAND_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "command_ring.h"

enum region {
	REGION_MODEL, /* struct tdm_program, tensor table, weights */
	REGION_RUN,   /* struct tdm_run, sequences, block table, pages */
	REGION_READ,  /* read-only to the device */
	REGION_NONE,  /* nothing is mapped here */
	REGIONS,
};

/* Offsets in their regions: what inputs are built of. */
#define MODEL_TENSORS 256
#define MODEL_WEIGHTS 8192
#define MODEL_BYTES 131072
#define RUN_SEQ 4096
#define RUN_TOKENS 8192
#define RUN_OUT 12288
#define RUN_LOGITS 16384
#define RUN_BLOCKS 20480
#define RUN_MOVES 24576
#define RUN_TIMES 26624
#define RUN_ACTS 28672
#define RUN_WIRE 36864
#define RUN_PAGES 53248
#define RUN_BYTES 86016

struct state {
	struct tdm_device *dev;
	struct ring rings[2];
	uint64_t dva[REGIONS];
	uint8_t *memory[REGIONS]; /* NULL for REGION_NONE */
	uint32_t handles[REGIONS];
	bool dirty; /* programs were loaded or unloaded */
	bool unmapped;
	uint8_t saved[MODEL_BYTES + RUN_BYTES];
};

struct state *state_open(const char *device);

/* Both queues are drained: everything as state_open() left it. */
void state_reset(struct state *s);

/* Takes REGION_RUN from under whatever runs. */
void state_unmap(struct state *s);

static inline uint64_t region_bytes(enum region region)
{
	return region == REGION_MODEL ? MODEL_BYTES : region == REGION_RUN ? RUN_BYTES : 4096;
}

#endif /* TESTS_FUZZ_COMMAND_STATE_H */
