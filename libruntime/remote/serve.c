// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A worker's clients.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "remote/worker.h"

#define MAX_CLIENTS 256
/* How often a job looks at the others: seldom enough to cost nothing. */
#define LOOK_NS 2000000

void worker_say(struct tdm_worker *w, const char *fmt, ...)
{
	char text[600];
	struct tdm_worker_event event = { .text = text };
	va_list args;

	if (!w->log)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	w->log(w->log_ctx, &event);
}

static void greet(struct tdm_worker *w, struct client *c)
{
	const struct tdm_program *desc = w->side->desc;
	struct job_hello hello = {
		.version = JOB_VERSION,
		.role = w->role,
		.vocab = desc->vocab,
		.ctx_len = desc->ctx_len,
		.model = job_model(w->model),
	};
	const char *pages = tdm_worker_pages(w);

	snprintf(hello.device, sizeof(hello.device), "%s", tdm_worker_device(w));
	snprintf(hello.net, sizeof(hello.net), "%s", tdm_net_name(tdm_agent_net(w->agent)));
	snprintf(hello.pages, sizeof(hello.pages), "%s", pages ? pages : "");
	c->greeted = true;
	(void)job_send_hello(c->conn, &hello);
}

static void take_job(struct client *c, const struct wire_message *msg)
{
	struct tdm_error why = {
		.code = -EPROTO, .msg = "request: it is malformed; use the same version of tandem"
	};
	int rc;

	if (c->waiting)
		return;
	rc = job_read_job(msg, &c->job);
	if (!rc) {
		c->waiting = true;
		return;
	}
	if (rc == -ENOMEM)
		tdm_error_set(&why, rc,
			      "request: the worker is out of memory; send it again later");
	(void)job_send_failed(c->conn, c->job.id, &why);
}

static void take(struct tdm_worker *w, struct client *c, const struct wire_message *msg)
{
	if (msg->type == JOB_JOB && w->running != c) {
		take_job(c, msg);
	} else if (msg->type == JOB_CANCEL) {
		if (w->running == c)
			c->cancelled = true;
		c->waiting = false;
	}
}

static void drop(struct tdm_worker *w, struct client *c)
{
	struct client **at = &w->clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	if (w->running == c)
		w->running = NULL;
	wire_close(c->conn, NULL);
	free(c->job.tokens);
	free(c);
}

void worker_drop_clients(struct tdm_worker *w)
{
	while (w->clients)
		drop(w, w->clients);
}

static bool accept_one(struct tdm_worker *w)
{
	struct wire_conn *conn = wire_accept(w->listener, NULL);
	struct epoll_event event = { .events = EPOLLIN };
	const struct tdm_error full = { .code = -EUSERS,
					.msg = "the worker has all the clients that it takes; try "
					       "again later" };
	struct client *c;
	uint32_t n = 0;
	short events;

	if (!conn)
		return false;
	for (c = w->clients; c; c = c->next)
		n++;
	c = n < MAX_CLIENTS ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		wire_close(conn, &full);
		return true;
	}
	c->conn = conn;
	c->next = w->clients;
	w->clients = c;
	(void)epoll_ctl(w->fds, EPOLL_CTL_ADD, wire_fd(conn, &events), &event);
	return true;
}

static bool step(struct tdm_worker *w, struct client *c, uint64_t now)
{
	const struct wire_message *msg;
	bool moved = false;

	if (wire_step(c->conn, now) == WIRE_OPEN && !c->greeted) {
		greet(w, c);
		moved = true; /* the next step sends it */
	}
	while ((msg = wire_next(c->conn))) {
		take(w, c, msg);
		moved = true;
	}
	if (c->conn->state != WIRE_ENDED)
		return moved;
	if (!c->greeted)
		worker_say(w, "%s", c->conn->error.msg);
	drop(w, c);
	return true;
}

bool worker_serve(struct tdm_worker *w)
{
	uint64_t now = engine_now();
	bool moved = accept_one(w);

	for (struct client *c = w->clients, *next; c; c = next) {
		next = c->next;
		moved |= step(w, c, now);
	}
	return moved | (tdm_agent_poll(w->agent) > 0);
}

bool worker_look(void *worker)
{
	struct tdm_worker *w = worker;
	uint64_t now = engine_now();

	if (now - w->served_ns >= LOOK_NS) {
		w->served_ns = now;
		(void)worker_serve(w);
	}
	return !w->running || w->running->cancelled || __atomic_load_n(w->stop, __ATOMIC_RELAXED);
}

void worker_wait(struct tdm_worker *w, uint64_t ns)
{
	(void)tdm_agent_wait(w->agent, w->fds, engine_now() + ns);
}
