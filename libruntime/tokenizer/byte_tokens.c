// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <string.h>

#include "tokenizer/tokenizer.h"
#include "util/quote.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int byte_of(const struct token *token)
{
	const char *s = token->text;

	if (token->len != 6 || memcmp(s, "<0x", 3) != 0 || s[5] != '>' || hex(s[3]) < 0 ||
	    hex(s[4]) < 0)
		return -1;
	return hex(s[3]) * 16 + hex(s[4]);
}

int byte_tokens_load(struct tdm_tokenizer *t, struct tdm_error *err)
{
	for (uint32_t i = 0; i < t->n_tokens; i++) {
		struct token *token = &t->tokens[i];
		int byte = byte_of(token);

		/* Files without types have only the spelling to go by */
		if (t->typed ? token->type != TDM_TOKEN_BYTE : byte < 0)
			continue;
		if (byte < 0)
			return tdm_error_set(err, -EBADMSG,
					     "%s: token %u %s is a byte token, but is not written "
					     "like <0x41>; convert the model again",
					     tdm_gguf_name(t->g), i,
					     quote(token->text, token->len).s);
		if (t->byte_token[byte] != TDM_TOKEN_NONE)
			return tdm_error_set(err, -EBADMSG,
					     "%s: tokens %u and %u are both byte %s; convert the "
					     "model again",
					     tdm_gguf_name(t->g), t->byte_token[byte], i,
					     quote(token->text, token->len).s);
		t->byte_token[byte] = i;
		token->type = TDM_TOKEN_BYTE;
	}
	return 0;
}
