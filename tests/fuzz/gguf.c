// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The input is a GGUF file. Everything that the reader hands out is touched,
 * then a model and a tokenizer are made of it, as loading it would.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/tokenizer.h>

#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink;

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void touch(const void *ptr, uint64_t bytes)
{
	const uint8_t *p = ptr;

	for (uint64_t i = 0; i < bytes; i++)
		sink += p[i];
}

static void touch_array(const struct tdm_gguf_array *array)
{
	const void *pos = NULL;

	for (uint64_t i = 0; i < array->count; i++) {
		if (array->type == TDM_GGUF_STRING) {
			struct tdm_str s = tdm_gguf_array_next_str(array, &pos);

			touch(s.ptr, s.len);
		} else if (array->type == TDM_GGUF_F32 || array->type == TDM_GGUF_F64) {
			sink += tdm_gguf_array_f32(array, i) > 0;
		} else {
			sink += (uint64_t)tdm_gguf_array_i64(array, i);
		}
	}
}

/* By name, as whoever looks for a key does: names are unique and free of NUL. */
static void touch_key(const struct tdm_gguf *g, const struct tdm_gguf_key *key)
{
	char *name = strndup(key->name.ptr, key->name.len);
	struct tdm_gguf_array array;
	struct tdm_str str;
	uint64_t u64;
	uint32_t u32;
	float f32;
	bool flag;

	must(name && tdm_gguf_find_key(g, name) == key);
	tdm_gguf_get_u32(g, name, &u32, NULL);
	tdm_gguf_get_u64(g, name, &u64, NULL);
	tdm_gguf_get_f32(g, name, &f32, NULL);
	tdm_gguf_get_bool(g, name, &flag, NULL);
	if (!tdm_gguf_get_str(g, name, &str, NULL))
		touch(str.ptr, str.len);
	if (!tdm_gguf_get_array(g, name, -1, &array, NULL))
		touch_array(&array);
	free(name);
}

static void touch_tensor(const struct tdm_gguf *g, const struct tdm_gguf_tensor *tensor)
{
	char *name = strndup(tensor->name.ptr, tensor->name.len);

	must(name && tdm_gguf_find_tensor(g, name) == tensor);
	must(tdm_gguf_tensor_bytes(g, tensor, NULL) < 0 || tensor->bytes);
	touch(tensor->data, tensor->bytes);
	free(name);
}

static void check_error(const struct tdm_error *err)
{
	must(err->code < 0 && err->msg[0] && strstr(err->msg, "; "));
	must(!strpbrk(err->msg, "\n\r\033"));
}

static void make_model(struct tdm_gguf *g)
{
	struct tdm_model model = { .gguf = g };
	struct tdm_error err = { 0 };

	if (model_read_params(&model, &err) || model_find_tensors(&model, &err))
		check_error(&err);
	for (uint32_t i = 0; model.tensors && !err.code && i < model.n_tensors; i++)
		touch(model.tensors[i].src->data, model.tensors[i].src->bytes);
	free(model.tensors);
	free(model.rope);
}

static void make_tokenizer(const struct tdm_gguf *g)
{
	static const char text[] = "abc <s>x</s> \xc3\xa9 <|im_end|> 12\n'll";
	struct tdm_error err = { 0 };
	struct tdm_tokenizer *t = tdm_tokenizer_create(g, &err);
	uint32_t *tokens;
	char *piece;
	size_t room;
	int64_t n;

	if (!t) {
		check_error(&err);
		return;
	}
	room = tdm_tokenizer_bound(t, sizeof(text));
	tokens = calloc(room + 1, sizeof(*tokens));
	piece = malloc(tdm_tokenizer_max_piece(t) + 1);
	must(tokens && piece);
	for (unsigned int flags = 0; flags < 4; flags++) {
		n = tdm_tokenizer_encode(t, text, sizeof(text), flags, tokens, room, &err);
		must(n <= (int64_t)room && (n >= 0 || strstr(err.msg, "; ")));
		for (int64_t i = 0; i < n; i++)
			must(tdm_tokenizer_decode(t, tokens[i], flags, piece,
						  tdm_tokenizer_max_piece(t)) >= 0);
	}
	free(tokens);
	free(piece);
	tdm_tokenizer_destroy(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tdm_error err = { 0 };
	struct tdm_gguf *g = tdm_gguf_from_memory(data, size, "fuzz.gguf", &err);

	if (!g) {
		check_error(&err);
		return 0;
	}
	for (size_t i = 0; i < tdm_gguf_n_keys(g); i++)
		touch_key(g, tdm_gguf_key_at(g, i));
	for (size_t i = 0; i < tdm_gguf_n_tensors(g); i++)
		touch_tensor(g, tdm_gguf_tensor_at(g, i));
	make_model(g);
	make_tokenizer(g);
	tdm_gguf_close(g);
	return 0;
}
