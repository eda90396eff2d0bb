// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "run/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

int writer_init(struct writer *w, const struct tdm_tokenizer *t, bool stream, uint32_t max)
{
	size_t room = tdm_tokenizer_max_piece(t);

	*w = (struct writer){ .tokenizer = t, .stream = stream };
	w->piece = malloc(room + 1);
	w->chars = malloc(TDM_UTF8_STREAM_ROOM(room));
	w->tokens = calloc(max, sizeof(*w->tokens));
	return w->piece && w->chars && w->tokens ? 0 : -ENOMEM;
}

void writer_fini(struct writer *w)
{
	free(w->piece);
	free(w->chars);
	free(w->text);
	free(w->tokens);
}

static bool keep(struct writer *w, const char *chars, size_t len)
{
	if (w->text_room - w->text_len < len) {
		size_t room = 2 * w->text_room + len + 256;
		char *text = realloc(w->text, room);

		if (!text) {
			w->error = -ENOMEM;
			return false;
		}
		w->text = text;
		w->text_room = room;
	}
	memcpy(w->text + w->text_len, chars, len);
	w->text_len += len;
	return true;
}

static bool put(struct writer *w, const char *chars, size_t len)
{
	if (!len)
		return true;
	if (!keep(w, chars, len))
		return false;
	if (w->stream)
		w->error = output_write(chars, len, false);
	return !w->error;
}

bool writer_echo(struct writer *w, const char *text)
{
	if (w->stream && !w->error)
		w->error = output_write(text, strlen(text), false);
	return !w->error;
}

bool writer_token(struct writer *w, uint32_t token)
{
	int64_t n = tdm_tokenizer_decode(w->tokenizer, token, 0, w->piece,
					 tdm_tokenizer_max_piece(w->tokenizer));

	w->tokens[w->n_tokens++] = token;
	/* A model whose output is larger than its tokenizer's table: no text. */
	if (n <= 0)
		return true;
	return put(w, w->chars, tdm_utf8_stream_push(&w->utf8, w->piece, (size_t)n, w->chars));
}

bool writer_end(struct writer *w)
{
	char rest[3];

	return put(w, rest, tdm_utf8_stream_end(&w->utf8, rest));
}
