// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A model's shape from the metadata of its file. Keys as the GGUF
 * specification lists them under "LLM" for the architecture llama.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "model/rope.h"
#include "util/quote.h"

static bool is(struct tdm_str s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.ptr, text, s.len);
}

static int check_architecture(const struct tdm_gguf *g, struct tdm_error *err)
{
	struct tdm_str arch;
	uint32_t experts = 0;
	int rc = tdm_gguf_get_str(g, "general.architecture", &arch, err);

	if (rc)
		return rc;
	if (!is(arch, "llama"))
		return tdm_error_set(err, -EOPNOTSUPP,
				     "%s: architecture %s is not supported; use a model of "
				     "architecture 'llama'",
				     tdm_gguf_name(g), quote(arch.ptr, arch.len).s);
	rc = tdm_gguf_get_u32(g, "llama.expert_count", &experts, err);
	if (rc && rc != -ENOENT)
		return rc;
	if (experts)
		return tdm_error_set(err, -EOPNOTSUPP,
				     "%s: a mixture of %u experts is not supported; use a dense "
				     "model",
				     tdm_gguf_name(g), experts);
	return 0;
}

/* An optional number: the default stays where the key is absent. */
static int optional_u32(const struct tdm_gguf *g, const char *key, uint32_t *value,
			struct tdm_error *err)
{
	int rc = tdm_gguf_get_u32(g, key, value, err);

	return rc == -ENOENT ? 0 : rc;
}

static int optional_f64(const struct tdm_gguf *g, const char *key, double *value,
			struct tdm_error *err)
{
	float f = (float)*value;
	int rc = tdm_gguf_get_f32(g, key, &f, err);

	if (rc == -ENOENT)
		return 0;
	if (rc)
		return rc;
	if (!isfinite(f) || f < 0)
		return tdm_error_set(err, -EINVAL, "%s: key '%s' is %g; it must be a finite number",
				     tdm_gguf_name(g), key, (double)f);
	*value = (double)f;
	return 0;
}

/* head_count_kv may be one number or one a layer; only equal ones are supported. */
static int read_kv_heads(const struct tdm_gguf *g, struct tdm_model_shape *info,
			 struct tdm_error *err)
{
	static const char key[] = "llama.attention.head_count_kv";
	const struct tdm_gguf_key *k = tdm_gguf_find_key(g, key);
	struct tdm_gguf_array array;
	int rc;

	info->n_kv_heads = info->n_heads;
	if (!k || k->type != TDM_GGUF_ARRAY)
		return optional_u32(g, key, &info->n_kv_heads, err);
	rc = tdm_gguf_get_array(g, key, TDM_GGUF_U32, &array, err);
	if (rc)
		rc = tdm_gguf_get_array(g, key, TDM_GGUF_I32, &array, err);
	if (rc)
		return rc;
	for (uint64_t i = 0; i < array.count; i++) {
		if (tdm_gguf_array_i64(&array, i) != tdm_gguf_array_i64(&array, 0))
			return tdm_error_set(err, -EOPNOTSUPP,
					     "%s: '%s' differs from layer to layer; use a model "
					     "where it does not",
					     tdm_gguf_name(g), key);
	}
	if (array.count)
		info->n_kv_heads = (uint32_t)tdm_gguf_array_i64(&array, 0);
	return 0;
}

