/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What a side tells its trace. Without one each of these is a branch.
 */
#ifndef TDM_ENGINE_NOTE_H
#define TDM_ENGINE_NOTE_H

#include "engine/side.h"

/*
 * A request begins here: its number, and how far the device's clock is from
 * CLOCK_MONOTONIC now.
 */
void note_begin(struct side *side, uint64_t request);

/* Now, for a moment that is told of later; 0 without a trace. */
uint64_t note_now(const struct side *side);

/* Tokens [token, token + tokens), at a moment; and those of a command, which has ended. */
void note_tokens(const struct side *side, enum tdm_trace_kind kind, uint32_t token, uint32_t tokens,
		 uint64_t at_ns);
void note_tokens_run(const struct side *side, enum tdm_trace_kind kind, uint32_t token,
		     uint32_t tokens, const struct tdm_cqe *cqe);

/*
 * Layers [layer, layer + n) of tokens [token, token + tokens) were seen to be done, now:
 * those of one look have one time.
 */
void note_layers(const struct side *side, uint32_t layer, uint32_t n, uint32_t token,
		 uint32_t tokens);

/* Pages [page, page + pages) of a layer; the same two. */
void note_pages(const struct side *side, enum tdm_trace_kind kind, uint32_t layer, uint32_t page,
		uint32_t pages, uint64_t at_ns);
void note_pages_run(const struct side *side, enum tdm_trace_kind kind, uint32_t layer,
		    uint32_t page, uint32_t pages, const struct tdm_cqe *cqe);

/* When the command ended. */
uint64_t note_end_ns(const struct side *side, const struct tdm_cqe *cqe);

/* Something went wrong, now. */
void note_code(const struct side *side, enum tdm_trace_kind kind, int32_t code);

/* The whole of a request, from @start_ns to now. */
void note_request(struct tdm_trace *trace, uint64_t request, uint64_t start_ns, uint32_t n_prompt,
		  uint32_t n_tokens, int32_t code);

#endif /* TDM_ENGINE_NOTE_H */
