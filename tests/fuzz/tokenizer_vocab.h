/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Small vocabularies with bytes, control and user-defined tokens; each can express
 * every text.
 */
#ifndef TESTS_FUZZ_TOKENIZER_VOCAB_H
#define TESTS_FUZZ_TOKENIZER_VOCAB_H

/* Kind "llama", then kind "gpt2" with each splitter. */
#define VOCABS 5

struct tdm_tokenizer;

/** vocab_tokenizer - @which below VOCABS; lives as long as the program. NULL on error */
struct tdm_tokenizer *vocab_tokenizer(unsigned int which);

#endif /* TESTS_FUZZ_TOKENIZER_VOCAB_H */
