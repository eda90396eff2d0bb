// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Devices and their queues.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "device/attach.h"
#include "observe/observer.h"

/* For the firmware of all devices of an answer: the registry is locked meanwhile. */
#define PATIENCE_NS 200000000ULL

static uint64_t deadline(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec + PATIENCE_NS;
}

static void fill_device(const struct shown *s, uint64_t deadline_ns, struct tdm_observe_device *d)
{
	const struct tdm_query_device *info = tdm_device_info(s->dev);

	snprintf(d->name, sizeof(d->name), "%s", tdm_device_name(s->dev));
	d->number = s->number;
	d->attachment = info->attachment;
	d->identify = info->identify;
	d->queues = device_queues(s->dev, 0, NULL, UINT32_MAX);
	device_look(s->dev, deadline_ns, d);
}

int answer_devices(struct answer *a)
{
	uint64_t deadline_ns = deadline();

	for (struct shown *s = registry_next(a->o, NULL, SHOWN_DEVICE); s;
	     s = registry_next(a->o, s, SHOWN_DEVICE)) {
		struct tdm_observe_device *d;

		if (a->skip) {
			a->skip--;
			continue;
		}
		d = answer_add(a, sizeof(*d));
		if (!d)
			break;
		fill_device(s, deadline_ns, d);
	}
	return 0;
}

/* Return: false: the answer is full */
static bool add_queues(struct answer *a, const struct shown *s)
{
	struct tdm_observe_queue list[32];
	uint32_t n;

	do {
		n = device_queues(s->dev, a->skip, list, 32);
		for (uint32_t i = 0; i < n; i++) {
			struct tdm_observe_queue *q = answer_add(a, sizeof(*q));

			if (!q)
				return false;
			*q = list[i];
			q->device = s->number;
		}
		a->skip += n;
	} while (n == 32);
	return true;
}

int answer_queues(struct answer *a)
{
	for (struct shown *s = registry_next(a->o, NULL, SHOWN_DEVICE); s;
	     s = registry_next(a->o, s, SHOWN_DEVICE)) {
		uint32_t there = device_queues(s->dev, 0, NULL, UINT32_MAX);

		if (a->skip >= there) {
			a->skip -= there;
			continue;
		}
		if (!add_queues(a, s))
			break;
		a->skip = 0;
	}
	return 0;
}

/* The first of that name: which of several it is nobody can say. */
static struct shown *named(struct tdm_observer *o, enum shown_kind kind, const char *name)
{
	for (struct shown *s = registry_next(o, NULL, kind); s; s = registry_next(o, s, kind)) {
		const char *its = kind == SHOWN_DEVICE ? tdm_device_name(s->dev)
						       : tdm_net_name(s->agent->net);

		if (!strcmp(its, name))
			return s;
	}
	return NULL;
}

/* Whoever owns the process may break its devices. */
static int inject_device(struct tdm_device *dev, const struct tdm_observe_inject *inject)
{
	const struct drm_tandem_inject fault = {
		.kind = inject->kind,
		.count = inject->count,
		.duration_ms = inject->duration_ms,
		.value = (uint32_t)inject->value,
		.seed = inject->seed,
	};
	int rc;

	if (inject->value > UINT32_MAX)
		return -EINVAL;
	rc = device_order(dev, &fault, deadline());
	/* It is gone, as it was told. */
	return rc == -ENODEV && fault.kind == TDM_INJECT_CRASH ? 0 : rc;
}

int answer_inject(struct answer *a)
{
	const struct tdm_observe_inject *inject = &a->req->inject;
	struct shown *s;

	if (inject->flags > 1 || !memchr(inject->target, '\0', sizeof(inject->target)))
		return -EINVAL;
	s = named(a->o, inject->flags ? SHOWN_AGENT : SHOWN_DEVICE, inject->target);
	if (!s)
		return -ENOENT;
	if (!inject->flags)
		return inject_device(s->dev, inject);
	if (inject->count || inject->value || inject->seed)
		return -EINVAL;
	return tdm_net_inject(s->agent->net, inject->kind, inject->duration_ms);
}
