/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Pages on their way into the decode device:
 *
 *	landed (RDMA) -> imported (KV_IMPORT, which checks the CRC) -> given back
 *
 * A landing page goes back only when the import that reads it has ended; one whose
 * CRC does not match is asked for again.
 */
#ifndef TDM_ENGINE_INFLOW_H
#define TDM_ENGINE_INFLOW_H

#include <tandem/agent.h>

#include "engine/side.h"

struct inflow;

/* @agent: outlives it; @regions: senders at once */
struct inflow *inflow_create(struct side *to, struct tdm_agent *agent, uint32_t regions,
			     struct tdm_error *err);
void inflow_destroy(struct inflow *in);

/**
 * inflow_start - begin a request: the side has reserved its pages
 * @recv: offered, from tdm_agent_accept(); the inflow's from now on
 * @tokens: of the prompt
 * Return: 0, or -EPROTO when its number of pages is another one
 */
int inflow_start(struct inflow *in, struct tdm_recv *recv, uint32_t tokens, struct tdm_error *err);

/* Push everything on; the agent is polled by others. Return: 1 something moved, 0, or -errno */
int inflow_step(struct inflow *in, struct tdm_error *err);

/* Every page is imported, and the sender has committed. */
bool inflow_is_done(const struct inflow *in);

/* What the sender said at its commit, once done. */
const void *inflow_meta(const struct inflow *in, uint32_t *len);

/* End the request, however it went; the side's queues are drained. @reason: for the sender */
void inflow_finish(struct inflow *in, const char *reason);

#endif /* TDM_ENGINE_INFLOW_H */
