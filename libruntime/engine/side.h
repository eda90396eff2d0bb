/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * One device with a model on it and the memory that a request needs there.
 *
 * Nothing is allocated after side_open(): a request reserves pages of the pool
 * and writes descriptors into the work buffer.
 */
#ifndef TDM_ENGINE_SIDE_H
#define TDM_ENGINE_SIDE_H

#include <tandem/buffer.h>
#include <tandem/engine.h>
#include <tandem/kv.h>

#include "trace/trace.h"

/* Commands of PREFILL that are open at once: one runs, one waits. */
#define SIDE_RUNS 2

/* Where things lie in the work buffer, bytes from its start. */
struct side_layout {
	uint64_t runs;	 /* struct tdm_run[SIDE_RUNS] */
	uint64_t seqs;	 /* struct tdm_seq[SIDE_RUNS] */
	uint64_t out;	 /* uint32_t[SIDE_RUNS], 64 bytes apart: the sampled token */
	uint64_t table;	 /* uint64_t[n_layers][max_blocks]: page addresses */
	uint64_t tokens; /* uint32_t[ctx_len] */
	uint64_t times;	 /* uint64_t[SIDE_RUNS][n_layers]: when the device had done each */
	uint64_t moves;	 /* struct tdm_kv_move[n_layers * max_blocks], or parts of them */
	uint64_t total;
};

struct side {
	struct tdm_device *dev;
	struct tdm_queue *run; /* PREFILL, DECODE; replaced when they are aborted */
	struct tdm_queue *kv;  /* KV_EXPORT, KV_IMPORT, PROGRAM_LOAD */
	struct tdm_resident *model;
	const struct tdm_program *desc;
	uint64_t page_bytes;
	uint32_t max_blocks; /* pages of one layer that the context can take */

	struct tdm_buffer *pages; /* the pool's memory, on the device */
	struct tdm_kv_pool *pool;
	struct tdm_buffer *work;
	struct side_layout at;

	/* The request's pages: [n_layers][blocks]. */
	struct tdm_kv_ref *refs;
	uint32_t blocks;
	uint32_t tokens; /* positions that they are for */
	uint64_t owner;	 /* 0: none */

	/* Where it is told what this side does, for note.h. */
	struct tdm_trace *trace; /* NULL: nowhere */
	uint64_t noted;		 /* the request's number */
	uint64_t clock_ns;	 /* the device's clock and this are CLOCK_MONOTONIC */
	uint16_t number;	 /* the device's */
};

struct side_options {
	const char *device;
	struct tdm_resident_options model;
	uint32_t pool_id;
	struct tdm_trace *trace; /* or NULL */
};

struct side *side_open(const struct tdm_model *model, const struct side_options *opts,
		       struct tdm_error *err);
void side_close(struct side *side);

/* Take pages for @tokens positions and write the block table. */
int side_reserve(struct side *side, uint64_t owner, uint32_t tokens, struct tdm_error *err);

/*
 * The wire's CRC of a whole page of the request, whose bytes no command changes any more:
 * for those who look at the pool.
 */
void side_seal(struct side *side, uint32_t layer, uint32_t block, uint32_t crc);

/* Give them back; no command uses them any more. */
void side_release(struct side *side);

/*
 * End the PREFILL or DECODE that runs at its next layer, by a new queue in place
 * of its own. Where none can be made it stays open, for side_drain().
 */
void side_abort(struct side *side);

/* Wait until no command is open, or the queues are lost. */
void side_drain(struct side *side);

static inline void *side_ptr(const struct side *side, uint64_t off)
{
	return (char *)tdm_buffer_ptr(side->work) + off;
}

static inline uint64_t side_dva(const struct side *side, uint64_t off)
{
	return tdm_buffer_dva(side->work) + off;
}

/* Where a run's sampled token goes. */
static inline uint64_t side_out(const struct side *side, unsigned int slot)
{
	return side->at.out + slot * 64ULL;
}

/* The request's page of a layer. */
static inline struct tdm_kv_ref side_page(const struct side *side, uint32_t layer, uint32_t block)
{
	return side->refs[layer * side->blocks + block];
}

/* "DEVICE: prefill failed: fault at 0x1000 ..." Return: -EIO or -ENOMEM */
int side_failed(struct side *side, const char *what, const struct tdm_cqe *cqe,
		struct tdm_error *err);

/* The queue says @rc: say it in words. Return: @rc */
int side_lost(struct side *side, int rc, struct tdm_error *err);

#endif /* TDM_ENGINE_SIDE_H */
