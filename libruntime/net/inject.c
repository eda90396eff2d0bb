// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A link that fails on request.
 */
#include <errno.h>
#include <time.h>

#include "net/provider.h"

#define NS_PER_MS 1000000ULL

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 * NS_PER_MS + (uint64_t)ts.tv_nsec;
}

bool net_link_is_down(const struct tdm_net *net)
{
	uint64_t until = atomic_load_explicit(&net->down_until, memory_order_acquire);

	return until && (until == UINT64_MAX || now_ns() < until);
}

static uint64_t end_of(uint64_t duration_ms)
{
	uint64_t now = now_ns();

	if (!duration_ms || duration_ms > (UINT64_MAX - now) / NS_PER_MS)
		return UINT64_MAX;
	return now + duration_ms * NS_PER_MS;
}

int tdm_net_inject(struct tdm_net *net, uint32_t fault, uint64_t duration_ms)
{
	if (fault > TDM_NET_INJECT_LINK_DOWN)
		return -EINVAL;
	if (!net->ops->emulated)
		return -EOPNOTSUPP;
	atomic_store_explicit(&net->down_until,
			      fault == TDM_NET_INJECT_LINK_DOWN ? end_of(duration_ms) : 0,
			      memory_order_release);
	return 0;
}
