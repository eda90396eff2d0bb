// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "run/report.h"

#include <stdio.h>
#include <string.h>

#include "view/json.h"

static double tokens_per_s(const struct tdm_result *r)
{
	return (double)(r->n_tokens - 1) / ((double)r->decode_ns / 1e9);
}

static double overlap(const struct tdm_result *r)
{
	return (double)r->hidden_ns / (double)r->transfer_ns;
}

int report_json(const struct report *r, struct tdm_error *err)
{
	const struct tdm_result *res = r->result;
	const struct writer *w = r->writer;
	struct json j = json_start("tandem.generate.v1");
	struct json_object *tokens;

	json_text(&j, j.root, "text", w->text ? w->text : "", w->text_len);
	tokens = json_array(&j, j.root, "tokens");
	for (uint32_t i = 0; i < w->n_tokens; i++)
		json_array_count(&j, tokens, w->tokens[i]);
	json_string(&j, j.root, "stopped", r->stopped);
	if (r->n_prompt)
		json_count(&j, j.root, "prompt_tokens", r->n_prompt);
	else
		json_string(&j, j.root, "prompt_tokens", NULL);
	json_string(&j, j.root, "mode", r->mode == TDM_MODE_SPLIT ? "split" : "fused");
	json_string(&j, j.root, "prefill_device", r->prefill_device);
	json_string(&j, j.root, "decode_device", r->decode_device);
	json_string(&j, j.root, "net", r->net);
	json_count(&j, j.root, "kv_pages", res->kv_pages);
	json_count(&j, j.root, "kv_bytes", res->kv_bytes);
	json_figure(&j, j.root, "ttft_ms", res->ttft_ns, (double)res->ttft_ns / 1e6);
	json_figure(&j, j.root, "tokens_per_s", res->decode_ns, tokens_per_s(res));
	json_figure(&j, j.root, "kv_overlap", res->transfer_ns, overlap(res));
	return json_print(&j, JSON_C_TO_STRING_PLAIN, err);
}

void report_line(const struct report *r)
{
	const struct tdm_result *res = r->result;
	const char *net = r->net;

	fprintf(stderr, "[%u + %u tokens", r->n_prompt, res->n_tokens);
	if (r->mode == TDM_MODE_SPLIT)
		fprintf(stderr,
			"; prefill %s, decode %s; %llu KV pages, %.1f KiB over %s%s, %.0f%% hidden "
			"behind prefill",
			r->prefill_device, r->decode_device, (unsigned long long)res->kv_pages,
			(double)res->kv_bytes / 1024, net,
			strncmp(net, "soft", 4) ? "" : " (emulated)", 100 * overlap(res));
	else
		fprintf(stderr, "; prefill and decode %s", r->decode_device);
	fprintf(stderr, "; first token %.1f ms", (double)res->ttft_ns / 1e6);
	if (res->decode_ns)
		fprintf(stderr, ", then %.0f tokens/s", tokens_per_s(res));
	fputs("]\n", stderr);
}

void report_stopped(const struct report *r)
{
	fprintf(stderr, "tandem: stopped by %s after %u token%s; run it again for the rest\n",
		r->stopped, r->writer->n_tokens, r->writer->n_tokens == 1 ? "" : "s");
}
