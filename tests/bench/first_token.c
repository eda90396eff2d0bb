// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The way to the first token and on to the second, in parts. All of them are of
 * one run, the one whose first token took the median: so they add up, and what is
 * left is said. The first token is sampled by the prefill device: the transfer of
 * the KV pages is a matter of the second.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tokens.h"

static double first_ns(const struct request *r)
{
	return r->tokenize + (double)r->result.ttft_ns;
}

static int by_first(const void *a, const void *b)
{
	double x = first_ns(a), y = first_ns(b);

	return (x > y) - (x < y);
}

/* @whole_ns: 0: this is the whole. Return: @ns */
static double row(struct bench *b, const char *name, const char *of, const char *what, double ns,
		  double whole_ns)
{
	struct figure *f = bench_figure(b, name, UNIT_MS, whole_ns != 0 ? of : NULL, "%s", what);

	f->value = ns / 1e6;
	if (whole_ns != 0) {
		f->peer_value = whole_ns / 1e6;
		f->ratio = f->value / f->peer_value;
	}
	return ns;
}

static void first(struct bench *b, const char *name, const struct request *r, bool has_text)
{
	static const char part[] = "first_token_part", of[] = "time to first token";
	double whole = first_ns(r), left = whole;
	char what[64];

	snprintf(what, sizeof(what), "%s, split", name);
	row(b, "first_token", NULL, what, whole, 0);
	snprintf(what, sizeof(what), "%s: tokenize", name);
	left -= row(b, part, of, what, has_text ? r->tokenize : 0, whole);
	if (!has_text) {
		struct figure *f = &b->figures[b->n_figures - 1];

		f->value = f->ratio = NAN;
		snprintf(f->note, sizeof(f->note), "a random model has no vocabulary");
	}
	snprintf(what, sizeof(what), "%s: prefill on the device", name);
	left -= row(b, part, of, what, (double)r->result.prefill_ns, whole);
	snprintf(what, sizeof(what), "%s: other (queues, host)", name);
	row(b, part, of, what, left, whole);
}

static void second(struct bench *b, const char *name, const struct request *r)
{
	static const char part[] = "second_token_part", of[] = "first to second token";
	double whole = r->second, left = whole;
	char what[64];

	snprintf(what, sizeof(what), "%s, from the first", name);
	row(b, "second_token", NULL, what, whole, 0);
	snprintf(what, sizeof(what), "%s: KV transfer, exposed", name);
	left -= row(b, part, of, what, (double)(r->result.transfer_ns - r->result.hidden_ns),
		    whole);
	snprintf(what, sizeof(what), "%s: first decode", name);
	left -= row(b, part, of, what, r->first_decode, whole);
	snprintf(what, sizeof(what), "%s: other (queues, host)", name);
	row(b, part, of, what, left, whole);
}

void bench_first_token(struct bench *b, const char *name, struct request *requests, bool has_text)
{
	const struct request *r = &requests[b->runs / 2];
	char what[64];

	qsort(requests, b->runs, sizeof(*requests), by_first);
	first(b, name, r, has_text);
	second(b, name, r);
	snprintf(what, sizeof(what), "%s: hidden behind prefill", name);
	row(b, "kv_hidden", "KV transfer", what, (double)r->result.hidden_ns,
	    (double)r->result.transfer_ns);
}
