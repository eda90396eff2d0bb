/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the files of a worker share. All of it belongs to the worker's thread; nothing
 * but a job waits, and while it does it serves the others (worker_look()).
 */
#ifndef REMOTE_WORKER_H
#define REMOTE_WORKER_H

#include "engine/engine.h"
#include "engine/inflow.h"
#include "engine/mover.h"
#include "remote/job.h"
#include "wire/tcp.h"

struct client {
	struct client *next;
	struct wire_conn *conn;
	bool greeted;
	bool waiting;	/* @job is to be run */
	bool cancelled; /* the running one is not wanted any more */
	struct job job;
};

struct tdm_worker {
	enum tdm_role role;
	const struct tdm_model *model;
	struct side *side;
	struct tdm_agent *agent;
	struct mover *mover;   /* of a prefill worker */
	struct inflow *in;     /* of a decode worker */
	struct tdm_peer *peer; /* the last decode worker that pages were sent to */
	char peer_at[JOB_TEXT_MAX];

	struct wire_key key;
	struct wire_attr wire;
	struct wire_listener *listener;
	int fds; /* epoll: what clients may say */
	struct client *clients;
	struct client *running; /* whose job is run, NULL once it is gone */
	uint64_t served_ns;
	uint64_t owners;
	const uint32_t *stop;
	struct engine_watch watch;
	void (*log)(void *ctx, const struct tdm_worker_event *event);
	void *log_ctx;
};

/* serve.c: clients come, speak and go. Return: true when something moved */
bool worker_serve(struct tdm_worker *w);
void worker_drop_clients(struct tdm_worker *w);
/* At every look of a job: serve the others. Return: true when it is to end */
bool worker_look(void *worker);
/* Sleep until there may be something to do. */
void worker_wait(struct tdm_worker *w, uint64_t ns);

__attribute__((format(printf, 2, 3))) void worker_say(struct tdm_worker *w, const char *fmt, ...);

/* An engine of this worker's side, for one job. */
struct tdm_engine worker_engine(struct tdm_worker *w);
struct tdm_request worker_request(const struct job *job);

/* prefill_job.c, decode_job.c: run it to its end; what it says goes to w->running */
int worker_prefill(struct tdm_worker *w, const struct job *job, struct job_done *done,
		   struct tdm_error *err);
int worker_decode(struct tdm_worker *w, const struct job *job, struct job_done *done,
		  struct tdm_error *err);
/* Requests of senders that no job here asked for. */
void worker_refuse_strangers(struct tdm_worker *w);

#endif /* REMOTE_WORKER_H */
