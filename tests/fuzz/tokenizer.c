// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The first byte chooses a vocabulary and how to encode; the rest is the text.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/tokenizer.h>

#include "tokenizer_vocab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct tdm_tokenizer *tokenizers[VOCABS];

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (unsigned int i = 0; i < VOCABS; i++) {
		tokenizers[i] = vocab_tokenizer(i);
		must(tokenizers[i]);
	}
	return 0;
}

static bool is_utf8(const uint8_t *s, size_t len)
{
	struct tdm_utf8_stream stream = { 0 };
	char *out = malloc(TDM_UTF8_STREAM_ROOM(len));
	bool same;
	size_t n;

	must(out);
	n = tdm_utf8_stream_push(&stream, (const char *)s, len, out);
	same = n == len && !stream.n_held && !memcmp(out, s, len);
	free(out);
	return same;
}

/*
 * Spaces, and U+2581 that kind "llama" writes them as, go: it puts one in front of a
 * text and behind a user-defined token. Return: new length
 */
static size_t drop_spaces(uint8_t *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (len - i >= 3 && !memcmp(s + i, "\xe2\x96\x81", 3))
			i += 2;
		else if (s[i] != ' ')
			s[n++] = s[i];
	}
	return n;
}

/* Return: all pieces in one, which is the caller's to free */
static uint8_t *decode_text(const struct tdm_tokenizer *t, const uint32_t *tokens, size_t n,
			    size_t *len)
{
	size_t room = tdm_tokenizer_max_piece(t);
	uint8_t *text = malloc(n * room + 1);

	must(text);
	*len = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t got = tdm_tokenizer_decode(t, tokens[i], i ? 0 : TDM_DECODE_FIRST,
						   (char *)text + *len, room);

		/* Nobody's text is a control token. */
		must(tdm_tokenizer_token_type(t, tokens[i]) != TDM_TOKEN_CONTROL);
		must(tdm_tokenizer_token_type(t, tokens[i]) != TDM_TOKEN_UNUSED);
		must(got >= 0 && (size_t)got <= room);
		*len += (size_t)got;
	}
	return text;
}

/* What the tokens say must be the text again. */
static void check_round_trip(const struct tdm_tokenizer *t, const uint32_t *tokens, int64_t n,
			     const uint8_t *text, size_t len)
{
	uint8_t *copy = malloc(len + 1), *said;
	size_t said_len;

	said = decode_text(t, tokens, (size_t)n, &said_len);
	must(copy);
	memcpy(copy, text, len);
	if (!strcmp(tdm_tokenizer_kind(t), "llama")) {
		said_len = drop_spaces(said, said_len);
		len = drop_spaces(copy, len);
	}
	must(said_len == len && !memcmp(said, copy, len));
	free(copy);
	free(said);
}

static void encode_all(const struct tdm_tokenizer *t, const uint8_t *text, size_t len)
{
	size_t room = tdm_tokenizer_bound(t, len);
	uint32_t *tokens = calloc(room + 1, sizeof(*tokens));
	struct tdm_error err;
	int64_t n = 0;

	must(tokens);
	/* The last is without flags: what a user's text becomes. */
	for (unsigned int flags = 4; flags-- > 0;) {
		n = tdm_tokenizer_encode(t, (const char *)text, len, flags, tokens, room, &err);
		must(n <= (int64_t)room && n != -ENOBUFS);
		must((n == -EILSEQ) == !is_utf8(text, len));
		for (int64_t i = 0; i < n; i++)
			must(tokens[i] < tdm_tokenizer_vocab_size(t));
	}
	must(n >= 0 || n == -EILSEQ);
	if (n >= 0)
		check_round_trip(t, tokens, n, text, len);
	free(tokens);
}

/* The bytes as ids: whatever a model says, its pieces are bounded and become UTF-8. */
static void decode_all(const struct tdm_tokenizer *t, const uint8_t *data, size_t size)
{
	size_t room = tdm_tokenizer_max_piece(t);
	struct tdm_utf8_stream stream = { 0 };
	char *piece = malloc(room), *out = malloc(TDM_UTF8_STREAM_ROOM(room));

	must(piece && out);
	for (size_t i = 0; i + 1 < size; i += 2) {
		uint32_t id = data[i] | (uint32_t)data[i + 1] << 8;
		int64_t n = tdm_tokenizer_decode(t, id, id >> 14, piece, room);
		size_t chars;

		must((n == -ERANGE) == (id >= tdm_tokenizer_vocab_size(t)));
		if (n < 0)
			continue;
		chars = tdm_utf8_stream_push(&stream, piece, (size_t)n, out);
		must(is_utf8((const uint8_t *)out, chars));
	}
	free(piece);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tdm_tokenizer *t;

	if (!size)
		return 0;
	t = tokenizers[data[0] % VOCABS];
	encode_all(t, data + 1, size - 1);
	decode_all(t, data + 1, size - 1);
	return 0;
}
