// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "selftest/model.h"

#include <string.h>

#define DIM 32
#define HEADS 4
#define KV_HEADS 2
#define HEAD_DIM 8
#define FFN 48
#define TABLE 0x100 /* of tensors, behind struct tdm_program */

static uint32_t bits(float value)
{
	uint32_t u;

	memcpy(&u, &value, sizeof(u));
	return u;
}

struct shape {
	uint32_t role;
	uint32_t rows;
	uint32_t cols;
	float mean;
	float spread;
};

static const struct shape globals[] = {
	{ TDM_TENSOR_ROPE_FREQ, 1, HEAD_DIM / 2, 0.5F, 0.4F },
	{ TDM_TENSOR_TOKEN_EMBD, MODEL_VOCAB, DIM, 0, 1 },
	{ TDM_TENSOR_OUTPUT_NORM, 1, DIM, 1, 0.1F },
	{ TDM_TENSOR_OUTPUT, MODEL_VOCAB, DIM, 0, 1 },
};

static const struct shape per_layer[] = {
	{ TDM_TENSOR_ATTN_NORM, 1, DIM, 1, 0.1F },
	{ TDM_TENSOR_ATTN_Q, HEADS *HEAD_DIM, DIM, 0, 0.5F },
	{ TDM_TENSOR_ATTN_K, KV_HEADS *HEAD_DIM, DIM, 0, 0.5F },
	{ TDM_TENSOR_ATTN_V, KV_HEADS *HEAD_DIM, DIM, 0, 0.3F },
	{ TDM_TENSOR_ATTN_OUT, DIM, HEADS *HEAD_DIM, 0, 0.3F },
	{ TDM_TENSOR_FFN_NORM, 1, DIM, 1, 0.1F },
	{ TDM_TENSOR_FFN_GATE, FFN, DIM, 0, 0.3F },
	{ TDM_TENSOR_FFN_UP, FFN, DIM, 0, 0.3F },
	{ TDM_TENSOR_FFN_DOWN, DIM, FFN, 0, 0.3F },
};

#define N_GLOBALS (sizeof(globals) / sizeof(globals[0]))
#define N_PER_LAYER (sizeof(per_layer) / sizeof(per_layer[0]))
#define N_TENSORS (N_GLOBALS + MODEL_LAYERS * N_PER_LAYER)

/* Return: where the next one goes */
static uint64_t add(struct model *m, uint32_t index, const struct shape *shape, uint32_t layer,
		    uint64_t at)
{
	struct tdm_tensor *tensor = (struct tdm_tensor *)model_ptr(m, TABLE) + index;
	uint64_t state = shape->role * 1000ULL + layer, n = (uint64_t)shape->rows * shape->cols;
	float *x = model_ptr(m, at);

	for (uint64_t i = 0; i < n; i++)
		x[i] = shape->mean +
		       shape->spread * ((float)(rig_random(&state) >> 40) * 0x1p-23F - 1);
	*tensor = (struct tdm_tensor){
		.role = shape->role,
		.layer = layer,
		.dtype = TDM_DTYPE_F32,
		.rows = shape->rows,
		.cols = shape->cols,
		.addr = model_dva(m, at),
		.bytes = n * sizeof(*x),
	};
	return (at + n * sizeof(*x) + 63) / 64 * 64;
}

static void describe(struct model *m)
{
	struct tdm_program *p = model_ptr(m, 0);
	uint64_t at = MODEL_WEIGHTS;
	uint32_t n = 0;

	*p = (struct tdm_program){
		.size = sizeof(*p),
		.n_layers = MODEL_LAYERS,
		.layer_count = MODEL_LAYERS,
		.dim = DIM,
		.n_heads = HEADS,
		.n_kv_heads = KV_HEADS,
		.head_dim = HEAD_DIM,
		.ffn_dim = FFN,
		.vocab = MODEL_VOCAB,
		.ctx_len = MODEL_CTX,
		.rope_dims = HEAD_DIM,
		.rms_eps = bits(1e-5F),
		.rope_scale = bits(1),
		.attn_scale = bits(0.35F),
		.kv_dtype = TDM_DTYPE_F16,
		.kv_page_tokens = MODEL_PAGE_TOKENS,
		.n_tensors = N_TENSORS,
		.tensors = model_dva(m, TABLE),
	};
	for (size_t i = 0; i < N_GLOBALS; i++)
		at = add(m, n++, &globals[i], 0, at);
	for (uint32_t layer = 0; layer < MODEL_LAYERS; layer++)
		for (size_t i = 0; i < N_PER_LAYER; i++)
			at = add(m, n++, &per_layer[i], layer, at);
}

