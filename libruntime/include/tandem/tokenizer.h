/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Text to tokens and back, as the model file's own metadata says.
 *
 * Two kinds (key tokenizer.ggml.model): "llama", SentencePiece's BPE with a
 * score for each piece and bytes as the fallback; and "gpt2", byte-level BPE
 * with an ordered list of merges behind a splitter (key tokenizer.ggml.pre:
 * gpt-2, default, llama-bpe, smollm, qwen2).
 *
 * A tokenizer is immutable: any number of threads may use it at once.
 */
#ifndef TANDEM_TOKENIZER_H
#define TANDEM_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>
#include <tandem/gguf.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An id that no token has: the model does not define such a token */
#define TDM_TOKEN_NONE UINT32_MAX

/** Longest prompt in bytes */
#define TDM_TEXT_MAX (UINT32_C(1) << 30)

/** Types of tokens; the numbers are the file format's (tokenizer.ggml.token_type) */
enum tdm_token_type {
	TDM_TOKEN_NORMAL = 1,
	TDM_TOKEN_UNKNOWN = 2,	    /* stands for what has no token */
	TDM_TOKEN_CONTROL = 3,	    /* BOS, EOS, ...: text only with TDM_DECODE_SPECIAL */
	TDM_TOKEN_USER_DEFINED = 4, /* always matched whole */
	TDM_TOKEN_UNUSED = 5,	    /* never made from text */
	TDM_TOKEN_BYTE = 6,	    /* one byte, written "<0x41>" */
};

/** How tdm_tokenizer_encode() works */
enum tdm_encode_flags {
	/* BOS in front and EOS at the end, where the model says so */
	TDM_ENCODE_ADD_SPECIAL = 1 << 0,
	/*
	 * Read "<s>" and the like in the text as the control tokens of that
	 * name. Only for text that the program wrote: a user's text could
	 * otherwise end its own message and start another.
	 */
	TDM_ENCODE_PARSE_SPECIAL = 1 << 1,
};

/** How tdm_tokenizer_decode() works */
enum tdm_decode_flags {
	/*
	 * This token begins the text: drop the one space that encoding put in
	 * front (kind "llama"). Not for the first token behind a prompt.
	 */
	TDM_DECODE_FIRST = 1 << 0,
	/* Control tokens as their text; otherwise they are nothing */
	TDM_DECODE_SPECIAL = 1 << 1,
};

struct tdm_tokenizer;

/**
 * tdm_tokenizer_create - build the tokenizer of a model
 * @g: must outlive the tokenizer, which keeps views into it
 * @err: where to say why, or NULL
 *
 * Every table is checked against the vocabulary. Owned by the caller.
 *
 * Return: NULL on error: -ENOENT a key is missing, -EINVAL a key has the wrong
 * type, -EBADMSG tables that do not fit each other, -EOPNOTSUPP a kind or a
 * splitter that is not supported, -ENOMEM.
 */
struct tdm_tokenizer *tdm_tokenizer_create(const struct tdm_gguf *g, struct tdm_error *err);

/** tdm_tokenizer_destroy - free it. NULL is fine */
void tdm_tokenizer_destroy(struct tdm_tokenizer *t);

/** tdm_tokenizer_kind - "llama" or "gpt2" */
const char *tdm_tokenizer_kind(const struct tdm_tokenizer *t);

/** tdm_tokenizer_vocab_size - number of tokens; ids are below it */
uint32_t tdm_tokenizer_vocab_size(const struct tdm_tokenizer *t);

/** tdm_tokenizer_token_text - as it is in the file, a view into it; empty for a bad id */
struct tdm_str tdm_tokenizer_token_text(const struct tdm_tokenizer *t, uint32_t id);

/** tdm_tokenizer_token_type - enum tdm_token_type, 0 for a bad id */
int tdm_tokenizer_token_type(const struct tdm_tokenizer *t, uint32_t id);

/** tdm_tokenizer_bos - begins a text; TDM_TOKEN_NONE if the model has none */
uint32_t tdm_tokenizer_bos(const struct tdm_tokenizer *t);

