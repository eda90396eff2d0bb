/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What another thread can see of an agent: a copy that the agent makes as it is
 * polled, if anything of it has changed.
 *
 * The agent never waits for a reader: while one copies it leaves its news for the next
 * poll. Without a view it does not even look.
 */
#ifndef AGENT_VIEW_H
#define AGENT_VIEW_H

#include <pthread.h>
#include <stdbool.h>

#include <tandem/observe.h>

#define VIEW_PEERS 64

struct agent_seen {
	struct tdm_agent_stats stats; /* but for the NIC's and the pools' */
	char address[64];	      /* where it listens */
	uint32_t nr_peers;
	uint32_t reserved;
	struct tdm_observe_peer peers[VIEW_PEERS];
};

struct agent_view {
	struct agent_seen fresh;	/* the agent's own */
	struct tdm_agent_stats counted; /* of it as well: when @fresh was made */
	bool late;			/* of it as well: @seen is older than @fresh */
	pthread_mutex_t lock;		/* the agent only tries it */
	struct agent_seen seen;		/* lock */
};

/* By the agent's thread, which makes at most one. Return: NULL without memory */
struct agent_view *agent_view_open(struct tdm_agent *agent);
/* By the agent's thread; nobody reads any more. */
void agent_view_close(struct tdm_agent *agent);

/* The agent was polled; @moved: something did. */
void agent_view_update(struct tdm_agent *agent, bool moved);

/* Any thread. */
void agent_view_read(struct agent_view *view, struct agent_seen *seen);

#endif /* AGENT_VIEW_H */
