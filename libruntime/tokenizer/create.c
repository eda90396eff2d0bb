// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "tokenizer/tokenizer.h"
#include "util/quote.h"

#define MODEL "tokenizer.ggml.model"

static bool str_is(struct tdm_str s, const char *name)
{
	return s.len == strlen(name) && !memcmp(s.ptr, name, s.len);
}

static int load_kind(struct tdm_tokenizer *t, struct tdm_error *err)
{
	struct tdm_str kind;
	int rc = tdm_gguf_get_str(t->g, MODEL, &kind, err);

	if (rc)
		return rc;
	t->spm = str_is(kind, "llama");
	if (!t->spm && !str_is(kind, "gpt2"))
		return tdm_error_set(err, -EOPNOTSUPP,
				     "%s: tokenizer %s is not supported; use a model with "
				     "tokenizer 'llama' or 'gpt2'",
				     tdm_gguf_name(t->g), quote(kind.ptr, kind.len).s);
	return 0;
}

static int load(struct tdm_tokenizer *t, struct tdm_error *err)
{
	int rc = load_kind(t, err);

	if (!rc)
		rc = vocab_load(t, err);
	/* Sets defaults that special_load() lets the file override */
	if (!rc)
		rc = t->spm ? spm_load(t, err) : bpe_load(t, err);
	if (!rc)
		rc = special_load(t, err);
	return rc;
}

struct tdm_tokenizer *tdm_tokenizer_create(const struct tdm_gguf *g, struct tdm_error *err)
{
	struct tdm_tokenizer *t = calloc(1, sizeof(*t));

	if (!t) {
		tdm_error_set(err, -ENOMEM, "%s: no memory for a tokenizer; free some",
			      tdm_gguf_name(g));
		return NULL;
	}
	t->g = g;
	t->bos = t->eos = t->eot = t->eom = t->unk = TDM_TOKEN_NONE;
	memset(t->byte_token, 0xff, sizeof(t->byte_token));
	/* Without entropy this early in boot, only the guard against collisions is weaker */
	if (getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK) != (ssize_t)sizeof(t->seed))
		t->seed = (uintptr_t)t;
	if (!load(t, err))
		return t;
	tdm_tokenizer_destroy(t);
	return NULL;
}

void tdm_tokenizer_destroy(struct tdm_tokenizer *t)
{
	if (!t)
		return;
	free(t->tokens);
	free(t->by_text.slots);
	free(t->whole);
	free(t->merges.slots);
	free(t);
}

const char *tdm_tokenizer_kind(const struct tdm_tokenizer *t)
{
	return t->spm ? "llama" : "gpt2";
}

uint32_t tdm_tokenizer_vocab_size(const struct tdm_tokenizer *t)
{
	return t->n_tokens;
}

struct tdm_str tdm_tokenizer_token_text(const struct tdm_tokenizer *t, uint32_t id)
{
	struct tdm_str none = { "", 0 };

	if (id >= t->n_tokens)
		return none;
	return (struct tdm_str){ t->tokens[id].text, t->tokens[id].len };
}

int tdm_tokenizer_token_type(const struct tdm_tokenizer *t, uint32_t id)
{
	return id < t->n_tokens ? t->tokens[id].type : 0;
}

uint32_t tdm_tokenizer_bos(const struct tdm_tokenizer *t)
{
	return t->bos;
}

uint32_t tdm_tokenizer_eos(const struct tdm_tokenizer *t)
{
	return t->eos;
}

uint32_t tdm_tokenizer_eot(const struct tdm_tokenizer *t)
{
	return t->eot;
}

bool tdm_tokenizer_is_eog(const struct tdm_tokenizer *t, uint32_t id)
{
	return id < t->n_tokens && t->tokens[id].eog;
}
