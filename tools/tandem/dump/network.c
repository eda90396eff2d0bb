// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Transfer agents of a process, with their NICs and peers.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/observe.h>

#include "dump/dump.h"
#include "dump/network.h"

static void tell_agent(struct bundle *b, const struct tdm_observe_agent *a)
{
	bundle_line(b,
		    "agent number %u net %s link %s address %s regions %u mr_live %" PRIu64
		    " done %" PRIu64 " failed %" PRIu64 " bytes %" PRIu64,
		    a->number, a->net, a->net_flags & TDM_OBSERVE_LINK_DOWN ? "down" : "up",
		    *a->address ? a->address : "-", a->regions, a->net_mr_live, a->net_done,
		    a->net_failed, a->net_bytes);
	bundle_line(b,
		    "transfers agent %u peers %u peers_lost %" PRIu64 " sends %u recvs %u "
		    "pages_sent %" PRIu64 " pages_resent %" PRIu64 " pages_taken %" PRIu64
		    " pages_corrupt %" PRIu64 " aborted %" PRIu64,
		    a->number, a->stats.peers, a->stats.peers_lost, a->stats.sends, a->stats.recvs,
		    a->stats.pages_sent, a->stats.pages_resent, a->stats.pages_taken,
		    a->stats.pages_corrupt, a->stats.aborted);
}

static void tell_peers(struct bundle *b, struct tdm_observed *observed, uint32_t agent)
{
	struct tdm_error err;
	uint32_t n;
	struct tdm_observe_peer *peers = tdm_observed_peers(observed, &n, &err);

	for (uint32_t i = 0; peers && i < n; i++)
		if (peers[i].agent == agent)
			bundle_line(b,
				    "peer agent %u address %s state %u error %d sends %u recvs %u",
				    agent, peers[i].address, peers[i].state, peers[i].error,
				    peers[i].sends, peers[i].recvs);
	free(peers);
}

void dump_network(struct bundle *b, struct tdm_observed *observed, const char *net)
{
	struct tdm_error err;
	uint32_t n;
	struct tdm_observe_agent *agents = tdm_observed_agents(observed, &n, &err);

	if (!agents) {
		bundle_missing(b, "agents", err.code, NULL);
		return;
	}
	bundle_section(b, "agents", "the process's observer");
	for (uint32_t i = 0; i < n; i++) {
		if (net && strcmp(net, agents[i].net) != 0)
			continue;
		tell_agent(b, &agents[i]);
		tell_peers(b, observed, agents[i].number);
	}
	free(agents);
}
