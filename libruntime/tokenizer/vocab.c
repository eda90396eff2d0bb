// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tokenizer/tokenizer.h"
#include "util/quote.h"

#define TOKENS "tokenizer.ggml.tokens"
#define TYPES "tokenizer.ggml.token_type"
#define SCORES "tokenizer.ggml.scores"

static int no_memory(const struct tdm_tokenizer *t, struct tdm_error *err)
{
	return tdm_error_set(err, -ENOMEM, "%s: no memory for a vocabulary of %u tokens; free some",
			     tdm_gguf_name(t->g), t->n_tokens);
}

static int load_texts(struct tdm_tokenizer *t, struct tdm_error *err)
{
	struct tdm_gguf_array array;
	const void *pos = NULL;
	int rc = tdm_gguf_get_array(t->g, TOKENS, TDM_GGUF_STRING, &array, err);

	if (rc)
		return rc;
	if (!array.count || array.count > INT32_MAX)
		return tdm_error_set(err, -EBADMSG,
				     "%s: '" TOKENS "' has %llu tokens, 1 to 2147483647 are "
				     "possible; convert the model again",
				     tdm_gguf_name(t->g), (unsigned long long)array.count);
	t->n_tokens = (uint32_t)array.count;
	t->tokens = calloc(t->n_tokens, sizeof(*t->tokens));
	if (!t->tokens)
		return no_memory(t, err);
	for (uint32_t i = 0; i < t->n_tokens; i++) {
		struct tdm_str s = tdm_gguf_array_next_str(&array, &pos);

		if (s.len > TOKEN_MAX_BYTES)
			return tdm_error_set(err, -EBADMSG,
					     "%s: token %u %s has %zu bytes, %u are possible; "
					     "convert the model again",
					     tdm_gguf_name(t->g), i, quote(s.ptr, s.len).s, s.len,
					     (unsigned int)TOKEN_MAX_BYTES);
		t->tokens[i].text = s.ptr;
		t->tokens[i].len = (uint32_t)s.len;
		t->tokens[i].type = TDM_TOKEN_NORMAL;
		if (s.len > t->max_len)
			t->max_len = (uint32_t)s.len;
	}
	return 0;
}

/* A table with an entry per token; -ENOENT without a message if it is not there */
static int get_table(const struct tdm_tokenizer *t, const char *name, int type,
		     struct tdm_gguf_array *array, struct tdm_error *err)
{
	int rc;

	if (!tdm_gguf_find_key(t->g, name))
		return -ENOENT;
	rc = tdm_gguf_get_array(t->g, name, type, array, err);
	if (!rc && array->count != t->n_tokens)
		rc = tdm_error_set(err, -EBADMSG,
				   "%s: '%s' has %llu entries for %u tokens; convert the model "
				   "again",
				   tdm_gguf_name(t->g), name, (unsigned long long)array->count,
				   t->n_tokens);
	return rc;
}

static int load_types(struct tdm_tokenizer *t, struct tdm_error *err)
{
	struct tdm_gguf_array array;
	int rc = get_table(t, TYPES, TDM_GGUF_I32, &array, err);

	if (rc)
		return rc == -ENOENT ? 0 : rc;
	t->typed = true;
	for (uint32_t i = 0; i < t->n_tokens; i++) {
		int64_t type = tdm_gguf_array_i64(&array, i);

		if (type < TDM_TOKEN_NORMAL || type > TDM_TOKEN_BYTE)
			return tdm_error_set(err, -EBADMSG,
					     "%s: token %u %s has type %lld, 1 to 6 are known; "
					     "convert the model again",
					     tdm_gguf_name(t->g), i,
					     quote(t->tokens[i].text, t->tokens[i].len).s,
					     (long long)type);
		t->tokens[i].type = (uint8_t)type;
	}
	return 0;
}

static int load_scores(struct tdm_tokenizer *t, struct tdm_error *err)
{
	struct tdm_gguf_array array;
	int rc = get_table(t, SCORES, TDM_GGUF_F32, &array, err);

	if (rc == -ENOENT && t->spm)
		return tdm_error_set(err, -ENOENT,
				     "%s: key '" SCORES "' is missing, tokenizer 'llama' needs it; "
				     "convert the model with a current converter",
				     tdm_gguf_name(t->g));
	if (rc)
		return rc == -ENOENT ? 0 : rc;
	for (uint32_t i = 0; i < t->n_tokens; i++) {
		t->tokens[i].score = tdm_gguf_array_f32(&array, i);
		if (isnan(t->tokens[i].score))
			return tdm_error_set(err, -EBADMSG,
					     "%s: token %u %s has a score that is not a number; "
					     "convert the model again",
					     tdm_gguf_name(t->g), i,
					     quote(t->tokens[i].text, t->tokens[i].len).s);
	}
	return 0;
}

/* The slot of that text, or the empty one where it would go */
static uint32_t *find_slot(const struct tdm_tokenizer *t, const char *text, size_t len)
{
	size_t i = XXH3_64bits_withSeed(text, len, t->seed) & t->by_text.mask;

	for (;; i = (i + 1) & t->by_text.mask) {
		uint32_t id = t->by_text.slots[i];

		if (id == TDM_TOKEN_NONE ||
		    (t->tokens[id].len == len && !memcmp(t->tokens[id].text, text, len)))
			return &t->by_text.slots[i];
	}
}

uint32_t vocab_find(const struct tdm_tokenizer *t, const char *text, size_t len)
{
	return len <= t->max_len ? *find_slot(t, text, len) : TDM_TOKEN_NONE;
}

/* Of tokens with the same text the first one counts */
static void add_type(struct tdm_tokenizer *t, int type)
{
	for (uint32_t i = 0; i < t->n_tokens; i++) {
		uint32_t *slot;

		if (t->tokens[i].type != type || !t->tokens[i].len)
			continue;
		slot = find_slot(t, t->tokens[i].text, t->tokens[i].len);
		if (*slot == TDM_TOKEN_NONE)
			*slot = i;
	}
}

static int build_map(struct tdm_tokenizer *t, struct tdm_error *err)
{
	size_t slots = 16;

	while (slots < 2 * (size_t)t->n_tokens)
		slots *= 2;
	t->by_text.slots = malloc(slots * sizeof(*t->by_text.slots));
	if (!t->by_text.slots)
		return no_memory(t, err);
	memset(t->by_text.slots, 0xff, slots * sizeof(*t->by_text.slots));
	t->by_text.mask = slots - 1;
	/*
	 * Control, unknown and byte tokens stay out: text must not become one by
	 * merging. User-defined ones come second, since in kind "gpt2" their text
	 * is not written in the alphabet of bytes and may look like another token.
	 */
	add_type(t, TDM_TOKEN_NORMAL);
	add_type(t, TDM_TOKEN_USER_DEFINED);
	return 0;
}

int vocab_load(struct tdm_tokenizer *t, struct tdm_error *err)
{
	int rc = load_texts(t, err);

	if (!rc)
		rc = load_types(t, err);
	if (!rc)
		rc = load_scores(t, err);
	if (!rc && t->spm)
		rc = byte_tokens_load(t, err);
	if (!rc)
		rc = build_map(t, err);
	return rc;
}
