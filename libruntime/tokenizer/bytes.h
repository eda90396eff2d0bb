/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The alphabet of byte-level BPE: each byte is written as a visible character
 * in the vocabulary (GPT-2, encoder.py, bytes_to_unicode). Bytes 21 to 7E, A1
 * to AC and AE to FF are the characters of that number; the other 68, in order,
 * are U+0100 and on.
 */
#ifndef TANDEM_TOKENIZER_BYTES_H
#define TANDEM_TOKENIZER_BYTES_H

#include <stddef.h>
#include <stdint.h>

#define ALPHABET_END (256 + 68)

struct byte_alphabet {
	uint16_t to_char[256];
	int16_t to_byte[ALPHABET_END]; /* -1: that character stands for no byte */
};

void bytes_init(struct byte_alphabet *a);

/* Write @len bytes in the alphabet; @out has room for 2 * @len. Returns bytes written */
size_t bytes_to_text(const struct byte_alphabet *a, const char *bytes, size_t len, char *out);

/* The other way; @out has room for @len. Returns bytes, or -1 if the text is in no alphabet */
int64_t bytes_from_text(const struct byte_alphabet *a, const char *text, size_t len, char *out);

#endif /* TANDEM_TOKENIZER_BYTES_H */
