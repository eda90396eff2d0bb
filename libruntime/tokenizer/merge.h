/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Pairwise merging: as long as two neighbours can merge, merge the pair that
 * comes first: lowest priority number, and of equal ones the leftmost. This is
 * both SentencePiece's BPE (priority by score) and byte-level BPE (by rank).
 */
#ifndef TANDEM_TOKENIZER_MERGE_H
#define TANDEM_TOKENIZER_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MERGE_END UINT32_MAX

/* A part of the text; the parts are a list in text order, the first is always 0 */
struct merge_part {
	uint32_t start, len; /* in bytes; len is 0 once it was merged into the one before */
	uint32_t prev, next; /* MERGE_END at the ends */
	uint32_t id;	     /* token, TDM_TOKEN_NONE if not looked up or none */
};

struct merge_pair {
	uint32_t priority;
	uint32_t left; /* part; the other is its neighbour */
	uint32_t len;  /* of both: any change of either part changes it */
	uint32_t id;   /* token that they become */
};

struct merge {
	struct merge_part *parts;
	size_t n_parts, cap_parts;
	struct merge_pair *heap;
	size_t n_heap, cap_heap;
};

/**
 * merge_find_fn - can two neighbours merge?
 *
 * Fills in priority and id of @pair and returns true if they can.
 */
typedef bool (*merge_find_fn)(const void *ctx, const struct merge_part *left,
			      const struct merge_part *right, struct merge_pair *pair);

/* Forget the parts and make room for @n; 0 or -ENOMEM */
int merge_begin(struct merge *m, size_t n);

/* Append a part; there must be room */
void merge_add(struct merge *m, uint32_t start, uint32_t len, uint32_t id);

/* Merge; O(n log n). Afterwards walk parts from 0 along next */
void merge_run(struct merge *m, merge_find_fn find, const void *ctx);

void merge_free(struct merge *m);

#endif /* TANDEM_TOKENIZER_MERGE_H */
