// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "tokenizer/bytes.h"

#include <stdbool.h>

#include "util/utf8.h"

static bool visible(unsigned int byte)
{
	return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte != 0xad);
}

void bytes_init(struct byte_alphabet *a)
{
	uint16_t next = 256;

	for (unsigned int i = 0; i < ALPHABET_END; i++)
		a->to_byte[i] = -1;
	for (unsigned int i = 0; i < 256; i++) {
		a->to_char[i] = visible(i) ? (uint16_t)i : next++;
		a->to_byte[a->to_char[i]] = (int16_t)i;
	}
}

size_t bytes_to_text(const struct byte_alphabet *a, const char *bytes, size_t len, char *out)
{
	size_t put = 0;

	for (size_t i = 0; i < len; i++) {
		char c[4];
		size_t n = utf8_put(a->to_char[(unsigned char)bytes[i]], c);

		for (size_t j = 0; j < n; j++)
			out[put++] = c[j];
	}
	return put;
}

int64_t bytes_from_text(const struct byte_alphabet *a, const char *text, size_t len, char *out)
{
	size_t pos = 0;
	int64_t put = 0;

	while (pos < len) {
		uint32_t cp;
		size_t n = utf8_next(text + pos, len - pos, &cp);

		if (!n || cp >= ALPHABET_END || a->to_byte[cp] < 0)
			return -1;
		out[put++] = (char)a->to_byte[cp];
		pos += n;
	}
	return put;
}
