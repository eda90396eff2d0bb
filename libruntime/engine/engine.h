/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the files of engine/ share.
 */
#ifndef TDM_ENGINE_INTERNAL_H
#define TDM_ENGINE_INTERNAL_H

#include <tandem/engine.h>

#include "engine/side.h"
#include "engine/watch.h"

struct mover;

/* What a commit says to the consumer of the pages; plain bytes between equal machines. */
struct engine_commit {
	uint32_t first; /* the token that prefill sampled */
	uint32_t ended; /* 1: it ended the request */
};

struct tdm_engine {
	enum tdm_mode mode;
	uint32_t chunk_tokens;
	struct side *prefill; /* fused: the same as decode */
	struct side *decode;
	struct mover *mover; /* NULL when fused */
	uint64_t next_owner;
	uint32_t kept_tokens; /* positions that tdm_engine_kv() can show */
	void (*progress)(void *ctx, enum tdm_stage stage, uint64_t done, uint64_t total);
	void *progress_ctx;
	const uint32_t *stop; /* the caller's, or NULL */
	/* Called at every look, where a worker has others to serve; true: stop. Or NULL. */
	bool (*look)(void *ctx);
	void *look_ctx;
	struct engine_watch *watch; /* its own, or a worker's */
	struct engine_watch own_watch;
};

uint64_t engine_now(void);

static inline bool engine_stopped(const struct tdm_engine *engine)
{
	if (engine->look && engine->look(engine->look_ctx))
		return true;
	return engine->stop && __atomic_load_n(engine->stop, __ATOMIC_RELAXED);
}

/* The error of a request that was stopped. Return: -ECANCELED */
int engine_say_stopped(const struct tdm_result *result, struct tdm_error *err);

/**
 * engine_prefill - run the prompt; pages move on the way when there is a mover
 * @started: engine_now() when the request came
 * @first: the sampled token, delivered already
 * Return: 1 when that token ended the request, 0 when not, or -errno; commands
 * may still be open then.
 */
int engine_prefill(struct tdm_engine *engine, const struct tdm_request *req, uint64_t started,
		   struct tdm_result *result, uint32_t *first, struct tdm_error *err);

/**
 * engine_decode - token after token until one ends it
 * @max: tokens at most, the first one included
 * @token: the first one, from engine_prefill()
 */
int engine_decode(struct tdm_engine *engine, const struct tdm_request *req, uint32_t max,
		  uint32_t token, struct tdm_result *result, struct tdm_error *err);

/* Sampling and addresses of a struct tdm_seq. */
void engine_fill_seq(struct tdm_seq *seq, const struct side *side, const struct tdm_request *req,
		     unsigned int slot);

#endif /* TDM_ENGINE_INTERNAL_H */
