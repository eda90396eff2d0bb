/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef BENCH_TOKENS_H
#define BENCH_TOKENS_H

#include <tandem/engine.h>
#include <tandem/tokenizer.h>

#include "bench.h"

/**
 * struct text - a prompt as words
 * @tokenizer: NULL: the model has no vocabulary, and the prompt is but numbers
 * @ids: room for @room tokens
 */
struct text {
	struct tdm_tokenizer *tokenizer;
	char *chars;
	size_t len;
	uint32_t *ids;
	size_t room;
};

/* At least @tokens tokens of English; exits on error. */
struct text text_make(const struct tdm_model *model, uint32_t tokens);
void text_drop(struct text *text);

/* Return: tokens, now in @text->ids; exits on error */
uint32_t text_encode(struct text *text);

/**
 * struct request - what a request took; times are ns
 * @tokenize: 0 without a text
 * @second: from the first token to the second
 * @first_decode: the part of @second from the first DECODE on
 */
struct request {
	struct tdm_result result;
	double tokenize;
	double second;
	double first_decode;
};

/*
 * The way to the first and the second token in the run whose first took the median.
 * Sorts @requests, of which there are b->runs.
 */
void bench_first_token(struct bench *b, const char *name, struct request *requests, bool has_text);

#endif /* BENCH_TOKENS_H */
