// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "command_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <tandem/device.h>

#define DIM 32
#define LAYERS 2
#define HEADS 4
#define KV_HEADS 2
#define HEAD_DIM 8
#define FFN 48
#define VOCAB 64
#define CTX 64
#define PAGE_TOKENS 16
#define PAGE_BYTES (2ULL * KV_HEADS * PAGE_TOKENS * HEAD_DIM * 2)
#define SEQS 4
#define BLOCKS (CTX / PAGE_TOKENS)

static uint32_t bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	return u;
}

static void map(struct state *s, enum region region)
{
	struct drm_tandem_vm_map map = {
		.size = sizeof(map),
		.handle = s->handles[region],
		.len = region_bytes(region),
		.dva = s->dva[region],
		.access = TDM_ACCESS_READ | (region == REGION_READ ? 0 : TDM_ACCESS_WRITE),
	};

	must(!tdm_device_ioctl(s->dev, DRM_IOCTL_TANDEM_VM_MAP, &map), "no mapping");
	s->dva[region] = map.dva;
}

void state_unmap(struct state *s)
{
	struct drm_tandem_vm_unmap unmap = {
		.size = sizeof(unmap),
		.dva = s->dva[REGION_RUN],
		.len = RUN_BYTES,
	};

	if (!s->unmapped)
		must(!tdm_device_ioctl(s->dev, DRM_IOCTL_TANDEM_VM_UNMAP, &unmap), "no unmap");
	s->unmapped = true;
}

static void make_region(struct state *s, enum region region)
{
	struct drm_tandem_bo_create create = {
		.size = sizeof(create),
		.domain = TDM_DOMAIN_HOST,
		.bytes = region_bytes(region),
	};
	struct drm_tandem_bo_mmap at = { .size = sizeof(at) };

	must(!tdm_device_ioctl(s->dev, DRM_IOCTL_TANDEM_BO_CREATE, &create), "no buffer");
	s->handles[region] = at.handle = create.handle;
	must(!tdm_device_ioctl(s->dev, DRM_IOCTL_TANDEM_BO_MMAP, &at), "no offset");
	s->memory[region] =
		tdm_device_mmap(s->dev, create.bytes, PROT_READ | PROT_WRITE, at.offset, NULL);
	must(s->memory[region], "no memory");
	map(s, region);
}

struct weights {
	struct state *s;
	uint32_t n;
	uint64_t end;
};

static void add(struct weights *w, uint32_t role, uint32_t layer, uint32_t rows, uint32_t cols)
{
	struct tdm_tensor *table = (void *)(w->s->memory[REGION_MODEL] + MODEL_TENSORS);
	float *x = (void *)(w->s->memory[REGION_MODEL] + w->end);
	uint64_t bytes = 4ULL * rows * cols;

	must(w->end + bytes <= MODEL_BYTES, "a model too large");
	for (uint32_t i = 0; i < rows * cols; i++)
		x[i] = rows == 1 ? 0.5f : (float)(i * 7919 % 101) / 101 - 0.5f;
	table[w->n++] = (struct tdm_tensor){
		.role = role,
		.layer = layer,
		.dtype = TDM_DTYPE_F32,
		.rows = rows,
		.cols = cols,
		.addr = w->s->dva[REGION_MODEL] + w->end,
		.bytes = bytes,
	};
	w->end = (w->end + bytes + 63) / 64 * 64;
}

static uint32_t add_weights(struct state *s)
{
	struct weights w = { .s = s, .end = MODEL_WEIGHTS };

	add(&w, TDM_TENSOR_ROPE_FREQ, 0, 1, HEAD_DIM / 2);
	add(&w, TDM_TENSOR_TOKEN_EMBD, 0, VOCAB, DIM);
	add(&w, TDM_TENSOR_OUTPUT_NORM, 0, 1, DIM);
	for (uint32_t l = 0; l < LAYERS; l++) {
		add(&w, TDM_TENSOR_ATTN_NORM, l, 1, DIM);
		add(&w, TDM_TENSOR_ATTN_Q, l, HEADS * HEAD_DIM, DIM);
		add(&w, TDM_TENSOR_ATTN_K, l, KV_HEADS * HEAD_DIM, DIM);
		add(&w, TDM_TENSOR_ATTN_V, l, KV_HEADS * HEAD_DIM, DIM);
		add(&w, TDM_TENSOR_ATTN_OUT, l, DIM, HEADS * HEAD_DIM);
		add(&w, TDM_TENSOR_FFN_NORM, l, 1, DIM);
		add(&w, TDM_TENSOR_FFN_GATE, l, FFN, DIM);
		add(&w, TDM_TENSOR_FFN_UP, l, FFN, DIM);
		add(&w, TDM_TENSOR_FFN_DOWN, l, DIM, FFN);
	}
	return w.n;
}

