// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <tandem/tokenizer.h>

#include <string.h>

#include "util/utf8.h"

static size_t put_replacement(char *out)
{
	out[0] = '\xef';
	out[1] = '\xbf';
	out[2] = '\xbd';
	return 3;
}

/* Unicode, table 3-7: the second byte is what excludes overlong forms and surrogates */
static bool continues(const struct tdm_utf8_stream *s, unsigned char byte)
{
	unsigned char low = 0x80, high = 0xbf;

	if (s->n_held == 1) {
		if (s->held[0] == 0xe0)
			low = 0xa0;
		else if (s->held[0] == 0xed)
			high = 0x9f;
		else if (s->held[0] == 0xf0)
			low = 0x90;
		else if (s->held[0] == 0xf4)
			high = 0x8f;
	}
	return byte >= low && byte <= high;
}

size_t tdm_utf8_stream_push(struct tdm_utf8_stream *s, const char *in, size_t len, char *out)
{
	size_t put = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)in[i];

		if (s->n_held && !continues(s, byte)) {
			put += put_replacement(out + put);
			s->n_held = 0;
		}
		if (!s->n_held && byte < 0x80) {
			out[put++] = (char)byte;
		} else if (!s->n_held && utf8_len(byte) == 1) {
			put += put_replacement(out + put);
		} else {
			s->held[s->n_held++] = byte;
			if (s->n_held == utf8_len(s->held[0])) {
				memcpy(out + put, s->held, s->n_held);
				put += s->n_held;
				s->n_held = 0;
			}
		}
	}
	return put;
}

size_t tdm_utf8_stream_end(struct tdm_utf8_stream *s, char out[3])
{
	if (!s->n_held)
		return 0;
	s->n_held = 0;
	return put_replacement(out);
}
