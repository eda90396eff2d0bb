/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Pages from the prefill device to the decode device: an outflow, and an inflow where
 * that device is this process's as well.
 */
#ifndef TDM_ENGINE_MOVER_H
#define TDM_ENGINE_MOVER_H

#include <tandem/agent.h>

#include "engine/side.h"

struct mover;

/* Both devices here: their agents share a NIC, and are connected to each other. */
struct mover *mover_create(struct side *from, struct side *to, const char *net,
			   struct tdm_error *err);

/* The decode device is somewhere else. @agent: outlives it */
struct mover *mover_create_remote(struct side *from, struct tdm_agent *agent,
				  struct tdm_error *err);
void mover_destroy(struct mover *mover);
/* The agent that sends, or takes; NULL: another process has it */
struct tdm_agent *mover_agent(const struct mover *m, bool recv);
const char *mover_net(const struct mover *mover);

/* Begin a request: both sides have reserved their pages. */
int mover_start(struct mover *mover, uint64_t owner, struct tdm_error *err);

/* Begin one to somewhere else. @peer: is up, and outlives the request */
int mover_start_remote(struct mover *mover, struct tdm_peer *peer, uint64_t id,
		       struct tdm_error *err);

/**
 * mover_seal - pages [block, block + n) of a layer are computed
 * Return: 1 taken, 0 queue full: again later, or -errno
 */
int mover_seal(struct mover *mover, uint32_t layer, uint32_t block, uint32_t n,
	       struct tdm_error *err);

/* Push everything on. Return: 1 something moved, 0 nothing did, or -errno */
int mover_step(struct mover *mover, struct tdm_error *err);

/* All pages of the request are imported. */
bool mover_is_done(const struct mover *mover);

/* Tell the receiver so, with @meta for its consumer; see mover_is_committed(). */
int mover_commit(struct mover *mover, const void *meta, uint32_t len);
bool mover_is_committed(const struct mover *mover);

/* Sleep until something may have moved, not longer than @deadline_ns. */
void mover_wait(struct mover *mover, uint64_t deadline_ns);

/* End the request, however it went; the sides' queues are drained. */
void mover_finish(struct mover *mover);

/* Time with at least one page between sealed and imported, so far. */
uint64_t mover_busy_ns(const struct mover *mover);

/* What the request moves, as pages and bytes on the wire. */
uint64_t mover_pages(const struct mover *mover);
uint64_t mover_bytes(const struct mover *mover);

#endif /* TDM_ENGINE_MOVER_H */
