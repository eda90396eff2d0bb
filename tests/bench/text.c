// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stdlib.h>
#include <string.h>

#include "tokens.h"

static const char sentence[] = "Once upon a time a small red fox lived near the river. ";

struct text text_make(const struct tdm_model *model, uint32_t tokens)
{
	const size_t one = sizeof(sentence) - 1;
	struct tdm_error err = { 0 };
	struct text t = { .tokenizer = tdm_tokenizer_create(tdm_model_gguf(model), &err) };

	if (!t.tokenizer)
		bench_fail("tokenizer", &err);
	/* A token is a character at least. */
	t.room = tdm_tokenizer_bound(t.tokenizer, tokens * one);
	t.chars = malloc(tokens * one);
	t.ids = calloc(t.room, sizeof(*t.ids));
	if (!t.chars || !t.ids)
		bench_fail("out of memory; free some", NULL);
	do {
		memcpy(t.chars + t.len, sentence, one);
		t.len += one;
	} while (text_encode(&t) < tokens);
	return t;
}

void text_drop(struct text *t)
{
	tdm_tokenizer_destroy(t->tokenizer);
	free(t->chars);
	free(t->ids);
}

uint32_t text_encode(struct text *t)
{
	struct tdm_error err = { 0 };
	int64_t n = tdm_tokenizer_encode(t->tokenizer, t->chars, t->len, TDM_ENCODE_ADD_SPECIAL,
					 t->ids, t->room, &err);

	if (n <= 0)
		bench_fail("tokenizer", &err);
	return (uint32_t)n;
}
