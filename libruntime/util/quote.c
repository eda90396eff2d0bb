// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "util/quote.h"

#include <stdio.h>
#include <string.h>

#include "util/utf8.h"

/* C0 and C1 controls, and the marks that reorder what a terminal shows */
static int unfit(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x200e && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

struct quoted quote(const char *text, size_t len)
{
	const size_t room = sizeof(((struct quoted *)0)->s) - sizeof("...'");
	struct quoted q = { "'" };
	size_t pos = 0, out = 1;

	while (pos < len) {
		char piece[sizeof("\\xff\\xff\\xff\\xff")];
		size_t put = 0;
		uint32_t cp = 0;
		size_t n = utf8_next(text + pos, len - pos, &cp);

		if (n && !unfit(cp)) {
			memcpy(piece, text + pos, n);
			put = n;
		} else {
			n = n ? n : 1;
			for (size_t i = 0; i < n; i++)
				put += (size_t)snprintf(piece + put, sizeof(piece) - put, "\\x%02x",
							(unsigned int)(unsigned char)text[pos + i]);
		}
		if (out + put > room)
			break;
		memcpy(q.s + out, piece, put);
		out += put;
		pos += n;
	}
	snprintf(q.s + out, sizeof(q.s) - out, "%s'", pos < len ? "..." : "");
	return q;
}
