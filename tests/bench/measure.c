// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "pin.h"

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of what was measured; NAN where nothing was. */
static double median(const double *samples, unsigned int n)
{
	double sorted[MAX_RUNS];
	unsigned int count = 0;

	for (unsigned int i = 0; i < n; i++)
		if (!isnan(samples[i]))
			sorted[count++] = samples[i];
	if (!count)
		return NAN;
	qsort(sorted, count, sizeof(*sorted), by_value);
	return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

struct figure *bench_figure(struct bench *b, const char *name, enum unit unit, const char *peer,
			    const char *what, ...)
{
	struct figure *f = &b->figures[b->n_figures];
	va_list args;

	if (b->n_figures == MAX_FIGURES)
		bench_fail("more figures than there is room for; raise MAX_FIGURES", NULL);
	b->n_figures++;
	*f = (struct figure){ .name = name, .peer = peer, .unit = unit };
	f->value = f->peer_value = f->ratio = f->best = f->peer_best = NAN;
	va_start(args, what);
	vsnprintf(f->what, sizeof(f->what), what, args);
	va_end(args);
	return f;
}

void bench_add(struct series *s, double value, double peer)
{
	s->values[s->n] = value;
	s->peers[s->n++] = peer;
}

static double best(const double *samples, unsigned int n, enum unit unit)
{
	bool most = unit == UNIT_PER_S || unit == UNIT_BYTES_PER_S || unit == UNIT_TOKENS_PER_S;
	double found = NAN;

	for (unsigned int i = 0; i < n; i++)
		found = most ? fmax(found, samples[i]) : fmin(found, samples[i]);
	return found;
}

void bench_fill(struct figure *f, const struct series *s)
{
	double ratios[MAX_RUNS];

	for (unsigned int i = 0; i < s->n; i++)
		ratios[i] = s->values[i] / s->peers[i];
	f->value = median(s->values, s->n);
	f->peer_value = median(s->peers, s->n);
	f->best = best(s->values, s->n, f->unit);
	f->peer_best = best(s->peers, s->n, f->unit);
	f->ratio = median(ratios, s->n);
}

void bench_measure(struct bench *b, struct figure *f, measure_fn *ours, void *ours_ctx,
		   measure_fn *peer, void *peer_ctx)
{
	struct series s = { .n = 0 };

	fprintf(stderr, "%s: %s\n", f->name, f->what);
	/* Pages are touched, clocks are up and branches are learnt. */
	if (peer)
		peer(peer_ctx);
	ours(ours_ctx);
	for (unsigned int i = 0; i < b->runs; i++) {
		double beside = peer ? peer(peer_ctx) : NAN;

		bench_add(&s, ours(ours_ctx), beside);
	}
	bench_fill(f, &s);
}

void bench_fail(const char *what, const struct tdm_error *err)
{
	fprintf(stderr, "tandem-bench: %s%s%s\n", what, err ? ": " : "", err ? err->msg : "");
	exit(1);
}

struct tdm_device *bench_open(struct bench *b, const char *name)
{
	struct tdm_error err = { 0 };
	struct tdm_device *dev;

	/* Threads inherit where they may run. */
	pin_to(b->far);
	dev = tdm_device_open(name, &err);
	pin_to(b->near);
	if (!dev)
		bench_fail("no device", &err);
	return dev;
}
