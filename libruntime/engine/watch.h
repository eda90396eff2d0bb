/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * How far the requests of an engine or a worker are: written by its thread alone, read
 * by any; each word is exact, they need not agree.
 */
#ifndef ENGINE_WATCH_H
#define ENGINE_WATCH_H

#include <errno.h>
#include <stdint.h>

#include "tandem_queue.h"

struct engine_watch {
	uint64_t request; /* that runs, 0: none */
	uint64_t since_ns;
	uint64_t done;
	uint64_t failed;
	uint64_t tokens_prefill;
	uint64_t tokens_decode;
	uint32_t stage; /* enum tdm_observe_stage */
};

/* One writer, so no locked instruction. */
static inline void watch_count(uint64_t *counter, uint64_t n)
{
	tdm_store_relaxed(counter, tdm_load_relaxed(counter) + n);
}

static inline void watch_stage(struct engine_watch *watch, uint32_t stage)
{
	tdm_store_relaxed(&watch->stage, stage);
}

static inline void watch_begin(struct engine_watch *watch, uint64_t request, uint64_t now_ns)
{
	tdm_store_relaxed(&watch->since_ns, now_ns);
	tdm_store_relaxed(&watch->request, request);
}

/* Who has read its end-of-text wants no more, which is no failure. */
static inline void watch_end(struct engine_watch *watch, int rc)
{
	watch_count(rc < 0 && rc != -ECANCELED ? &watch->failed : &watch->done, 1);
	tdm_store_relaxed(&watch->request, 0);
	tdm_store_relaxed(&watch->stage, 0);
}

#endif /* ENGINE_WATCH_H */
