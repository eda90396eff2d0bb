/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The device's figures, for who may wait for the firmware (a query), and for who may
 * not (an observer): it gets what was said last, and how old that is.
 *
 * Invariants:
 * - A page is the firmware's from the question to its answer, however late that comes:
 *   each of the two has a page of its own.
 * - Nobody who holds @lock waits, and nobody waits for the answer to a question that
 *   was overdue once: a firmware that is silent costs an observer one moment, not each.
 */
#ifndef SOFT_TELEMETRY_H
#define SOFT_TELEMETRY_H

#include <pthread.h>
#include <stdint.h>

#include "tandem_hw.h"

struct soft_admin_slot;
struct soft_device;
struct tdm_observe_device;

struct soft_telemetry {
	pthread_mutex_t query_lock; /* @page; its holder waits for the firmware */
	struct tdm_telemetry page;

	pthread_mutex_t look_lock; /* all to @asked_ns; its holder waits for a moment */
	struct tdm_telemetry asked;
	struct soft_admin_slot *slot; /* the question without an answer, or NULL */
	uint64_t asked_ns;

	pthread_mutex_t lock; /* all below */
	struct tdm_telemetry last;
	uint64_t last_ns;    /* when it was asked for; 0: never */
	uint64_t ordered_ns; /* when an order was accepted last */
	uint32_t ordered;    /* faults of which the figures cannot know yet, 1 << kind */
};

/* Return: 0 or -errno */
int soft_telemetry_init(struct soft_telemetry *t);
void soft_telemetry_fini(struct soft_telemetry *t);

/* The figures of now, as soft_admin_run(). Return: 0 or -errno */
int soft_telemetry_query(struct soft_device *dev, struct tdm_telemetry *figures);

/*
 * How the device does: @seen's error, telemetry and what is behind that. Waits for the
 * firmware until @deadline_ns at most.
 */
void soft_telemetry_look(struct soft_device *dev, uint64_t deadline_ns,
			 struct tdm_observe_device *seen);

/* The firmware has accepted an order: from now on it may be silent. */
void soft_telemetry_ordered(struct soft_device *dev, uint32_t kind);

#endif /* SOFT_TELEMETRY_H */
