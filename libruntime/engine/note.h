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

/* Return: when the command ended; 0 without a trace */
uint64_t note_tokens_run(const struct side *side, enum tdm_trace_kind kind, uint32_t token,
			 uint32_t tokens, const struct tdm_cqe *cqe);

/**
 * struct note_layers - the layers of one PREFILL, from its submission on
 * @times: what the device writes when it has done each; NULL: it does not, or nobody asks
 * @last_ns: none of those to come was done before: the submission, then the layer before
 * @end_ns: when the command ended; 0 while it runs
 */
struct note_layers {
	const uint64_t *times;
	uint64_t last_ns;
	uint64_t end_ns;
};

/*
 * A PREFILL is about to be submitted in @slot, which the device has left.
 * Return: for its tdm_run.layer_times
 */
uint64_t note_layers_begin(const struct side *side, unsigned int slot, struct note_layers *layers);

/*
 * Layers [layer, layer + n) of tokens [token, token + tokens) were seen to be done. Their
 * times are the device's where it tells them; else it is now, and those of one look have
 * one time. Whatever it tells, a layer has ended by now and not before the one before.
 */
void note_layers(const struct side *side, struct note_layers *layers, uint32_t layer, uint32_t n,
		 uint32_t token, uint32_t tokens);

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
