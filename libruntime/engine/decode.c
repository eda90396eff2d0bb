// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Token after token on the decode device.
 */
#include <errno.h>

#include <tandem/observe.h>

#include "engine/engine.h"
#include "engine/note.h"

/* How often a wait looks at the stop word: long for a processor, short for a person. */
#define LOOK_NS 20000000

/* As tdm_queue_run(), which does not look at the stop word. Return: 0 or -errno */
static int run_stoppable(const struct tdm_engine *e, struct tdm_queue *queue,
			 const struct tdm_cmd *cmd, struct tdm_cqe *cqe)
{
	int rc = tdm_queue_submit(queue, cmd, 1);

	if (rc < 0)
		return rc;
	do {
		rc = tdm_queue_wait(queue, engine_now() + LOOK_NS);
		if (rc == -ETIMEDOUT && engine_stopped(e))
			return -ECANCELED;
	} while (rc == -ETIMEDOUT);
	if (rc)
		return rc;
	rc = tdm_queue_poll(queue, cqe, 1);
	return rc < 0 ? rc : 0;
}

static int step(struct tdm_engine *e, const struct tdm_request *req, uint32_t pos, uint32_t *token,
		struct tdm_error *err)
{
	struct side *s = e->decode;
	struct tdm_run *run = side_ptr(s, s->at.runs);
	struct tdm_seq *seq = side_ptr(s, s->at.seqs);
	uint32_t *in = side_ptr(s, s->at.tokens);
	struct tdm_cmd cmd = {
		.opcode = TDM_OP_DECODE,
		.desc = { .addr = side_dva(s, s->at.runs), .len = sizeof(*run) },
	};
	struct tdm_cqe cqe;
	int rc;

	*in = *token;
	engine_fill_seq(seq, s, req, 0);
	seq->tokens_in = side_dva(s, s->at.tokens);
	seq->pos = pos;
	seq->n_tokens = 1;
	seq->flags = TDM_SEQ_SAMPLE;
	*run = (struct tdm_run){
		.size = sizeof(*run),
		.program = tdm_resident_program(s->model),
		.layer_count = s->desc->n_layers,
		.n_seqs = 1,
		.seqs = side_dva(s, s->at.seqs),
	};
	rc = run_stoppable(e, s->run, &cmd, &cqe);
	if (rc == -ECANCELED)
		return rc;
	if (rc)
		return side_lost(s, rc, err);
	if (cqe.status != TDM_ST_OK)
		return side_failed(s, "decode", &cqe, err);
	note_tokens_run(s, TDM_TRACE_DECODE, pos - req->n_prompt + 1, 1, &cqe);
	*token = *(const uint32_t *)side_ptr(s, side_out(s, 0));
	return 0;
}

int engine_decode(struct tdm_engine *e, const struct tdm_request *req, uint32_t max, uint32_t token,
		  struct tdm_result *result, struct tdm_error *err)
{
	uint64_t start = engine_now();
	bool ended = false;

	watch_stage(e->watch, TDM_OBSERVE_DECODE);
	while (!ended && result->n_tokens < max) {
		int rc = -ECANCELED;

		if (!engine_stopped(e))
			rc = step(e, req, req->n_prompt + result->n_tokens - 1, &token, err);
		if (rc == -ECANCELED)
			return engine_say_stopped(result, err);
		if (rc)
			return rc;
		result->n_tokens++;
		watch_count(&e->watch->tokens_decode, 1);
		result->decode_ns = engine_now() - start;
		ended = req->token && req->token(req->token_ctx, token);
	}
	return 0;
}
