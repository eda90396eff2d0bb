/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_UTIL_UTF8_H
#define TANDEM_UTIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

/**
 * utf8_next - decode the character at the front
 * @text: at least @len bytes, not terminated
 * @len: at least 1
 * @cp: set to the code point
 *
 * Strict as RFC 3629: no overlong forms, no surrogates, nothing above 10FFFF.
 *
 * Return: bytes of the character, 0 if there is none.
 */
size_t utf8_next(const char *text, size_t len, uint32_t *cp);

/** utf8_valid - length of the longest front part of @text that is valid UTF-8 */
size_t utf8_valid(const char *text, size_t len);

/** utf8_put - encode @cp (a valid code point) into up to 4 bytes; returns how many */
size_t utf8_put(uint32_t cp, char out[4]);

/**
 * utf8_len - bytes that a character with this first byte claims
 *
 * 1 for a byte that starts no character.
 */
size_t utf8_len(unsigned char first);

#endif /* TANDEM_UTIL_UTF8_H */
