// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "report.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static double tokens_per_s(const struct tdm_result *r)
{
	return (double)(r->n_tokens - 1) / ((double)r->decode_ns / 1e9);
}

static double overlap(const struct tdm_result *r)
{
	return (double)r->hidden_ns / (double)r->transfer_ns;
}

/* A figure that was not measured is null, never 0. */
static struct json_object *figure(bool measured, double value)
{
	return measured ? json_object_new_double(value) : NULL;
}

static void add_string(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static struct json_object *token_ids(const struct writer *w)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < w->n_tokens; i++)
		json_object_array_add(array, json_object_new_int64(w->tokens[i]));
	return array;
}

int report_json(const struct report *r)
{
	const struct tdm_result *res = r->result;
	struct json_object *o = json_object_new_object();
	int rc;

	add_string(o, "schema", "tandem.generate.v1");
	json_object_object_add(o, "text",
			       json_object_new_string_len(r->writer->text ? r->writer->text : "",
							  (int)r->writer->text_len));
	json_object_object_add(o, "tokens", token_ids(r->writer));
	json_object_object_add(o, "prompt_tokens", json_object_new_int64(r->n_prompt));
	add_string(o, "mode", r->mode == TDM_MODE_SPLIT ? "split" : "fused");
	add_string(o, "prefill_device", tdm_engine_device(r->engine, false));
	add_string(o, "decode_device", tdm_engine_device(r->engine, true));
	add_string(o, "net", tdm_engine_net(r->engine));
	json_object_object_add(o, "kv_pages", json_object_new_uint64(res->kv_pages));
	json_object_object_add(o, "kv_bytes", json_object_new_uint64(res->kv_bytes));
	json_object_object_add(o, "ttft_ms", json_object_new_double((double)res->ttft_ns / 1e6));
	json_object_object_add(o, "tokens_per_s", figure(res->decode_ns, tokens_per_s(res)));
	json_object_object_add(o, "kv_overlap", figure(res->transfer_ns, overlap(res)));
	rc = puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE)) < 0 ||
	     fflush(stdout);
	json_object_put(o);
	if (!rc)
		return EXIT_DONE;
	perror("tandem: standard output");
	return EXIT_FAILED;
}

void report_line(const struct report *r)
{
	const struct tdm_result *res = r->result;
	const char *net = tdm_engine_net(r->engine);

	fprintf(stderr, "[%u + %u tokens", r->n_prompt, res->n_tokens);
	if (r->mode == TDM_MODE_SPLIT)
		fprintf(stderr,
			"; prefill %s, decode %s; %llu KV pages, %.1f KiB over %s%s, %.0f%% hidden "
			"behind prefill",
			tdm_engine_device(r->engine, false), tdm_engine_device(r->engine, true),
			(unsigned long long)res->kv_pages, (double)res->kv_bytes / 1024, net,
			strncmp(net, "soft", 4) ? "" : " (emulated)", 100 * overlap(res));
	else
		fprintf(stderr, "; prefill and decode %s", tdm_engine_device(r->engine, true));
	fprintf(stderr, "; first token %.1f ms", (double)res->ttft_ns / 1e6);
	if (res->decode_ns)
		fprintf(stderr, ", then %.0f tokens/s", tokens_per_s(res));
	fputs("]\n", stderr);
}
