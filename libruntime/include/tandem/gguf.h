/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Reading GGUF model files (versions 2 and 3, little-endian).
 *
 * The file is mapped, never read into memory: strings, arrays and tensor data
 * are views into the mapping and live as long as the handle. A file is hostile
 * until proven otherwise: everything in front of the tensor data is checked by
 * tdm_gguf_open(), and memory use is bounded by the size of the file. The one
 * thing that cannot be guarded against is a file that another process
 * truncates while it is mapped (SIGBUS).
 *
 * A handle is immutable: any number of threads may read it at once.
 */
#ifndef TANDEM_GGUF_H
#define TANDEM_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** GGUF never has more; missing dimensions read as 1 */
#define TDM_GGUF_MAX_DIMS 4

/** Types of metadata values; the numbers are the file format's */
enum tdm_gguf_type {
	TDM_GGUF_U8 = 0,
	TDM_GGUF_I8 = 1,
	TDM_GGUF_U16 = 2,
	TDM_GGUF_I16 = 3,
	TDM_GGUF_U32 = 4,
	TDM_GGUF_I32 = 5,
	TDM_GGUF_F32 = 6,
	TDM_GGUF_BOOL = 7,
	TDM_GGUF_STRING = 8,
	TDM_GGUF_ARRAY = 9,
	TDM_GGUF_U64 = 10,
	TDM_GGUF_I64 = 11,
	TDM_GGUF_F64 = 12,
};

/** Types of tensors that this library computes with; the numbers are ggml's */
enum tdm_ggml_type {
	TDM_GGML_F32 = 0,
	TDM_GGML_F16 = 1,
	TDM_GGML_Q4_0 = 2,
	TDM_GGML_Q8_0 = 8,
	TDM_GGML_BF16 = 30,
};

/**
 * struct tdm_str - bytes in the file: not terminated, may hold any byte
 */
struct tdm_str {
	const char *ptr;
	size_t len;
};

/**
 * struct tdm_gguf_array - an array value
 * @type: of its elements, enum tdm_gguf_type; never TDM_GGUF_ARRAY
 * @count: number of elements
 * @data: the elements as they lie in the file: packed, little-endian, at any
 *	alignment; strings are a 64-bit length and then their bytes
 */
struct tdm_gguf_array {
	uint32_t type;
	uint64_t count;
	const void *data;
};

/**
 * struct tdm_gguf_key - one entry of the metadata
 * @name: valid UTF-8 without NUL
 * @type: enum tdm_gguf_type
 * @value: the value as it lies in the file; use the tdm_gguf_get_ calls
 */
struct tdm_gguf_key {
	struct tdm_str name;
	uint32_t type;
	const void *value;
};

/**
 * struct tdm_gguf_tensor - one tensor
 * @name: valid UTF-8 without NUL
 * @type: ggml's type number, see tdm_ggml_type_info(); may be one that this
 *	library does not know
 * @n_dims: 0 (a scalar) to TDM_GGUF_MAX_DIMS
 * @dims: elements per dimension, the fastest one first; each at least 1
 * @data: in the mapping, aligned as the file's alignment (a multiple of 8)
 *	demands; for tdm_gguf_from_memory() only as well as the memory is
 * @bytes: size of @data; 0 if the type is not known to this library, else
 *	@data and @bytes lie inside the file and touch no other tensor
 */
struct tdm_gguf_tensor {
	struct tdm_str name;
	uint32_t type;
	uint32_t n_dims;
	uint64_t dims[TDM_GGUF_MAX_DIMS];
	const void *data;
	uint64_t bytes;
};

/**
 * struct tdm_ggml_layout - how a tensor type lies in memory
 * @name: as ggml writes it ("F32", "Q4_0", ...), NULL for an unknown number
 * @block: elements per block; a row is a whole number of blocks
 * @bytes: bytes per block
 */
struct tdm_ggml_layout {
	const char *name;
	uint32_t block;
	uint32_t bytes;
};

struct tdm_gguf;

/**
 * tdm_gguf_open - map a GGUF file and check all of its metadata
 * @path: a regular file
 * @err: where to say why, or NULL
 *
 * A tensor type that this library does not know or cannot compute with is not
 * an error here: only whoever needs that tensor can tell.
 *
 * Return: a handle for tdm_gguf_close(), or NULL: -ENOENT and what open(2)
 * gives, -EISDIR, -EINVAL not a regular file or a key of the wrong type,
 * -ENODATA an empty or truncated file, -EPROTO not a GGUF or a version that is
 * not read, -EBADMSG a broken file, -ENOMEM.
 */
struct tdm_gguf *tdm_gguf_open(const char *path, struct tdm_error *err);

/**
 * tdm_gguf_from_memory - the same for a file that is already in memory
 * @data: borrowed, must outlive the handle
 * @size: in bytes
 * @name: what messages call it; copied
 * @err: where to say why, or NULL
 *
 * Return: as tdm_gguf_open().
 */
struct tdm_gguf *tdm_gguf_from_memory(const void *data, size_t size, const char *name,
				      struct tdm_error *err);

/** tdm_gguf_close - unmap; all views end here. NULL is fine */
void tdm_gguf_close(struct tdm_gguf *g);

