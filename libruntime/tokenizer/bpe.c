// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Byte-level BPE: the splitter cuts the text into words, each word starts as
 * bytes, and merges apply in the order of the file's list.
 */

#include <errno.h>
#include <string.h>

#include "tokenizer/tokenizer.h"
#include "util/quote.h"

static int load_splitter(struct tdm_tokenizer *t, struct tdm_error *err)
{
	struct tdm_str name = { "default", strlen("default") };
	int rc = tdm_gguf_get_str(t->g, "tokenizer.ggml.pre", &name, err);

	if (rc && rc != -ENOENT)
		return rc;
	t->splitter = splitter_find(name.ptr, name.len);
	if (!t->splitter)
		return tdm_error_set(err, -EOPNOTSUPP,
				     "%s: splitter %s (key 'tokenizer.ggml.pre') is not supported; "
				     "use a model with " SPLITTER_NAMES,
				     tdm_gguf_name(t->g), quote(name.ptr, name.len).s);
	return 0;
}

int bpe_load(struct tdm_tokenizer *t, struct tdm_error *err)
{
	int rc = load_splitter(t, err);

	if (rc)
		return rc;
	t->add_bos = t->splitter->add_bos;
	bytes_init(&t->alphabet);
	for (unsigned int i = 0; i < 256; i++) {
		char byte = (char)i, text[4];
		size_t n = bytes_to_text(&t->alphabet, &byte, 1, text);

		t->byte_token[i] = vocab_find(t, text, n);
	}
	return bpe_load_merges(t, err);
}

static bool find(const void *ctx, const struct merge_part *left, const struct merge_part *right,
		 struct merge_pair *pair)
{
	const struct pair_slot *slot = bpe_find_pair(ctx, left->id, right->id);

	if (!slot)
		return false;
	pair->priority = slot->rank;
	pair->id = slot->merged;
	return true;
}

/* The word as a token of its own, TDM_TOKEN_NONE if it is none */
static uint32_t whole_word(const struct tdm_tokenizer *t, const char *word, size_t len)
{
	char text[2 * TOKEN_MAX_BYTES];

	if (len > t->max_len)
		return TDM_TOKEN_NONE;
	return vocab_find(t, text, bytes_to_text(&t->alphabet, word, len, text));
}

static int encode_word(const struct tdm_tokenizer *t, const char *word, size_t len,
		       struct encode_work *work, struct token_sink *sink, struct tdm_error *err)
{
	struct merge *m = &work->merge;
	int rc;

	if (t->splitter->ignore_merges) {
		uint32_t id = whole_word(t, word, len);

		if (id != TDM_TOKEN_NONE) {
			sink_put(sink, id);
			return 0;
		}
	}
	rc = merge_begin(m, len);
	if (rc)
		return tdm_error_set(err, rc, "%s: no memory to encode %zu bytes; free some",
				     tdm_gguf_name(t->g), len);
	for (size_t i = 0; i < len; i++)
		merge_add(m, (uint32_t)i, 1, t->byte_token[(unsigned char)word[i]]);
	merge_run(m, find, t);
	for (uint32_t i = 0; i != MERGE_END && !rc; i = m->parts[i].next) {
		const struct merge_part *part = &m->parts[i];

		if (part->id != TDM_TOKEN_NONE)
			sink_put(sink, part->id);
		else
			rc = put_unknown(t, (unsigned char)word[part->start], sink, err);
	}
	return rc;
}

int bpe_encode(const struct tdm_tokenizer *t, const char *text, size_t len,
	       struct encode_work *work, struct token_sink *sink, struct tdm_error *err)
{
	int rc = 0;

	for (size_t pos = 0; pos < len && !rc;) {
		size_t n = t->splitter->next(t->splitter, text + pos, len - pos);

		rc = encode_word(t, text + pos, n, work, sink, err);
		pos += n;
	}
	return rc;
}
