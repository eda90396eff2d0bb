// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Which processes can be looked at, and the way to one of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "observe/ask.h"

#define TIMEOUT_NS 1000000000ULL
#define LONGEST_NS (10 * TIMEOUT_NS)
#define TIMEOUT_MAX_NS 3600000000000ULL

static struct tdm_observed *make(uint64_t timeout_ns, struct tdm_error *err)
{
	struct tdm_observed *o = calloc(1, sizeof(*o));

	if (!o) {
		tdm_error_set(err, -ENOMEM, "processes: out of memory; free some");
		return NULL;
	}
	o->fd = -1;
	o->timeout_ns = timeout_ns ? timeout_ns : TIMEOUT_NS;
	if (o->timeout_ns > TIMEOUT_MAX_NS)
		o->timeout_ns = TIMEOUT_MAX_NS;
	o->longest_ns = timeout_ns ? o->timeout_ns : LONGEST_NS;
	return o;
}

void tdm_observed_close(struct tdm_observed *o)
{
	if (!o)
		return;
	if (o->fd >= 0)
		close(o->fd);
	free(o);
}

const struct tdm_observe_process *tdm_observed_process(const struct tdm_observed *o)
{
	return &o->process;
}

static struct observe_place *scan(uint32_t pid, int *count, struct tdm_error *err)
{
	struct observe_place *places = observe_scan(pid, count);

	if (!places)
		tdm_error_set(err, *count,
			      "/proc/net/unix: it cannot be read: %s; mount /proc, or free some "
			      "memory",
			      strerror(-*count));
	return places;
}

/* A process that is not who it says is none. Return: true when @o is connected */
static bool dial_one_of(struct tdm_observed *o, const struct observe_place *places, int n,
			struct tdm_error *err)
{
	for (int i = 0; i < n; i++) {
		struct tdm_error why;

		o->at = places[i];
		if (!ask_dial(o, &why))
			return true;
		if (why.code != -ESRCH)
			*err = why;
	}
	return false;
}

struct tdm_observed *tdm_observed_connect(uint32_t pid, uint64_t timeout_ns, struct tdm_error *err)
{
	struct tdm_error why = { .code = 0 };
	struct tdm_observed *o = make(timeout_ns, err);
	struct observe_place *places;
	int n;

	if (!o)
		return NULL;
	tdm_error_set(&why, -ESRCH,
		      "process %u: it shows nothing to be looked at; 'tandem ps' lists those that "
		      "do",
		      pid);
	places = scan(pid, &n, &why);
	if (places && pid && dial_one_of(o, places, n, &why)) {
		free(places);
		return o;
	}
	free(places);
	tdm_observed_close(o);
	if (err)
		*err = why;
	return NULL;
}

static void note(struct tdm_observed_entry *e, const struct tdm_observed *o,
		 const struct tdm_error *err)
{
	e->process = o->process;
	e->error = err->code;
	if (!err->code)
		return;
	snprintf(e->why, sizeof(e->why), "%.*s", (int)sizeof(e->why) - 1, err->msg);
	/* The cut may have split a character. */
	ask_clean(e->why, sizeof(e->why));
}

struct tdm_observed_entry *tdm_observed_list(uint32_t *n, uint64_t timeout_ns,
					     struct tdm_error *err)
{
	struct tdm_observed *o = make(timeout_ns, err);
	struct tdm_observed_entry *list = NULL;
	struct observe_place *places;
	int count;

	*n = 0;
	if (!o)
		return NULL;
	places = scan(0, &count, err);
	if (places)
		list = calloc((size_t)count + 1, sizeof(*list));
	if (places && !list)
		tdm_error_set(err, -ENOMEM, "processes: out of memory; free some");
	for (int i = 0; list && i < count; i++) {
		struct tdm_error why = { .code = 0 };

		o->at = places[i];
		memset(&o->process, 0, sizeof(o->process));
		if (ask_dial(o, &why) == -ESRCH)
			continue;
		note(&list[(*n)++], o, &why);
	}
	free(places);
	tdm_observed_close(o);
	return list;
}
