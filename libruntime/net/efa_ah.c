// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Address handles: one for each GID, however many endpoints and peers share it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/efa.h"

/* With the lock held. */
static struct efa_ah *make(struct efa_net *net, const uint8_t *gid)
{
	struct ibv_ah_attr attr = {
		.is_global = 1,
		.grh = { .sgid_index = net->gid_index },
		.port_num = 1,
	};
	struct efa_ah *ah = calloc(1, sizeof(*ah));

	if (!ah)
		return NULL;
	memcpy(attr.grh.dgid.raw, gid, sizeof(attr.grh.dgid.raw));
	memcpy(ah->gid, gid, sizeof(ah->gid));
	ah->ah = ibv_create_ah(net->pd, &attr);
	if (!ah->ah) {
		free(ah);
		return NULL;
	}
	ah->next = net->ahs;
	net->ahs = ah;
	return ah;
}

struct efa_ah *efa_ah_get(struct efa_net *net, const uint8_t *gid)
{
	struct efa_ah *ah;

	pthread_mutex_lock(&net->lock);
	ah = net->ahs;
	while (ah && memcmp(ah->gid, gid, sizeof(ah->gid)) != 0)
		ah = ah->next;
	if (!ah)
		ah = make(net, gid);
	if (ah)
		ah->users++;
	pthread_mutex_unlock(&net->lock);
	return ah;
}

void efa_ah_put(struct efa_net *net, struct efa_ah *ah)
{
	struct efa_ah **at = &net->ahs;

	pthread_mutex_lock(&net->lock);
	if (!--ah->users) {
		while (*at != ah)
			at = &(*at)->next;
		*at = ah->next;
		ibv_destroy_ah(ah->ah);
		free(ah);
	}
	pthread_mutex_unlock(&net->lock);
}
