// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdlib.h>

#include "tokenizer/tokenizer.h"
#include "util/utf8.h"

size_t tdm_tokenizer_bound(const struct tdm_tokenizer *t, size_t len)
{
	/* BOS, EOS and the space in front */
	const size_t around = 2 + 3;

	/* gpt2: a byte is a token at most */
	if (!t->spm)
		return len + around;
	/*
	 * llama: the same, but each whole token (one byte at least) can bring a
	 * space to the text behind it (one byte at least): three tokens for two
	 * bytes. Where U+2581 is no token, a space costs three bytes.
	 */
	return t->has_space ? len + len / 2 + around : 4 * len + around;
}

int put_unknown(const struct tdm_tokenizer *t, unsigned char byte, struct token_sink *sink,
		struct tdm_error *err)
{
	if (t->unk == TDM_TOKEN_NONE)
		return tdm_error_set(err, -EOPNOTSUPP,
				     "%s: the vocabulary has no token for byte 0x%02x and no "
				     "unknown token; leave such characters out of the text",
				     tdm_gguf_name(t->g), byte);
	sink_put(sink, t->unk);
	return 0;
}

/* Plain text between whole tokens */
static int encode_plain(const struct tdm_tokenizer *t, const char *text, size_t len,
			bool space_prefix, struct encode_work *work, struct token_sink *sink,
			struct tdm_error *err)
{
	if (!len)
		return 0;
	if (t->spm)
		return spm_encode(t, text, len, space_prefix, work, sink, err);
	return bpe_encode(t, text, len, work, sink, err);
}

static int encode_text(const struct tdm_tokenizer *t, const char *text, size_t len, bool control,
		       struct encode_work *work, struct token_sink *sink, struct tdm_error *err)
{
	size_t plain = 0; /* where the plain text before @pos begins */
	bool space_prefix = true;
	int rc;

	for (size_t pos = 0; pos < len;) {
		uint32_t id = special_match(t, text + pos, len - pos, control);

		if (id == TDM_TOKEN_NONE) {
			pos++;
			continue;
		}
		rc = encode_plain(t, text + plain, pos - plain, space_prefix, work, sink, err);
		if (rc)
			return rc;
		sink_put(sink, id);
		space_prefix = true;
		pos += t->tokens[id].len;
		plain = pos;
	}
	return encode_plain(t, text + plain, len - plain, space_prefix, work, sink, err);
}

int64_t tdm_tokenizer_encode(const struct tdm_tokenizer *t, const char *text, size_t len,
			     unsigned int flags, uint32_t *tokens, size_t cap,
			     struct tdm_error *err)
{
	struct token_sink sink = { tokens, cap, 0 };
	struct encode_work work = { 0 };
	size_t valid;
	int rc;

	if (flags & ~(unsigned int)(TDM_ENCODE_ADD_SPECIAL | TDM_ENCODE_PARSE_SPECIAL))
		return tdm_error_set(err, -EINVAL,
				     "encode: unknown flags 0x%x; use "
				     "tdm_encode_flags",
				     flags);
	if (len > TDM_TEXT_MAX)
		return tdm_error_set(err, -EFBIG,
				     "text: has %zu bytes, at most %u are possible; shorten "
				     "it",
				     len, TDM_TEXT_MAX);
	valid = utf8_valid(text, len);
	if (valid != len)
		return tdm_error_set(err, -EILSEQ,
				     "text: is not valid UTF-8 at byte offset %zu (0x%02x); "
				     "convert it to UTF-8",
				     valid, (unsigned int)(unsigned char)text[valid]);

	if ((flags & TDM_ENCODE_ADD_SPECIAL) && t->add_bos)
		sink_put(&sink, t->bos);
	rc = encode_text(t, text, len, flags & TDM_ENCODE_PARSE_SPECIAL, &work, &sink, err);
	if ((flags & TDM_ENCODE_ADD_SPECIAL) && t->add_eos)
		sink_put(&sink, t->eos);
	merge_free(&work.merge);
	free(work.piece);
	if (rc)
		return rc;
	if (sink.n > cap)
		return tdm_error_set(err, -ENOBUFS,
				     "text: becomes %zu tokens, there is room for %zu; give more "
				     "room or shorten the text",
				     sink.n, cap);
	return (int64_t)sink.n;
}
