// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What it costs to record an event of a page, beside the reading of the clock that is
 * most of it; and what it costs where nobody wants a trace.
 */
#include "bench.h"
#include "clock.h"
#include "trace/trace.h"

#define EVENTS 20000

static double record(struct tdm_trace *trace)
{
	uint64_t start = now_ns();

	for (uint32_t i = 0; i < EVENTS; i++) {
		trace_page(trace, TDM_TRACE_PUSHED, 1, i, 4096);
		/* Each by itself: without a trace nothing else would be left of them. */
		__asm__ __volatile__("" ::: "memory");
	}
	return (double)(now_ns() - start) / EVENTS;
}

static double with_trace(void *ctx)
{
	struct tdm_trace *trace = tdm_trace_create(EVENTS);
	double ns;

	(void)ctx;
	if (!trace)
		bench_fail("out of memory; free some", NULL);
	ns = record(trace);
	tdm_trace_destroy(trace);
	return ns;
}

/* A trace that could be one, as far as the compiler knows. */
static double without(void *ctx)
{
	struct tdm_trace *trace = ctx;

	__asm__ __volatile__("" : "+r"(trace));
	return record(trace);
}

static double read_clock(void *ctx)
{
	uint64_t start = now_ns();

	(void)ctx;
	for (uint32_t i = 0; i < EVENTS; i++)
		(void)now_ns();
	return (double)(now_ns() - start) / EVENTS;
}

void bench_trace(struct bench *b)
{
	bench_measure(b,
		      bench_figure(b, "trace_event", UNIT_NS, "reading the clock",
				   "an event of a page, recorded"),
		      with_trace, NULL, read_clock, NULL);
	bench_measure(b,
		      bench_figure(b, "trace_event", UNIT_NS, NULL,
				   "an event of a page, without a trace"),
		      without, NULL, NULL, NULL);
}
