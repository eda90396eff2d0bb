// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * SentencePiece's BPE: characters are merged as long as two neighbours together
 * are a token, the highest score first; what is left over becomes bytes.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tokenizer/tokenizer.h"
#include "util/utf8.h"

/* U+2581 stands for a space in tokens */
#define SPACE "\xe2\x96\x81"
#define SPACE_LEN 3

/* Which bytes may stand on both sides of a place where no token reaches across */
static void note_joins(struct tdm_tokenizer *t)
{
	for (uint32_t i = 0; i < t->n_tokens; i++) {
		const struct token *token = &t->tokens[i];

		if (token->type != TDM_TOKEN_NORMAL && token->type != TDM_TOKEN_USER_DEFINED)
			continue;
		for (uint32_t j = 1; j < token->len; j++) {
			unsigned int pair = (unsigned int)(unsigned char)token->text[j - 1] << 8 |
					    (unsigned char)token->text[j];

			t->joins[pair / 8] |= (uint8_t)(1U << pair % 8);
		}
	}
}

static bool joined(const struct tdm_tokenizer *t, char before, char after)
{
	unsigned int pair = (unsigned int)(unsigned char)before << 8 | (unsigned char)after;

	return t->joins[pair / 8] & 1U << pair % 8;
}

int spm_load(struct tdm_tokenizer *t, struct tdm_error *err)
{
	int rc;

	/* Defaults of Llama's own sentencepiece model */
	t->unk = 0;
	t->bos = t->n_tokens > 1 ? 1 : TDM_TOKEN_NONE;
	t->eos = t->n_tokens > 2 ? 2 : TDM_TOKEN_NONE;
	t->add_bos = true;
	t->add_eos = false;
	t->add_space_prefix = true;
	rc = tdm_gguf_get_bool(t->g, "tokenizer.ggml.add_space_prefix", &t->add_space_prefix, err);
	if (rc && rc != -ENOENT)
		return rc;
	t->has_space = vocab_find(t, SPACE, SPACE_LEN) != TDM_TOKEN_NONE;
	note_joins(t);
	return 0;
}

/* Higher scores get lower numbers */
static uint32_t priority(float score)
{
	uint32_t bits;

	score += 0.0f; /* -0 and 0 are one score */
	memcpy(&bits, &score, sizeof(bits));
	return bits & 0x80000000U ? bits : ~(bits | 0x80000000U);
}

struct find_ctx {
	const struct tdm_tokenizer *t;
	const char *piece;
};

static bool find(const void *ctx, const struct merge_part *left, const struct merge_part *right,
		 struct merge_pair *pair)
{
	const struct find_ctx *c = ctx;

	(void)right;
	pair->id = vocab_find(c->t, c->piece + left->start, pair->len);
	if (pair->id == TDM_TOKEN_NONE)
		return false;
	pair->priority = priority(c->t->tokens[pair->id].score);
	return true;
}

static int put_bytes(const struct tdm_tokenizer *t, const char *text, size_t len,
		     struct token_sink *sink, struct tdm_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < len && !rc; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (t->byte_token[byte] != TDM_TOKEN_NONE)
			sink_put(sink, t->byte_token[byte]);
		else
			rc = put_unknown(t, byte, sink, err);
	}
	return rc;
}

/* A run of text that no token reaches out of */
static int encode_piece(const struct tdm_tokenizer *t, size_t len, struct encode_work *work,
			struct token_sink *sink, struct tdm_error *err)
{
	struct find_ctx ctx = { t, work->piece };
	struct merge *m = &work->merge;
	int rc = merge_begin(m, len);

	if (rc)
		return tdm_error_set(err, rc, "%s: no memory to encode %zu bytes; free some",
				     tdm_gguf_name(t->g), len);
	for (size_t pos = 0; pos < len;) {
		size_t n = utf8_len((unsigned char)work->piece[pos]);

		merge_add(m, (uint32_t)pos, (uint32_t)n, TDM_TOKEN_NONE);
		pos += n;
	}
	merge_run(m, find, &ctx);
	for (uint32_t i = 0; i != MERGE_END && !rc; i = m->parts[i].next) {
		const struct merge_part *part = &m->parts[i];
		const char *text = work->piece + part->start;
		uint32_t id = part->id;

		if (id == TDM_TOKEN_NONE)
			id = vocab_find(t, text, part->len);
		if (id != TDM_TOKEN_NONE)
			sink_put(sink, id);
		else
			rc = put_bytes(t, text, part->len, sink, err);
	}
	return rc;
}

static int reserve(struct encode_work *work, size_t need)
{
	size_t want = work->piece_cap + work->piece_cap / 2 + 64;
	char *p;

	if (need <= work->piece_cap)
		return 0;
	if (want < need)
		want = need;
	p = realloc(work->piece, want);
	if (!p)
		return -ENOMEM;
	work->piece = p;
	work->piece_cap = want;
	return 0;
}

/* Append a character to the piece, or finish the piece first if nothing joins them */
static int add_char(const struct tdm_tokenizer *t, const char *c, size_t n, size_t *len,
		    struct encode_work *work, struct token_sink *sink, struct tdm_error *err)
{
	int rc;

	if (*len && !joined(t, work->piece[*len - 1], c[0])) {
		rc = encode_piece(t, *len, work, sink, err);
		if (rc)
			return rc;
		*len = 0;
	}
	rc = reserve(work, *len + n);
	if (rc)
		return tdm_error_set(err, rc, "%s: no memory to encode %zu bytes; free some",
				     tdm_gguf_name(t->g), *len + n);
	memcpy(work->piece + *len, c, n);
	*len += n;
	return 0;
}

int spm_encode(const struct tdm_tokenizer *t, const char *text, size_t len, bool space_prefix,
	       struct encode_work *work, struct token_sink *sink, struct tdm_error *err)
{
	size_t piece = 0;
	int rc = 0;

	if (space_prefix && t->add_space_prefix)
		rc = add_char(t, SPACE, SPACE_LEN, &piece, work, sink, err);
	for (size_t pos = 0; pos < len && !rc;) {
		size_t n = utf8_len((unsigned char)text[pos]);

		if (text[pos] == ' ')
			rc = add_char(t, SPACE, SPACE_LEN, &piece, work, sink, err);
		else
			rc = add_char(t, text + pos, n, &piece, work, sink, err);
		pos += n;
	}
	if (!rc && piece)
		rc = encode_piece(t, piece, work, sink, err);
	return rc;
}
