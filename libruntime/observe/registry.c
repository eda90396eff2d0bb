// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What is shown. An object comes and goes with all that belongs to it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/mover.h"
#include "observe/observer.h"
#include "remote/worker.h"

/* What one call adds: all of it or nothing. The observer's lock is held. */
struct batch {
	struct tdm_observer *o;
	const void *owner;
	struct shown *first;
	struct shown **end;
	int error;
};

static void free_list(struct shown *s)
{
	while (s) {
		struct shown *next = s->next;

		if (s->kind == SHOWN_AGENT)
			agent_view_close(s->agent);
		free(s);
		s = next;
	}
}

static void begin(struct batch *b, struct tdm_observer *o, const void *owner)
{
	*b = (struct batch){ .o = o, .owner = owner };
	b->end = &b->first;
	pthread_mutex_lock(&o->lock);
}

static int end(struct batch *b)
{
	struct shown **at = &b->o->shown;

	if (b->error) {
		free_list(b->first);
	} else {
		while (*at)
			at = &(*at)->next;
		*at = b->first;
	}
	pthread_mutex_unlock(&b->o->lock);
	return b->error;
}

/* Return: NULL once something failed */
static struct shown *add(struct batch *b, enum shown_kind kind)
{
	struct shown *s = b->error ? NULL : calloc(1, sizeof(*s));

	if (!s) {
		b->error = b->error ? b->error : -ENOMEM;
		return NULL;
	}
	s->owner = b->owner;
	s->kind = kind;
	s->number = b->o->next[kind]++;
	*b->end = s;
	b->end = &s->next;
	return s;
}

static uint32_t add_device(struct batch *b, struct tdm_device *dev)
{
	struct shown *s = add(b, SHOWN_DEVICE);

	if (!s)
		return TDM_OBSERVE_NONE;
	s->dev = dev;
	return s->number;
}

static void add_pool(struct batch *b, const struct shown_pool *pool)
{
	struct shown *s = add(b, SHOWN_POOL);

	if (s)
		s->pool = *pool;
}

static void add_agent(struct batch *b, struct tdm_agent *agent, uint32_t device)
{
	struct shown_pool pool = { .device = device, .layout = TDM_KV_LAYOUT_WIRE };
	struct shown *s;

	if (agent->view) {
		b->error = -EEXIST;
		return;
	}
	s = add(b, SHOWN_AGENT);
	if (!s)
		return;
	s->agent = agent;
	if (!agent_view_open(agent))
		b->error = -ENOMEM;
	for (uint32_t i = 0; i < agent->nr_regions; i++) {
		pool.pool = agent->regions[i].pool;
		snprintf(pool.name, sizeof(pool.name), "agent %u landing %u", s->number, i);
		add_pool(b, &pool);
	}
}

/* @what: of the engine or worker; the pool is on device @device */
static void add_side(struct batch *b, const struct side *side, uint32_t device, const char *what)
{
	struct shown_pool pool = {
		.pool = side->pool,
		.device = device,
		.layout = tdm_device_info(side->dev)->identify.kv_layout,
		.shape = {
			.heads = side->desc->n_kv_heads,
			.head_dim = side->desc->head_dim,
			.tokens = side->desc->kv_page_tokens,
			.elt_bytes = side->desc->kv_dtype == TDM_DTYPE_F32 ? 4 : 2,
		},
	};

	snprintf(pool.name, sizeof(pool.name), "engine %u %s", b->o->next[SHOWN_ENGINE], what);
	add_pool(b, &pool);
}

static void add_watch(struct batch *b, const struct shown_engine *engine)
{
	struct shown *s = add(b, SHOWN_ENGINE);

	if (s)
		s->engine = *engine;
}

int tdm_observer_add_engine(struct tdm_observer *o, struct tdm_engine *e)
{
	struct shown_engine engine = {
		.watch = e->watch,
		.role = TDM_OBSERVE_ENGINE,
		.mode = e->mode,
	};
	struct batch b;

	if (!o)
		return 0;
	begin(&b, o, e);
	engine.decode = add_device(&b, e->decode->dev);
	engine.prefill = engine.decode;
	if (e->prefill != e->decode) {
		engine.prefill = add_device(&b, e->prefill->dev);
		add_side(&b, e->prefill, engine.prefill, "prefill");
	}
	add_side(&b, e->decode, engine.decode, "decode");
	if (e->mover) {
		add_agent(&b, mover_agent(e->mover, false), engine.prefill);
		add_agent(&b, mover_agent(e->mover, true), engine.decode);
	}
	add_watch(&b, &engine);
	return end(&b);
}

int tdm_observer_add_worker(struct tdm_observer *o, struct tdm_worker *w)
{
	bool decode = w->role == TDM_ROLE_DECODE;
	struct shown_engine engine = {
		.watch = &w->watch,
		.role = decode ? TDM_OBSERVE_DECODE_WORKER : TDM_OBSERVE_PREFILL_WORKER,
		.prefill = TDM_OBSERVE_NONE,
		.decode = TDM_OBSERVE_NONE,
	};
	struct batch b;
	uint32_t device;

	if (!o)
		return 0;
	begin(&b, o, w);
	device = add_device(&b, w->side->dev);
	*(decode ? &engine.decode : &engine.prefill) = device;
	add_side(&b, w->side, device, decode ? "decode" : "prefill");
	add_agent(&b, w->agent, device);
	add_watch(&b, &engine);
	return end(&b);
}

int tdm_observer_add_agent(struct tdm_observer *o, struct tdm_agent *agent)
{
	struct batch b;

	if (!o)
		return 0;
	begin(&b, o, agent);
	add_agent(&b, agent, TDM_OBSERVE_NONE);
	return end(&b);
}

int tdm_observer_add_device(struct tdm_observer *o, struct tdm_device *dev)
{
	struct batch b;

	if (!o)
		return 0;
	begin(&b, o, dev);
	(void)add_device(&b, dev);
	return end(&b);
}

void tdm_observer_remove(struct tdm_observer *o, const void *object)
{
	struct shown *gone = NULL, **end = &gone;

	if (!o)
		return;
	pthread_mutex_lock(&o->lock);
	for (struct shown **at = &o->shown; *at;) {
		struct shown *s = *at;

		if (s->owner != object) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		s->next = NULL;
		*end = s;
		end = &s->next;
	}
	pthread_mutex_unlock(&o->lock);
	free_list(gone);
}

void registry_clear(struct tdm_observer *o)
{
	free_list(o->shown);
	o->shown = NULL;
}

struct shown *registry_next(const struct tdm_observer *o, const struct shown *after,
			    enum shown_kind kind)
{
	struct shown *s = after ? after->next : o->shown;

	while (s && s->kind != kind)
		s = s->next;
	return s;
}

struct shown *registry_find(const struct tdm_observer *o, enum shown_kind kind, uint32_t number)
{
	struct shown *s = registry_next(o, NULL, kind);

	while (s && s->number != number)
		s = registry_next(o, s, kind);
	return s;
}

uint32_t registry_count(const struct tdm_observer *o, enum shown_kind kind)
{
	uint32_t n = 0;

	for (struct shown *s = registry_next(o, NULL, kind); s; s = registry_next(o, s, kind))
		n++;
	return n;
}
