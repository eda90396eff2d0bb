// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Is it the same model on both sides?
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <tandem/gguf.h>

#include "remote/job.h"

/* Of each tensor: enough to tell models apart, little enough to be read at once. */
#define SAMPLE_BYTES 4096

static uint64_t mix(uint64_t hash, const void *bytes, uint64_t len)
{
	return XXH3_64bits_withSeed(bytes, len, hash);
}

uint64_t job_model(const struct tdm_model *model)
{
	const struct tdm_gguf *g = tdm_model_gguf(model);
	uint64_t hash = 0;

	for (size_t i = 0; i < tdm_gguf_n_tensors(g); i++) {
		const struct tdm_gguf_tensor *t = tdm_gguf_tensor_at(g, i);

		hash = mix(hash, t->name.ptr, t->name.len);
		hash = mix(hash, t->dims, t->n_dims * sizeof(t->dims[0]));
		hash = mix(hash, &t->type, sizeof(t->type));
		hash = mix(hash, t->data, t->bytes < SAMPLE_BYTES ? t->bytes : SAMPLE_BYTES);
	}
	return hash;
}
