// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Words and numbers of a line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"

bool decode_split(struct decode_words *w, const char *line)
{
	char *save = NULL;

	size_t len = strlen(line);

	w->n = 0;
	w->line = line;
	if (len >= sizeof(w->room))
		return false;
	memcpy(w->room, line, len + 1);
	for (char *word = strtok_r(w->room, " \t", &save); word;
	     word = strtok_r(NULL, " \t", &save)) {
		if (w->n == DECODE_WORDS)
			return false;
		w->word[w->n++] = word;
	}
	return true;
}

const char *decode_word(const struct decode_words *w, const char *key)
{
	for (unsigned int i = 0; i + 1 < w->n; i++)
		if (!strcmp(w->word[i], key))
			return w->word[i + 1];
	return NULL;
}

bool decode_number(const char *word, int base, uint64_t *value)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	char *end;

	/* Format 2 says by itself which numbers are hexadecimal. */
	if (word && !strncmp(word, "0x", 2)) {
		word += 2;
		base = 16;
	}
	/* strtoull() takes signs and spaces, which are none of ours. */
	if (!word || !*word || !strchr(base == 16 ? digits : "0123456789", *word))
		return false;
	errno = 0;
	*value = strtoull(word, &end, base);
	return !errno && !*end;
}

bool decode_u64(const struct decode_words *w, const char *key, int base, uint64_t *value)
{
	return decode_number(decode_word(w, key), base, value);
}

bool decode_u32(const struct decode_words *w, const char *key, int base, uint32_t *value)
{
	uint64_t wide;

	if (!decode_u64(w, key, base, &wide) || wide > UINT32_MAX)
		return false;
	*value = (uint32_t)wide;
	return true;
}

bool decode_s32(const struct decode_words *w, const char *key, int32_t *value)
{
	const char *word = decode_word(w, key);
	bool minus = word && *word == '-';
	uint64_t wide;

	if (!decode_number(minus ? word + 1 : word, 10, &wide) || wide > INT32_MAX)
		return false;
	*value = minus ? -(int32_t)wide : (int32_t)wide;
	return true;
}

/* Where " KEY " begins, and what comes behind it. */
static const char *find_key(const char *text, const char *key, const char **behind)
{
	size_t len = strlen(key);

	for (const char *at = text; (at = strstr(at, key)); at += len)
		if (at != text && at[-1] == ' ' && at[len] == ' ') {
			*behind = at + len + 1;
			return at - 1;
		}
	return NULL;
}

void decode_rest(const char *line, const char *key, const char *until, char *out, size_t size)
{
	const char *at = NULL, *stop = NULL, *ignored;
	size_t len;

	*out = '\0';
	if (!find_key(line, key, &at))
		return;
	if (until)
		stop = find_key(at, until, &ignored);
	len = stop ? (size_t)(stop - at) : strlen(at);
	if (len >= size)
		len = size - 1;
	memcpy(out, at, len);
	out[len] = '\0';
}

/* As every DECODE_LIST begins. */
struct list {
	char *of;
	size_t n, room;
};

void *decode_grow(void *any, size_t size)
{
	struct list *list = any;

	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		char *grown = reallocarray(list->of, room, size);

		if (!grown)
			return NULL;
		list->of = grown;
		list->room = room;
	}
	return memset(list->of + list->n++ * size, 0, size);
}
