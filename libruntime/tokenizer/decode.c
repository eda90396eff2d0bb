// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <string.h>

#include "tokenizer/tokenizer.h"

size_t tdm_tokenizer_max_piece(const struct tdm_tokenizer *t)
{
	return t->max_len ? t->max_len : 1;
}

static int64_t put_text(const char *text, size_t len, char *out)
{
	memcpy(out, text, len);
	return (int64_t)len;
}

/* U+2581 back to a space */
static int64_t put_spaced(const char *text, size_t len, char *out)
{
	int64_t put = 0;

	for (size_t i = 0; i < len;) {
		if (len - i >= 3 && !memcmp(text + i, "\xe2\x96\x81", 3)) {
			out[put++] = ' ';
			i += 3;
		} else {
			out[put++] = text[i++];
		}
	}
	return put;
}

static int64_t decode_spm(const struct tdm_tokenizer *t, uint32_t id, unsigned int flags, char *out)
{
	const struct token *token = &t->tokens[id];
	const char *text = token->text;
	size_t len = token->len;

	if (token->type == TDM_TOKEN_BYTE) {
		out[0] = (char)byte_of(token);
		return 1;
	}
	if ((flags & TDM_DECODE_FIRST) && t->add_space_prefix && len >= 3 &&
	    !memcmp(text, "\xe2\x96\x81", 3)) {
		text += 3;
		len -= 3;
	}
	return put_spaced(text, len, out);
}

int64_t tdm_tokenizer_decode(const struct tdm_tokenizer *t, uint32_t id, unsigned int flags,
			     char *out, size_t cap)
{
	const struct token *token;
	int64_t n;

	if (id >= t->n_tokens)
		return -ERANGE;
	token = &t->tokens[id];
	if (token->type == TDM_TOKEN_CONTROL || token->type == TDM_TOKEN_UNKNOWN) {
		if (!(flags & TDM_DECODE_SPECIAL))
			return 0;
		return token->len <= cap ? put_text(token->text, token->len, out) : -ENOBUFS;
	}
	/* No token decodes to more than its text */
	if (token->len > cap)
		return -ENOBUFS;
	if (t->spm)
		return decode_spm(t, id, flags, out);
	n = -1;
	if (token->type != TDM_TOKEN_USER_DEFINED)
		n = bytes_from_text(&t->alphabet, token->text, token->len, out);
	return n < 0 ? put_text(token->text, token->len, out) : n;
}
