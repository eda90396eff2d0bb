/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the files of model/ share: a model's tensors by role.
 */
#ifndef TDM_MODEL_INTERNAL_H
#define TDM_MODEL_INTERNAL_H

#include <tandem/gguf.h>
#include <tandem/model.h>

/* One tensor that the device needs, as the file has it. */
struct model_tensor {
	uint32_t role; /* enum tdm_tensor_role */
	uint32_t layer;
	uint32_t rows;
	uint32_t cols;
	const struct tdm_gguf_tensor *src;
};

struct tdm_model {
	struct tdm_gguf *gguf;
	struct tdm_model_shape info;
	float *rope; /* [rope_dims / 2] */
	struct model_tensor *tensors;
	uint32_t n_tensors;
};

/* Norms, biases and the like: the device wants F32, the file may have 16 bits. */
bool model_is_vector(uint32_t role);

/* Fill in info and rope. Return: 0 or -errno with @err set. */
int model_read_params(struct tdm_model *model, struct tdm_error *err);

/* Find all tensors and check their shapes; params are read. Return: 0 or -errno. */
int model_find_tensors(struct tdm_model *model, struct tdm_error *err);

/* @count elements of a vector tensor as F32. */
void model_copy_vector(float *dst, const struct tdm_gguf_tensor *src, uint32_t count);

#endif /* TDM_MODEL_INTERNAL_H */
