// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "tokenizer_vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/tokenizer.h>

/* A GGUF file of keys alone, as it grows. */
struct file {
	char bytes[16384];
	size_t len;
};

struct token {
	char text[16];
	int type;
	float score;
};

static void put(struct file *f, const void *data, size_t len)
{
	if (len > sizeof(f->bytes) - f->len)
		abort();
	memcpy(f->bytes + f->len, data, len);
	f->len += len;
}

static void put_u32(struct file *f, uint32_t value)
{
	put(f, &value, sizeof(value));
}

static void put_str(struct file *f, const char *text)
{
	uint64_t len = strlen(text);

	put(f, &len, sizeof(len));
	put(f, text, len);
}

static void put_key(struct file *f, const char *name, uint32_t type)
{
	char full[64];

	snprintf(full, sizeof(full), "tokenizer.ggml.%s", name);
	put_str(f, full);
	put_u32(f, type);
}

static void put_array(struct file *f, const char *name, uint32_t type, uint64_t count)
{
	put_key(f, name, TDM_GGUF_ARRAY);
	put_u32(f, type);
	put(f, &count, sizeof(count));
}

static void put_header(struct file *f, uint64_t keys)
{
	uint64_t tensors = 0;

	put(f, "GGUF", 4);
	put_u32(f, 3);
	put(f, &tensors, sizeof(tensors));
	put(f, &keys, sizeof(keys));
}

static void put_tokens(struct file *f, const struct token *tokens, uint64_t n)
{
	put_array(f, "tokens", TDM_GGUF_STRING, n);
	for (uint64_t i = 0; i < n; i++)
		put_str(f, tokens[i].text);
	put_array(f, "token_type", TDM_GGUF_I32, n);
	for (uint64_t i = 0; i < n; i++)
		put_u32(f, (uint32_t)tokens[i].type);
}

static const struct token spm_pieces[] = {
	{ "\xe2\x96\x81", TDM_TOKEN_NORMAL, -1 },
	{ "\xe2\x96\x81\xe2\x96\x81", TDM_TOKEN_NORMAL, -2 },
	{ "a", TDM_TOKEN_NORMAL, -9 },
	{ "b", TDM_TOKEN_NORMAL, -9 },
	{ "ab", TDM_TOKEN_NORMAL, -3 },
	{ "ba", TDM_TOKEN_NORMAL, -3 },
	{ "aba", TDM_TOKEN_NORMAL, -2 },
	{ "\xe2\x96\x81"
	  "a",
	  TDM_TOKEN_NORMAL, -1 },
	{ "\xc3\xa9", TDM_TOKEN_NORMAL, -4 },
	{ "[user]", TDM_TOKEN_USER_DEFINED, 0 },
	{ "[use", TDM_TOKEN_USER_DEFINED, 0 },
	{ "<|im_end|>", TDM_TOKEN_CONTROL, 0 },
	{ "zz", TDM_TOKEN_UNUSED, 0 },
};

static void make_spm(struct file *f)
{
	struct token tokens[3 + 256 + sizeof(spm_pieces) / sizeof(spm_pieces[0])] = {
		{ "<unk>", TDM_TOKEN_UNKNOWN, 0 },
		{ "<s>", TDM_TOKEN_CONTROL, 0 },
		{ "</s>", TDM_TOKEN_CONTROL, 0 },
	};
	const size_t n = sizeof(tokens) / sizeof(tokens[0]);

	for (unsigned int i = 0; i < 256; i++) {
		snprintf(tokens[3 + i].text, sizeof(tokens[0].text), "<0x%02X>", i);
		tokens[3 + i].type = TDM_TOKEN_BYTE;
	}
	memcpy(tokens + 3 + 256, spm_pieces, sizeof(spm_pieces));
	put_header(f, 6);
	put_key(f, "model", TDM_GGUF_STRING);
	put_str(f, "llama");
	put_tokens(f, tokens, n);
	put_array(f, "scores", TDM_GGUF_F32, n);
	for (size_t i = 0; i < n; i++)
		put(f, &tokens[i].score, sizeof(float));
	put_key(f, "bos_token_id", TDM_GGUF_U32);
	put_u32(f, 1);
	put_key(f, "eos_token_id", TDM_GGUF_U32);
	put_u32(f, 2);
}

