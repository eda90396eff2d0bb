/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * State of a PREFILL or DECODE between its slices; one per queue, kept from
 * command to command so that a steady stream of them allocates nothing.
 */
#ifndef FW_RUN_H
#define FW_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/exec.h"
#include "compute/compute.h"

struct fw_program;

struct fw_run {
	struct fw_program *program; /* in use, or NULL between commands */
	struct tdm_run desc;
	struct tdm_seq *seqs;
	struct fw_row *rows;
	uint32_t n_rows;
	float *x; /* [n_rows][dim] */
	float *logits;
	void **pages; /* the sequences' page pointers of one layer, end to end */
	void *const **pages_by_seq;
	void *scratch;

	/* What the arrays above have room for. */
	uint64_t room_seqs;
	uint64_t room_rows;
	uint64_t room_x;
	uint64_t room_logits;
	uint64_t room_pages;
	uint64_t room_scratch;
};

/**
 * fw_run_start - check a PREFILL or DECODE and take all it says into x->queue->run
 * Return: NULL with the command failed.
 */
struct fw_run *fw_run_start(struct fw_exec *x);

/**
 * fw_run_pages - look up all pages of one layer
 * @layer: counted from the first layer of the command
 * Return: false with the command failed.
 */
bool fw_run_pages(struct fw_exec *x, struct fw_run *run, uint32_t layer);

/*
 * What all runs of a device may work in together. The largest model of the
 * family (dim 16384, FFN 53248) takes 3 GiB for 4096 tokens at once.
 */
#define FW_RUN_BYTES (4ULL << 30)

/**
 * fw_run_may_hold - may x->queue->run take @bytes more? Idle runs make room
 * Return: false with the command failed: TDM_ST_LIMIT where it can never be,
 * TDM_ST_NO_MEMORY while others hold too much.
 */
bool fw_run_may_hold(struct fw_exec *x, uint64_t bytes);

/* Lets go of the program; nothing to do between commands. NULL is fine. */
void fw_run_end(struct fw_run *run);
void fw_run_free(struct fw_run *run);

/* Blocks of positions 0 to the end of a sequence. */
uint32_t fw_run_blocks(const struct fw_run *run, const struct tdm_seq *seq);

#endif /* FW_RUN_H */