/** tdm_gguf_name - what messages call the file: its path, the front cut off if it is long */
const char *tdm_gguf_name(const struct tdm_gguf *g);

/** tdm_gguf_version - 2 or 3 */
uint32_t tdm_gguf_version(const struct tdm_gguf *g);

/** tdm_gguf_alignment - of the tensor data, in bytes: general.alignment or 32 */
uint32_t tdm_gguf_alignment(const struct tdm_gguf *g);

/** tdm_gguf_file_bytes - size of the whole file */
uint64_t tdm_gguf_file_bytes(const struct tdm_gguf *g);

/** tdm_gguf_n_keys - number of metadata entries */
size_t tdm_gguf_n_keys(const struct tdm_gguf *g);

/** tdm_gguf_key_at - entry @i in file order, NULL past the end */
const struct tdm_gguf_key *tdm_gguf_key_at(const struct tdm_gguf *g, size_t i);

/** tdm_gguf_find_key - the entry named @name, NULL if there is none; O(log n) */
const struct tdm_gguf_key *tdm_gguf_find_key(const struct tdm_gguf *g, const char *name);

/**
 * tdm_gguf_get_u32 - look up a number
 * @g: the file
 * @name: of the key
 * @value: set on success only, so a default put there before survives -ENOENT
 * @err: where to say why, or NULL
 *
 * Takes every integer type of the file whose value fits.
 *
 * Return: 0, -ENOENT no such key, -EINVAL another type, -ERANGE does not fit.
 */
int tdm_gguf_get_u32(const struct tdm_gguf *g, const char *name, uint32_t *value,
		     struct tdm_error *err);

/** tdm_gguf_get_u64 - as tdm_gguf_get_u32() with 64 bits */
int tdm_gguf_get_u64(const struct tdm_gguf *g, const char *name, uint64_t *value,
		     struct tdm_error *err);

/** tdm_gguf_get_f32 - as tdm_gguf_get_u32(); takes F32 and F64, any value (NaN as well) */
int tdm_gguf_get_f32(const struct tdm_gguf *g, const char *name, float *value,
		     struct tdm_error *err);

/** tdm_gguf_get_bool - as tdm_gguf_get_u32(); takes BOOL only */
int tdm_gguf_get_bool(const struct tdm_gguf *g, const char *name, bool *value,
		      struct tdm_error *err);

/** tdm_gguf_get_str - as tdm_gguf_get_u32(); takes STRING only, a view into the file */
int tdm_gguf_get_str(const struct tdm_gguf *g, const char *name, struct tdm_str *value,
		     struct tdm_error *err);

/**
 * tdm_gguf_get_array - as tdm_gguf_get_u32(); takes ARRAY only
 * @g: the file
 * @name: of the key
 * @type: which elements it must have, enum tdm_gguf_type, or -1 for any
 * @value: set on success only
 * @err: where to say why, or NULL
 */
int tdm_gguf_get_array(const struct tdm_gguf *g, const char *name, int type,
		       struct tdm_gguf_array *value, struct tdm_error *err);

/**
 * tdm_gguf_array_i64 - element @i of an array of integers or booleans
 *
 * @i must be below the count and the type an integer one (U64 above INT64_MAX
 * reads as INT64_MAX).
 */
int64_t tdm_gguf_array_i64(const struct tdm_gguf_array *array, uint64_t i);

/** tdm_gguf_array_f32 - element @i of an array of F32 or F64; @i must be below the count */
float tdm_gguf_array_f32(const struct tdm_gguf_array *array, uint64_t i);

/**
 * tdm_gguf_array_next_str - walk an array of strings from front to back
 * @array: of type TDM_GGUF_STRING
 * @pos: NULL to begin, then what @pos was set to
 *
 * The caller counts: at most @array->count calls.
 *
 * Return: the string, a view into the file.
 */
struct tdm_str tdm_gguf_array_next_str(const struct tdm_gguf_array *array, const void **pos);

/** tdm_gguf_n_tensors - number of tensors */
size_t tdm_gguf_n_tensors(const struct tdm_gguf *g);

/** tdm_gguf_tensor_at - tensor @i in file order, NULL past the end */
const struct tdm_gguf_tensor *tdm_gguf_tensor_at(const struct tdm_gguf *g, size_t i);

/** tdm_gguf_find_tensor - the tensor named @name, NULL if there is none; O(log n) */
const struct tdm_gguf_tensor *tdm_gguf_find_tensor(const struct tdm_gguf *g, const char *name);

/**
 * tdm_gguf_tensor_bytes - size of a tensor's data
 * @g: the file
 * @tensor: one of its tensors
 * @err: where to say why, or NULL
 *
 * Return: bytes, or -EOPNOTSUPP for a type whose layout is not known.
 */
int64_t tdm_gguf_tensor_bytes(const struct tdm_gguf *g, const struct tdm_gguf_tensor *tensor,
			      struct tdm_error *err);

/** tdm_gguf_type_name - "u32", "string", ... for messages; "unknown" for other numbers */
const char *tdm_gguf_type_name(uint32_t type);

/** tdm_ggml_type_info - layout of tensor type @type; the name is NULL if it is not known */
struct tdm_ggml_layout tdm_ggml_type_info(uint32_t type);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_GGUF_H */
