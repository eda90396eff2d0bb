// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Which tensor of the file is which of the device's, with its shape checked.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

struct wanted {
	const char *name;
	uint32_t role;
	uint32_t rows;
	uint32_t cols;
	bool optional;
};

bool model_is_vector(uint32_t role)
{
	return role == TDM_TENSOR_OUTPUT_NORM || role == TDM_TENSOR_ROPE_FREQ ||
	       role == TDM_TENSOR_ATTN_NORM || role == TDM_TENSOR_FFN_NORM ||
	       role >= TDM_TENSOR_ATTN_Q_BIAS;
}

static bool type_is_supported(uint32_t role, uint32_t type)
{
	if (type == TDM_GGML_F32 || type == TDM_GGML_F16 || type == TDM_GGML_BF16)
		return true;
	return !model_is_vector(role) && (type == TDM_GGML_Q8_0 || type == TDM_GGML_Q4_0);
}

static int check_type(const struct tdm_model *model, const char *name, uint32_t role,
		      const struct tdm_gguf_tensor *t, struct tdm_error *err)
{
	const char *type = tdm_ggml_type_info(t->type).name;

	if (type_is_supported(role, t->type))
		return 0;
	return tdm_error_set(err, -EOPNOTSUPP,
			     "%s: tensor '%s' has type %s, which is not supported; convert it to "
			     "F32, F16, BF16%s",
			     tdm_gguf_name(model->gguf), name, type ? type : "unknown",
			     model_is_vector(role) ? "" : ", Q8_0 or Q4_0");
}

static int add(struct tdm_model *model, const char *name, const struct wanted *w, uint32_t layer,
	       struct tdm_error *err)
{
	const struct tdm_gguf_tensor *t = tdm_gguf_find_tensor(model->gguf, name);
	int rc;

	if (!t && w->optional)
		return 0;
	if (!t)
		return tdm_error_set(err, -EINVAL,
				     "%s: tensor '%s' is missing; the file is incomplete: convert "
				     "the model anew",
				     tdm_gguf_name(model->gguf), name);
	rc = check_type(model, name, w->role, t, err);
	if (rc)
		return rc;
	if (t->dims[0] != w->cols || t->dims[1] != w->rows || t->dims[2] != 1 || t->dims[3] != 1)
		return tdm_error_set(err, -EINVAL,
				     "%s: tensor '%s' is %llu x %llu, its metadata says %u x %u; "
				     "convert the model anew",
				     tdm_gguf_name(model->gguf), name,
				     (unsigned long long)t->dims[1], (unsigned long long)t->dims[0],
				     w->rows, w->cols);
	model->tensors[model->n_tensors++] = (struct model_tensor){
		.role = w->role, .layer = layer, .rows = w->rows, .cols = w->cols, .src = t
	};
	model->info.n_params += (uint64_t)w->rows * w->cols;
	model->info.weight_bytes += t->bytes;
	return 0;
}

