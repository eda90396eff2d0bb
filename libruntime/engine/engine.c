// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/mover.h"
#include "engine/note.h"

#define DEFAULT_CHUNK_TOKENS 256
#define DEFAULT_PAGE_TOKENS 16

enum pool_id { POOL_PREFILL = 1, POOL_DECODE = 2 };

uint64_t engine_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void load_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct tdm_engine *e = ctx;

	if (e->progress)
		e->progress(e->progress_ctx, TDM_STAGE_LOAD, done, total);
}

static struct side *open_side(struct tdm_engine *e, const struct tdm_model *model,
			      const struct tdm_engine_options *o, const char *device,
			      enum pool_id id, struct tdm_error *err)
{
	struct side_options opts = {
		.device = device,
		.pool_id = id,
		.trace = o->trace,
		.model = {
			.size = sizeof(opts.model),
			.ctx_len = o->ctx_len,
			.kv_dtype = o->kv_dtype_set ? o->kv_dtype : TDM_DTYPE_F16,
			.kv_page_tokens = o->kv_page_tokens ? o->kv_page_tokens :
							      DEFAULT_PAGE_TOKENS,
			.progress = load_progress,
			.progress_ctx = e,
			.stop = e->stop,
		},
	};

	return side_open(model, &opts, err);
}

static int check_options(const struct tdm_model *model, const struct tdm_engine_options *o,
			 struct tdm_error *err)
{
	uint32_t page = o->kv_page_tokens;
	uint32_t ctx = tdm_model_info(model)->ctx_len;

	if (o->size != sizeof(*o) || o->mode > TDM_MODE_FUSED || o->reserved)
		return tdm_error_set(err, -EINVAL,
				     "engine: its options are of another version; build against "
				     "this library's headers");
	if (page && (page % 16 || page > 256))
		return tdm_error_set(err, -EINVAL,
				     "KV pages of %u tokens: not a multiple of 16 up to 256; take "
				     "16",
				     page);
	if (o->kv_dtype_set && o->kv_dtype != TDM_DTYPE_F16 && o->kv_dtype != TDM_DTYPE_F32)
		return tdm_error_set(err, -EINVAL, "KV type %u: not supported; take F16 or F32",
				     o->kv_dtype);
	if (o->ctx_len > ctx)
		return tdm_error_set(err, -EINVAL,
				     "context of %u tokens: the model was made for %u; take that "
				     "or less",
				     o->ctx_len, ctx);
	return 0;
}

/* A chunk is what the class takes at once, at most. */
static void size_chunks(struct tdm_engine *e, uint32_t wanted)
{
	uint32_t limit = tdm_device_info(e->prefill->dev)->identify.max_tokens;

	e->chunk_tokens = wanted ? wanted : DEFAULT_CHUNK_TOKENS;
	if (e->chunk_tokens > limit)
		e->chunk_tokens = limit;
}

static int open_all(struct tdm_engine *e, const struct tdm_model *model,
		    const struct tdm_engine_options *o, struct tdm_error *err)
{
	const char *prefill = o->prefill ? o->prefill : "soft:trn2";
	const char *decode = o->decode ? o->decode : "soft:cs3";

	e->decode = open_side(e, model, o, decode, POOL_DECODE, err);
	if (!e->decode)
		return -EIO;
	e->prefill = e->decode;
	if (e->mode == TDM_MODE_FUSED)
		return 0;
	e->prefill = open_side(e, model, o, prefill, POOL_PREFILL, err);
	if (!e->prefill)
		return -EIO;
	e->mover = mover_create(e->prefill, e->decode, o->net, err);
	return e->mover ? 0 : -EIO;
}

struct tdm_engine *tdm_engine_create(const struct tdm_model *model,
				     const struct tdm_engine_options *opts, struct tdm_error *err)
{
	struct tdm_engine *e;

	if (check_options(model, opts, err))
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e) {
		tdm_error_set(err, -ENOMEM, "engine: out of memory; free some");
		return NULL;
	}
	e->mode = opts->mode;
	e->progress = opts->progress;
	e->progress_ctx = opts->progress_ctx;
	e->stop = opts->stop;
	e->watch = &e->own_watch;
	if (open_all(e, model, opts, err)) {
		tdm_engine_destroy(e);
		return NULL;
	}
	size_chunks(e, opts->chunk_tokens);
	return e;
}

static void release(struct tdm_engine *e)
{
	side_release(e->decode);
	if (e->prefill != e->decode)
		side_release(e->prefill);
	e->kept_tokens = 0;
}

void tdm_engine_destroy(struct tdm_engine *e)
{
	if (!e)
		return;
	mover_destroy(e->mover);
	if (e->prefill != e->decode)
		side_close(e->prefill);
	side_close(e->decode);
	free(e);
}

const char *tdm_engine_net(const struct tdm_engine *e)
{
	return e->mover ? mover_net(e->mover) : NULL;
}

const char *tdm_engine_device(const struct tdm_engine *e, bool decode)
{
	return tdm_device_name(decode ? e->decode->dev : e->prefill->dev);
}

void engine_fill_seq(struct tdm_seq *seq, const struct side *side, const struct tdm_request *req,
		     unsigned int slot)
{
	*seq = (struct tdm_seq){
		.blocks = side_dva(side, side->at.table),
		.tokens_out = side_dva(side, side_out(side, slot)),
		.seed = req->seed,
		.block_stride = side->max_blocks,
		.top_k = req->top_k,
	};
	memcpy(&seq->temperature, &req->temperature, sizeof(seq->temperature));
	memcpy(&seq->top_p, &req->top_p, sizeof(seq->top_p));
}

