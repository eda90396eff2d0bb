// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Sampling: the k largest by (logit, lower id first), softmax, the smallest
 * prefix that makes up top_p, one draw keyed by seed and position.
 *
 * Candidates come off a heap one by one in that order. A draw mostly ends after a
 * few, so a vocabulary is seldom sorted.
 */
#include <math.h>
#include <stdbool.h>

#include "compute/compute.h"
#include "compute/expf.h"

struct candidate {
	float logit;
	uint32_t id;
};

size_t fw_sample_scratch(uint32_t vocab)
{
	return vocab * sizeof(struct candidate);
}

/* A total order: NaN behind every number, then the larger logit, then the lower id. */
static bool before(struct candidate a, struct candidate b)
{
	bool a_nan = isnan(a.logit), b_nan = isnan(b.logit);

	if (a_nan != b_nan)
		return b_nan;
	if (!a_nan && a.logit != b.logit)
		return a.logit > b.logit;
	return a.id < b.id;
}

/* Which end of the order is heap[0]. */
enum top { FIRST, LAST };

static bool above(struct candidate a, struct candidate b, enum top top)
{
	return top == FIRST ? before(a, b) : before(b, a);
}

static void sift_down(struct candidate *heap, uint32_t n, uint32_t i, enum top top)
{
	struct candidate c = heap[i];

	for (uint32_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
		if (child + 1 < n && above(heap[child + 1], heap[child], top))
			child++;
		if (!above(heap[child], c, top))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = c;
}

static void make_heap(struct candidate *heap, uint32_t n, enum top top)
{
	for (uint32_t i = n / 2; i-- > 0;)
		sift_down(heap, n, i, top);
}

/* The first @k of the vocabulary, the very first at best[0]. */
static void take_best(const float *logits, uint32_t vocab, uint32_t k, struct candidate *best)
{
	for (uint32_t i = 0; i < k; i++)
		best[i] = (struct candidate){ logits[i], i };
	if (k < vocab)
		make_heap(best, k, LAST);
	for (uint32_t i = k; i < vocab; i++) {
		struct candidate c = { logits[i], i };

		if (before(c, best[0])) {
			best[0] = c;
			sift_down(best, k, 0, LAST);
		}
	}
	make_heap(best, k, FIRST);
}

/* The order, found as far as it was asked for: heap[left..k) from the end down. */
struct order {
	struct candidate *heap;
	uint32_t left;
	uint32_t k;
};

/* Candidate @i of the order, where i - 1 was asked for already. */
static struct candidate nth(struct order *o, uint32_t i)
{
	struct candidate first = o->heap[0];

	if (i < o->k - o->left)
		return o->heap[o->k - 1 - i];
	o->heap[0] = o->heap[--o->left];
	sift_down(o->heap, o->left, 0, FIRST);
	o->heap[o->left] = first;
	return first;
}

static uint32_t greedy(const float *logits, uint32_t vocab)
{
	struct candidate best = { logits[0], 0 };

	for (uint32_t i = 1; i < vocab; i++) {
		struct candidate c = { logits[i], i };

		if (before(c, best))
			best = c;
	}
	return best.id;
}

/* SplitMix64 (Steele, Lea and Flood 2014) of seed and position: 53 bits in [0, 1). */
static double draw(uint64_t seed, uint32_t pos)
{
	uint64_t z = seed + 0x9e3779b97f4a7c15ULL * ((uint64_t)pos + 1);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return (double)(z >> 11) * 0x1p-53;
}

/* Unnormalised probability: 1 for the first candidate, 0 for NaN. */
static double weight(struct candidate c, struct candidate first, float temperature)
{
	return (double)fw_expf((c.logit - first.logit) / temperature);
}

/* Length of the smallest prefix of the order with a weight of @wanted, and its weight. */
static uint32_t nucleus(struct order *o, double wanted, float temperature, double *kept)
{
	uint32_t n = 0;

	for (*kept = 0; n < o->k && (!n || *kept < wanted); n++)
		*kept += weight(nth(o, n), nth(o, 0), temperature);
	return n;
}

/*
 * The candidate where the weights of the order, added up, pass @at. Rounding can
 * leave some of @at: then the last of @n that has a weight at all.
 */
static uint32_t pick(struct order *o, uint32_t n, double at, float temperature)
{
	struct candidate first = nth(o, 0), last = first;

	for (uint32_t i = 0; i < n; i++) {
		struct candidate c = nth(o, i);
		double w = weight(c, first, temperature);

		if (!(w > 0))
			break;
		last = c;
		at -= w;
		if (at < 0)
			break;
	}
	return last.id;
}

uint32_t fw_sample(const float *logits, uint32_t vocab, const struct fw_sampling *how,
		   void *scratch)
{
	uint32_t k = how->top_k && how->top_k < vocab ? how->top_k : vocab, n = k;
	struct order o = { .heap = scratch, .left = k, .k = k };
	double sum = 0;

	/* Written so that a NaN temperature is greedy as well. */
	if (!(how->temperature > 0))
		return greedy(logits, vocab);
	take_best(logits, vocab, k, o.heap);
	for (uint32_t i = 0; i < k; i++)
		sum += weight(o.heap[i], o.heap[0], how->temperature);
	if (how->top_p < 1)
		n = nucleus(&o, sum * (double)how->top_p, how->temperature, &sum);
	return pick(&o, n, draw(how->seed, how->pos) * sum, how->temperature);
}
