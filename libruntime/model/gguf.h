/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Inside the GGUF reader. Format: ggml's docs/gguf.md, versions 2 and 3.
 *
 *	gguf_file.c	mapping a file, the public handle
 *	gguf_cursor.c	bounded reading, messages that say where
 *	gguf_meta.c	header and metadata
 *	gguf_tensor.c	tensor table and its place in the file
 *	gguf_index.c	names to entries
 *	gguf_value.c	typed access to metadata
 *	gguf_type.c	tables of types
 */
#ifndef TANDEM_MODEL_GGUF_H
#define TANDEM_MODEL_GGUF_H

#include <tandem/gguf.h>

/* gguf.md: a key is at most 2^16 - 1 bytes, a tensor's name at most 64 */
#define GGUF_MAX_KEY 65535
#define GGUF_MAX_TENSOR_NAME 64
#define GGUF_DEFAULT_ALIGNMENT 32

struct tdm_gguf {
	const uint8_t *base;
	size_t size;
	void *map; /* @base if it is ours to unmap, else NULL */
	char name[128];
	uint32_t version;
	uint32_t alignment;
	uint64_t n_tensors_told; /* by the header, not yet believed */

	struct tdm_gguf_key *keys;
	size_t n_keys;
	const struct tdm_str **keys_by_name;

	struct tdm_gguf_tensor *tensors;
	size_t n_tensors;
	const struct tdm_str **tensors_by_name;
};

/**
 * struct gguf_cursor - where the reader is
 * @g: the file; only @pos moves
 * @pos: at most @g->size
 * @noun: what is being read: "header", "key", "tensor"
 * @index: its number from 0 (not for the header)
 * @name: its name once that is known
 * @err: where messages go, or NULL
 */
struct gguf_cursor {
	const struct tdm_gguf *g;
	size_t pos;
	const char *noun;
	uint64_t index;
	struct tdm_str name;
	struct tdm_error *err;
};

/* `<file>: <noun> <name> <what>`; returns @code */
int gguf_fail(const struct gguf_cursor *c, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Each moves the cursor or returns -ENODATA with a message */
int gguf_take(struct gguf_cursor *c, uint64_t bytes, const uint8_t **data);
int gguf_take_u32(struct gguf_cursor *c, uint32_t *value);
int gguf_take_u64(struct gguf_cursor *c, uint64_t *value);
int gguf_take_str(struct gguf_cursor *c, struct tdm_str *value);
/* A string that is a name: not empty, at most @max bytes, UTF-8, no NUL; fills in c->name */
int gguf_take_name(struct gguf_cursor *c, size_t max);

/* Both move the cursor behind what they read and fill in the handle */
int gguf_read_meta(struct tdm_gguf *g, struct gguf_cursor *c);
int gguf_read_tensors(struct tdm_gguf *g, struct gguf_cursor *c);

/**
 * gguf_index - sort entries by name
 * @items: an array of structs that begin with their name (struct tdm_str)
 * @count: how many
 * @stride: their size
 *
 * Sorted and searched rather than hashed: nobody can make it slow.
 *
 * Return: pointers to the names, to be freed by the caller; NULL: no memory.
 */
const struct tdm_str **gguf_index(const void *items, size_t count, size_t stride);

/* The first name that occurs twice, NULL if none does */
const struct tdm_str *gguf_index_twice(const struct tdm_str **index, size_t count);

/* The entry with that name, or NULL */
const void *gguf_index_find(const struct tdm_str **index, size_t count, struct tdm_str name);

/* Bytes of one value; 0 for strings, arrays and unknown types */
size_t gguf_type_bytes(uint32_t type);

uint32_t gguf_load_u32(const void *p);
uint64_t gguf_load_u64(const void *p);

#endif /* TANDEM_MODEL_GGUF_H */
