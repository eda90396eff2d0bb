// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tokenizer/tokenizer.h"
#include "util/quote.h"

#define MERGES "tokenizer.ggml.merges"

/* The slot of that pair, or the empty one where it would go */
static struct pair_slot *find_slot(const struct tdm_tokenizer *t, uint32_t left, uint32_t right)
{
	const uint32_t key[2] = { left, right };
	size_t i = XXH3_64bits_withSeed(key, sizeof(key), t->seed) & t->merges.mask;

	for (;; i = (i + 1) & t->merges.mask) {
		struct pair_slot *slot = &t->merges.slots[i];

		if (slot->left == TDM_TOKEN_NONE || (slot->left == left && slot->right == right))
			return slot;
	}
}

const struct pair_slot *bpe_find_pair(const struct tdm_tokenizer *t, uint32_t left, uint32_t right)
{
	const struct pair_slot *slot;

	if (left == TDM_TOKEN_NONE || right == TDM_TOKEN_NONE)
		return NULL;
	slot = find_slot(t, left, right);
	return slot->left == TDM_TOKEN_NONE ? NULL : slot;
}

static int bad_merge(const struct tdm_tokenizer *t, uint32_t rank, struct tdm_str s,
		     const char *what, struct tdm_error *err)
{
	return tdm_error_set(err, -EBADMSG, "%s: merge %u %s %s; convert the model again",
			     tdm_gguf_name(t->g), rank, quote(s.ptr, s.len).s, what);
}

/* "left right": both and the two together are tokens */
static int add_merge(struct tdm_tokenizer *t, uint32_t rank, struct tdm_str s,
		     struct tdm_error *err)
{
	char merged[2 * TOKEN_MAX_BYTES];
	const char *space = s.len > 1 ? memchr(s.ptr + 1, ' ', s.len - 1) : NULL;
	size_t left_len, right_len;
	struct pair_slot pair = { .rank = rank }, *slot;

	if (!space || space + 1 == s.ptr + s.len)
		return bad_merge(t, rank, s, "is not two parts with a space between", err);
	left_len = (size_t)(space - s.ptr);
	right_len = s.len - left_len - 1;
	pair.left = vocab_find(t, s.ptr, left_len);
	pair.right = vocab_find(t, space + 1, right_len);
	if (pair.left == TDM_TOKEN_NONE || pair.right == TDM_TOKEN_NONE)
		return bad_merge(t, rank, s, "names a part that is no token", err);
	memcpy(merged, s.ptr, left_len);
	memcpy(merged + left_len, space + 1, right_len);
	pair.merged = vocab_find(t, merged, left_len + right_len);
	if (pair.merged == TDM_TOKEN_NONE)
		return bad_merge(t, rank, s, "makes something that is no token", err);
	slot = find_slot(t, pair.left, pair.right);
	/* A pair that is listed again has the rank of its first place */
	if (slot->left == TDM_TOKEN_NONE)
		*slot = pair;
	return 0;
}

int bpe_load_merges(struct tdm_tokenizer *t, struct tdm_error *err)
{
	struct tdm_gguf_array array;
	const void *pos = NULL;
	size_t slots = 16;
	int rc = tdm_gguf_get_array(t->g, MERGES, TDM_GGUF_STRING, &array, err);

	if (rc)
		return rc;
	if (array.count > INT32_MAX)
		return tdm_error_set(err, -EBADMSG,
				     "%s: '" MERGES "' has %llu entries, at most 2147483647 are "
				     "possible; convert the model again",
				     tdm_gguf_name(t->g), (unsigned long long)array.count);
	while (slots < 2 * array.count)
		slots *= 2;
	t->merges.slots = malloc(slots * sizeof(*t->merges.slots));
	if (!t->merges.slots)
		return tdm_error_set(err, -ENOMEM, "%s: no memory for %llu merges; free some",
				     tdm_gguf_name(t->g), (unsigned long long)array.count);
	memset(t->merges.slots, 0xff, slots * sizeof(*t->merges.slots));
	t->merges.mask = slots - 1;
	for (uint32_t rank = 0; rank < array.count && !rc; rank++)
		rc = add_merge(t, rank, tdm_gguf_array_next_str(&array, &pos), err);
	return rc;
}