static int read_shape(const struct tdm_gguf *g, struct tdm_model_shape *info, struct tdm_error *err)
{
	const struct {
		const char *key;
		uint32_t *value;
	} needed[] = {
		{ "llama.block_count", &info->n_layers },
		{ "llama.embedding_length", &info->dim },
		{ "llama.feed_forward_length", &info->ffn_dim },
		{ "llama.attention.head_count", &info->n_heads },
		{ "llama.context_length", &info->ctx_len },
	};
	uint32_t window = 0, v_len;
	int rc = 0;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]) && !rc; i++) {
		rc = tdm_gguf_get_u32(g, needed[i].key, needed[i].value, err);
		if (!rc && !*needed[i].value)
			rc = tdm_error_set(err, -EINVAL, "%s: key '%s' is 0; the file is broken",
					   tdm_gguf_name(g), needed[i].key);
	}
	if (rc)
		return rc;
	info->head_dim = info->dim / info->n_heads;
	rc = read_kv_heads(g, info, err);
	rc = rc ? rc : optional_u32(g, "llama.attention.key_length", &info->head_dim, err);
	v_len = info->head_dim;
	rc = rc ? rc : optional_u32(g, "llama.attention.value_length", &v_len, err);
	info->rope_dims = info->head_dim;
	rc = rc ? rc : optional_u32(g, "llama.rope.dimension_count", &info->rope_dims, err);
	rc = rc ? rc : optional_u32(g, "llama.attention.sliding_window", &window, err);
	if (rc)
		return rc;
	if (v_len != info->head_dim)
		return tdm_error_set(err, -EOPNOTSUPP,
				     "%s: keys of %u and values of %u dimensions are not "
				     "supported; use a model where they are equal",
				     tdm_gguf_name(g), info->head_dim, v_len);
	/* Within its window, attention that slides is attention that does not. */
	if (window && window < info->ctx_len)
		info->ctx_len = window;
	return 0;
}

/* Limits of the device contract, told in the words of the file. */
static int check_shape(const struct tdm_gguf *g, const struct tdm_model_shape *i,
		       struct tdm_error *err)
{
	const char *what = NULL;

	if (i->n_layers > 1024)
		what = "more than 1024 layers";
	else if (i->dim > 1U << 18 || i->ffn_dim > 1U << 18)
		what = "a layer wider than 262144";
	else if (!i->n_kv_heads || i->n_heads % i->n_kv_heads)
		what = "query heads that are no multiple of the KV heads";
	else if (!i->head_dim || i->head_dim % 2 || i->head_dim > 1024)
		what = "a head size that is odd or over 1024";
	else if ((uint64_t)i->head_dim * i->n_heads > 1U << 18)
		what = "attention wider than 262144";
	else if (!i->rope_dims || i->rope_dims % 2 || i->rope_dims > i->head_dim)
		what = "rotary dimensions that are odd or more than a head has";
	else if (i->ctx_len > 1U << 22)
		what = "a context over 4194304 tokens";
	if (!what)
		return 0;
	return tdm_error_set(err, -EINVAL,
			     "%s: its metadata says %s; the file is broken or not "
			     "for this runtime",
			     tdm_gguf_name(g), what);
}

static int read_numbers(const struct tdm_gguf *g, struct tdm_model_shape *info,
			struct tdm_error *err)
{
	double eps = 1e-5, scale = 1 / sqrt(info->head_dim);
	int rc = optional_f64(g, "llama.attention.layer_norm_rms_epsilon", &eps, err);

	rc = rc ? rc : optional_f64(g, "llama.attention.scale", &scale, err);
	if (rc)
		return rc;
	if (eps <= 0 || scale <= 0)
		return tdm_error_set(err, -EINVAL,
				     "%s: norm epsilon %g and attention scale %g must "
				     "be above 0; the file is broken",
				     tdm_gguf_name(g), eps, scale);
	info->rms_eps = (float)eps;
	info->attn_scale = (float)scale;
	return 0;
}

static int read_scaling(const struct tdm_gguf *g, const struct tdm_model_shape *info,
			struct rope_params *rope, struct tdm_error *err)
{
	uint32_t orig = info->ctx_len;
	struct tdm_str type;
	int rc;

	/* The key that came before rope.scaling.type. */
	rc = optional_f64(g, "llama.rope.scale_linear", &rope->factor, err);
	if (!rc && rope->factor != 1)
		rope->scaling = ROPE_LINEAR;
	rc = rc ? rc : optional_f64(g, "llama.rope.scaling.factor", &rope->factor, err);
	rc = rc ? rc : optional_u32(g, "llama.rope.scaling.original_context_length", &orig, err);
	rc = rc ? rc : optional_f64(g, "llama.rope.scaling.attn_factor", &rope->attn_factor, err);
	rc = rc ? rc
		: optional_f64(g, "llama.rope.scaling.yarn_ext_factor", &rope->ext_factor, err);
	rc = rc ? rc
		: optional_f64(g, "llama.rope.scaling.yarn_attn_factor", &rope->attn_factor, err);
	rc = rc ? rc : optional_f64(g, "llama.rope.scaling.yarn_beta_fast", &rope->beta_fast, err);
	rc = rc ? rc : optional_f64(g, "llama.rope.scaling.yarn_beta_slow", &rope->beta_slow, err);
	if (rc)
		return rc;
	rope->orig_ctx = orig ? orig : info->ctx_len;
	rc = tdm_gguf_get_str(g, "llama.rope.scaling.type", &type, err);
	if (rc == -ENOENT)
		return 0;
	if (rc)
		return rc;
	if (is(type, "none"))
		rope->scaling = ROPE_NONE;
	else if (is(type, "linear"))
		rope->scaling = ROPE_LINEAR;
	else if (is(type, "yarn"))
		rope->scaling = ROPE_YARN;
	else
		return tdm_error_set(err, -EOPNOTSUPP,
				     "%s: rope scaling %s is not supported; use a model with none, "
				     "linear, yarn or rope_freqs.weight",
				     tdm_gguf_name(g), quote(type.ptr, type.len).s);
	return 0;
}

