// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "trace/rows.h"

#include <stdlib.h>

struct start {
	uint64_t at;
	uint32_t page;
};

static int by_start(const void *a, const void *b)
{
	const struct start *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->page > y->page) - (x->page < y->page);
}

/* The first row that is free by then; @free_at: since when each is. */
static uint32_t place(uint64_t *free_at, uint32_t *rows, uint64_t start, uint64_t end)
{
	uint32_t row = 0;

	while (row < *rows && free_at[row] > start)
		row++;
	if (row == *rows)
		++*rows;
	/* Flights of no length do not share a place either. */
	free_at[row] = end > start ? end : start + 1;
	return row;
}

uint32_t *trace_rows(const struct story *s, uint32_t *rows)
{
	size_t n = (size_t)s->n_pages + 1;
	uint32_t *row = calloc(n, sizeof(*row));
	uint64_t *free_at = calloc(n, sizeof(*free_at));
	struct start *order = calloc(n, sizeof(*order));

	*rows = 0;
	if (row && free_at && order) {
		for (uint32_t i = 0; i < s->n_pages; i++)
			order[i] = (struct start){ story_flight_start(&s->pages[i]), i };
		qsort(order, s->n_pages, sizeof(*order), by_start);
		for (uint32_t i = 0; i < s->n_pages; i++)
			if (order[i].at)
				row[order[i].page] =
					place(free_at, rows, order[i].at,
					      story_flight_end(&s->pages[order[i].page]));
	} else {
		free(row);
		row = NULL;
	}
	free(order);
	free(free_at);
	return row;
}
