// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <string.h>

#include "net/verbs.h"

static bool is_zero(const union ibv_gid *gid)
{
	return !gid->global.subnet_prefix && !gid->global.interface_id;
}

/* ::ffff:a.b.c.d */
static bool is_ipv4(const union ibv_gid *gid)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(gid->raw, mapped, sizeof(mapped));
}

/* fe80::/10 */
static bool is_link_local(const union ibv_gid *gid)
{
	return gid->raw[0] == 0xfe && (gid->raw[1] & 0xc0) == 0x80;
}

static int score(const struct ibv_gid_entry *e)
{
	if (is_zero(&e->gid))
		return 0;
	switch (e->gid_type) {
	case IBV_GID_TYPE_ROCE_V2:
		if (is_ipv4(&e->gid))
			return 5;
		return is_link_local(&e->gid) ? 3 : 4;
	case IBV_GID_TYPE_IB:
		return 2;
	case IBV_GID_TYPE_ROCE_V1:
		return 1;
	default:
		return 0;
	}
}

int verbs_gid_choose(const struct ibv_gid_entry *entry, int n, uint32_t port)
{
	int best = -1;
	int most = 0;

	for (int i = 0; i < n; i++) {
		int s = entry[i].port_num == port ? score(&entry[i]) : 0;

		if (s > most || (s && s == most && entry[i].gid_index < entry[best].gid_index)) {
			most = s;
			best = i;
		}
	}
	return best;
}
