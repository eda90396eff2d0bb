// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <tandem/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where to cut so that no character of UTF-8 is left in half */
static size_t cut_at(const char *msg, size_t len)
{
	while (len && ((unsigned char)msg[len] & 0xc0) == 0x80)
		len--;
	return len;
}

int tdm_error_set(struct tdm_error *err, int code, const char *fmt, ...)
{
	/* One byte more than fits, to see whether the cut splits a character */
	char msg[sizeof(err->msg) + 1];
	va_list args;
	size_t len;

	if (!err)
		return code;
	va_start(args, fmt);
	if (vsnprintf(msg, sizeof(msg), fmt, args) < 0)
		msg[0] = '\0';
	va_end(args);

	len = strlen(msg);
	if (len >= sizeof(err->msg))
		len = cut_at(msg, sizeof(err->msg) - 1);
	memcpy(err->msg, msg, len);
	err->msg[len] = '\0';
	err->code = code;
	return code;
}
