// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A client of two workers.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "engine/engine.h"
#include "engine/note.h"
#include "remote/job.h"
#include "wire/tcp.h"

/* Between two looks at the stop word. */
#define NAP_MS 20
/* Before the next try, twice as long each time: a link that flaps is down for seconds. */
#define RETRY_PAUSE_NS 200000000ULL
#define RETRY_PAUSE_MAX_NS 2000000000ULL

struct worker_at {
	const char *name; /* "prefill worker" */
	const char *address;
	struct wire_conn *conn;
	bool greeted;
	bool done;
	struct job_hello hello;
};

struct tdm_remote {
	struct tdm_remote_options opts;
	char prefill_at[256], decode_at[256];
	struct wire_key key;
	struct wire_attr wire;
	struct worker_at prefill, decode;
	bool fell_back;
};

/* A request on its way. */
struct run {
	struct tdm_remote *r;
	const struct tdm_request *req;
	struct tdm_result *result;
	uint64_t id;
	uint64_t started;
	uint64_t first_ns;
	uint32_t *tokens; /* as far as they have come, by index */
	bool *have;
	uint32_t told; /* to the caller, over all runs */
	bool fused;
	bool ready;
	bool ended; /* by the caller's own word */
};

struct tdm_remote *tdm_remote_create(const struct tdm_remote_options *o, struct tdm_error *err)
{
	struct tdm_remote *r;

