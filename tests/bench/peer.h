/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Limits and peers: what this machine can do without us. Functions of type
 * measure_fn; their context is a struct peer.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>

#include "bench.h"

/**
 * struct peer - what a peer is told
 * @b: for the processors
 * @count: round trips, entries, operations
 * @batch: entries at once
 */
struct peer {
	const struct bench *b;
	unsigned int count;
	unsigned int batch;
};

/* ns of a round trip of a word between two pinned threads. */
double peer_cache_line(void *ctx);

/* Entries of 64 bytes a second through a bare ring of one producer and one consumer. */
double peer_ring(void *ctx);

/* Operations a second, and ns of one alone, of io_uring's NOP; NAN where it is not allowed. */
double peer_uring_rate(void *ctx);
double peer_uring_round_trip(void *ctx);

/* Bytes a second that all processors together read of @buf, over and over. */
double peer_read(const void *buf, size_t bytes);

/* Floating point operations a second of all processors, in the widest multiply-add. */
double peer_flops(void);

#endif /* BENCH_PEER_H */
