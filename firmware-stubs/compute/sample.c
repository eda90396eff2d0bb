// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Sampling: the k largest by (logit, lower id first), softmax, the smallest
 * prefix that makes up top_p, one draw keyed by seed and position.
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
	return vocab * (sizeof(struct candidate) + sizeof(float));
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

/* heap[0] is the last of n in the order. */
static void sift_down(struct candidate *heap, uint32_t n, uint32_t i)
{
	struct candidate c = heap[i];

	for (uint32_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
		if (child + 1 < n && before(heap[child], heap[child + 1]))
			child++;
		if (!before(c, heap[child]))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = c;
}

static void make_heap(struct candidate *heap, uint32_t n)
{
	for (uint32_t i = n / 2; i-- > 0;)
		sift_down(heap, n, i);
}

/* The first @k of the vocabulary, in order. */
static void take_best(const float *logits, uint32_t vocab, uint32_t k, struct candidate *best)
{
	for (uint32_t i = 0; i < k; i++)
		best[i] = (struct candidate){ logits[i], i };
	make_heap(best, k);
	for (uint32_t i = k; i < vocab; i++) {
		struct candidate c = { logits[i], i };

		if (before(c, best[0])) {
			best[0] = c;
			sift_down(best, k, 0);
		}
	}
	for (uint32_t n = k; n > 1; n--) {
		struct candidate last = best[0];

		best[0] = best[n - 1];
		best[n - 1] = last;
		sift_down(best, n - 1, 0);
	}
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

/* Unnormalised probabilities of candidates in order. Return: their sum */
static double weigh(const struct candidate *c, uint32_t n, float temperature, float *p)
{
	double sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		p[i] = fw_expf((c[i].logit - c[0].logit) / temperature);
		sum += (double)p[i];
	}
	return sum;
}

uint32_t fw_sample(const float *logits, uint32_t vocab, const struct fw_sampling *how,
		   void *scratch)
{
	uint32_t k = how->top_k && how->top_k < vocab ? how->top_k : vocab, n = 0;
	struct candidate *best = scratch;
	float *p = (float *)(void *)(best + vocab);
	double sum, kept = 0, at;

	/* Written so that a NaN temperature is greedy as well. */
	if (!(how->temperature > 0))
		return greedy(logits, vocab);
	take_best(logits, vocab, k, best);
	sum = weigh(best, k, how->temperature, p);
	if (how->top_p < 1)
		sum *= (double)how->top_p;
	/* The smallest prefix that reaches the wanted share; at least one. */
	while (n < k && (n == 0 || kept < sum))
		kept += (double)p[n++];
	at = draw(how->seed, how->pos) * kept;
	for (uint32_t i = 0; i + 1 < n; i++) {
		at -= (double)p[i];
		if (at < 0)
			return best[i].id;
	}
	return best[n - 1].id;
}