static void make_model(struct state *s)
{
	*(struct tdm_program *)(void *)s->memory[REGION_MODEL] = (struct tdm_program){
		.size = sizeof(struct tdm_program),
		.n_layers = LAYERS,
		.layer_count = LAYERS,
		.dim = DIM,
		.n_heads = HEADS,
		.n_kv_heads = KV_HEADS,
		.head_dim = HEAD_DIM,
		.ffn_dim = FFN,
		.vocab = VOCAB,
		.ctx_len = CTX,
		.rope_dims = HEAD_DIM,
		.rms_eps = bits(1e-5f),
		.rope_scale = bits(1),
		.attn_scale = bits(0.35f),
		.kv_dtype = TDM_DTYPE_F16,
		.kv_page_tokens = PAGE_TOKENS,
		.n_tensors = add_weights(s),
		.tensors = s->dva[REGION_MODEL] + MODEL_TENSORS,
	};
}

static void make_run(struct state *s)
{
	uint8_t *memory = s->memory[REGION_RUN];
	uint64_t base = s->dva[REGION_RUN], *blocks = (void *)(memory + RUN_BLOCKS);
	struct tdm_kv_move *moves = (void *)(memory + RUN_MOVES);
	struct tdm_seq *seqs = (void *)(memory + RUN_SEQ);

	*(struct tdm_run *)(void *)memory = (struct tdm_run){
		.size = sizeof(struct tdm_run),
		.layer_count = LAYERS,
		.n_seqs = 1,
		.seqs = base + RUN_SEQ,
		.act_in = base + RUN_ACTS,
		.act_out = base + RUN_ACTS,
		.layer_times = base + RUN_TIMES,
	};
	for (uint32_t i = 0; i < SEQS * LAYERS * BLOCKS; i++)
		blocks[i] = base + RUN_PAGES + (uint64_t)i * PAGE_BYTES;
	for (uint32_t i = 0; i < SEQS; i++) {
		seqs[i] = (struct tdm_seq){
			.blocks = base + RUN_BLOCKS + 8ULL * i * LAYERS * BLOCKS,
			.tokens_in = base + RUN_TOKENS + 256ULL * i,
			.tokens_out = base + RUN_OUT + 4ULL * i,
			.logits_out = base + RUN_LOGITS + 4ULL * i * VOCAB,
			.block_stride = BLOCKS,
			.n_tokens = 1 + i * 7,
			.flags = TDM_SEQ_SAMPLE | TDM_SEQ_LOGITS,
			.temperature = bits(0.25f * (float)i),
			.top_p = bits(1),
		};
		moves[i] = (struct tdm_kv_move){
			.page = blocks[i],
			.wire = base + RUN_WIRE + (uint64_t)i * PAGE_BYTES,
		};
	}
}

static void load(struct state *s)
{
	struct tdm_cmd cmd = { .opcode = TDM_OP_PROGRAM_UNLOAD };

	for (cmd.desc.program = 0; cmd.desc.program < 16; cmd.desc.program++)
		ring_put(&s->rings[0], &cmd);
	cmd = (struct tdm_cmd){ .opcode = TDM_OP_PROGRAM_LOAD };
	cmd.desc.addr = s->dva[REGION_MODEL];
	cmd.desc.len = sizeof(struct tdm_program);
	ring_put(&s->rings[0], &cmd);
	ring_drain(&s->rings[0]);
	s->dirty = false;
}

struct state *state_open(const char *device)
{
	struct state *s = calloc(1, sizeof(*s));

	must(s, "no memory");
	s->dev = tdm_device_open(device, NULL);
	must(s->dev, "no device");
	for (enum region region = 0; region < REGION_NONE; region++)
		make_region(s, region);
	s->dva[REGION_NONE] = 0x700000000000;
	make_model(s);
	make_run(s);
	memcpy(s->saved, s->memory[REGION_MODEL], MODEL_BYTES);
	memcpy(s->saved + MODEL_BYTES, s->memory[REGION_RUN], RUN_BYTES);
	ring_open(&s->rings[0], s->dev);
	ring_open(&s->rings[1], s->dev);
	load(s);
	return s;
}

void state_reset(struct state *s)
{
	memcpy(s->memory[REGION_MODEL], s->saved, MODEL_BYTES);
	memcpy(s->memory[REGION_RUN], s->saved + MODEL_BYTES, RUN_BYTES);
	if (s->unmapped)
		map(s, REGION_RUN);
	s->unmapped = false;
	if (s->dirty)
		load(s);
}
