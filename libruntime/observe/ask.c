// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "observe/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "observe/state.h"
#include "util/utf8.h"

/* Records of one call, at most: a process that never comes to an end is a liar. */
#define RECORDS_MAX (1U << 16)
#define PAGES_MAX (1U << 24)
#define REDIALS 3

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void ask_clean(char *text, size_t room)
{
	size_t len = strnlen(text, room - 1);

	text[len] = '\0';
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = utf8_next(text + i, len - i, &cp);

		/* Control characters, those of Latin-1 too. */
		if (!n || cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
			n = n ? n : 1;
			memset(text + i, '?', n);
		}
		i += n;
	}
}

static int say(const struct tdm_observed *o, int rc, struct tdm_error *err)
{
	uint32_t pid = o->at.pid;

	switch (rc) {
	case -ETIMEDOUT:
		return state_unanswered(pid, err);
	case -EPROTO:
		return tdm_error_set(err, rc,
				     "process %u: what it answers is none of tandem's; look what "
				     "it is",
				     pid);
	case -ESRCH:
		return tdm_error_set(err, rc,
				     "process %u: it cannot be looked at any more; list the "
				     "processes again",
				     pid);
	default:
		return tdm_error_set(err, rc, "process %u: %s; ask again", pid, strerror(-rc));
	}
}

/* A machine may be busy: who is not stopped gets more time. Return: until when */
static uint64_t prolong(const struct tdm_observed *o, uint64_t start, uint64_t now)
{
	if (now - start >= o->longest_ns || !state_goes_on(o->at.pid))
		return now;
	return now + o->timeout_ns < start + o->longest_ns ? now + o->timeout_ns
							   : start + o->longest_ns;
}

/* Return: bytes of the packet, which is no longer than there is room, or -errno */
static int receive(struct tdm_observed *o, uint64_t start)
{
	struct pollfd p = { .fd = o->fd, .events = POLLIN };
	uint64_t deadline = start + o->timeout_ns;

	for (;;) {
		uint64_t now = clock_ns();
		ssize_t n = recv(o->fd, o->packet, sizeof(o->packet), MSG_DONTWAIT | MSG_TRUNC);

		if (n > 0)
			return n > (ssize_t)sizeof(o->packet) ? -EPROTO : (int)n;
		if (!n || errno == ECONNRESET)
			return -ECONNRESET;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (now >= deadline)
			deadline = prolong(o, start, now);
		if (now >= deadline)
			return -ETIMEDOUT;
		(void)poll(&p, 1, (int)((deadline - now) / 1000000) + 1);
	}
}

/* An error comes with words behind the head. Return: 0 or its code */
static int check(struct tdm_observed *o, size_t len, uint32_t kind, struct tdm_error *err)
{
	const struct observe_answer *a = (const struct observe_answer *)(void *)o->packet;
	char text[sizeof(err->msg)];
	size_t said;

	if (len < sizeof(*a) || a->magic != OBSERVE_MAGIC || a->size < sizeof(*a) ||
	    a->size > len || a->kind != kind || a->error > 0 || a->error < -4095)
		return say(o, -EPROTO, err);
	if (!a->error && (uint64_t)a->count * a->record_bytes != len - a->size)
		return say(o, -EPROTO, err);
	if (!a->error)
		return 0;
	said = len - a->size < sizeof(text) - 1 ? len - a->size : sizeof(text) - 1;
	memcpy(text, o->packet + a->size, said);
	text[said] = '\0';
	ask_clean(text, sizeof(text));
	/* errors.sh: the cure is in text */
	return tdm_error_set(err, a->error, "%s", text);
}

/* Copies what is known of a record; the rest of ours is zero. */
static void take(const struct tdm_observed *o, uint32_t index, void *to, uint32_t bytes)
{
	const struct observe_answer *a = (const struct observe_answer *)(const void *)o->packet;
	uint32_t n = a->record_bytes < bytes ? a->record_bytes : bytes;

	memset(to, 0, bytes);
	memcpy(to, o->packet + a->size + (size_t)index * a->record_bytes, n);
}

static int greeting(struct tdm_observed *o, uint64_t start, struct tdm_error *err)
{
	const struct observe_answer *a = (const struct observe_answer *)(void *)o->packet;
	int rc = receive(o, start);

	if (rc < 0)
		return say(o, rc == -ECONNRESET ? -ESRCH : rc, err);
	rc = check(o, (size_t)rc, OBSERVE_PROCESS, err);
	if (rc)
		return rc;
	if (a->count != 1)
		return say(o, -EPROTO, err);
	take(o, 0, &o->process, sizeof(o->process));
	ask_clean(o->process.program, sizeof(o->process.program));
	ask_clean(o->process.version, sizeof(o->process.version));
	return 0;
}

