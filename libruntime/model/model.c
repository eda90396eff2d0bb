// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "model/model.h"

#include <errno.h>
#include <stdlib.h>

struct tdm_model *tdm_model_open(const char *path, struct tdm_error *err)
{
	struct tdm_model *model = calloc(1, sizeof(*model));

	if (!model) {
		tdm_error_set(err, -ENOMEM, "%s: out of memory; free some", path);
		return NULL;
	}
	model->gguf = tdm_gguf_open(path, err);
	if (!model->gguf || model_read_params(model, err) || model_find_tensors(model, err)) {
		tdm_model_close(model);
		return NULL;
	}
	return model;
}

void tdm_model_close(struct tdm_model *model)
{
	if (!model)
		return;
	tdm_gguf_close(model->gguf);
	free(model->tensors);
	free(model->rope);
	free(model);
}

const struct tdm_model_shape *tdm_model_info(const struct tdm_model *model)
{
	return &model->info;
}

const struct tdm_gguf *tdm_model_gguf(const struct tdm_model *model)
{
	return model->gguf;
}

const float *tdm_model_rope(const struct tdm_model *model)
{
	return model->rope;
}
