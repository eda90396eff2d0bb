// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "cmd/tensor.h"

#include <stddef.h>

/* Where a role goes and what its shape must be. */
struct slot {
	struct fw_mat *mat; /* one of these two */
	const float **vec;
	uint32_t rows;
	uint32_t cols;
};

static struct slot model_slot(struct fw_program *p, uint32_t role)
{
	const struct tdm_program *d = &p->desc;
	struct fw_llama *m = &p->model;

	switch (role) {
	case TDM_TENSOR_TOKEN_EMBD:
		return (struct slot){ .mat = &m->tok_embd, .rows = d->vocab, .cols = d->dim };
	case TDM_TENSOR_OUTPUT:
		return (struct slot){ .mat = &m->output, .rows = d->vocab, .cols = d->dim };
	case TDM_TENSOR_OUTPUT_NORM:
		return (struct slot){ .vec = &m->out_norm, .rows = 1, .cols = d->dim };
	case TDM_TENSOR_ROPE_FREQ:
		return (struct slot){ .vec = &m->inv_freq, .rows = 1, .cols = d->rope_dims / 2 };
	default:
		return (struct slot){ .rows = 0 };
	}
}

static struct slot layer_slot(struct fw_program *p, uint32_t role, struct fw_layer *l)
{
	const struct tdm_program *d = &p->desc;
	uint32_t q = d->n_heads * d->head_dim;
	uint32_t kv = d->n_kv_heads * d->head_dim;

	switch (role) {
	case TDM_TENSOR_ATTN_NORM:
		return (struct slot){ .vec = &l->attn_norm, .rows = 1, .cols = d->dim };
	case TDM_TENSOR_ATTN_Q:
		return (struct slot){ .mat = &l->wq, .rows = q, .cols = d->dim };
	case TDM_TENSOR_ATTN_K:
		return (struct slot){ .mat = &l->wk, .rows = kv, .cols = d->dim };
	case TDM_TENSOR_ATTN_V:
		return (struct slot){ .mat = &l->wv, .rows = kv, .cols = d->dim };
	case TDM_TENSOR_ATTN_OUT:
		return (struct slot){ .mat = &l->wo, .rows = d->dim, .cols = q };
	case TDM_TENSOR_FFN_NORM:
		return (struct slot){ .vec = &l->ffn_norm, .rows = 1, .cols = d->dim };
	case TDM_TENSOR_FFN_GATE:
		return (struct slot){ .mat = &l->gate, .rows = d->ffn_dim, .cols = d->dim };
	case TDM_TENSOR_FFN_UP:
		return (struct slot){ .mat = &l->up, .rows = d->ffn_dim, .cols = d->dim };
	case TDM_TENSOR_FFN_DOWN:
		return (struct slot){ .mat = &l->down, .rows = d->dim, .cols = d->ffn_dim };
	case TDM_TENSOR_ATTN_Q_BIAS:
		return (struct slot){ .vec = &l->bq, .rows = 1, .cols = q };
	case TDM_TENSOR_ATTN_K_BIAS:
		return (struct slot){ .vec = &l->bk, .rows = 1, .cols = kv };
	case TDM_TENSOR_ATTN_V_BIAS:
		return (struct slot){ .vec = &l->bv, .rows = 1, .cols = kv };
	case TDM_TENSOR_ATTN_OUT_BIAS:
		return (struct slot){ .vec = &l->bo, .rows = 1, .cols = d->dim };
	default:
		return (struct slot){ .rows = 0 };
	}
}

/* Bytes of a row, 0 for what cannot be: an unknown type or a broken block. */
static uint64_t row_bytes(uint32_t dtype, uint32_t cols)
{
	switch (dtype) {
	case TDM_DTYPE_F32:
		return cols * 4ULL;
	case TDM_DTYPE_F16:
	case TDM_DTYPE_BF16:
		return cols * 2ULL;
	case TDM_DTYPE_Q8_0: /* blocks of 32: F16 scale and 32 bytes */
		return cols % 32 ? 0 : cols / 32 * 34ULL;
	case TDM_DTYPE_Q4_0: /* blocks of 32: F16 scale and 16 bytes */
		return cols % 32 ? 0 : cols / 32 * 18ULL;
	default:
		return 0;
	}
}

static bool role_is_known(uint32_t role)
{
	return (role >= TDM_TENSOR_TOKEN_EMBD && role <= TDM_TENSOR_ROPE_FREQ) ||
	       (role >= TDM_TENSOR_ATTN_NORM && role <= TDM_TENSOR_ATTN_OUT_BIAS);
}

static bool bad(struct fw_exec *x, uint64_t at, size_t member)
{
	fw_fail(x, TDM_ST_BAD_DESC, at + member);
	return false;
}

#define BAD(member) bad(x, at, offsetof(struct tdm_tensor, member))

bool fw_tensor_add(struct fw_exec *x, struct fw_program *p, const struct tdm_tensor *t, uint64_t at)
{
	const struct tdm_program *d = &p->desc;
	struct slot slot;
	const void *data;

	if (!role_is_known(t->role))
		return BAD(role);
	if (t->reserved)
		return BAD(reserved);
	if (t->role < TDM_TENSOR_ATTN_NORM) {
		if (t->layer)
			return BAD(layer);
		slot = model_slot(p, t->role);
	} else {
		if (t->layer < d->layer_first || t->layer - d->layer_first >= d->layer_count)
			return BAD(layer);
		slot = layer_slot(p, t->role, &p->model.layers[t->layer - d->layer_first]);
	}
	if (!slot.rows || (slot.mat && slot.mat->data) || (slot.vec && *slot.vec))
		return BAD(role); /* a second one */
	if (!row_bytes(t->dtype, t->cols) || (slot.vec && t->dtype != TDM_DTYPE_F32))
		return BAD(dtype);
	if (t->rows != slot.rows)
		return BAD(rows);
	if (t->cols != slot.cols)
		return BAD(cols);
	if (t->bytes != row_bytes(t->dtype, t->cols) * t->rows)
		return BAD(bytes);
	data = fw_whole(x, t->addr, t->bytes, TDM_ACCESS_READ, 32);
	if (!data)
		return false;
	if (slot.mat)
		*slot.mat = (struct fw_mat){
			.data = data, .rows = t->rows, .cols = t->cols, .type = t->dtype
		};
	else if (slot.vec)
		*slot.vec = data;
	p->mem[p->n_mem++] = (struct fw_program_mem){ .dva = t->addr, .len = t->bytes };
	return true;
}

static bool layer_is_complete(const struct fw_layer *l)
{
	return l->attn_norm && l->wq.data && l->wk.data && l->wv.data && l->wo.data &&
	       l->ffn_norm && l->gate.data && l->up.data && l->down.data;
}

bool fw_tensors_complete(struct fw_exec *x, struct fw_program *p)
{
	const struct tdm_program *d = &p->desc;
	struct fw_llama *m = &p->model;
	bool head = d->layer_first + d->layer_count == d->n_layers;
	bool complete = m->inv_freq;

	if (head && !m->output.data)
		m->output = m->tok_embd; /* tied */
	if (!d->layer_first)
		complete &= m->tok_embd.data != NULL;
	if (head)
		complete &= m->output.data && m->out_norm;
	for (uint32_t i = 0; i < d->layer_count; i++)
		complete &= layer_is_complete(&m->layers[i]);
	if (!complete)
		fw_fail(x, TDM_ST_BAD_DESC,
			x->cmd.desc.addr + offsetof(struct tdm_program, n_tensors));
	return complete;
}
