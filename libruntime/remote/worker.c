// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A worker: its life, and one job after another.
 */
#include "remote/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "engine/note.h"

#define PAGE_TOKENS 16
#define SENDERS 4
#define CHUNK_TOKENS 256
#define IDLE_NS 100000000

enum pool_id { POOL_WORKER = 1 };

static int open_side(struct tdm_worker *w, const struct tdm_worker_options *o,
		     struct tdm_error *err)
{
	struct side_options opts = {
		.device = o->device,
		.pool_id = POOL_WORKER,
		.trace = o->trace,
		.model = {
			.size = sizeof(opts.model),
			.ctx_len = o->ctx_len,
			.kv_dtype = TDM_DTYPE_F16,
			.kv_page_tokens = o->kv_page_tokens ? o->kv_page_tokens : PAGE_TOKENS,
			.stop = o->stop,
		},
	};

	w->side = side_open(w->model, &opts, err);
	return w->side ? 0 : -EIO;
}

static int open_agent(struct tdm_worker *w, const struct tdm_worker_options *o,
		      struct tdm_error *err)
{
	const struct tdm_model_shape *shape = tdm_model_info(w->model);
	uint32_t tokens = w->side->desc->kv_page_tokens;
	char layout[160];
	struct tdm_agent_attr attr = {
		.size = sizeof(attr),
		.page_units = tokens,
		.unit_bytes = w->side->page_bytes / tokens,
		.layout = layout,
		.net = o->net,
		.secret = w->key.bytes,
		.secret_len = sizeof(w->key.bytes),
		.lease_ns = o->lease_ns,
		.streams = 1,
		.trace = o->trace,
	};

	snprintf(layout, sizeof(layout),
		 "wire layout 1, F16, %u layers of %u heads of %u, model "
		 "%016" PRIx64,
		 shape->n_layers, shape->n_kv_heads, shape->head_dim, job_model(w->model));
	w->agent = tdm_agent_create(&attr, err);
	if (!w->agent)
		return -EIO;
	if (w->role == TDM_ROLE_PREFILL) {
		w->mover = mover_create_remote(w->side, w->agent, err);
		return w->mover ? 0 : -EIO;
	}
	w->in = inflow_create(w->side, w->agent, o->senders ? o->senders : SENDERS, err);
	return w->in ? 0 : -EIO;
}

/* The same host, any port. */
static int listen_for_pages(struct tdm_worker *w, const struct tdm_worker_options *o,
			    struct tdm_error *err)
{
	const char *colon = strrchr(o->listen, ':');
	char address[256];

	if (w->role != TDM_ROLE_DECODE)
		return 0;
	if (o->pages)
		return tdm_agent_listen(w->agent, o->pages, err);
	snprintf(address, sizeof(address), "%.*s:0", (int)(colon ? colon - o->listen : 0),
		 o->listen);
	return tdm_agent_listen(w->agent, address, err);
}

static int open_doors(struct tdm_worker *w, const struct tdm_worker_options *o,
		      struct tdm_error *err)
{
	struct epoll_event event = { .events = EPOLLIN };

	w->wire = (struct wire_attr){
		.key = &w->key,
		.service = WIRE_SERVICE_JOBS,
		.lease_ns = o->lease_ns,
	};
	w->listener = wire_listen(o->listen, &w->wire, err);
	if (!w->listener)
		return -EIO;
	w->fds = epoll_create1(EPOLL_CLOEXEC);
	if (w->fds < 0 || epoll_ctl(w->fds, EPOLL_CTL_ADD, wire_listener_fd(w->listener), &event))
		return tdm_error_set(err, -errno, "worker: %s; close other files", strerror(errno));
	return listen_for_pages(w, o, err);
}

struct tdm_worker *tdm_worker_create(const struct tdm_model *model,
				     const struct tdm_worker_options *o, struct tdm_error *err)
{
	struct tdm_worker *w;

	if (o->size != sizeof(*o) || o->role > TDM_ROLE_DECODE || o->reserved || !o->stop) {
		tdm_error_set(err, -EINVAL,
			      "worker: its options are of another version; build against this "
			      "library's headers");
		return NULL;
	}
	w = calloc(1, sizeof(*w));
	if (!w) {
		tdm_error_set(err, -ENOMEM, "worker: out of memory; free some");
		return NULL;
	}
	w->fds = -1;
	w->role = o->role;
	w->model = model;
	w->stop = o->stop;
	/* What is wrong in a second is said before a model is loaded. */
	if (!wire_key_read(&w->key, o->key_file, err) && !open_side(w, o, err) &&
	    !open_agent(w, o, err) && !open_doors(w, o, err))
		return w;
	tdm_worker_destroy(w);
	return NULL;
}

void tdm_worker_destroy(struct tdm_worker *w)
{
	if (!w)
		return;
	worker_drop_clients(w);
	wire_listener_close(w->listener);
	tdm_peer_close(w->peer);
	tdm_agent_destroy(w->agent);
	mover_destroy(w->mover);
	inflow_destroy(w->in);
	side_close(w->side);
	if (w->fds >= 0)
		close(w->fds);
	explicit_bzero(&w->key, sizeof(w->key));
	free(w);
}