static struct tdm_cmd on_desc(unsigned int opcode, uint64_t addr, uint64_t len)
{
	struct tdm_cmd cmd = rig_command(opcode);

	cmd.desc.addr = addr;
	cmd.desc.len = len;
	return cmd;
}

struct selftest_outcome model_open(struct model *m, struct rig *rig)
{
	struct tdm_cmd cmd;
	struct tdm_error err;
	struct tdm_cqe cqe;

	*m = (struct model){ .rig = rig };
	m->mem = tdm_buffer_create(rig->dev, TDM_DOMAIN_HOST, MODEL_BYTES,
				   TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err);
	if (!m->mem)
		return selftest_say(SELFTEST_ERROR, "%.180s", err.msg);
	describe(m);
	cmd = on_desc(TDM_OP_PROGRAM_LOAD, model_dva(m, 0), sizeof(struct tdm_program));
	cqe = rig_run(rig, &cmd);
	if (cqe.status != TDM_ST_OK)
		return rig_failed("program load", &cqe);
	m->program = (uint32_t)cqe.result;
	m->loaded = true;
	return selftest_pass();
}

struct selftest_outcome model_close(struct model *m)
{
	struct tdm_cmd cmd = rig_command(TDM_OP_PROGRAM_UNLOAD);
	struct tdm_cqe cqe = { .status = TDM_ST_OK };

	cmd.desc.program = m->program;
	if (m->loaded)
		cqe = rig_run(m->rig, &cmd);
	tdm_buffer_destroy(m->mem);
	return cqe.status == TDM_ST_OK ? selftest_pass() : rig_failed("program unload", &cqe);
}

struct tdm_cqe model_run(struct model *m, unsigned int opcode, uint64_t kv, uint32_t pos,
			 const uint32_t *tokens, uint32_t n)
{
	struct tdm_cmd cmd = on_desc(opcode, model_dva(m, MODEL_RUN), sizeof(struct tdm_run));
	struct tdm_run *run = model_ptr(m, MODEL_RUN);
	struct tdm_seq *seq = model_ptr(m, MODEL_SEQ);
	uint64_t *table = model_ptr(m, MODEL_BLOCK_TABLE);

	for (uint32_t i = 0; i < MODEL_PAGES; i++)
		table[i] = model_dva(m, kv + (uint64_t)i * MODEL_PAGE_BYTES);
	memcpy(model_ptr(m, MODEL_TOKENS), tokens, n * sizeof(*tokens));
	*run = (struct tdm_run){
		.size = sizeof(*run),
		.program = m->program,
		.layer_count = MODEL_LAYERS,
		.n_seqs = 1,
		.seqs = model_dva(m, MODEL_SEQ),
	};
	*seq = (struct tdm_seq){
		.blocks = model_dva(m, MODEL_BLOCK_TABLE),
		.tokens_in = model_dva(m, MODEL_TOKENS),
		.tokens_out = model_dva(m, MODEL_OUT),
		.logits_out = model_dva(m, MODEL_LOGITS),
		.block_stride = MODEL_BLOCKS,
		.pos = pos,
		.n_tokens = n,
		.flags = TDM_SEQ_SAMPLE | TDM_SEQ_LOGITS,
		.top_p = bits(1),
	};
	return rig_run(m->rig, &cmd);
}

struct tdm_cqe model_move(struct model *m, unsigned int opcode, uint64_t kv, uint64_t wire)
{
	struct tdm_cmd cmd = on_desc(opcode, model_dva(m, MODEL_MOVES),
				     MODEL_PAGES * sizeof(struct tdm_kv_move));
	struct tdm_kv_move *moves = model_moves(m);

	cmd.desc.program = m->program;
	cmd.desc.count = MODEL_PAGES;
	for (uint32_t i = 0; i < MODEL_PAGES; i++) {
		moves[i].page = model_dva(m, kv + (uint64_t)i * MODEL_PAGE_BYTES);
		moves[i].wire = model_dva(m, wire + (uint64_t)i * MODEL_PAGE_BYTES);
	}
	return rig_run(m->rig, &cmd);
}
