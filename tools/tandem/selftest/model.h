/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A model of two layers with weights from a seed, loaded on a device: enough to
 * compute, and to make KV pages. Equal on every device, so that results can be
 * compared bit by bit.
 */
#ifndef TANDEM_SELFTEST_MODEL_H
#define TANDEM_SELFTEST_MODEL_H

#include "selftest/selftest.h"

#define MODEL_LAYERS 2
#define MODEL_VOCAB 64
#define MODEL_CTX 64
#define MODEL_PAGE_TOKENS 16
#define MODEL_BLOCKS (MODEL_CTX / MODEL_PAGE_TOKENS)
#define MODEL_PAGE_BYTES 1024UL /* 2 * kv heads * tokens * head_dim of F16 */
#define MODEL_PAGES ((uint64_t)MODEL_LAYERS * MODEL_BLOCKS)

struct model {
	struct rig *rig;
	struct tdm_buffer *mem; /* all below; host memory */
	uint32_t program;
	bool loaded;
};

/* Where things lie in it. */
#define MODEL_RUN 0x8000
#define MODEL_SEQ 0x8100
#define MODEL_TOKENS 0x8200
#define MODEL_OUT 0x8400
#define MODEL_LOGITS 0x8800
#define MODEL_BLOCK_TABLE 0x9000
#define MODEL_MOVES 0x9800
#define MODEL_KV 0xa000	  /* the device's pages */
#define MODEL_KV2 0x10000 /* a second set of them */
#define MODEL_WIRE 0x16000
#define MODEL_LANDING 0x1c000
#define MODEL_WEIGHTS 0x20000
#define MODEL_BYTES 0x60000

/* Load it. The outcome is a pass, or why not; model_close() in any case. */
struct selftest_outcome model_open(struct model *model, struct rig *rig);
struct selftest_outcome model_close(struct model *model);

static inline void *model_ptr(const struct model *m, uint64_t off)
{
	return (char *)tdm_buffer_ptr(m->mem) + off;
}

static inline uint64_t model_dva(const struct model *m, uint64_t off)
{
	return tdm_buffer_dva(m->mem) + off;
}

/**
 * model_run - PREFILL or DECODE of one sequence
 * @kv: MODEL_KV or MODEL_KV2: which set of pages
 * @pos: position of the first token
 */
struct tdm_cqe model_run(struct model *m, unsigned int opcode, uint64_t kv, uint32_t pos,
			 const uint32_t *tokens, uint32_t n);

/* KV_EXPORT or KV_IMPORT of all pages of a set to or from @wire. CRCs stay in the moves. */
struct tdm_cqe model_move(struct model *m, unsigned int opcode, uint64_t kv, uint64_t wire);

static inline struct tdm_kv_move *model_moves(const struct model *m)
{
	return model_ptr(m, MODEL_MOVES);
}

#endif /* TANDEM_SELFTEST_MODEL_H */