	if (o->size != sizeof(*o)) {
		tdm_error_set(err, -EINVAL,
			      "client: its options are of another version; build against this "
			      "library's headers");
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (!r) {
		tdm_error_set(err, -ENOMEM, "client: out of memory; free some");
		return NULL;
	}
	r->opts = *o;
	snprintf(r->prefill_at, sizeof(r->prefill_at), "%s", o->prefill);
	snprintf(r->decode_at, sizeof(r->decode_at), "%s", o->decode);
	r->prefill = (struct worker_at){ .name = "prefill worker", .address = r->prefill_at };
	r->decode = (struct worker_at){ .name = "decode worker", .address = r->decode_at };
	r->wire = (struct wire_attr){
		.key = &r->key,
		.service = WIRE_SERVICE_JOBS,
		.lease_ns = o->lease_ns,
	};
	if (!wire_key_read(&r->key, o->key_file, err))
		return r;
	free(r);
	return NULL;
}

static void hang_up(struct worker_at *w)
{
	wire_close(w->conn, NULL);
	w->conn = NULL;
	w->greeted = false;
}

void tdm_remote_destroy(struct tdm_remote *r)
{
	if (!r)
		return;
	hang_up(&r->prefill);
	hang_up(&r->decode);
	explicit_bzero(&r->key, sizeof(r->key));
	free(r);
}

const char *tdm_remote_device(const struct tdm_remote *r, bool decode)
{
	return decode ? r->decode.hello.device : r->prefill.hello.device;
}

const char *tdm_remote_net(const struct tdm_remote *r)
{
	return r->decode.hello.net;
}

bool tdm_remote_fell_back(const struct tdm_remote *r)
{
	return r->fell_back;
}

static bool is_stopped(const struct tdm_remote *r)
{
	return r->opts.stop && __atomic_load_n(r->opts.stop, __ATOMIC_RELAXED);
}

static int fail_at(const struct worker_at *w, const struct tdm_error *why, struct tdm_error *err)
{
	/* errors.sh: the cure is in why's own error */
	return tdm_error_set(err, why->code ? why->code : -ECONNRESET, "%s: %s", w->name, why->msg);
}

static int take_hello(const struct tdm_remote *r, struct worker_at *w,
		      const struct wire_message *msg, struct tdm_error *err)
{
	uint32_t role = w == &r->decode ? TDM_ROLE_DECODE : TDM_ROLE_PREFILL;

	if (!job_read_hello(msg, &w->hello) || w->hello.version != JOB_VERSION)
		return tdm_error_set(err, -EPROTO,
				     "%s %s: it speaks another version; update the older one",
				     w->name, w->address);
	if (w->hello.role != role)
		return tdm_error_set(err, -EINVAL,
				     "%s %s: a worker of the other role is there; exchange the two "
				     "addresses",
				     w->name, w->address);
	w->greeted = true;
	return 0;
}

/* Pages are sent to where the client reached the worker, unless it listens elsewhere. */
static void pages_address(const struct tdm_remote *r, char *at)
{
	const char *pages = r->decode.hello.pages, *port = strrchr(pages, ':');
	const char *colon = strrchr(r->decode.address, ':');
	bool any = !strncmp(pages, "0.0.0.0:", 8) || !strncmp(pages, "[::]:", 5);

	if (any && port && colon)
		snprintf(at, JOB_TEXT_MAX, "%.*s%s", (int)(colon - r->decode.address),
			 r->decode.address, port);
	else
		snprintf(at, JOB_TEXT_MAX, "%s", pages);
}

static int send_job(struct run *run, struct worker_at *w, bool tokens, struct tdm_error *err)
{
	struct job job = {
		.id = run->id,
		.seed = run->req->seed,
		.flags = run->fused ? JOB_FUSED : 0,
		.max_new = run->req->max_new,
		.top_k = run->req->top_k,
		.temperature = run->req->temperature,
		.top_p = run->req->top_p,
		.n_prompt = run->req->n_prompt,
		.n_tokens = tokens ? run->req->n_prompt : 0,
		.tokens = (uint32_t *)(uintptr_t)run->req->prompt,
	};
	int rc;

	if (w == &run->r->prefill)
		pages_address(run->r, job.pages);
	rc = job_send_job(w->conn, &job);
	return rc ? tdm_error_set(err, rc,
				  "%s %s: the request cannot be sent (%s); shorten the "
				  "prompt",
				  w->name, w->address, strerror(-rc))
		  : 0;
}

static void note_token(const struct run *run, uint64_t now)
{
	struct tdm_trace *trace = run->r->opts.trace;
	struct tdm_trace_event event;

	if (!trace_on(trace))
		return;
	event = trace_event(TDM_TRACE_TOKEN, run->id, now);
	event.token = run->told;
	event.tokens = 1;
	tdm_trace_add(trace, &event);
}

/* Tokens come from two sides: they are told in their order, and each once. */
static void take_token(struct run *run, struct msg_in *m)
{
	uint32_t index = msg_get32(m), token = msg_get32(m);
	uint64_t now = engine_now();

	if (m->bad || index >= run->req->max_new)
		return;
	run->tokens[index] = token;
	run->have[index] = true;
	while (!run->ended && run->told < run->req->max_new && run->have[run->told]) {
		if (!run->told) {
			run->result->ttft_ns = now - run->started;
			run->first_ns = now;
		}
		note_token(run, now);
		run->result->decode_ns = run->told ? now - run->first_ns : 0;
		run->result->n_tokens = run->told + 1;
		run->ended = run->req->token &&
			     run->req->token(run->req->token_ctx, run->tokens[run->told]);
		run->told++;
	}
}

static void take_done(struct run *run, struct worker_at *w, const struct wire_message *msg)
{
	struct job_done done;

	if (!job_read_done(msg, &done) || done.id != run->id)
		return;
	w->done = true;
	if (w != &run->r->prefill)
		return;
	run->result->kv_pages = done.pages;
	run->result->kv_bytes = done.bytes;
	run->result->transfer_ns = done.transfer_ns;
	run->result->hidden_ns = done.hidden_ns;
	run->result->prefill_ns = done.prefill_ns;
}

static int take(struct run *run, struct worker_at *w, const struct wire_message *msg,
		struct tdm_error *err)
{
	struct msg_in m = { .at = msg->payload, .left = msg->len };
	struct tdm_error why;