static int add_layer(struct tdm_model *model, uint32_t layer, struct tdm_error *err)
{
	const struct tdm_model_shape *i = &model->info;
	uint32_t q = i->n_heads * i->head_dim, kv = i->n_kv_heads * i->head_dim;
	const struct wanted wanted[] = {
		{ "attn_norm.weight", TDM_TENSOR_ATTN_NORM, 1, i->dim, false },
		{ "attn_q.weight", TDM_TENSOR_ATTN_Q, q, i->dim, false },
		{ "attn_k.weight", TDM_TENSOR_ATTN_K, kv, i->dim, false },
		{ "attn_v.weight", TDM_TENSOR_ATTN_V, kv, i->dim, false },
		{ "attn_output.weight", TDM_TENSOR_ATTN_OUT, i->dim, q, false },
		{ "ffn_norm.weight", TDM_TENSOR_FFN_NORM, 1, i->dim, false },
		{ "ffn_gate.weight", TDM_TENSOR_FFN_GATE, i->ffn_dim, i->dim, false },
		{ "ffn_up.weight", TDM_TENSOR_FFN_UP, i->ffn_dim, i->dim, false },
		{ "ffn_down.weight", TDM_TENSOR_FFN_DOWN, i->dim, i->ffn_dim, false },
		{ "attn_q.bias", TDM_TENSOR_ATTN_Q_BIAS, 1, q, true },
		{ "attn_k.bias", TDM_TENSOR_ATTN_K_BIAS, 1, kv, true },
		{ "attn_v.bias", TDM_TENSOR_ATTN_V_BIAS, 1, kv, true },
		{ "attn_output.bias", TDM_TENSOR_ATTN_OUT_BIAS, 1, i->dim, true },
	};
	char name[64];

	for (size_t n = 0; n < sizeof(wanted) / sizeof(wanted[0]); n++) {
		int rc;

		snprintf(name, sizeof(name), "blk.%u.%s", layer, wanted[n].name);
		rc = add(model, name, &wanted[n], layer, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* The vocabulary's size is what the embedding has room for. */
static int read_vocab(struct tdm_model *model, struct tdm_error *err)
{
	const struct tdm_gguf_tensor *t = tdm_gguf_find_tensor(model->gguf, "token_embd.weight");

	if (t && t->n_dims == 2 && t->dims[1] && t->dims[1] <= 1U << 22) {
		model->info.vocab = (uint32_t)t->dims[1];
		return 0;
	}
	return tdm_error_set(err, -EINVAL,
			     "%s: tensor 'token_embd.weight' is missing or has no rows for a "
			     "vocabulary; convert the model anew",
			     tdm_gguf_name(model->gguf));
}

int model_find_tensors(struct tdm_model *model, struct tdm_error *err)
{
	const struct tdm_model_shape *i = &model->info;
	int rc = read_vocab(model, err);
	const struct wanted wanted[] = {
		{ "token_embd.weight", TDM_TENSOR_TOKEN_EMBD, i->vocab, i->dim, false },
		{ "output_norm.weight", TDM_TENSOR_OUTPUT_NORM, 1, i->dim, false },
		{ "output.weight", TDM_TENSOR_OUTPUT, i->vocab, i->dim, true },
	};

	if (rc)
		return rc;
	model->tensors = calloc(3 + (size_t)i->n_layers * 13, sizeof(*model->tensors));
	if (!model->tensors)
		return tdm_error_set(err, -ENOMEM, "%s: out of memory; free some",
				     tdm_gguf_name(model->gguf));
	for (size_t n = 0; n < sizeof(wanted) / sizeof(wanted[0]) && !rc; n++)
		rc = add(model, wanted[n].name, &wanted[n], 0, err);
	for (uint32_t layer = 0; layer < i->n_layers && !rc; layer++)
		rc = add_layer(model, layer, err);
	return rc;
}

static float from_f16(uint16_t h)
{
	uint32_t exp = h >> 10 & 0x1f, man = h & 0x3ff, bits;
	float f;

	if (!exp) { /* zero and subnormals: man * 2^-24, exact in F32 */
		f = (float)man * 0x1p-24f;
		return h & 0x8000 ? -f : f;
	}
	bits = (uint32_t)(h & 0x8000) << 16 | man << 13;
	bits |= exp == 31 ? 0xffU << 23 : (exp + 112) << 23;
	memcpy(&f, &bits, sizeof(f));
	return f;
}

void model_copy_vector(float *dst, const struct tdm_gguf_tensor *src, uint32_t count)
{
	const unsigned char *p = src->data;

	if (src->type == TDM_GGML_F32) {
		memcpy(dst, p, count * sizeof(*dst));
		return;
	}
	for (uint32_t i = 0; i < count; i++, p += 2) {
		uint16_t half = (uint16_t)(p[0] | p[1] << 8);
		uint32_t bits = (uint32_t)half << 16;

		if (src->type == TDM_GGML_F16)
			dst[i] = from_f16(half);
		else
			memcpy(&dst[i], &bits, sizeof(bits));
	}
}
