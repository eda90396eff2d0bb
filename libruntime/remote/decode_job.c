// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A decode worker's part of a request: its pages come in, and tokens go out. Or all
 * of it, where the client asked for that.
 */
#include <errno.h>
#include <string.h>

#include <tandem/observe.h>

#include "remote/worker.h"

#define NAP_NS 200000

static int stopped(struct tdm_error *err)
{
	return tdm_error_set(err, -ECANCELED, "request: it is not wanted any more; ask again");
}

void worker_refuse_strangers(struct tdm_worker *w)
{
	struct tdm_recv *recv;

	while ((recv = tdm_agent_accept(w->agent))) {
		tdm_recv_abort(recv, "request: nobody here waits for it; send it to the decode "
				     "worker that has its client");
		tdm_recv_close(recv);
	}
}

/* The sender's request that belongs to the job. Return: NULL with @err set: stopped */
static struct tdm_recv *await(struct tdm_worker *w, const struct job *job, struct tdm_error *err)
{
	for (;;) {
		struct tdm_recv *recv = tdm_agent_accept(w->agent);

		if (recv && tdm_recv_id(recv) == job->id)
			return recv;
		if (recv) {
			tdm_recv_abort(recv, "request: it is not the one that is awaited; ask its "
					     "client to send it again");
			tdm_recv_close(recv);
		}
		if (worker_look(w)) {
			stopped(err);
			return NULL;
		}
		if (tdm_agent_poll(w->agent) <= 0)
			worker_wait(w, NAP_NS);
	}
}

struct saying {
	struct tdm_worker *w;
	const struct job *job;
	uint32_t index;
};

static bool say_token(void *ctx, uint32_t token)
{
	struct saying *s = ctx;

	if (s->w->running)
		(void)job_send_token(s->w->running->conn, s->job->id, s->index++, token);
	return false;
}

static int import_all(struct tdm_worker *w, const struct job *job, struct engine_commit *commit,
		      struct tdm_error *err)
{
	uint32_t len;
	struct tdm_recv *recv = await(w, job, err);
	const void *meta;
	int rc;

	if (!recv)
		return -ECANCELED;
	rc = inflow_start(w->in, recv, job->n_prompt, err);
	while (!rc && !inflow_is_done(w->in)) {
		int moved = tdm_agent_poll(w->agent);

		rc = inflow_step(w->in, err);
		if (rc < 0)
			return rc;
		moved |= rc;
		rc = worker_look(w) ? stopped(err) : 0;
		if (!rc && !moved && tdm_queue_open(w->side->kv))
			(void)tdm_queue_wait(w->side->kv, engine_now() + NAP_NS);
		else if (!rc && !moved)
			worker_wait(w, NAP_NS);
	}
	if (rc)
		return rc;
	meta = inflow_meta(w->in, &len);
	if (len != sizeof(*commit))
		return tdm_error_set(err, -EPROTO,
				     "KV transfer: the sender's commit is none; update the older "
				     "worker");
	memcpy(commit, meta, len);
	return 0;
}

/* From a commit, or from the prompt itself. */
static int run(struct tdm_worker *w, const struct job *job, uint32_t max, struct tdm_result *result,
	       struct tdm_error *err)
{
	struct tdm_engine e = worker_engine(w);
	struct tdm_request req = worker_request(job);
	struct saying saying = { w, job, 0 };
	struct engine_commit commit = { 0 };
	int rc;

	req.token = say_token;
	req.token_ctx = &saying;
	if (job->flags & JOB_FUSED) {
		rc = engine_prefill(&e, &req, engine_now(), result, &commit.first, err);
	} else {
		watch_stage(&w->watch, TDM_OBSERVE_TRANSFER);
		rc = import_all(w, job, &commit, err);
		/* The prefill worker has told that one. */
		saying.index = 1;
		result->n_tokens = 1;
	}
	if (rc < 0)
		return rc;
	return engine_decode(&e, &req, max, commit.first, result, err);
}

int worker_decode(struct tdm_worker *w, const struct job *job, struct job_done *done,
		  struct tdm_error *err)
{
	uint32_t left = w->side->desc->ctx_len - job->n_prompt;
	uint32_t max = job->max_new < left ? job->max_new : left;
	struct tdm_result result = { 0 };
	int rc = side_reserve(w->side, ++w->owners, job->n_prompt + max, err);

	if (!rc) {
		if (job->flags & JOB_FUSED)
			memcpy(side_ptr(w->side, w->side->at.tokens), job->tokens,
			       job->n_prompt * sizeof(*job->tokens));
		else if (w->running)
			(void)job_send_id(w->running->conn, JOB_READY, job->id);
		rc = run(w, job, max, &result, err);
	}
	if (rc)
		side_abort(w->side);
	side_drain(w->side);
	inflow_finish(w->in, rc ? err->msg : "request: its client is done with it; none");
	side_release(w->side);
	*done = (struct job_done){
		.id = job->id,
		.prefill_ns = result.prefill_ns,
		.decode_ns = result.decode_ns,
	};
	return rc;
}
