// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tokenizer/tokenizer.h"
#include "util/utf8.h"

/*
 * Names under which models keep the token that ends a turn when the file has no
 * key for it: Llama 3, ChatML (Qwen, SmolLM), Phi 3, Gemma, GPT-2, Code Llama.
 * The first one that the vocabulary has is EOT; all of them end generation.
 */
static const char *const turn_ends[] = {
	"<|eot_id|>", "<|im_end|>",    "<|end|>",	  "<end_of_turn>",
	"<EOT>",      "<|endoftext|>", "<|end_of_text|>", "<|eom_id|>",
};

int special_id(const struct tdm_tokenizer *t, const char *name, uint32_t *id, struct tdm_error *err)
{
	char key[64];
	uint32_t v = 0;
	int rc;

	snprintf(key, sizeof(key), "tokenizer.ggml.%s", name);
	rc = tdm_gguf_get_u32(t->g, key, &v, err);
	if (rc == -ENOENT)
		return 0;
	if (rc)
		return rc;
	/* Converters write -1 for a token that the model does not have */
	if (v == UINT32_MAX) {
		*id = TDM_TOKEN_NONE;
		return 0;
	}
	if (v >= t->n_tokens)
		return tdm_error_set(err, -EBADMSG,
				     "%s: key '%s' is %u, but there are %u tokens; convert the "
				     "model again",
				     tdm_gguf_name(t->g), key, v, t->n_tokens);
	*id = v;
	return 0;
}

/* -1: no turn end, otherwise its number in the list above */
static int turn_end(const struct token *token)
{
	if (token->type != TDM_TOKEN_CONTROL && token->type != TDM_TOKEN_USER_DEFINED)
		return -1;
	for (size_t i = 0; i < sizeof(turn_ends) / sizeof(turn_ends[0]); i++)
		if (strlen(turn_ends[i]) == token->len &&
		    !memcmp(turn_ends[i], token->text, token->len))
			return (int)i;
	return -1;
}

static void mark_eog(struct tdm_tokenizer *t)
{
	const uint32_t ids[] = { t->eos, t->eot, t->eom };
	int best = -1;

	for (uint32_t i = 0; i < t->n_tokens; i++) {
		int number = turn_end(&t->tokens[i]);

		if (number < 0)
			continue;
		t->tokens[i].eog = true;
		if (t->eot == TDM_TOKEN_NONE && (best < 0 || number < best))
			best = number;
	}
	for (uint32_t i = 0; best >= 0 && t->eot == TDM_TOKEN_NONE && i < t->n_tokens; i++)
		if (turn_end(&t->tokens[i]) == best)
			t->eot = i;
	for (size_t i = 0; i < 3; i++)
		if (ids[i] != TDM_TOKEN_NONE)
			t->tokens[ids[i]].eog = true;
}

/*
 * Without token types the ids say which tokens are control tokens. A token that
 * ends generation is one in any case: user text must not be able to make it.
 */
static void mark_control(struct tdm_tokenizer *t)
{
	if (!t->typed) {
		if (t->bos != TDM_TOKEN_NONE)
			t->tokens[t->bos].type = TDM_TOKEN_CONTROL;
		if (t->eos != TDM_TOKEN_NONE)
			t->tokens[t->eos].type = TDM_TOKEN_CONTROL;
		if (t->spm && t->unk != TDM_TOKEN_NONE)
			t->tokens[t->unk].type = TDM_TOKEN_UNKNOWN;
	}
	for (uint32_t i = 0; i < t->n_tokens; i++)
		if (t->tokens[i].eog && t->tokens[i].type == TDM_TOKEN_USER_DEFINED)
			t->tokens[i].type = TDM_TOKEN_CONTROL;
}

static int compare_texts(const void *a, const void *b)
{
	const struct token *x = *(const struct token *const *)a;
	const struct token *y = *(const struct token *const *)b;
	int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	if (!order)
		order = (x->len > y->len) - (x->len < y->len);
	return order ? order : (x > y) - (x < y);
}

