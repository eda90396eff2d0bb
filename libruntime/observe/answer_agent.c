// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Transfer agents, their NICs and their peers. What is an agent's own thread's is seen
 * by its view; the rest of it does not change, or may be read by any thread.
 */
#include <stdio.h>
#include <string.h>

#include "observe/observer.h"

static void fill_nic(const struct tdm_net *net, struct tdm_observe_agent *out)
{
	const struct tdm_net_caps *caps = tdm_net_caps(net);
	struct tdm_net_stats stats = tdm_net_stats(net);

	snprintf(out->net, sizeof(out->net), "%s", tdm_net_name(net));
	out->net_flags = caps->flags | (stats.link_down ? TDM_OBSERVE_LINK_DOWN : 0);
	out->net_depth = caps->max_outstanding;
	out->net_mr_total = stats.mr_total;
	out->net_mr_live = stats.mr_live;
	out->net_done = stats.done;
	out->net_bytes = stats.bytes;
	out->net_failed = stats.failed;
	out->net_sleeps = stats.sleeps;
	out->net_wakes = stats.wakes;
}

static void fill_agent(struct tdm_observer *o, const struct shown *s, struct tdm_observe_agent *out)
{
	const struct tdm_agent *agent = s->agent;

	agent_view_read(agent->view, &o->seen);
	out->number = s->number;
	out->regions = agent->nr_regions;
	memcpy(out->address, o->seen.address, sizeof(out->address));
	fill_nic(agent->net, out);
	out->stats = o->seen.stats;
	out->stats.registered = (uint32_t)out->net_mr_total;
	for (uint32_t i = 0; i < agent->nr_regions; i++) {
		struct tdm_kv_pool_stats pool = tdm_kv_pool_stats(agent->regions[i].pool);

		for (int k = 0; k < TDM_KV_STATES; k++)
			out->stats.landing[k] += pool.pages[k];
	}
}

int answer_agents(struct answer *a)
{
	for (struct shown *s = registry_next(a->o, NULL, SHOWN_AGENT); s;
	     s = registry_next(a->o, s, SHOWN_AGENT)) {
		struct tdm_observe_agent *out;

		if (a->skip) {
			a->skip--;
			continue;
		}
		out = answer_add(a, sizeof(*out));
		if (!out)
			break;
		fill_agent(a->o, s, out);
	}
	return 0;
}

/* Return: false: the answer is full */
static bool add_peers(struct answer *a, const struct shown *s)
{
	struct agent_seen *seen = &a->o->seen;

	agent_view_read(s->agent->view, seen);
	for (uint32_t i = 0; i < seen->nr_peers; i++) {
		struct tdm_observe_peer *peer;

		if (a->skip) {
			a->skip--;
			continue;
		}
		peer = answer_add(a, sizeof(*peer));
		if (!peer)
			return false;
		*peer = seen->peers[i];
		peer->agent = s->number;
	}
	return true;
}

int answer_peers(struct answer *a)
{
	for (struct shown *s = registry_next(a->o, NULL, SHOWN_AGENT); s;
	     s = registry_next(a->o, s, SHOWN_AGENT))
		if (!add_peers(a, s))
			break;
	return 0;
}
