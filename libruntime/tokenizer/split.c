// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "tokenizer/split.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "util/utf8.h"

enum class {
	LETTER, /* \p{L} */
	NUMBER, /* \p{N} */
	SPACE,	/* \s: the White_Space property */
	OTHER,
	END,
};

/* A character of the text: class END and length 0 behind the last one */
struct character {
	uint32_t cp;
	size_t len;
	enum class class;
};

static enum class classify(uint32_t cp) {
	if (cp < 0x80){ if ((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z') return LETTER;
			if (cp >= '0' && cp <= '9') return NUMBER;
			return cp == ' ' || (cp >= '\t' && cp <= '\r') ? SPACE : OTHER; }
switch (utf8proc_category((utf8proc_int32_t)cp))
{
case UTF8PROC_CATEGORY_LU:
case UTF8PROC_CATEGORY_LL:
case UTF8PROC_CATEGORY_LT:
case UTF8PROC_CATEGORY_LM:
case UTF8PROC_CATEGORY_LO:
	return LETTER;
case UTF8PROC_CATEGORY_ND:
case UTF8PROC_CATEGORY_NL:
case UTF8PROC_CATEGORY_NO:
	return NUMBER;
case UTF8PROC_CATEGORY_ZS:
case UTF8PROC_CATEGORY_ZL:
case UTF8PROC_CATEGORY_ZP:
	return SPACE;
default:
	/* White_Space is Z plus these controls (PropList.txt) */
	return cp == 0x85 ? SPACE : OTHER;
}
}

static struct character at(const char *text, size_t len, size_t pos)
{
	struct character c = { 0, 0, END };

	if (pos < len) {
		c.len = utf8_next(text + pos, len - pos, &c.cp);
		c.class = classify(c.cp);
	}
	return c;
}

/* Where a run of at most @max characters (0: any number) of one class ends */
static size_t run(const char *text, size_t len, size_t pos, enum class class, unsigned int max)
{
	for (unsigned int n = 0; !max || n < max; n++) {
		struct character c = at(text, len, pos);

		if (c.class != class)
			break;
		pos += c.len;
	}
	return pos;
}

/* Length of 's 't 're 've 'm 'll 'd, 0 if it is none of them */
static size_t contraction(const char *text, size_t len, bool any_case)
{
	static const char *const endings[] = { "s", "t", "re", "ve", "m", "ll", "d" };

	if (text[0] != '\'')
		return 0;
	/* U+017F folds to s in a case-insensitive match */
	if (any_case && len >= 3 && !memcmp(text + 1, "\xc5\xbf", 2))
		return 3;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]), j = 0;

		while (j < n && j + 1 < len &&
		       (any_case ? text[j + 1] | 0x20 : text[j + 1]) == endings[i][j])
			j++;
		if (j == n)
			return n + 1;
	}
	return 0;
}

/*
 * \s+(?!\S)|\s+ : white space keeps its last character back for the word that
 * follows, unless it is all there is or nothing follows.
 */
static size_t spaces(const char *text, size_t len, bool number_ends)
{
	size_t pos = 0, last = 0;
	struct character c;

	for (c = at(text, len, 0); c.class == SPACE; c = at(text, len, pos)) {
		last = pos;
		pos += c.len;
	}
	if (c.class == END || !last || (number_ends && c.class == NUMBER))
		return pos;
	return last;
}

/*
 * GPT-2: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * With s->digits the text is cut around each number first (\p{N}), so that a
 * number is as good as the end of the text for what stands before it.
 */
static size_t next_gpt2(const struct splitter *s, const char *text, size_t len)
{
	size_t n = contraction(text, len, false);
	size_t pos = text[0] == ' ';
	struct character c = at(text, len, pos);

	if (n)
		return n;
	if (s->digits && c.class == NUMBER)
		return pos ? pos : c.len;
	if (c.class == SPACE || c.class == END)
		return spaces(text, len, s->digits);
	return run(text, len, pos, c.class, 0);
}

/* \s*[\r\n]+ : the end of the last line in this white space, 0 if it has none */
static size_t lines(const char *text, size_t len)
{
	size_t pos = 0, end = 0;
	struct character c;

	for (c = at(text, len, 0); c.class == SPACE; c = at(text, len, pos)) {
		pos += c.len;
		if (c.cp == '\r' || c.cp == '\n')
			end = pos;
	}
	return end;
}

/*
 * Llama 3 (digits 3) and Qwen 2 (digits 1):
 * (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
 *  ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 */
static size_t next_llama3(const struct splitter *s, const char *text, size_t len)
{
	size_t pos = contraction(text, len, true);
	struct character c = at(text, len, 0), c2;

	if (pos)
		return pos;
	if (c.class == LETTER)
		return run(text, len, 0, LETTER, 0);
	if (c.class == NUMBER)
		return run(text, len, 0, NUMBER, s->digits);
	c2 = at(text, len, c.len);
	if (c2.class == LETTER && c.cp != '\r' && c.cp != '\n')
		return run(text, len, c.len, LETTER, 0);
	if (c.class == OTHER || (c.cp == ' ' && c2.class == OTHER)) {
		pos = run(text, len, c.class == OTHER ? 0 : c.len, OTHER, 0);
		while (pos < len && (text[pos] == '\r' || text[pos] == '\n'))
			pos++;
		return pos;
	}
	pos = lines(text, len);
	return pos ? pos : spaces(text, len, false);
}

static const struct splitter splitters[] = {
	{ "default", next_gpt2, 0, false, false },   { "gpt-2", next_gpt2, 0, false, false },
	{ "llama-bpe", next_llama3, 3, true, true }, { "llama3", next_llama3, 3, true, true },
	{ "llama-v3", next_llama3, 3, true, true },  { "qwen2", next_llama3, 1, false, false },
	{ "smollm", next_gpt2, 1, false, false },
};

const struct splitter *splitter_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(splitters) / sizeof(splitters[0]); i++)
		if (strlen(splitters[i].name) == len && !memcmp(splitters[i].name, name, len))
			return &splitters[i];
	return NULL;
}
