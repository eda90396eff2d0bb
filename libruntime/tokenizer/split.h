/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Splitters: what byte-level BPE may not merge across. Each is the regular
 * expression of its model family, written as a scanner.
 */
#ifndef TANDEM_TOKENIZER_SPLIT_H
#define TANDEM_TOKENIZER_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct splitter - one of them
 * @name: value of tokenizer.ggml.pre
 * @next: length of the word at the front of @text (valid UTF-8, not empty)
 * @digits: longest run of digits in one word, 0 for any; for @next
 * @ignore_merges: a word that is a token is that token, whatever the merges say
 * @add_bos: default of tokenizer.ggml.add_bos_token
 */
struct splitter {
	const char *name;
	size_t (*next)(const struct splitter *s, const char *text, size_t len);
	unsigned int digits;
	bool ignore_merges;
	bool add_bos;
};

/* The splitter of that name, NULL if it is not supported */
const struct splitter *splitter_find(const char *name, size_t len);

/* The names, for messages */
#define SPLITTER_NAMES "default, gpt-2, llama-bpe, qwen2 or smollm"

#endif /* TANDEM_TOKENIZER_SPLIT_H */
