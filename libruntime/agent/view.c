// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "agent/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"

static void fill_peer(const struct tdm_peer *peer, struct tdm_observe_peer *out)
{
	const struct tdm_agent *agent = peer->agent;

	*out = (struct tdm_observe_peer){
		.since_ns = peer->since_ns,
		.state = peer->state,
		.error = peer->error.code,
		.units = peer->units,
		.recvs = peer->nr_recvs,
		.region =
			peer->region ? (uint32_t)(peer->region - agent->regions) : TDM_OBSERVE_NONE,
	};
	for (const struct tdm_send *send = peer->sends; send; send = send->next)
		out->sends++;
	/* Without a connection it is down. */
	if (peer->conn)
		memcpy(out->address, peer->conn->peer, sizeof(out->address));
}

_Static_assert(sizeof(((struct tdm_observe_peer *)0)->address) ==
		       sizeof(((struct wire_conn *)0)->peer),
	       "address of a peer");

static void look(const struct tdm_agent *agent, struct agent_seen *seen)
{
	seen->stats = agent->stats;
	seen->stats.peers = agent->nr_peers;
	for (uint32_t i = 0; i < agent->nr_sources; i++)
		seen->stats.registered_bytes += agent->sources[i].mem.len;
	for (uint32_t i = 0; i < agent->nr_regions; i++)
		if (agent->regions[i].mr)
			seen->stats.registered_bytes += agent->regions[i].mem.len;
	if (agent->listener && !seen->address[0])
		snprintf(seen->address, sizeof(seen->address), "%s",
			 wire_listener_address(agent->listener));
	seen->nr_peers = 0;
	for (const struct tdm_peer *peer = agent->peers; peer && seen->nr_peers < VIEW_PEERS;
	     peer = peer->next)
		fill_peer(peer, &seen->peers[seen->nr_peers++]);
}

void agent_view_update(struct tdm_agent *agent, bool moved)
{
	struct agent_view *view = agent->view;

	/* A call between two polls may have counted. */
	if (!moved && !view->late && !memcmp(&view->counted, &agent->stats, sizeof(agent->stats)))
		return;
	view->counted = agent->stats;
	look(agent, &view->fresh);
	view->late = pthread_mutex_trylock(&view->lock) != 0;
	if (view->late)
		return;
	memcpy(&view->seen, &view->fresh,
	       offsetof(struct agent_seen, peers) +
		       view->fresh.nr_peers * sizeof(view->fresh.peers[0]));
	pthread_mutex_unlock(&view->lock);
}

struct agent_view *agent_view_open(struct tdm_agent *agent)
{
	struct agent_view *view = calloc(1, sizeof(*view));

	if (!view || pthread_mutex_init(&view->lock, NULL)) {
		free(view);
		return NULL;
	}
	agent->view = view;
	agent_view_update(agent, true);
	return view;
}

void agent_view_close(struct tdm_agent *agent)
{
	if (!agent->view)
		return;
	pthread_mutex_destroy(&agent->view->lock);
	free(agent->view);
	agent->view = NULL;
}

void agent_view_read(struct agent_view *view, struct agent_seen *seen)
{
	pthread_mutex_lock(&view->lock);
	memcpy(seen, &view->seen, sizeof(*seen));
	pthread_mutex_unlock(&view->lock);
}
