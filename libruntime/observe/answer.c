// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A request is checked, and answered by who knows.
 */
#include <errno.h>
#include <string.h>

#include "observe/observer.h"

static size_t finish(const struct answer *a)
{
	return sizeof(*a->head) + (size_t)a->head->count * a->head->record_bytes;
}

static void begin(struct answer *a, struct tdm_observer *o, uint32_t kind)
{
	*a = (struct answer){ .o = o, .head = (struct observe_answer *)(void *)o->packet };
	*a->head = (struct observe_answer){
		.size = sizeof(*a->head),
		.magic = OBSERVE_MAGIC,
		.version = OBSERVE_VERSION,
		.kind = kind,
	};
}

uint32_t answer_room(const struct answer *a, uint32_t bytes)
{
	uint32_t fit = (OBSERVE_PACKET_MAX - (uint32_t)sizeof(*a->head)) / bytes;
	uint32_t wanted = a->req && a->req->count < fit ? a->req->count : fit;

	return wanted - a->head->count;
}

void *answer_add(struct answer *a, uint32_t bytes)
{
	char *at;

	if (!answer_room(a, bytes)) {
		a->head->more = 1;
		return NULL;
	}
	at = a->o->packet + sizeof(*a->head) + (size_t)a->head->count * bytes;
	a->head->record_bytes = bytes;
	a->head->count++;
	return memset(at, 0, bytes);
}

size_t answer_error(struct tdm_observer *o, uint32_t kind, int error, const char *text)
{
	size_t len = strlen(text);
	struct answer a;

	begin(&a, o, kind);
	a.head->error = error;
	memcpy(o->packet + sizeof(*a.head), text, len);
	return sizeof(*a.head) + len;
}

static int answer_process(struct answer *a)
{
	const struct tdm_observer *o = a->o;
	struct tdm_observe_process *p = a->skip ? NULL : answer_add(a, sizeof(*p));

	if (!p)
		return 0;
	p->pid = (uint32_t)o->pid;
	p->uid = o->uid;
	p->started_ns = o->started_ns;
	memcpy(p->program, o->program, sizeof(p->program));
	memcpy(p->version, TANDEM_VERSION, sizeof(TANDEM_VERSION));
	p->devices = registry_count(o, SHOWN_DEVICE);
	p->engines = registry_count(o, SHOWN_ENGINE);
	p->pools = registry_count(o, SHOWN_POOL);
	p->agents = registry_count(o, SHOWN_AGENT);
	return 0;
}

static void fill_engine(const struct shown *s, struct tdm_observe_engine *e)
{
	const struct engine_watch *w = s->engine.watch;

	*e = (struct tdm_observe_engine){
		.number = s->number,
		.role = s->engine.role,
		.mode = s->engine.mode,
		.stage = tdm_load_relaxed(&w->stage),
		.prefill = s->engine.prefill,
		.decode = s->engine.decode,
		.request = tdm_load_relaxed(&w->request),
		.since_ns = tdm_load_relaxed(&w->since_ns),
		.done = tdm_load_relaxed(&w->done),
		.failed = tdm_load_relaxed(&w->failed),
		.tokens_prefill = tdm_load_relaxed(&w->tokens_prefill),
		.tokens_decode = tdm_load_relaxed(&w->tokens_decode),
	};
}

static int answer_engines(struct answer *a)
{
	for (struct shown *s = registry_next(a->o, NULL, SHOWN_ENGINE); s;
	     s = registry_next(a->o, s, SHOWN_ENGINE)) {
		struct tdm_observe_engine *e;

		if (a->skip) {
			a->skip--;
			continue;
		}
		e = answer_add(a, sizeof(*e));
		if (!e)
			break;
		fill_engine(s, e);
	}
	return 0;
}

static int (*const kinds[])(struct answer *a) = {
	[OBSERVE_PROCESS] = answer_process, [OBSERVE_DEVICES] = answer_devices,
	[OBSERVE_QUEUES] = answer_queues,   [OBSERVE_ENGINES] = answer_engines,
	[OBSERVE_POOLS] = answer_pools,	    [OBSERVE_AGENTS] = answer_agents,
	[OBSERVE_PEERS] = answer_peers,	    [OBSERVE_PAGES] = answer_pages,
	[OBSERVE_VERIFY] = answer_verify,   [OBSERVE_BYTES] = answer_bytes,
	[OBSERVE_INJECT] = answer_inject,
};

static bool is_zero(const void *bytes, size_t len)
{
	const char *at = bytes;

	for (size_t i = 0; i < len; i++)
		if (at[i])
			return false;
	return true;
}

static bool names_pool(uint32_t kind)
{
	return kind == OBSERVE_PAGES || kind == OBSERVE_VERIFY || kind == OBSERVE_BYTES;
}

/* @len: of the packet, which may be longer than what was read of it */
static int check(const struct tdm_observer *o, size_t len, struct observe_request *req)
{
	const size_t known = sizeof(*req);

	if (len < known)
		return -EINVAL;
	memcpy(req, o->request, known);
	if (req->magic != OBSERVE_MAGIC || req->size != len)
		return -EINVAL;
	if (len > sizeof(o->request) || !is_zero(o->request + known, len - known))
		return -E2BIG;
	if (req->kind >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[req->kind])
		return -EOPNOTSUPP;
	if (req->reserved || !req->version || !req->count ||
	    (req->pool && !names_pool(req->kind)) ||
	    (req->kind != OBSERVE_INJECT && !is_zero(&req->inject, sizeof(req->inject))))
		return -EINVAL;
	return 0;
}

static const char *words(int error)
{
	switch (error) {
	case -E2BIG:
		return "request: it asks for more than this process knows of; use its version of "
		       "tandem";
	case -EOPNOTSUPP:
		return "request: this process cannot do that; use a newer version of tandem for it";
	case -ENOENT:
		return "request: the process has no such object; list them again";
	case -EPERM:
		return "request: the process may not do that; it asks for more rights";
	case -ETIMEDOUT:
		return "request: the device's firmware is silent, and comes to it when it is not; "
		       "tandem info says since when";
	case -EIO:
	case -ENODEV:
		return "request: the device is lost or gone; tandem dump says what is left";
	default:
		return "request: it is malformed; use the same version of tandem";
	}
}

size_t answer_request(struct tdm_observer *o, size_t len)
{
	struct observe_request req = { 0 };
	struct answer a;
	int rc = check(o, len, &req);

	begin(&a, o, req.kind);
	a.req = &req;
	a.skip = req.first;
	if (!rc) {
		pthread_mutex_lock(&o->lock);
		rc = kinds[req.kind](&a);
		pthread_mutex_unlock(&o->lock);
	}
	return rc ? answer_error(o, req.kind, rc, words(rc)) : finish(&a);
}

size_t answer_greeting(struct tdm_observer *o)
{
	struct answer a;

	begin(&a, o, OBSERVE_PROCESS);
	pthread_mutex_lock(&o->lock);
	(void)answer_process(&a);
	pthread_mutex_unlock(&o->lock);
	return finish(&a);
}