const char *tdm_worker_address(const struct tdm_worker *w)
{
	return wire_listener_address(w->listener);
}

const char *tdm_worker_pages(const struct tdm_worker *w)
{
	return tdm_agent_address(w->agent);
}

const struct tdm_agent *tdm_worker_agent(const struct tdm_worker *w)
{
	return w->agent;
}

const char *tdm_worker_device(const struct tdm_worker *w)
{
	return tdm_device_name(w->side->dev);
}

struct tdm_engine worker_engine(struct tdm_worker *w)
{
	uint32_t limit = tdm_device_info(w->side->dev)->identify.max_tokens;

	return (struct tdm_engine){
		.chunk_tokens = limit < CHUNK_TOKENS ? limit : CHUNK_TOKENS,
		.prefill = w->side,
		.decode = w->side,
		.mover = w->mover,
		.look = worker_look,
		.look_ctx = w,
		.watch = &w->watch,
	};
}

struct tdm_request worker_request(const struct job *job)
{
	return (struct tdm_request){
		.prompt = job->tokens,
		.n_prompt = job->n_prompt,
		.max_new = job->max_new,
		.temperature = job->temperature,
		.top_k = job->top_k,
		.top_p = job->top_p,
		.seed = job->seed,
	};
}

/* What a client asks for is looked at once, here. */
static int check(const struct tdm_worker *w, const struct job *job, struct tdm_error *err)
{
	bool needs_tokens = w->role == TDM_ROLE_PREFILL || job->flags & JOB_FUSED;

	if (w->role == TDM_ROLE_PREFILL && job->flags & JOB_FUSED)
		return tdm_error_set(
			err, -EINVAL,
			"request: a prefill worker does not decode; send it to a decode "
			"worker");
	if (needs_tokens != (job->n_tokens != 0))
		return tdm_error_set(err, -EINVAL,
				     "request: its prompt is %s; use the same version of tandem",
				     needs_tokens ? "missing" : "for another worker");
	if (job->n_prompt >= w->side->desc->ctx_len)
		return tdm_error_set(err, -E2BIG,
				     "prompt: %u tokens do not fit the worker's context of %u with "
				     "room for one more; shorten it or start the workers with a "
				     "longer context",
				     job->n_prompt, w->side->desc->ctx_len);
	for (uint32_t i = 0; i < job->n_tokens; i++)
		if (job->tokens[i] >= w->side->desc->vocab)
			return tdm_error_set(err, -EINVAL,
					     "prompt: token %u is not in the vocabulary of %u; use "
					     "the model's own tokenizer",
					     job->tokens[i], w->side->desc->vocab);
	return 0;
}

static void run_job(struct tdm_worker *w, struct client *c)
{
	struct tdm_error err = { .code = 0 };
	struct job job = c->job;
	struct job_done done;
	uint64_t start = engine_now();
	int rc;

	c->job.tokens = NULL;
	c->waiting = false;
	c->cancelled = false;
	w->running = c;
	watch_begin(&w->watch, job.id, engine_now());
	note_begin(w->side, job.id);
	rc = check(w, &job, &err);
	if (!rc)
		rc = w->role == TDM_ROLE_PREFILL ? worker_prefill(w, &job, &done, &err)
						 : worker_decode(w, &job, &done, &err);
	watch_end(&w->watch, rc);
	/* A function that failed with no more than a code. */
	if (rc && !err.code)
		tdm_error_set(&err, rc, "request: %s; run it again", strerror(-rc));
	note_request(w->side->trace, job.id, start, job.n_prompt, 0, rc);
	if (rc == -ECANCELED)
		worker_say(w, "request %016" PRIx64 ": its client wants no more of it", job.id);
	else if (rc)
		worker_say(w, "request %016" PRIx64 ": %s", job.id, err.msg);
	else
		worker_say(w, "request %016" PRIx64 ": done", job.id);
	if (w->running && rc)
		(void)job_send_failed(c->conn, job.id, &err);
	else if (w->running)
		(void)job_send_done(c->conn, &done);
	w->running = NULL;
	free(job.tokens);
}

/* The one that came first; clients are kept with the newest in front. */
static struct client *next_waiting(const struct tdm_worker *w)
{
	struct client *oldest = NULL;

	for (struct client *c = w->clients; c; c = c->next)
		if (c->waiting)
			oldest = c;
	return oldest;
}

static int is_lost(struct tdm_worker *w, struct tdm_error *err)
{
	struct tdm_query_memory mem;
	int rc = tdm_device_memory(w->side->dev, &mem);

	return rc ? side_lost(w->side, rc, err) : 0;
}

int tdm_worker_run(struct tdm_worker *w,
		   void (*log)(void *ctx, const struct tdm_worker_event *event), void *ctx,
		   struct tdm_error *err)
{
	w->log = log;
	w->log_ctx = ctx;
	while (!__atomic_load_n(w->stop, __ATOMIC_RELAXED)) {
		struct client *c;
		bool moved = worker_serve(w);
		int rc;

		worker_refuse_strangers(w);
		c = next_waiting(w);
		if (c) {
			run_job(w, c);
			rc = is_lost(w, err);
			if (rc)
				return rc;
		} else if (!moved) {
			worker_wait(w, IDLE_NS);
		}
	}
	return 0;
}
