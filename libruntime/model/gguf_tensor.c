// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdlib.h>

#include "model/gguf.h"
#include "util/quote.h"

/* A name (length and one byte), the number of dimensions (0), type and offset */
#define TENSOR_MIN_BYTES (8 + 1 + 4 + 4 + 8)

static int read_alignment(struct tdm_gguf *g, struct gguf_cursor *c)
{
	int rc = tdm_gguf_get_u32(g, "general.alignment", &g->alignment, c->err);

	if (rc == -ENOENT)
		g->alignment = GGUF_DEFAULT_ALIGNMENT;
	else if (rc)
		return rc;
	/* gguf.md asks for a multiple of 8; without it F32 and F64 could not be read in place */
	if (g->alignment < 8 || (g->alignment & (g->alignment - 1)))
		return tdm_error_set(c->err, -EBADMSG,
				     "%s: key 'general.alignment' is %u, but must be a power of "
				     "two of at least 8; convert the model again",
				     g->name, g->alignment);
	return 0;
}

/* Elements of the tensor, or 0 with a message */
static uint64_t read_dims(struct gguf_cursor *c, struct tdm_gguf_tensor *t)
{
	uint64_t elements = 1;

	if (gguf_take_u32(c, &t->n_dims))
		return 0;
	if (t->n_dims > TDM_GGUF_MAX_DIMS) {
		gguf_fail(c, -EBADMSG,
			  "has %u dimensions, GGUF has at most %d; convert the model again",
			  t->n_dims, TDM_GGUF_MAX_DIMS);
		return 0;
	}
	for (unsigned int i = 0; i < TDM_GGUF_MAX_DIMS; i++) {
		t->dims[i] = 1;
		if (i < t->n_dims && gguf_take_u64(c, &t->dims[i]))
			return 0;
		if (!t->dims[i]) {
			gguf_fail(c, -EBADMSG, "has a dimension of 0; convert the model again");
			return 0;
		}
		if (__builtin_mul_overflow(elements, t->dims[i], &elements) ||
		    elements > INT64_MAX) {
			gguf_fail(c, -EBADMSG,
				  "has more than 2^63 elements; the file is damaged, copy or "
				  "download it again");
			return 0;
		}
	}
	return elements;
}

static int set_bytes(const struct gguf_cursor *c, struct tdm_gguf_tensor *t, uint64_t elements)
{
	struct tdm_ggml_layout info = tdm_ggml_type_info(t->type);

	t->bytes = 0;
	if (!info.name)
		return 0;
	if (t->dims[0] % info.block)
		return gguf_fail(c, -EBADMSG,
				 "has rows of %llu elements, but %s comes in blocks of %u; convert "
				 "the model again",
				 (unsigned long long)t->dims[0], info.name, info.block);
	if (__builtin_mul_overflow(elements / info.block, info.bytes, &t->bytes) ||
	    t->bytes > INT64_MAX)
		return gguf_fail(c, -EBADMSG,
				 "is larger than 2^63 bytes; the file is damaged, copy or download "
				 "it again");
	return 0;
}

/* Leaves the offset in the data section in @offset: where that begins is not known yet */
static int read_info(struct gguf_cursor *c, struct tdm_gguf_tensor *t, uint64_t *offset)
{
	uint64_t elements;
	int rc = gguf_take_name(c, GGUF_MAX_TENSOR_NAME);

	if (rc)
		return rc;
	t->name = c->name;
	elements = read_dims(c, t);
	if (!elements)
		return -EBADMSG;
	rc = gguf_take_u32(c, &t->type);
	if (!rc)
		rc = set_bytes(c, t, elements);
	if (!rc)
		rc = gguf_take_u64(c, offset);
	return rc;
}

static int place(const struct gguf_cursor *c, struct tdm_gguf_tensor *t, uint64_t data_start,
		 uint64_t offset)
{
	/* A tensor of unknown size has at least one byte */
	uint64_t bytes = t->bytes ? t->bytes : 1;
	uint64_t room = c->g->size - data_start;

	if (offset % c->g->alignment)
		return gguf_fail(c, -EBADMSG,
				 "lies at offset %llu, which is no multiple of the alignment %u; "
				 "convert the model again",
				 (unsigned long long)offset, c->g->alignment);
	if (offset > room || bytes > room - offset)
		return gguf_fail(c, -ENODATA,
				 "lies at offset %llu with %llu bytes, but only %llu bytes of data "
				 "are there; the file is incomplete or damaged, copy or download "
				 "it again",
				 (unsigned long long)offset, (unsigned long long)bytes,
				 (unsigned long long)room);
	t->data = c->g->base + data_start + offset;
	return 0;
}

static int compare_places(const void *a, const void *b)
{
	const struct tdm_gguf_tensor *x = *(const struct tdm_gguf_tensor *const *)a;
	const struct tdm_gguf_tensor *y = *(const struct tdm_gguf_tensor *const *)b;

	return (x->data > y->data) - (x->data < y->data);
}

