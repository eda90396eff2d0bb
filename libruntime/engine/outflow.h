/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Pages on their way out of the prefill device:
 *
 *	sealed (KV_EXPORT) -> pushed -> taken by the receiver
 *
 * A page is pushed only when it was sealed, and it stays as it is until the request
 * has ended: the NIC reads it where the device keeps it, or in a staging buffer where
 * the device's layout is not the wire's.
 */
#ifndef TDM_ENGINE_OUTFLOW_H
#define TDM_ENGINE_OUTFLOW_H

#include <tandem/agent.h>

#include "engine/side.h"

struct outflow;

/* @agent: outlives it */
struct outflow *outflow_create(struct side *from, struct tdm_agent *agent, struct tdm_error *err);
void outflow_destroy(struct outflow *out);

/* Begin a request: the side has reserved its pages; @peer is up. */
int outflow_start(struct outflow *out, struct tdm_peer *peer, uint64_t id, struct tdm_error *err);

/**
 * outflow_seal - pages [block, block + n) of a layer are computed
 * Return: 1 taken, 0 queue full: again later, or -errno
 */
int outflow_seal(struct outflow *out, uint32_t layer, uint32_t block, uint32_t n,
		 struct tdm_error *err);

/* Push everything on; the agent is polled by others. Return: 1 something moved, 0, or -errno */
int outflow_step(struct outflow *out, struct tdm_error *err);

/* Every page was taken. */
bool outflow_is_done(const struct outflow *out);

/* Commit, once that is so. */
int outflow_commit(struct outflow *out, const void *meta, uint32_t len);
bool outflow_is_committed(const struct outflow *out);

/*
 * End the request, however it went. Return: false while a write is on the way: poll
 * the agent, and again
 */
bool outflow_finish(struct outflow *out);

/* Time with at least one page between pushed and taken, so far. */
uint64_t outflow_busy_ns(const struct outflow *out);

/* What has moved. */
uint64_t outflow_pages(const struct outflow *out);
uint64_t outflow_bytes(const struct outflow *out);

#endif /* TDM_ENGINE_OUTFLOW_H */
