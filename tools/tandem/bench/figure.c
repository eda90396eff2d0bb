// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stdlib.h>

#include "bench/bench.h"

enum column {
	COL_NAME,
	COL_SAMPLES,
	COL_BEST,
	COL_P50,
	COL_P90,
	COL_P99,
	COL_P999,
	COL_WORST,
	COLUMNS,
};

/* The same columns in each table's own unit, which is in its keys. */
#define COLUMNS_IN(unit, kind)                                                                     \
	{                                                                                          \
		[COL_NAME] = { "name", "FIGURE", VIEW_TEXT },                                      \
		[COL_SAMPLES] = { "samples", "SAMPLES", VIEW_COUNT },                              \
		[COL_BEST] = { "best_" unit, "BEST", kind },                                       \
		[COL_P50] = { "p50_" unit, "P50", kind },                                          \
		[COL_P90] = { "p90_" unit, "P90", kind },                                          \
		[COL_P99] = { "p99_" unit, "P99", kind },                                          \
		[COL_P999] = { "p999_" unit, "P99.9", kind },                                      \
		[COL_WORST] = { "worst_" unit, "WORST", kind },                                    \
	}

static const struct view_column columns[BENCH_KINDS][COLUMNS] = {
	[BENCH_LATENCY] = COLUMNS_IN("ns", VIEW_NS),
	[BENCH_RATE] = COLUMNS_IN("per_s", VIEW_COUNT),
	[BENCH_BYTES] = COLUMNS_IN("bytes_per_s", VIEW_BYTES),
	[BENCH_TOKENS] = COLUMNS_IN("tokens_per_s", VIEW_COUNT),
};

static const char *const keys[BENCH_KINDS] = {
	[BENCH_LATENCY] = "latencies",
	[BENCH_RATE] = "rates",
	[BENCH_BYTES] = "bandwidths",
	[BENCH_TOKENS] = "tokens",
};

static const char *const titles[BENCH_KINDS] = {
	[BENCH_LATENCY] = "Latencies",
	[BENCH_RATE] = "Commands a second",
	[BENCH_BYTES] = "Bytes a second",
	[BENCH_TOKENS] = "Tokens a second",
};

void bench_parts(struct bench *b)
{
	for (unsigned int kind = 0; kind < BENCH_KINDS; kind++) {
		b->parts[kind] = view_list(b->view, keys[kind], columns[kind], COLUMNS);
		view_title(b->parts[kind], titles[kind]);
	}
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t value(enum bench_kind kind, uint64_t ns, uint64_t work)
{
	if (kind == BENCH_LATENCY)
		return ns;
	return (uint64_t)((double)work * 1e9 / (double)(ns ? ns : 1));
}

/* Nearest rank: the smallest sample that is not below @per_mille of them. */
static uint64_t rank(const uint64_t *sorted, uint32_t n, uint32_t per_mille)
{
	uint64_t at = ((uint64_t)n * per_mille + 999) / 1000;

	return sorted[at ? at - 1 : 0];
}

void bench_figure(struct bench *b, const char *name, enum bench_kind kind, uint32_t n,
		  uint64_t work)
{
	struct view_row *row = view_row(b->parts[kind]);
	/* The worst of a rate is what took longest, as of a latency. */
	const struct {
		enum column column;
		uint32_t per_mille;
	} ranks[] = {
		{ COL_BEST, 0 },  { COL_P50, 500 },  { COL_P90, 900 },
		{ COL_P99, 990 }, { COL_P999, 999 }, { COL_WORST, 1000 },
	};

	view_text(row, COL_NAME, name);
	view_count(row, COL_SAMPLES, n);
	if (!n)
		return;
	qsort(b->times, n, sizeof(b->times[0]), compare);
	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++)
		view_count(row, ranks[i].column,
			   value(kind, rank(b->times, n, ranks[i].per_mille), work));
}
