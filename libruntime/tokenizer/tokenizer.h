/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Inside the tokenizer.
 *
 *	create.c	keys of the file to a handle
 *	vocab.c		tokens, their types and the map from text to token
 *	byte_tokens.c	tokens that are one byte, kind "llama"
 *	special.c	ids with a meaning, tokens that are matched whole
 *	encode.c	a text to runs of plain text and whole tokens
 *	spm.c		plain text to tokens, kind "llama"
 *	bpe.c		plain text to tokens, kind "gpt2"
 *	bpe_merges.c	the merges of kind "gpt2"
 *	split.c		the splitters in front of bpe.c
 *	merge.c		pairwise merging, for both kinds
 *	bytes.c		the alphabet of kind "gpt2"
 *	decode.c	tokens to bytes
 *	utf8_stream.c	bytes to characters
 */
#ifndef TANDEM_TOKENIZER_TOKENIZER_H
#define TANDEM_TOKENIZER_TOKENIZER_H

#include <tandem/tokenizer.h>

#include "tokenizer/bytes.h"
#include "tokenizer/merge.h"
#include "tokenizer/split.h"

/*
 * No vocabulary comes near this; it bounds the work per byte of text, however
 * hostile the file is.
 */
#define TOKEN_MAX_BYTES 4096

struct token {
	const char *text;
	uint32_t len;
	uint8_t type; /* enum tdm_token_type */
	bool eog;
	float score;
};

/* Open addressing, at most half full; an empty slot is TDM_TOKEN_NONE */
struct text_map {
	uint32_t *slots;
	size_t mask;
};

struct pair_slot {
	uint32_t left, right; /* left is TDM_TOKEN_NONE in an empty slot */
	uint32_t rank, merged;
};

struct pair_map {
	struct pair_slot *slots;
	size_t mask;
};

struct tdm_tokenizer {
	const struct tdm_gguf *g;
	bool spm;
	uint64_t seed; /* of the maps: a file cannot aim at their slots */

	struct token *tokens;
	uint32_t n_tokens;
	uint32_t max_len;	 /* of a token's text */
	bool typed;		 /* the file has token types */
	struct text_map by_text; /* tokens that plain text can become */

	uint32_t bos, eos, eot, eom, unk;
	bool add_bos, add_eos;
	const struct token **whole; /* tokens that are matched whole, sorted by text */
	uint32_t n_whole;
	bool whole_first[256]; /* bytes that one of them begins with */

	uint32_t byte_token[256]; /* TDM_TOKEN_NONE: that byte has none */

	/* kind "llama" */
	bool add_space_prefix;
	bool has_space;		  /* U+2581 is a token */
	uint8_t joins[65536 / 8]; /* two bytes that stand side by side in some token */

	/* kind "gpt2" */
	const struct splitter *splitter;
	struct pair_map merges;
	struct byte_alphabet alphabet;
};

/* Where tokens go; counts on when it is full */
struct token_sink {
	uint32_t *tokens;
	size_t cap;
	size_t n;
};

static inline void sink_put(struct token_sink *sink, uint32_t id)
{
	if (sink->n < sink->cap)
		sink->tokens[sink->n] = id;
	sink->n++;
}

/* Room for one call of encode */
struct encode_work {
	struct merge merge;
	char *piece; /* spm.c: a run of text, its spaces escaped */
	size_t piece_cap;
};

/* Loading; each returns 0 or a negative errno with a message */
int vocab_load(struct tdm_tokenizer *t, struct tdm_error *err);
int byte_tokens_load(struct tdm_tokenizer *t, struct tdm_error *err);
int special_load(struct tdm_tokenizer *t, struct tdm_error *err);
int spm_load(struct tdm_tokenizer *t, struct tdm_error *err);
int bpe_load(struct tdm_tokenizer *t, struct tdm_error *err);
int bpe_load_merges(struct tdm_tokenizer *t, struct tdm_error *err);

/* tokenizer.ggml.<name> as a token id; @id stays as it is if the key is missing */
int special_id(const struct tdm_tokenizer *t, const char *name, uint32_t *id,
	       struct tdm_error *err);

/* The byte of a token written "<0x41>", -1 for any other text */
int byte_of(const struct token *token);

/* The token with that text among those that plain text can become, or TDM_TOKEN_NONE */
uint32_t vocab_find(const struct tdm_tokenizer *t, const char *text, size_t len);

/* What two neighbours become, NULL if they do not merge */
const struct pair_slot *bpe_find_pair(const struct tdm_tokenizer *t, uint32_t left, uint32_t right);

/**
 * special_match - the longest token that is matched whole, at the front of @text
 *
 * Control tokens only with @control. Returns TDM_TOKEN_NONE if there is none.
 */
uint32_t special_match(const struct tdm_tokenizer *t, const char *text, size_t len, bool control);

/* Plain text (valid UTF-8, not empty) to tokens; 0 or a negative errno with a message */
int spm_encode(const struct tdm_tokenizer *t, const char *text, size_t len, bool space_prefix,
	       struct encode_work *work, struct token_sink *sink, struct tdm_error *err);
int bpe_encode(const struct tdm_tokenizer *t, const char *text, size_t len,
	       struct encode_work *work, struct token_sink *sink, struct tdm_error *err);

/* A byte that no token stands for: the unknown token, or an error */
int put_unknown(const struct tdm_tokenizer *t, unsigned char byte, struct token_sink *sink,
		struct tdm_error *err);

#endif /* TANDEM_TOKENIZER_TOKENIZER_H */
