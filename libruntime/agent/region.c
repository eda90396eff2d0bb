// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Regions of the landing memory.
 */
#include <errno.h>
#include <stdlib.h>

#include "agent/agent.h"

static int enroll(struct tdm_agent *agent, struct region *region, struct tdm_error *err)
{
	const struct tdm_kv_pool_attr *attr = &region->pool->attr;

	region->mr = tdm_net_reg_mem(agent->net, &region->mem, err);
	if (!region->mr)
		return err && err->code ? err->code : -ENOMEM;
	return tdm_kv_pool_bind(region->pool, 0, attr->pages, (uint64_t)(uintptr_t)attr->mem,
				tdm_net_mr_rkey(region->mr), err);
}

static int open_one(struct tdm_agent *agent, uint32_t number, const struct tdm_net_mem *mem,
		    uint32_t pages, struct tdm_error *err)
{
	struct region *region = &agent->regions[number];
	uint64_t at = (uint64_t)number * pages * agent->page_bytes;
	struct tdm_kv_pool_attr attr = {
		.mem = (char *)mem->addr + at,
		.page_bytes = agent->page_bytes,
		.pages = pages,
		.id = number,
		.device_base = at,
	};

	region->mem = *mem;
	region->mem.addr = attr.mem;
	region->mem.len = pages * agent->page_bytes;
	region->mem.fd_offset += at;
	region->mem.access = TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE;
	region->pool = tdm_kv_pool_create(&attr, err);
	if (!region->pool)
		return -ENOMEM;
	return enroll(agent, region, err);
}

int region_open_all(struct tdm_agent *agent, const struct tdm_net_mem *mem, uint32_t regions,
		    struct tdm_error *err)
{
	uint32_t pages = (uint32_t)(mem->len / agent->page_bytes / regions);

	agent->regions = calloc(regions, sizeof(*agent->regions));
	if (!agent->regions)
		return tdm_error_set(err, -ENOMEM, "agent: out of memory for %u regions; free some",
				     regions);
	for (; agent->nr_regions < regions; agent->nr_regions++) {
		int rc = open_one(agent, agent->nr_regions, mem, pages, err);

		if (rc) {
			agent->nr_regions++;
			region_close_all(agent);
			return rc;
		}
	}
	return 0;
}

void region_close_all(struct tdm_agent *agent)
{
	for (uint32_t i = 0; i < agent->nr_regions; i++) {
		struct region *region = &agent->regions[i];

		if (region->mr)
			(void)tdm_net_dereg_mr(region->mr);
		if (region->pool)
			tdm_kv_pool_destroy(region->pool);
	}
	free(agent->regions);
	agent->regions = NULL;
	agent->nr_regions = 0;
}

struct region *region_get(struct tdm_agent *agent, struct tdm_peer *peer, struct tdm_error *err)
{
	for (uint32_t i = 0; i < agent->nr_regions; i++) {
		struct region *region = &agent->regions[i];

		if (region->peer || region->stuck || (!region->mr && enroll(agent, region, err)))
			continue;
		region->peer = peer;
		return region;
	}
	tdm_error_set(err, -EUSERS,
		      "landing memory: all %u regions have their senders; end one, or give it more",
		      agent->nr_regions);
	return NULL;
}

void region_fence(struct tdm_agent *agent, struct region *region)
{
	struct tdm_kv_pool_stats stats = tdm_kv_pool_stats(region->pool);

	region->peer = NULL;
	if (!stats.pages[TDM_KV_LANDING] && !stats.pages[TDM_KV_DRAINING])
		return;
	agent->stats.fenced++;
	/* The queue pair that it wrote through is closed; or else only a new key helps. */
	if (!lane_is_shared(agent))
		return;
	if (tdm_net_dereg_mr(region->mr)) {
		region->stuck = true;
		return;
	}
	region->mr = NULL;
	agent->stats.rekeyed++;
}
