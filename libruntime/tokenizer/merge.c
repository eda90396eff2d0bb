// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "tokenizer/merge.h"

#include <errno.h>
#include <stdlib.h>

static void *grow(void *old, size_t *cap, size_t need, size_t each)
{
	size_t want = *cap + *cap / 2;
	void *p;

	if (want < need)
		want = need;
	p = realloc(old, want * each);
	if (p)
		*cap = want;
	return p;
}

int merge_begin(struct merge *m, size_t n)
{
	/*
	 * The heap starts with a pair per neighbourhood, n - 1; each of at most
	 * n - 1 merges takes one pair out and puts at most two in.
	 */
	size_t pairs = 2 * n;

	m->n_parts = 0;
	m->n_heap = 0;
	if (n > m->cap_parts) {
		void *p = grow(m->parts, &m->cap_parts, n, sizeof(*m->parts));

		if (!p)
			return -ENOMEM;
		m->parts = p;
	}
	if (pairs > m->cap_heap) {
		void *p = grow(m->heap, &m->cap_heap, pairs, sizeof(*m->heap));

		if (!p)
			return -ENOMEM;
		m->heap = p;
	}
	return 0;
}

void merge_add(struct merge *m, uint32_t start, uint32_t len, uint32_t id)
{
	uint32_t i = (uint32_t)m->n_parts++;

	m->parts[i] = (struct merge_part){ start, len, i ? i - 1 : MERGE_END, MERGE_END, id };
	if (i)
		m->parts[i - 1].next = i;
}

static bool before(const struct merge_pair *a, const struct merge_pair *b)
{
	return a->priority != b->priority ? a->priority < b->priority : a->left < b->left;
}

static void sift_up(struct merge_pair *heap, size_t i)
{
	struct merge_pair pair = heap[i];

	for (; i && before(&pair, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = pair;
}

static void sift_down(struct merge_pair *heap, size_t n, size_t i)
{
	struct merge_pair pair = heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n)
			break;
		if (child + 1 < n && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &pair))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = pair;
}

static bool find_pair(const struct merge *m, uint32_t left, merge_find_fn find, const void *ctx,
		      struct merge_pair *pair)
{
	const struct merge_part *l = &m->parts[left], *r = &m->parts[l->next];

	pair->left = left;
	pair->len = l->len + r->len;
	return find(ctx, l, r, pair);
}

static void push(struct merge *m, uint32_t left, merge_find_fn find, const void *ctx)
{
	struct merge_pair pair;

	if (!find_pair(m, left, find, ctx, &pair))
		return;
	m->heap[m->n_heap] = pair;
	sift_up(m->heap, m->n_heap++);
}

/* Merges the pair unless one of its parts has changed since it was found */
static bool merge_one(struct merge *m, const struct merge_pair *pair)
{
	struct merge_part *l = &m->parts[pair->left], *r;

	if (!l->len || l->next == MERGE_END)
		return false;
	r = &m->parts[l->next];
	if (l->len + r->len != pair->len)
		return false;
	l->len = pair->len;
	l->id = pair->id;
	l->next = r->next;
	if (r->next != MERGE_END)
		m->parts[r->next].prev = pair->left;
	r->len = 0;
	return true;
}

void merge_run(struct merge *m, merge_find_fn find, const void *ctx)
{
	for (uint32_t i = 0; i + 1 < m->n_parts; i++)
		if (find_pair(m, i, find, ctx, &m->heap[m->n_heap]))
			m->n_heap++;
	for (size_t i = m->n_heap / 2; i-- > 0;)
		sift_down(m->heap, m->n_heap, i);

	while (m->n_heap) {
		struct merge_pair pair = m->heap[0];

		m->heap[0] = m->heap[--m->n_heap];
		if (m->n_heap)
			sift_down(m->heap, m->n_heap, 0);
		if (!merge_one(m, &pair))
			continue;
		if (m->parts[pair.left].prev != MERGE_END)
			push(m, m->parts[pair.left].prev, find, ctx);
		if (m->parts[pair.left].next != MERGE_END)
			push(m, pair.left, find, ctx);
	}
}

void merge_free(struct merge *m)
{
	free(m->parts);
	free(m->heap);
	*m = (struct merge){ 0 };
}
