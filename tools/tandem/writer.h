/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Tokens to text as they come: whole characters to standard output, all of them
 * to a string for the report.
 */
#ifndef TANDEM_WRITER_H
#define TANDEM_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <tandem/tokenizer.h>

struct writer {
	const struct tdm_tokenizer *tokenizer;
	FILE *out; /* where text streams to, or NULL */
	struct tdm_utf8_stream utf8;
	char *piece; /* room for a token, and for its characters */
	char *chars;
	char *text; /* what was written, not terminated */
	size_t text_len;
	size_t text_room;
	uint32_t *tokens;
	uint32_t n_tokens;
	int error; /* negative errno: nothing more is written */
};

/* @max: tokens at most. Return: 0 or -ENOMEM */
int writer_init(struct writer *w, const struct tdm_tokenizer *t, FILE *out, uint32_t max);
void writer_fini(struct writer *w);

/* Return: false when writing failed: see error. */
bool writer_token(struct writer *w, uint32_t token);

/* What is left of a broken character, and a flush. */
bool writer_end(struct writer *w);

#endif /* TANDEM_WRITER_H */