/* Llama 3.1 and later: a divisor a pair. */
static int read_divisors(const struct tdm_gguf *g, struct rope_params *rope, float *divisors,
			 struct tdm_error *err)
{
	const struct tdm_gguf_tensor *t = tdm_gguf_find_tensor(g, "rope_freqs.weight");

	if (!t)
		return 0;
	if (t->type != TDM_GGML_F32 || t->n_dims != 1 || t->dims[0] != rope->dims / 2)
		return tdm_error_set(err, -EINVAL,
				     "%s: tensor 'rope_freqs.weight' must be F32 of %u elements; "
				     "convert the model anew",
				     tdm_gguf_name(g), rope->dims / 2);
	model_copy_vector(divisors, t, rope->dims / 2);
	for (uint32_t i = 0; i < rope->dims / 2; i++)
		if (!isfinite(divisors[i]) || divisors[i] <= 0)
			return tdm_error_set(err, -EINVAL,
					     "%s: element %u of 'rope_freqs.weight' is not above "
					     "0; the file is broken",
					     tdm_gguf_name(g), i);
	rope->divisors = divisors;
	return 0;
}

static int read_rope(struct tdm_model *model, struct tdm_error *err)
{
	struct tdm_model_shape *info = &model->info;
	struct rope_params rope = {
		.dims = info->rope_dims,
		.base = 10000,
		.factor = 1,
		.beta_fast = 32,
		.beta_slow = 1,
		.ext_factor = 1,
		.attn_factor = 1,
	};
	float divisors[512]; /* check_shape() bounds rope_dims to 1024 */
	int rc = optional_f64(model->gguf, "llama.rope.freq_base", &rope.base, err);

	rc = rc ? rc : read_scaling(model->gguf, info, &rope, err);
	rc = rc ? rc : read_divisors(model->gguf, &rope, divisors, err);
	if (rc)
		return rc;
	if (rope.base <= 1 || rope.factor <= 0 || rope.attn_factor <= 0)
		return tdm_error_set(err, -EINVAL,
				     "%s: rope base %g, factor %g and attention factor %g cannot "
				     "be; the file is broken",
				     tdm_gguf_name(model->gguf), rope.base, rope.factor,
				     rope.attn_factor);
	model->rope = calloc(info->rope_dims / 2 + 1, sizeof(*model->rope));
	if (!model->rope)
		return tdm_error_set(err, -ENOMEM, "%s: out of memory; free some",
				     tdm_gguf_name(model->gguf));
	info->rope_scale = rope_table(&rope, model->rope);
	return 0;
}

int model_read_params(struct tdm_model *model, struct tdm_error *err)
{
	struct tdm_model_shape *info = &model->info;
	struct tdm_str name = { 0 };
	int rc = check_architecture(model->gguf, err);

	rc = rc ? rc : read_shape(model->gguf, info, err);
	rc = rc ? rc : check_shape(model->gguf, info, err);
	rc = rc ? rc : read_numbers(model->gguf, info, err);
	rc = rc ? rc : read_rope(model, err);
	if (rc)
		return rc;
	rc = tdm_gguf_get_str(model->gguf, "general.name", &name, err);
	if (!rc)
		snprintf(info->name, sizeof(info->name), "%.*s",
			 (int)(name.len < sizeof(info->name) ? name.len : sizeof(info->name) - 1),
			 name.ptr);
	return 0;
}