static int check_overlap(const struct tdm_gguf *g, struct gguf_cursor *c)
{
	const struct tdm_gguf_tensor **by_place =
		calloc(g->n_tensors + 1, sizeof(const struct tdm_gguf_tensor *));
	int rc = 0;

	if (!by_place)
		return tdm_error_set(c->err, -ENOMEM, "%s: no memory for %zu tensors; free some",
				     g->name, g->n_tensors);
	for (size_t i = 0; i < g->n_tensors; i++)
		by_place[i] = &g->tensors[i];
	qsort(by_place, g->n_tensors, sizeof(const struct tdm_gguf_tensor *), compare_places);
	for (size_t i = 1; i < g->n_tensors && !rc; i++) {
		const struct tdm_gguf_tensor *a = by_place[i - 1], *b = by_place[i];
		uint64_t bytes = a->bytes ? a->bytes : 1;

		if (bytes <= (uint64_t)((const uint8_t *)b->data - (const uint8_t *)a->data))
			continue;
		c->name = a->name;
		rc = gguf_fail(c, -EBADMSG, "overlaps tensor %s; convert the model again",
			       quote(b->name.ptr, b->name.len).s);
	}
	free(by_place);
	return rc;
}

static int read_infos(struct tdm_gguf *g, struct gguf_cursor *c, uint64_t *offsets)
{
	uint64_t start;
	int rc;

	for (size_t i = 0; i < g->n_tensors; i++) {
		c->index = i;
		c->name.len = 0;
		rc = read_info(c, &g->tensors[i], &offsets[i]);
		if (rc)
			return rc;
	}
	/* In a file without tensors nothing, not even padding, need follow */
	start = ((uint64_t)c->pos + g->alignment - 1) & ~((uint64_t)g->alignment - 1);
	if (g->n_tensors && start > g->size) {
		c->noun = "header";
		c->name.len = 0;
		return gguf_fail(c, -ENODATA,
				 "is all there is, the tensors' data is missing; the file is "
				 "incomplete, copy or download it again");
	}
	for (size_t i = 0; i < g->n_tensors; i++) {
		c->name = g->tensors[i].name;
		rc = place(c, &g->tensors[i], start, offsets[i]);
		if (rc)
			return rc;
	}
	return 0;
}

static int index_names(struct tdm_gguf *g, struct gguf_cursor *c)
{
	const struct tdm_str *twice;

	g->tensors_by_name = gguf_index(g->tensors, g->n_tensors, sizeof(*g->tensors));
	if (!g->tensors_by_name)
		return tdm_error_set(c->err, -ENOMEM, "%s: no memory for %zu tensors; free some",
				     g->name, g->n_tensors);
	twice = gguf_index_twice(g->tensors_by_name, g->n_tensors);
	if (!twice)
		return 0;
	c->name = *twice;
	return gguf_fail(c, -EBADMSG, "occurs twice; convert the model again");
}

int gguf_read_tensors(struct tdm_gguf *g, struct gguf_cursor *c)
{
	uint64_t *offsets;
	int rc = read_alignment(g, c);

	if (rc)
		return rc;
	c->noun = "header";
	c->name.len = 0;
	if (g->n_tensors_told > (g->size - c->pos) / TENSOR_MIN_BYTES)
		return gguf_fail(c, -EBADMSG,
				 "claims %llu tensors, more than fit into the %zu bytes of the "
				 "file; it is incomplete or damaged, copy or download it again",
				 (unsigned long long)g->n_tensors_told, g->size);
	g->n_tensors = (size_t)g->n_tensors_told;
	c->noun = "tensor";
	g->tensors = calloc(g->n_tensors + 1, sizeof(*g->tensors));
	offsets = calloc(g->n_tensors + 1, sizeof(*offsets));
	if (!g->tensors || !offsets) {
		free(offsets);
		return tdm_error_set(c->err, -ENOMEM, "%s: no memory for %zu tensors; free some",
				     g->name, g->n_tensors);
	}
	rc = read_infos(g, c, offsets);
	free(offsets);
	if (!rc)
		rc = index_names(g, c);
	if (!rc)
		rc = check_overlap(g, c);
	return rc;
}

int64_t tdm_gguf_tensor_bytes(const struct tdm_gguf *g, const struct tdm_gguf_tensor *tensor,
			      struct tdm_error *err)
{
	if (tensor->bytes)
		return (int64_t)tensor->bytes;
	return tdm_error_set(err, -EOPNOTSUPP,
			     "%s: tensor %s has type number %u, whose layout is not known; convert "
			     "it to F32, F16, BF16, Q8_0 or Q4_0",
			     g->name, quote(tensor->name.ptr, tensor->name.len).s, tensor->type);
}
