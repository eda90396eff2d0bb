/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Models: a GGUF file of the Llama family, and a model resident on a device.
 *
 * Thread safety: a struct tdm_model is read-only once open and may be shared.
 * A struct tdm_resident belongs to whoever drives its queues.
 */
#ifndef TANDEM_MODEL_H
#define TANDEM_MODEL_H

#include <stdint.h>

#include <tandem/error.h>
#include <tandem/queue.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_gguf;
struct tdm_model;
struct tdm_resident;

/**
 * struct tdm_model_shape - the shape of a model
 * @name: general.name, or "" without
 * @ctx_len: longest context the model was made for, tokens
 * @rope_dims: dimensions of a head that turn
 * @rope_scale: factor on cos and sin (YaRN's mscale), 1 without
 * @n_params: elements of all tensors that are used
 * @weight_bytes: their bytes, as they lie in the file
 */
struct tdm_model_shape {
	char name[128];
	uint32_t n_layers;
	uint32_t dim;
	uint32_t n_heads;
	uint32_t n_kv_heads;
	uint32_t head_dim;
	uint32_t ffn_dim;
	uint32_t vocab;
	uint32_t ctx_len;
	uint32_t rope_dims;
	float rms_eps;
	float rope_scale;
	float attn_scale;
	uint64_t n_params;
	uint64_t weight_bytes;
};

/**
 * tdm_model_open - open a GGUF file; it is mapped, not read
 *
 * Return: NULL on error: -ENOENT, -EACCES, -EPROTO (not a GGUF, or a broken one),
 * -EOPNOTSUPP (an architecture or tensor type that is not supported), -EINVAL (a
 * shape that cannot be).
 */
struct tdm_model *tdm_model_open(const char *path, struct tdm_error *err);
void tdm_model_close(struct tdm_model *model);

const struct tdm_model_shape *tdm_model_info(const struct tdm_model *model);

/** tdm_model_gguf - the file behind it, for the tokenizer; lives as long as @model */
const struct tdm_gguf *tdm_model_gguf(const struct tdm_model *model);

/** tdm_model_rope - angle per position of each pair, [rope_dims / 2], scaling folded in */
const float *tdm_model_rope(const struct tdm_model *model);

/**
 * struct tdm_resident_options - how a model is put on a device
 * @size: sizeof(struct tdm_resident_options)
 * @ctx_len: longest context, tokens; 0: the model's
 * @kv_dtype: TDM_DTYPE_F16 or TDM_DTYPE_F32
 * @kv_page_tokens: tokens of a KV page
 * @layer_first: first layer
 * @layer_count: layers; 0: all from @layer_first on
 * @progress: told how many bytes of how many are loaded, or NULL
 * @progress_ctx: handed to it
 * @stop: looked at between tensors: the load ends while it is not 0; or NULL
 */
struct tdm_resident_options {
	uint32_t size;
	uint32_t ctx_len;
	uint32_t kv_dtype;
	uint32_t kv_page_tokens;
	uint32_t layer_first;
	uint32_t layer_count;
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *progress_ctx;
	const uint32_t *stop;
};

/**
 * tdm_resident_bytes - device memory that tdm_resident_load() will need
 */
uint64_t tdm_resident_bytes(const struct tdm_model *model, struct tdm_device *dev,
			    const struct tdm_resident_options *opts);

/**
 * tdm_resident_load - copy the weights into device memory and load the program
 * @model: must stay open while this runs; not needed afterwards
 * @dev: must outlive the result
 * @queue: used for PROGRAM_LOAD and, at the end, PROGRAM_UNLOAD; no command may be
 *	   open on it then
 *
 * Return: NULL on error; -ENOSPC before anything is loaded when the device has
 * no room, -ECANCELED when @opts->stop ended it.
 */
struct tdm_resident *tdm_resident_load(const struct tdm_model *model, struct tdm_device *dev,
				       struct tdm_queue *queue,
				       const struct tdm_resident_options *opts,
				       struct tdm_error *err);
void tdm_resident_unload(struct tdm_resident *res);

/** tdm_resident_program - number for descriptors */
uint32_t tdm_resident_program(const struct tdm_resident *res);

/** tdm_resident_desc - what was loaded */
const struct tdm_program *tdm_resident_desc(const struct tdm_resident *res);

/** tdm_program_page_bytes - bytes of one KV page */
uint64_t tdm_program_page_bytes(const struct tdm_program *desc);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_MODEL_H */
