// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A prefill worker's part of a request.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "remote/worker.h"

#define NAP_NS 1000000

static int stopped(struct tdm_error *err)
{
	return tdm_error_set(err, -ECANCELED, "request: it is not wanted any more; ask again");
}

/* The connection to a decode worker stays for the next request. */
static int reach(struct tdm_worker *w, const char *address, struct tdm_error *err)
{
	if (w->peer &&
	    (tdm_peer_state(w->peer) == TDM_PEER_DOWN || strcmp(w->peer_at, address) != 0)) {
		tdm_peer_close(w->peer);
		w->peer = NULL;
	}
	if (!w->peer) {
		w->peer = tdm_agent_connect(w->agent, address, err);
		if (!w->peer)
			return err->code;
		snprintf(w->peer_at, sizeof(w->peer_at), "%s", address);
	}
	while (tdm_peer_state(w->peer) == TDM_PEER_OPENING) {
		if (worker_look(w))
			return stopped(err);
		(void)tdm_agent_poll(w->agent);
		worker_wait(w, NAP_NS);
	}
	if (tdm_peer_state(w->peer) == TDM_PEER_UP)
		return 0;
	/* errors.sh: the cure is in the peer's own error */
	return tdm_error_set(err, tdm_peer_error(w->peer)->code, "decode worker's pages: %s",
			     tdm_peer_error(w->peer)->msg);
}

struct saying {
	struct tdm_worker *w;
	const struct job *job;
};

static bool say_first(void *ctx, uint32_t token)
{
	const struct saying *s = ctx;

	if (s->w->running)
		(void)job_send_token(s->w->running->conn, s->job->id, 0, token);
	return false;
}

static int run(struct tdm_worker *w, const struct job *job, struct tdm_result *result,
	       struct tdm_error *err)
{
	struct tdm_engine e = worker_engine(w);
	struct tdm_request req = worker_request(job);
	struct saying saying = { w, job };
	uint32_t first;
	int rc = mover_start_remote(w->mover, w->peer, job->id, err);

	if (rc)
		return rc;
	req.token = say_first;
	req.token_ctx = &saying;
	rc = engine_prefill(&e, &req, engine_now(), result, &first, err);
	if (rc < 0)
		return rc;
	result->transfer_ns = mover_busy_ns(w->mover);
	result->kv_pages = mover_pages(w->mover);
	result->kv_bytes = mover_bytes(w->mover);
	return 0;
}

int worker_prefill(struct tdm_worker *w, const struct job *job, struct job_done *done,
		   struct tdm_error *err)
{
	struct tdm_result result = { 0 };
	int rc = reach(w, job->pages, err);

	if (!rc)
		rc = side_reserve(w->side, ++w->owners, job->n_prompt, err);
	if (!rc) {
		memcpy(side_ptr(w->side, w->side->at.tokens), job->tokens,
		       job->n_prompt * sizeof(*job->tokens));
		rc = run(w, job, &result, err);
	}
	if (rc)
		side_abort(w->side);
	side_drain(w->side);
	mover_finish(w->mover);
	side_release(w->side);
	*done = (struct job_done){
		.id = job->id,
		.pages = result.kv_pages,
		.bytes = result.kv_bytes,
		.transfer_ns = result.transfer_ns,
		.hidden_ns = result.hidden_ns,
		.prefill_ns = result.prefill_ns,
	};
	return rc;
}