/** tdm_tokenizer_eos - ends a text; TDM_TOKEN_NONE if the model has none */
uint32_t tdm_tokenizer_eos(const struct tdm_tokenizer *t);

/** tdm_tokenizer_eot - ends a turn of a chat; TDM_TOKEN_NONE if the model has none */
uint32_t tdm_tokenizer_eot(const struct tdm_tokenizer *t);

/** tdm_tokenizer_is_eog - does this token end generation? (EOS, EOT, end of message) */
bool tdm_tokenizer_is_eog(const struct tdm_tokenizer *t, uint32_t id);

/** tdm_tokenizer_bound - tokens that a text of @len bytes has at most, for any flags */
size_t tdm_tokenizer_bound(const struct tdm_tokenizer *t, size_t len);

/**
 * tdm_tokenizer_encode - text to tokens
 * @t: the tokenizer
 * @text: UTF-8, not terminated; NUL is a character like others
 * @len: in bytes, at most TDM_TEXT_MAX
 * @flags: enum tdm_encode_flags or-ed
 * @tokens: room for @cap ids; may be NULL if @cap is 0
 * @cap: tdm_tokenizer_bound() is always enough
 * @err: where to say why, or NULL
 *
 * The text is taken as it is: no Unicode normalization (Qwen 2 asks for NFC,
 * which text from keyboards and files practically always is already).
 *
 * Takes O(len log len) time and, for the call, memory in proportion to the
 * longest run of text that tokens could span: a word, as a rule.
 *
 * Return: number of tokens, -ENOBUFS @cap is too small (the message says how
 * many there are), -EILSEQ not UTF-8 (the message says where), -EFBIG,
 * -EOPNOTSUPP the vocabulary cannot express the text, -EINVAL, -ENOMEM.
 */
int64_t tdm_tokenizer_encode(const struct tdm_tokenizer *t, const char *text, size_t len,
			     unsigned int flags, uint32_t *tokens, size_t cap,
			     struct tdm_error *err);

/** tdm_tokenizer_max_piece - bytes that one token decodes to at most */
size_t tdm_tokenizer_max_piece(const struct tdm_tokenizer *t);

/**
 * tdm_tokenizer_decode - one token to bytes
 * @t: the tokenizer
 * @id: of the token
 * @flags: enum tdm_decode_flags or-ed
 * @out: room for @cap bytes
 * @cap: tdm_tokenizer_max_piece() is always enough
 *
 * Tokens can be parts of a character: pass the bytes through struct
 * tdm_utf8_stream before they are shown. Nothing is terminated.
 *
 * Return: number of bytes, 0 for a token without text, -ERANGE no such token,
 * -ENOBUFS @cap is too small.
 */
int64_t tdm_tokenizer_decode(const struct tdm_tokenizer *t, uint32_t id, unsigned int flags,
			     char *out, size_t cap);

/**
 * struct tdm_utf8_stream - puts characters together from parts
 * @held: front of a character whose end has not come yet
 * @n_held: bytes of it, 0 to 3
 *
 * Starts as { 0 }. What comes out is always whole, valid UTF-8: bytes that
 * are not become U+FFFD, one for each maximal part of a character.
 */
struct tdm_utf8_stream {
	unsigned char held[4];
	unsigned int n_held;
};

/** Room that tdm_utf8_stream_push() needs for @len bytes */
#define TDM_UTF8_STREAM_ROOM(len) (3 * ((size_t)(len) + 1))

/**
 * tdm_utf8_stream_push - take bytes, give whole characters
 * @s: the stream
 * @in: @len bytes
 * @len: how many
 * @out: room for TDM_UTF8_STREAM_ROOM(@len) bytes; not @in
 *
 * Return: bytes in @out.
 */
size_t tdm_utf8_stream_push(struct tdm_utf8_stream *s, const char *in, size_t len, char *out);

/** tdm_utf8_stream_end - what is still held, as U+FFFD: 0 or 3 bytes in @out */
size_t tdm_utf8_stream_end(struct tdm_utf8_stream *s, char out[3]);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_TOKENIZER_H */
