// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * GGUF version 3 (GGUF specification, "File Structure"): header, metadata, tensor
 * infos, then the tensors' data, each aligned to 32 bytes.
 */
#include "bench.h"

#include "model_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tandem/gguf.h>

#define ALIGNMENT 32
#define N_KEYS 9

struct out {
	FILE *file;
	const struct shape *shape;
	uint64_t offset; /* of the next tensor in the data section */
	uint64_t seed;
	bool data; /* second pass: the data itself */
};

static void put(struct out *o, const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, o->file) != n)
		bench_fail("temporary model: not written; make room in TMPDIR", NULL);
}

static void put_u32(struct out *o, uint32_t v)
{
	put(o, &v, sizeof(v));
}

static void put_u64(struct out *o, uint64_t v)
{
	put(o, &v, sizeof(v));
}

static void put_str(struct out *o, const char *s)
{
	put_u64(o, strlen(s));
	put(o, s, strlen(s));
}

static void key_u32(struct out *o, const char *key, uint32_t v)
{
	put_str(o, key);
	put_u32(o, TDM_GGUF_U32);
	put_u32(o, v);
}

static void keys(struct out *o)
{
	const struct shape *s = o->shape;
	float eps = 1e-5F;

	put_str(o, "general.architecture");
	put_u32(o, TDM_GGUF_STRING);
	put_str(o, "llama");
	key_u32(o, "llama.context_length", s->ctx);
	key_u32(o, "llama.embedding_length", s->dim);
	key_u32(o, "llama.block_count", s->layers);
	key_u32(o, "llama.feed_forward_length", s->ffn);
	key_u32(o, "llama.attention.head_count", s->heads);
	key_u32(o, "llama.attention.head_count_kv", s->kv_heads);
	key_u32(o, "llama.rope.dimension_count", s->dim / s->heads);
	put_str(o, "llama.attention.layer_norm_rms_epsilon");
	put_u32(o, TDM_GGUF_F32);
	put(o, &eps, sizeof(eps));
}

/* Uniform, and of such a size that activations keep theirs. */
static void random_rows(struct out *o, uint32_t rows, uint32_t cols)
{
	float scale = sqrtf(3.0F / (float)cols), row[8192];

	for (uint32_t r = 0; r < rows; r++) {
		for (uint32_t c = 0; c < cols; c++) {
			o->seed = o->seed * 6364136223846793005U + 1442695040888963407U;
			row[c] = scale * ((float)(o->seed >> 40) / 8388608.0F - 1);
		}
		put(o, row, cols * sizeof(*row));
	}
}

static void ones(struct out *o, uint32_t n)
{
	const float one = 1;

	while (n--)
		put(o, &one, sizeof(one));
}

static void skip(struct out *o, uint64_t bytes)
{
	if (fseeko(o->file, (off_t)bytes, SEEK_CUR))
		bench_fail("temporary model: not written; make room in TMPDIR", NULL);
}

/* Both passes go through all tensors in the same order. @rows 0: a vector */
static void tensor(struct out *o, const char *name, uint32_t rows, uint32_t cols)
{
	uint64_t bytes = 4ULL * (rows ? rows : 1) * cols;
	uint64_t padded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	const char zeroes[ALIGNMENT] = { 0 };

	if (!o->data) {
		put_str(o, name);
		put_u32(o, rows ? 2 : 1);
		put_u64(o, cols);
		if (rows)
			put_u64(o, rows);
		put_u32(o, TDM_GGML_F32);
		put_u64(o, o->offset);
		o->offset += padded;
		return;
	}
	if (o->shape->sparse)
		skip(o, bytes);
	else if (rows)
		random_rows(o, rows, cols);
	else
		ones(o, cols);
	put(o, zeroes, padded - bytes);
}

static void layer(struct out *o, uint32_t i)
{
	const struct shape *s = o->shape;
	uint32_t kv = s->dim / s->heads * s->kv_heads;
	const struct {
		const char *name;
		uint32_t rows, cols;
	} tensors[] = {
		{ "attn_norm", 0, s->dim },	   { "attn_q", s->dim, s->dim },
		{ "attn_k", kv, s->dim },	   { "attn_v", kv, s->dim },
		{ "attn_output", s->dim, s->dim }, { "ffn_norm", 0, s->dim },
		{ "ffn_gate", s->ffn, s->dim },	   { "ffn_up", s->ffn, s->dim },
		{ "ffn_down", s->dim, s->ffn },
	};

	for (size_t t = 0; t < sizeof(tensors) / sizeof(tensors[0]); t++) {
		char name[64];

		snprintf(name, sizeof(name), "blk.%u.%s.weight", i, tensors[t].name);
		tensor(o, name, tensors[t].rows, tensors[t].cols);
	}
}

static void tensors(struct out *o)
{
	const struct shape *s = o->shape;

	tensor(o, "token_embd.weight", s->vocab, s->dim);
	for (uint32_t i = 0; i < s->layers; i++)
		layer(o, i);
	tensor(o, "output_norm.weight", 0, s->dim);
}

static void align(struct out *o)
{
	const char zeroes[ALIGNMENT] = { 0 };
	long at = ftell(o->file);

	put(o, zeroes, (size_t)(ALIGNMENT - at % ALIGNMENT) % ALIGNMENT);
}

/* Without a name from the first moment on. */
static int nameless(void)
{
	const char *dir = getenv("TMPDIR");
	char *path;
	int fd;

	if (asprintf(&path, "%s/tandem-bench-XXXXXX", dir ? dir : "/tmp") < 0)
		bench_fail("out of memory; free some", NULL);
	fd = mkstemp(path);
	if (fd < 0)
		bench_fail("temporary model: not made; set TMPDIR to a folder for it", NULL);
	unlink(path);
	free(path);
	return fd;
}

struct model_file model_file_make(const struct shape *s)
{
	struct model_file file = { .fd = nameless() };
	struct out o = { .shape = s, .seed = 1, .file = fdopen(dup(file.fd), "wb") };

	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	if (!o.file)
		bench_fail("temporary model: not opened; raise the limit (ulimit -n)", NULL);
	put(&o, "GGUF", 4);
	put_u32(&o, 3);
	put_u64(&o, 2 + 9ULL * s->layers);
	put_u64(&o, N_KEYS);
	keys(&o);
	tensors(&o);
	align(&o);
	o.data = true;
	tensors(&o);
	/* A hole at the end is a part of the file as well. */
	if (fflush(o.file) || ftruncate(file.fd, ftello(o.file)) || fclose(o.file))
		bench_fail("temporary model: not written; make room in TMPDIR", NULL);
	return file;
}

void model_file_drop(struct model_file *file)
{
	close(file->fd);
}