/* GPT-2 writes bytes that cannot be seen as the characters from U+0100 on. */
static void spell_byte(unsigned int byte, char text[16])
{
	unsigned int cp = byte, hidden = 0;

	for (unsigned int b = 0; b <= byte; b++) {
		bool seen = (b > 0x20 && b < 0x7f) || (b > 0xa0 && b != 0xad);

		if (!seen)
			hidden++;
		if (b == byte && !seen)
			cp = 0x100 + hidden - 1;
	}
	if (cp < 0x80)
		snprintf(text, 16, "%c", (int)cp);
	else
		snprintf(text, 16, "%c%c", (int)(0xc0 | cp >> 6), (int)(0x80 | (cp & 0x3f)));
}

static const struct token bpe_pieces[] = {
	{ "ab", TDM_TOKEN_NORMAL, 0 },
	{ "abab", TDM_TOKEN_NORMAL, 0 },
	{ "\xc4\xa0"
	  "a",
	  TDM_TOKEN_NORMAL, 0 },
	{ "12", TDM_TOKEN_NORMAL, 0 },
	{ "\xc3\x83\xc2\xa9", TDM_TOKEN_NORMAL, 0 },
	{ "<|im_start|>", TDM_TOKEN_CONTROL, 0 },
	{ "<|im_end|>", TDM_TOKEN_CONTROL, 0 },
	{ "[user]", TDM_TOKEN_USER_DEFINED, 0 },
};

static const char *const merges[] = { "a b", "ab ab", "\xc4\xa0 a", "1 2", "\xc3\x83 \xc2\xa9" };

static void make_bpe(struct file *f, const char *splitter)
{
	struct token tokens[256 + sizeof(bpe_pieces) / sizeof(bpe_pieces[0])] = { 0 };
	const size_t n_merges = sizeof(merges) / sizeof(merges[0]);

	for (unsigned int i = 0; i < 256; i++) {
		spell_byte(i, tokens[i].text);
		tokens[i].type = TDM_TOKEN_NORMAL;
	}
	memcpy(tokens + 256, bpe_pieces, sizeof(bpe_pieces));
	put_header(f, 6);
	put_key(f, "model", TDM_GGUF_STRING);
	put_str(f, "gpt2");
	put_key(f, "pre", TDM_GGUF_STRING);
	put_str(f, splitter);
	put_tokens(f, tokens, sizeof(tokens) / sizeof(tokens[0]));
	put_array(f, "merges", TDM_GGUF_STRING, n_merges);
	for (size_t i = 0; i < n_merges; i++)
		put_str(f, merges[i]);
	put_key(f, "eos_token_id", TDM_GGUF_U32);
	put_u32(f, 262);
}

struct tdm_tokenizer *vocab_tokenizer(unsigned int which)
{
	static const char *const splitters[VOCABS] = { NULL, "gpt-2", "llama-bpe", "qwen2",
						       "smollm" };
	static struct file files[VOCABS];
	static struct tdm_gguf *ggufs[VOCABS]; /* reachable: no leak */
	struct file *f = &files[which];
	struct tdm_error err;
	struct tdm_tokenizer *t;

	if (splitters[which])
		make_bpe(f, splitters[which]);
	else
		make_spm(f);
	ggufs[which] = tdm_gguf_from_memory(f->bytes, f->len, "vocab", &err);
	t = ggufs[which] ? tdm_tokenizer_create(ggufs[which], &err) : NULL;
	if (!t)
		fprintf(stderr, "%s\n", err.msg);
	return t;
}
