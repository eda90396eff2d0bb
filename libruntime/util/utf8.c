// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "util/utf8.h"

#include <string.h>
#include <utf8proc.h>

size_t utf8_next(const char *text, size_t len, uint32_t *cp)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	if ((unsigned char)*text < 0x80) {
		*cp = (unsigned char)*text;
		return 1;
	}
	n = utf8proc_iterate((const utf8proc_uint8_t *)text, len < 4 ? (utf8proc_ssize_t)len : 4,
			     &c);
	if (n <= 0)
		return 0;
	*cp = (uint32_t)c;
	return (size_t)n;
}

size_t utf8_valid(const char *text, size_t len)
{
	size_t pos = 0;

	while (pos < len) {
		uint64_t eight;
		uint32_t cp;
		size_t n;

		/* Eight ASCII bytes at once: prompts can be megabytes */
		if (len - pos >= sizeof(eight)) {
			memcpy(&eight, text + pos, sizeof(eight));
			if (!(eight & 0x8080808080808080ULL)) {
				pos += sizeof(eight);
				continue;
			}
		}
		n = utf8_next(text + pos, len - pos, &cp);
		if (!n)
			break;
		pos += n;
	}
	return pos;
}

size_t utf8_put(uint32_t cp, char out[4])
{
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)out);
}

size_t utf8_len(unsigned char first)
{
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 1;
}
