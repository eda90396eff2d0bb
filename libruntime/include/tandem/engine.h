/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The engine: one request at a time, prefill on one device and decode on
 * another (split), or both on one (fused).
 *
 * Split: the prompt is prefilled in chunks; as a layer of a chunk is done, its
 * full pages are sealed, written by RDMA into landing pages at the decode
 * device and imported there, while the next layer computes. The first token is
 * sampled by the prefill device.
 *
 * Thread safety: an engine belongs to one thread at a time. Its stop word alone
 * may be stored by any thread and by a signal handler.
 */
#ifndef TANDEM_ENGINE_H
#define TANDEM_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/error.h>
#include <tandem/model.h>
#include <tandem/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_engine;

enum tdm_mode {
	TDM_MODE_SPLIT = 0,
	TDM_MODE_FUSED = 1,
};

/* What takes long, for a progress line. */
enum tdm_stage {
	TDM_STAGE_LOAD = 0,    /* bytes of weights */
	TDM_STAGE_PREFILL = 1, /* tokens of the prompt */
};

/**
 * struct tdm_engine_options
 * @size: sizeof(struct tdm_engine_options)
 * @mode: enum tdm_mode
 * @prefill: device name; NULL: "soft:trn2". Not used when fused
 * @decode: device name; NULL: "soft:cs3"
 * @net: network device, NULL: what tdm_net_open() finds without a name
 * @ctx_len: longest context, tokens; 0: the model's
 * @chunk_tokens: tokens of one PREFILL; 0: the default
 * @kv_dtype: TDM_DTYPE_F16 (default) or TDM_DTYPE_F32
 * @kv_dtype_set: @kv_dtype holds; F32 is number 0
 * @kv_page_tokens: tokens of a KV page; 0: the default
 * @progress: told what is going on, or NULL
 * @progress_ctx: handed to it
 * @stop: the caller's stop word, or NULL; outlives the engine. See below
 * @trace: told what the engine, its devices and its pages do, or NULL; outlives the
 *	   engine
 *
 * The stop word is looked at, never written: while it is not 0, a load and a
 * request end at their next look, and neither begins. Store it with
 * __atomic_store_n() or as an atomic of 32 bits: from a signal handler, another
 * thread or a callback. Set it back to 0 for the next request.
 *
 * A look comes at every token and every layer, between tensors when loading, and
 * at least 50 times a second while a request waits for a device or the network.
 */
struct tdm_engine_options {
	uint32_t size;
	uint32_t mode;
	const char *prefill;
	const char *decode;
	const char *net;
	uint32_t ctx_len;
	uint32_t chunk_tokens;
	uint32_t kv_dtype;
	uint32_t kv_dtype_set;
	uint32_t kv_page_tokens;
	uint32_t reserved;
	void (*progress)(void *ctx, enum tdm_stage stage, uint64_t done, uint64_t total);
	void *progress_ctx;
	const uint32_t *stop;
	struct tdm_trace *trace;
};

/**
 * tdm_engine_create - open the devices and load the model on them
 * @model: must outlive the engine
 *
 * Return: NULL with the reason in @err, whose code is -ECANCELED for a load that
 * the stop word ended. Nothing is left of it.
 */
struct tdm_engine *tdm_engine_create(const struct tdm_model *model,
				     const struct tdm_engine_options *opts, struct tdm_error *err);
void tdm_engine_destroy(struct tdm_engine *engine);

/** tdm_engine_net - name of the transport, NULL when fused */
const char *tdm_engine_net(const struct tdm_engine *engine);

/** tdm_engine_device - name of the device of a phase; @decode false: prefill's */
const char *tdm_engine_device(const struct tdm_engine *engine, bool decode);

/**
 * struct tdm_request
 * @prompt: token ids
 * @n_prompt: at least 1
 * @max_new: tokens to make at most, at least 1
 * @temperature: 0: greedy
 * @top_k: 0: off
 * @top_p: 1: off
 * @seed: of the sampler
 * @token: called with each token as it is made; returns true to end there. The
 *	   ending token counts
 * @token_ctx: handed to it
 * @keep_kv: hold the pages until the next request, for tdm_engine_kv()
 */
struct tdm_request {
	const uint32_t *prompt;
	uint32_t n_prompt;
	uint32_t max_new;
	float temperature;
	uint32_t top_k;
	float top_p;
	uint64_t seed;
	bool (*token)(void *ctx, uint32_t token);
	void *token_ctx;
	bool keep_kv;
};

/**
 * struct tdm_result - what a request took; times are nanoseconds
 * @n_tokens: tokens made
 * @ttft_ns: from the call to the first token
 * @decode_ns: from the first DECODE to the last token
 * @kv_pages: pages that moved between devices, 0 when fused
 * @kv_bytes: their bytes
 * @transfer_ns: time in which at least one page was on its way, from the moment the
 *		 runtime saw it sealed to the moment it heard that it was imported
 * @hidden_ns: the part of @transfer_ns in which prefill was computing
 * @prefill_ns: device time of the PREFILL commands, a part of @ttft_ns
 */
struct tdm_result {
	uint32_t n_tokens;
	uint32_t reserved;
	uint64_t ttft_ns;
	uint64_t decode_ns;
	uint64_t kv_pages;
	uint64_t kv_bytes;
	uint64_t transfer_ns;
	uint64_t hidden_ns;
	uint64_t prefill_ns;
};

/**
 * tdm_engine_run - run one request to its end
 *
 * Return: 0, or -errno with the reason in @err: -E2BIG when prompt and new tokens
 * exceed the context, -ENOSPC when device memory has no room for its pages, -EIO
 * and -ENODEV when a device fails, -ECANCELED when the stop word ended it. @result
 * says what was done until then.
 *
 * Its pages are free again either way, but those that @keep_kv holds after success.
 * A stop aborts the commands that run at their next layer, waits for the pages that
 * are on the wire, and leaves the engine ready for the next request.
 */
int tdm_engine_run(struct tdm_engine *engine, const struct tdm_request *req,
		   struct tdm_result *result, struct tdm_error *err);

/**
 * tdm_engine_kv - a KV page of the last request on the decode device, as wire bytes
 * @layer: layer
 * @block: page within the sequence
 * @bytes: room for one page
 * @len: of @bytes, exactly a page's
 *
 * Only after a request with keep_kv.
 *
 * Return: tokens of the page that hold, or -errno: -ENOENT for no such page.
 */
int tdm_engine_kv(struct tdm_engine *engine, uint32_t layer, uint32_t block, void *bytes,
		  uint64_t len);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_ENGINE_H */
