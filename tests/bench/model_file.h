/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Llamas of a given shape in F32 with random weights, as GGUF files.
 */
#ifndef BENCH_MODEL_FILE_H
#define BENCH_MODEL_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* Embedding and output are one tensor. */
struct shape {
	const char *name;
	uint32_t dim;
	uint32_t layers;
	uint32_t heads;
	uint32_t kv_heads;
	uint32_t ffn;
	uint32_t vocab;
	uint32_t ctx;
	bool sparse; /* zeroes that take no room on the disk */
};

/* A file without a name: gone with the process, however that ends. @path: good until it is dropped */
struct model_file {
	int fd;
	char path[32];
};

/* Exits on error. */
struct model_file model_file_make(const struct shape *s);
void model_file_drop(struct model_file *file);

#endif /* BENCH_MODEL_FILE_H */
