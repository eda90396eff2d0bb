// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Which memory of this side a target has mapped, to read the bytes of writes there.
 */
#include <fcntl.h>
#include <unistd.h>

#include "net/soft.h"

static struct soft_region *find(struct soft_link *link, uint32_t lkey)
{
	for (uint32_t i = 0; i < SOFT_WIRE_REGIONS; i++)
		if (link->regions[i].state != SOFT_REGION_NONE && link->regions[i].lkey == lkey)
			return &link->regions[i];
	return NULL;
}

static void send_word(struct soft_nic *nic, struct soft_link *link, struct soft_region *region,
		      uint32_t op)
{
	region->flight = (struct soft_flight){ .region = region, .op = op };
	soft_flight_add(nic, link, &region->flight);
}

static void ask(struct soft_nic *nic, struct soft_link *link, uint32_t lkey,
		const struct soft_mr_slot *slot)
{
	for (uint32_t i = 0; i < SOFT_WIRE_REGIONS; i++) {
		struct soft_region *region = &link->regions[i];

		if (region->state != SOFT_REGION_NONE)
			continue;
		*region = (struct soft_region){
			.state = SOFT_REGION_ASKED,
			.lkey = lkey,
			.addr = slot->addr,
			.offset = slot->fd_offset,
			.len = slot->len,
			.fd = fcntl(slot->fd, F_DUPFD_CLOEXEC, 0),
		};
		if (region->fd < 0)
			region->state = SOFT_REGION_REFUSED;
		else
			send_word(nic, link, region, SOFT_WIRE_SHARE);
		return;
	}
}

struct soft_region *soft_region_of(struct soft_nic *nic, struct soft_link *link, uint32_t lkey)
{
	const struct soft_mr_slot *slot = soft_mr_at(&nic->mrs, lkey);
	struct soft_region *region;

	if (slot->fd < 0)
		return NULL;
	region = find(link, lkey);
	if (!region)
		ask(nic, link, lkey, slot);
	return region && region->state == SOFT_REGION_SHARED ? region : NULL;
}

static void forget(struct soft_nic *nic, struct soft_link *link, struct soft_region *region)
{
	region->state = SOFT_REGION_GOING;
	send_word(nic, link, region, SOFT_WIRE_FORGET);
}

void soft_region_landed(struct soft_nic *nic, struct soft_link *link, struct soft_region *region,
			uint32_t status)
{
	bool mapped = region->state == SOFT_REGION_ASKED && status == TDM_NET_WC_SUCCESS;

	if (region->fd >= 0) {
		if (link->out_fd == region->fd)
			link->out_fd = -1;
		close(region->fd);
		region->fd = -1;
	}
	if (region->state == SOFT_REGION_GOING)
		region->state = SOFT_REGION_NONE;
	else if (mapped && region->forget && !link->dead)
		forget(nic, link, region);
	else
		region->state = region->forget ? SOFT_REGION_NONE
				: mapped       ? SOFT_REGION_SHARED
					       : SOFT_REGION_REFUSED;
}

static void forget_on(struct soft_nic *nic, struct soft_link *link, uint32_t lkey)
{
	struct soft_region *region = find(link, lkey);

	if (!region)
		return;
	if (region->state == SOFT_REGION_ASKED)
		region->forget = true;
	else if (region->state == SOFT_REGION_SHARED && !link->dead)
		forget(nic, link, region);
	else if (region->state != SOFT_REGION_GOING)
		region->state = SOFT_REGION_NONE;
}

void soft_region_forget(struct soft_nic *nic, uint32_t lkey)
{
	for (struct soft_link *link = nic->links; link; link = link->next)
		forget_on(nic, link, lkey);
}
