// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stdlib.h>
#include <string.h>

#include "model/gguf.h"

static int compare(struct tdm_str a, struct tdm_str b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_entries(const void *a, const void *b)
{
	return compare(**(const struct tdm_str *const *)a, **(const struct tdm_str *const *)b);
}

const struct tdm_str **gguf_index(const void *items, size_t count, size_t stride)
{
	const struct tdm_str **index = calloc(count + 1, sizeof(const struct tdm_str *));

	if (!index)
		return NULL;
	for (size_t i = 0; i < count; i++)
		index[i] = (const void *)((const char *)items + i * stride);
	qsort(index, count, sizeof(const struct tdm_str *), compare_entries);
	return index;
}

const struct tdm_str *gguf_index_twice(const struct tdm_str **index, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!compare(*index[i - 1], *index[i]))
			return index[i];
	return NULL;
}

const void *gguf_index_find(const struct tdm_str **index, size_t count, struct tdm_str name)
{
	const struct tdm_str *key = &name;
	const struct tdm_str **found =
		bsearch(&key, index, count, sizeof(const struct tdm_str *), compare_entries);

	return found ? *found : NULL;
}