static bool matched_whole(const struct token *token)
{
	/* Half a character would split the text where no splitter expects it */
	return (token->type == TDM_TOKEN_CONTROL || token->type == TDM_TOKEN_USER_DEFINED) &&
	       token->len && utf8_valid(token->text, token->len) == token->len;
}

static int collect_whole(struct tdm_tokenizer *t, struct tdm_error *err)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n_tokens; i++)
		n += matched_whole(&t->tokens[i]);
	t->whole = calloc((size_t)n + 1, sizeof(const struct token *));
	if (!t->whole)
		return tdm_error_set(err, -ENOMEM, "%s: no memory for %u control tokens; free some",
				     tdm_gguf_name(t->g), n);
	for (uint32_t i = 0; i < t->n_tokens; i++) {
		if (!matched_whole(&t->tokens[i]))
			continue;
		t->whole[t->n_whole++] = &t->tokens[i];
		t->whole_first[(unsigned char)t->tokens[i].text[0]] = true;
	}
	qsort(t->whole, t->n_whole, sizeof(const struct token *), compare_texts);
	return 0;
}

/* First of whole[from..to) whose byte @pos is at least @byte; all are longer than @pos */
static uint32_t lower(const struct tdm_tokenizer *t, uint32_t from, uint32_t to, size_t pos,
		      unsigned int byte)
{
	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if ((unsigned char)t->whole[mid]->text[pos] < byte)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

uint32_t special_match(const struct tdm_tokenizer *t, const char *text, size_t len, bool control)
{
	uint32_t from = 0, to = t->n_whole, best = TDM_TOKEN_NONE;

	if (!len || !t->whole_first[(unsigned char)text[0]])
		return best;
	/* whole[from..to) are those that begin with text[0..pos) */
	for (size_t pos = 0; from < to; pos++) {
		bool taken = false;

		/* Those that end here sort first; of equal ones the lowest id counts */
		for (; from < to && t->whole[from]->len == pos; from++) {
			const struct token *token = t->whole[from];

			if (!taken && (control || token->type != TDM_TOKEN_CONTROL)) {
				best = (uint32_t)(token - t->tokens);
				taken = true;
			}
		}
		if (pos == len)
			break;
		from = lower(t, from, to, pos, (unsigned char)text[pos]);
		to = lower(t, from, to, pos, (unsigned int)(unsigned char)text[pos] + 1);
	}
	return best;
}

static int load_ids(struct tdm_tokenizer *t, struct tdm_error *err)
{
	int rc = special_id(t, "bos_token_id", &t->bos, err);

	if (!rc)
		rc = special_id(t, "eos_token_id", &t->eos, err);
	if (!rc)
		rc = special_id(t, "unknown_token_id", &t->unk, err);
	if (!rc)
		rc = special_id(t, "eot_token_id", &t->eot, err);
	if (!rc)
		rc = special_id(t, "eom_token_id", &t->eom, err);
	return rc;
}

static int load_flag(const struct tdm_tokenizer *t, const char *name, bool *value, uint32_t id,
		     struct tdm_error *err)
{
	char key[64];
	int rc;

	snprintf(key, sizeof(key), "tokenizer.ggml.%s_token", name);
	rc = tdm_gguf_get_bool(t->g, key, value, err);
	if (rc == -ENOENT) {
		*value = *value && id != TDM_TOKEN_NONE;
		return 0;
	}
	if (!rc && *value && id == TDM_TOKEN_NONE)
		rc = tdm_error_set(err, -EBADMSG,
				   "%s: key '%s' is true, but the model has no such token; convert "
				   "the model again",
				   tdm_gguf_name(t->g), key);
	return rc;
}

int special_load(struct tdm_tokenizer *t, struct tdm_error *err)
{
	int rc = load_ids(t, err);

	if (!rc)
		rc = load_flag(t, "add_bos", &t->add_bos, t->bos, err);
	if (!rc)
		rc = load_flag(t, "add_eos", &t->add_eos, t->eos, err);
	if (rc)
		return rc;
	mark_eog(t);
	mark_control(t);
	return collect_whole(t, err);
}