static int check_request(const struct tdm_engine *e, const struct tdm_request *req,
			 struct tdm_error *err)
{
	uint32_t ctx = e->decode->desc->ctx_len;

	if (!req->n_prompt || !req->max_new)
		return tdm_error_set(err, -EINVAL,
				     "request: it has no prompt or asks for no tokens; give at "
				     "least one of each");
	if (req->n_prompt >= ctx)
		return tdm_error_set(err, -E2BIG,
				     "prompt: %u tokens do not fit the context of %u with room for "
				     "one more; shorten it or take a model with a longer context",
				     req->n_prompt, ctx);
	for (uint32_t i = 0; i < req->n_prompt; i++)
		if (req->prompt[i] >= e->decode->desc->vocab)
			return tdm_error_set(err, -EINVAL,
					     "prompt: token %u is not in the vocabulary of %u; use "
					     "the model's own tokenizer",
					     req->prompt[i], e->decode->desc->vocab);
	return 0;
}

static int reserve(struct tdm_engine *e, const struct tdm_request *req, uint32_t max,
		   struct tdm_error *err)
{
	uint64_t owner = ++e->next_owner;
	int rc;

	note_begin(e->decode, owner);
	rc = side_reserve(e->decode, owner, req->n_prompt + max, err);
	if (rc || !e->mover)
		return rc;
	note_begin(e->prefill, owner);
	rc = side_reserve(e->prefill, owner, req->n_prompt, err);
	return rc ? rc : mover_start(e->mover, owner, err);
}

int engine_say_stopped(const struct tdm_result *result, struct tdm_error *err)
{
	return tdm_error_set(err, -ECANCELED,
			     "request: stopped after %u tokens; run it again for the rest",
			     result->n_tokens);
}

/* Whatever happened, nothing is open and nothing is held afterwards. */
static void finish(struct tdm_engine *e, bool stopped, bool keep)
{
	if (stopped) {
		side_abort(e->prefill);
		side_abort(e->decode);
	}
	side_drain(e->prefill);
	side_drain(e->decode);
	if (e->mover)
		mover_finish(e->mover);
	if (e->prefill != e->decode)
		side_release(e->prefill);
	if (!keep)
		release(e);
}

/* The prompt is done and all of its pages have moved. */
static void account(const struct tdm_engine *e, struct tdm_result *result)
{
	if (!e->mover)
		return;
	result->transfer_ns = mover_busy_ns(e->mover);
	result->kv_pages = mover_pages(e->mover);
	result->kv_bytes = mover_bytes(e->mover);
}

int tdm_engine_run(struct tdm_engine *e, const struct tdm_request *req, struct tdm_result *result,
		   struct tdm_error *err)
{
	uint64_t start = engine_now();
	uint32_t max, first = 0;
	int rc = check_request(e, req, err);

	memset(result, 0, sizeof(*result));
	if (rc)
		return rc;
	release(e);
	max = e->decode->desc->ctx_len - req->n_prompt;
	max = req->max_new < max ? req->max_new : max;
	memcpy(side_ptr(e->prefill, e->prefill->at.tokens), req->prompt,
	       req->n_prompt * sizeof(*req->prompt));
	watch_begin(e->watch, e->next_owner + 1, start);
	rc = reserve(e, req, max, err);
	if (!rc)
		rc = engine_prefill(e, req, start, result, &first, err);
	if (rc >= 0)
		account(e, result);
	if (!rc)
		rc = engine_decode(e, req, max, first, result, err);
	e->kept_tokens = req->n_prompt + result->n_tokens - 1;
	note_request(e->decode->trace, e->next_owner, start, req->n_prompt, result->n_tokens,
		     rc < 0 ? rc : 0);
	finish(e, rc == -ECANCELED, rc >= 0 && req->keep_kv);
	watch_end(e->watch, rc);
	return rc < 0 ? rc : 0;
}

int tdm_engine_kv(struct tdm_engine *e, uint32_t layer, uint32_t block, void *bytes, uint64_t len)
{
	struct side *s = e->decode;
	uint32_t page_tokens = s->desc->kv_page_tokens;
	struct tdm_kv_move *move = side_ptr(s, s->at.moves);
	struct tdm_cmd cmd = {
		.opcode = TDM_OP_KV_EXPORT,
		.desc = { .addr = side_dva(s, s->at.moves),
			  .len = sizeof(*move),
			  .count = 1,
			  .program = tdm_resident_program(s->model) },
	};
	struct tdm_buffer *wire;
	struct tdm_cqe cqe;
	uint32_t left;
	int rc;

	if (layer >= s->desc->n_layers || block >= s->blocks ||
	    block * page_tokens >= e->kept_tokens)
		return -ENOENT;
	if (len != s->page_bytes)
		return -EINVAL;
	wire = tdm_buffer_create(s->dev, TDM_DOMAIN_HOST, len, TDM_ACCESS_READ | TDM_ACCESS_WRITE,
				 NULL);
	if (!wire)
		return -ENOMEM;
	*move = (struct tdm_kv_move){
		.page = tdm_kv_pool_device_addr(s->pool, side_page(s, layer, block).page),
		.wire = tdm_buffer_dva(wire),
	};
	rc = tdm_queue_run(s->kv, &cmd, ~0ULL, &cqe);
	if (!rc && cqe.status != TDM_ST_OK)
		rc = -EIO;
	if (!rc)
		memcpy(bytes, tdm_buffer_ptr(wire), len);
	tdm_buffer_destroy(wire);
	left = e->kept_tokens - block * page_tokens;
	return rc ? rc : (int)(left < page_tokens ? left : page_tokens);
}