/* connect(2) waits while as many as the other side takes are in line. */
static int connect_until(const struct tdm_observed *o, uint64_t start)
{
	const struct timeval patience = {
		.tv_sec = (time_t)(o->timeout_ns / 1000000000),
		.tv_usec = (suseconds_t)(o->timeout_ns / 1000 % 1000000),
	};
	struct sockaddr_un name;
	socklen_t len = observe_name(o->at.pid, o->at.n, &name);
	uint64_t now;
	int rc;

	if (setsockopt(o->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)))
		return -errno;
	do {
		rc = connect(o->fd, (struct sockaddr *)&name, len) ? -errno : 0;
		now = clock_ns();
	} while (rc == -EINTR || (rc == -EAGAIN && prolong(o, start, now) > now));
	if (rc == -EAGAIN)
		return -ETIMEDOUT;
	return rc == -ECONNREFUSED || rc == -EPROTOTYPE ? -ESRCH : rc;
}

/* Anybody can bind any name: the kernel knows who did. */
static int identify(struct tdm_observed *o)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(o->fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
		return -errno;
	if (who.pid <= 0 || (uint32_t)who.pid != o->at.pid)
		return -ESRCH;
	o->process.pid = o->at.pid;
	o->process.uid = who.uid;
	return 0;
}

static void hang_up(struct tdm_observed *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

int ask_dial(struct tdm_observed *o, struct tdm_error *err)
{
	uint64_t start = clock_ns();
	uint32_t uid;
	int rc;

	hang_up(o);
	o->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (o->fd < 0)
		return say(o, -errno, err);
	rc = connect_until(o, start);
	if (!rc)
		rc = identify(o);
	uid = o->process.uid;
	rc = rc ? say(o, rc, err) : greeting(o, start, err);
	/* Whatever it says of itself. */
	o->process.pid = o->at.pid;
	o->process.uid = uid;
	if (rc)
		hang_up(o);
	return rc;
}

/* Return: bytes of the answer, -ECONNRESET: not asked, and dropped, or -errno */
static int exchange(struct tdm_observed *o, const struct observe_request *req)
{
	uint64_t start = clock_ns();
	ssize_t n;

	if (o->fd < 0)
		return -ECONNRESET;
	do {
		n = send(o->fd, req, sizeof(*req), MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EPIPE ? -ECONNRESET : errno == EAGAIN ? -ETIMEDOUT : -errno;
	return receive(o, start);
}

const struct observe_answer *ask_once(struct tdm_observed *o, const struct observe_request *req,
				      struct tdm_error *err)
{
	int rc = exchange(o, req);

	/* It drops who is silent, where others wait: that is no reason to give up. */
	for (int i = 0; i < REDIALS && rc == -ECONNRESET; i++) {
		if (ask_dial(o, err))
			return NULL;
		rc = exchange(o, req);
	}
	if (rc < 0) {
		say(o, rc == -ECONNRESET ? -ESRCH : rc, err);
		hang_up(o); /* a late answer is not to be taken for the next one's */
		return NULL;
	}
	if (check(o, (size_t)rc, req->kind, err))
		return NULL;
	return (const struct observe_answer *)(void *)o->packet;
}

struct gathered {
	char *list;
	uint32_t n;
	uint32_t room;
};

static int gather(struct gathered *g, const struct tdm_observed *o, uint32_t bytes)
{
	const struct observe_answer *a = (const struct observe_answer *)(const void *)o->packet;

	if (a->count > g->room - g->n) {
		uint32_t room = g->n + a->count + g->n / 2;
		char *list = realloc(g->list, (size_t)room * bytes);

		if (!list)
			return -ENOMEM;
		g->list = list;
		g->room = room;
	}
	for (uint32_t i = 0; i < a->count; i++)
		take(o, i, g->list + (size_t)g->n++ * bytes, bytes);
	return 0;
}

static uint32_t most(uint32_t kind)
{
	return kind == OBSERVE_PAGES || kind == OBSERVE_VERIFY ? PAGES_MAX : RECORDS_MAX;
}

/* Return: 1 there is more, 0, or -errno */
static int next(struct tdm_observed *o, const struct observe_request *req, uint32_t bytes,
		struct gathered *g, struct tdm_error *err)
{
	const struct observe_answer *a = ask_once(o, req, err);
	int rc;

	if (!a)
		return err->code;
	if (a->count > req->count || a->count > OBSERVE_PACKET_MAX || (a->more && !a->count) ||
	    (a->count && !a->record_bytes) || g->n + a->count > most(req->kind))
		return say(o, -EPROTO, err);
	rc = gather(g, o, bytes);
	return rc ? say(o, rc, err) : a->more != 0;
}

void *ask_all(struct tdm_observed *o, const struct observe_request *what, uint32_t bytes,
	      uint32_t *n, struct tdm_error *err)
{
	struct gathered g = { .list = malloc(bytes), .room = 1 };
	struct observe_request req = *what;
	struct tdm_error own = { .code = 0 };
	int rc = 1;

	if (!g.list) {
		*n = 0;
		say(o, -ENOMEM, err);
		return NULL;
	}
	req.size = sizeof(req);
	req.magic = OBSERVE_MAGIC;
	req.version = OBSERVE_VERSION;
	while (rc > 0 && g.n < what->count) {
		req.first = what->first + g.n;
		req.count = what->count - g.n;
		rc = next(o, &req, bytes, &g, &own);
	}
	*n = rc < 0 ? 0 : g.n;
	if (rc >= 0)
		return g.list;
	if (err)
		*err = own;
	free(g.list);
	return NULL;
}
