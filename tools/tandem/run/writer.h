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

#include <tandem/tokenizer.h>

struct writer {
	const struct tdm_tokenizer *tokenizer;
	bool stream; /* to standard output as it comes */
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

/* @max: tokens at most. Return: 0 or -ENOMEM; writer_fini() is due either way */
int writer_init(struct writer *w, const struct tdm_tokenizer *t, bool stream, uint32_t max);
void writer_fini(struct writer *w);

/* Text that is no part of the answer: to the stream alone. Return: as writer_token() */
bool writer_echo(struct writer *w, const char *text);

/* Return: false when writing failed: see error. */
bool writer_token(struct writer *w, uint32_t token);

/* What is left of a broken character, and a flush. */
bool writer_end(struct writer *w);

#endif /* TANDEM_WRITER_H */
