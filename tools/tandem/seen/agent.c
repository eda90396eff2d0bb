// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Transfer agents of running processes, with their NICs and peers.
 */
#include <errno.h>

#include <tandem/observe.h>

#include "seen/seen.h"

static void read_nic(struct seen_agent *agent, const struct tdm_observe_agent *from)
{
	sys_printable(agent->nic, sizeof(agent->nic), from->net);
	agent->is_software = !(from->net_flags & TDM_NET_CAP_DEVICE);
	agent->link_down = from->net_flags & TDM_OBSERVE_LINK_DOWN;
	agent->depth = from->net_depth;
	agent->mr_total = from->net_mr_total;
	agent->mr_live = from->net_mr_live;
	agent->done = from->net_done;
	agent->bytes = from->net_bytes;
	agent->failed = from->net_failed;
	/* A device has no thread that sleeps: its zeroes say nothing. */
	if (!agent->is_software)
		return;
	seen_count(&agent->sleeps, from->net_sleeps);
	seen_count(&agent->wakes, from->net_wakes);
}

int seen_agent(struct seen *seen, const struct tdm_observe_process *of,
	       const struct tdm_observe_agent *from)
{
	struct seen_agent *agent = seen_add(&seen->agents, sizeof(*agent));

	if (!agent)
		return -ENOMEM;
	agent->pid = of->pid;
	agent->number = from->number;
	agent->started_ns = of->started_ns;
	sys_printable(agent->program, sizeof(agent->program), of->program);
	sys_printable(agent->address, sizeof(agent->address), from->address);
	agent->stats = from->stats;
	read_nic(agent, from);
	return 0;
}

int seen_peer(struct seen *seen, const struct tdm_observe_process *of,
	      const struct tdm_observe_peer *from)
{
	struct seen_peer *peer = seen_add(&seen->peers, sizeof(*peer));

	if (!peer)
		return -ENOMEM;
	peer->pid = of->pid;
	peer->agent = from->agent;
	sys_printable(peer->address, sizeof(peer->address), from->address);
	peer->state = from->state;
	peer->error = from->error;
	peer->units = from->units;
	peer->sends = from->sends;
	peer->recvs = from->recvs;
	if (from->region != TDM_OBSERVE_NONE)
		seen_count(&peer->region, from->region);
	/* One that was made after the reading began is new. */
	if (from->since_ns)
		seen_count(&peer->age_ns,
			   seen->taken_ns > from->since_ns ? seen->taken_ns - from->since_ns : 0);
	return 0;
}