	if (msg->type == JOB_HELLO)
		return take_hello(run->r, w, msg, err);
	/* All others begin with the request's number; one of a run that is over is old. */
	if (msg_get64(&m) != run->id)
		return 0;
	switch (msg->type) {
	case JOB_READY:
		run->ready = true;
		return 0;
	case JOB_TOKEN:
		take_token(run, &m);
		return 0;
	case JOB_DONE:
		take_done(run, w, msg);
		return 0;
	case JOB_FAILED:
		why = msg_get_reason(&m);
		return fail_at(w, &why, err);
	default:
		return 0;
	}
}

/* Return: 1 something came, 0, or -errno */
static int step(struct run *run, struct worker_at *w, struct tdm_error *err)
{
	const struct wire_message *msg;
	int moved = 0;

	wire_step(w->conn, engine_now());
	while ((msg = wire_next(w->conn))) {
		int rc = take(run, w, msg, err);

		if (rc)
			return rc;
		moved = 1;
	}
	return w->conn->state == WIRE_ENDED ? fail_at(w, &w->conn->error, err) : moved;
}

/* Both are stepped, so that a lease is kept while the other one is waited for. */
static int turn(struct run *run, struct tdm_error *err)
{
	struct tdm_remote *r = run->r;
	struct worker_at *both[2] = { &r->prefill, &r->decode };
	struct pollfd fds[2];
	nfds_t n = 0;
	int moved = 0;

	if (is_stopped(r))
		return tdm_error_set(err, -ECANCELED,
				     "request: stopped after %u tokens; run it again for the rest",
				     run->told);
	for (int i = 0; i < 2; i++) {
		int rc = both[i]->conn ? step(run, both[i], err) : 0;

		if (rc < 0)
			return rc;
		moved |= rc;
	}
	/* What came may be the answer to what is asked next. */
	if (moved)
		return 0;
	for (int i = 0; i < 2; i++) {
		short events = 0;
		int fd = both[i]->conn ? wire_fd(both[i]->conn, &events) : -1;

		if (fd >= 0)
			fds[n++] = (struct pollfd){ .fd = fd, .events = events };
	}
	(void)poll(fds, n, NAP_MS);
	return 0;
}

static int call(struct tdm_remote *r, struct worker_at *w, struct tdm_error *err)
{
	struct tdm_error why = { .code = 0 };

	w->done = false;
	if (w->conn && w->conn->state == WIRE_OPEN)
		return 0;
	hang_up(w);
	w->conn = wire_connect(w->address, &r->wire, &why);
	/* errors.sh: the cure is in why */
	return w->conn ? 0 : tdm_error_set(err, why.code, "%s: %s", w->name, why.msg);
}

static int check_models(const struct tdm_remote *r, bool fused, struct tdm_error *err)
{
	if (fused || r->prefill.hello.model == r->decode.hello.model)
		return 0;
	return tdm_error_set(err, -EPROTOTYPE,
			     "workers %s and %s: they have different models; start both with the "
			     "same file",
			     r->prefill.address, r->decode.address);
}

static bool is_over(const struct run *run)
{
	/* The caller has what it wants: the workers are told, and not waited for. */
	if (run->ended)
		return true;
	return run->r->decode.done && (run->fused || run->r->prefill.done);
}

static int run_once(struct run *run, struct tdm_error *err)
{
	struct tdm_remote *r = run->r;
	bool asked_prefill = run->fused, asked = false;
	int rc = call(r, &r->decode, err);

	if (!rc && !run->fused)
		rc = call(r, &r->prefill, err);
	while (!rc && !is_over(run)) {
		bool greeted = r->decode.greeted && (run->fused || r->prefill.greeted);

		if (greeted && !asked) {
			rc = check_models(r, run->fused, err);
			if (!rc)
				rc = send_job(run, &r->decode, run->fused, err);
			asked = true;
		}
		if (!rc && run->ready && !asked_prefill) {
			rc = send_job(run, &r->prefill, true, err);
			asked_prefill = true;
		}
		if (!rc)
			rc = turn(run, err);
	}
	return rc;
}

/* A worker that still runs it is told that it need not; the rest is its own business. */
static void cancel(struct run *run)
{
	struct worker_at *both[2] = { &run->r->prefill, &run->r->decode };

	for (int i = 0; i < 2; i++) {
		if (!both[i]->conn || both[i]->done)
			continue;
		(void)job_send_id(both[i]->conn, JOB_CANCEL, run->id);
		wire_step(both[i]->conn, engine_now());
	}
}

/* Could another try end better? */
static bool is_passing(int rc)
{
	switch (rc) {
	case -ECANCELED:
	case -EIO:
	case -ECONNRESET:
	case -ECONNREFUSED:
	case -ECONNABORTED:
	case -ETIMEDOUT:
	case -EHOSTUNREACH:
	case -ENETUNREACH:
	case -ENOTCONN:
	case -EBADMSG:
	case -EPIPE:
	case -EUSERS:
	case -ENODEV:
		return true;
	default:
		return false;
	}
}

static int new_id(struct run *run, struct tdm_error *err)
{
	if (getrandom(&run->id, sizeof(run->id), 0) != (ssize_t)sizeof(run->id))
		return tdm_error_set(err, -EIO, "client: no random number; try again");
	run->ready = false;
	memset(run->have, 0, run->req->max_new * sizeof(*run->have));
	return 0;
}

static void pause_until(const struct tdm_remote *r, uint64_t deadline_ns)
{
	const struct timespec nap = { .tv_nsec = 10000000 };

	while (engine_now() < deadline_ns && !is_stopped(r))
		nanosleep(&nap, NULL);
}

static int try_all(struct run *run, struct tdm_error *err)
{
	struct tdm_remote *r = run->r;
	uint32_t tries = r->opts.retries + 1U + r->opts.fused_fallback;
	uint64_t pause = RETRY_PAUSE_NS;
	int rc = 0;

	for (uint32_t i = 0; i < tries; i++) {
		run->fused = r->opts.fused_fallback && i == tries - 1;
		rc = new_id(run, err);
		if (!rc)
			rc = run_once(run, err);
		if (rc || run->ended)
			cancel(run);
		if (!rc) {
			r->fell_back = run->fused;
			return 0;
		}
		hang_up(&r->prefill);
		hang_up(&r->decode);
		if (is_stopped(r) || !is_passing(rc) || i + 1 == tries)
			break;
		trace_code(r->opts.trace, TDM_TRACE_RETRY, run->id, rc);
		if (r->opts.retry)
			r->opts.retry(r->opts.retry_ctx, err->msg);
		pause_until(r, engine_now() + pause);
		pause = pause * 2 < RETRY_PAUSE_MAX_NS ? pause * 2 : RETRY_PAUSE_MAX_NS;
	}
	return rc;
}

int tdm_remote_run(struct tdm_remote *r, const struct tdm_request *req, struct tdm_result *result,
		   struct tdm_error *err)
{
	struct run run = { .r = r, .req = req, .result = result, .started = engine_now() };
	int rc;

	memset(result, 0, sizeof(*result));
	r->fell_back = false;
	if (!req->n_prompt || !req->max_new || req->n_prompt > JOB_TOKENS_MAX)
		return tdm_error_set(
			err, -EINVAL,
			"request: a prompt of %u tokens and %u new ones; take 1 to %u, "
			"and 1 or more",
			req->n_prompt, req->max_new, JOB_TOKENS_MAX);
	run.tokens = calloc(req->max_new, sizeof(*run.tokens));
	run.have = calloc(req->max_new, sizeof(*run.have));
	if (run.tokens && run.have)
		rc = try_all(&run, err);
	else
		rc = tdm_error_set(err, -ENOMEM, "client: out of memory; take fewer new tokens");
	note_request(r->opts.trace, run.id, run.started, req->n_prompt, result->n_tokens, rc);
	free(run.have);
	free(run.tokens);
	return rc;
}
