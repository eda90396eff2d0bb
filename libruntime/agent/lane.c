// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Lanes: endpoints with their credits, one for each peer or one for many.
 */
#include <errno.h>
#include <stdlib.h>

#include "agent/agent.h"

bool lane_is_shared(const struct tdm_agent *agent)
{
	return !(tdm_net_caps(agent->net)->flags & TDM_NET_CAP_ERROR_STOPS);
}

static void unlink_lane(struct tdm_agent *agent, struct lane *lane)
{
	struct lane **at = &agent->lanes;

	while (*at && *at != lane)
		at = &(*at)->next;
	if (*at)
		*at = lane->next;
}

static struct lane *make(struct tdm_agent *agent, struct tdm_error *err)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (!lane) {
		tdm_error_set(err, -ENOMEM, "agent: out of memory; free some");
		return NULL;
	}
	lane->ep = tdm_net_ep_create(agent->net, 0, err);
	lane->link = lane->ep ? tdm_kv_link_create(lane->ep, 0, err) : NULL;
	if (!lane->link) {
		tdm_net_ep_close(lane->ep);
		free(lane);
		return NULL;
	}
	lane->next = agent->lanes;
	agent->lanes = lane;
	return lane;
}

struct lane *lane_get(struct tdm_agent *agent, struct tdm_error *err)
{
	struct lane *lane = NULL;

	if (lane_is_shared(agent)) {
		lane = agent->lanes;
		while (lane && lane->given == tdm_net_caps(agent->net)->max_peers)
			lane = lane->next;
	}
	if (!lane)
		lane = make(agent, err);
	if (!lane)
		return NULL;
	lane->users++;
	lane->given++;
	return lane;
}

void lane_cut(struct tdm_agent *agent, struct lane *lane)
{
	if (lane->cut || lane_is_shared(agent))
		return;
	tdm_net_ep_close(lane->ep);
	lane->ep = NULL;
	lane->cut = true;
	tdm_kv_link_lost(lane->link);
}

void lane_put(struct tdm_agent *agent, struct lane *lane)
{
	if (--lane->users)
		return;
	unlink_lane(agent, lane);
	(void)tdm_kv_link_destroy(lane->link);
	tdm_net_ep_close(lane->ep);
	free(lane);
}
