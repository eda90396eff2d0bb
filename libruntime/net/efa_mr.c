// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Registered memory on EFA, and remote keys that must not come back too soon.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/efa.h"
#include "net/verbs.h"

/* Before the device may give it out again. */
static void bury(struct efa_net *net, uint32_t rkey)
{
	pthread_mutex_lock(&net->lock);
	net->dead[net->nr_dead++ % EFA_DEAD_KEYS] = rkey;
	pthread_mutex_unlock(&net->lock);
}

static bool is_dead(struct efa_net *net, uint32_t rkey)
{
	bool dead = false;

	pthread_mutex_lock(&net->lock);
	for (uint32_t i = 0; i < EFA_DEAD_KEYS && i < net->nr_dead; i++)
		dead = dead || net->dead[i] == rkey;
	pthread_mutex_unlock(&net->lock);
	return dead;
}

/*
 * A registration whose key is remembered is held until there is one whose key is not:
 * the device cannot give a key twice meanwhile, so EFA_DEAD_KEYS + 1 tries are enough,
 * unless others deregister at that moment.
 */
static struct ibv_mr *enroll(struct efa_net *net, const struct tdm_net_mem *mem, uint32_t access,
			     uint32_t *kind)
{
	struct ibv_mr *held[EFA_DEAD_KEYS + 1];
	struct ibv_mr *mr;
	int n = 0, code;

	do {
		mr = verbs_enroll(net->pd, mem, access, kind);
		code = errno;
		if (!mr || !is_dead(net, mr->rkey))
			break;
		held[n++] = mr;
		mr = NULL;
		code = ENOSPC;
	} while (n <= EFA_DEAD_KEYS);
	while (n)
		ibv_dereg_mr(held[--n]);
	errno = code;
	return mr;
}

struct tdm_net_mr *efa_reg_mr(struct tdm_net *net, const struct tdm_net_mem *mem,
			      struct tdm_error *err)
{
	struct efa_mr *mr = calloc(1, sizeof(*mr));
	uint32_t access = mem->access;

	if (!mr) {
		tdm_error_set(err, -ENOMEM, "%s: out of memory; free some", net->name);
		return NULL;
	}
	/* A device that cannot read refuses the right to be read: nobody could use it. */
	if (!(net->caps.flags & TDM_NET_CAP_READ))
		access &= ~(uint32_t)TDM_NET_REMOTE_READ;
	mr->mr = enroll(efa_net(net), mem, access, &mr->base.kind);
	if (!mr->mr) {
		verbs_enroll_failed(net, mem, err);
		free(mr);
		return NULL;
	}
	mr->base.net = net;
	mr->base.lkey = mr->mr->lkey;
	if (access & (TDM_NET_REMOTE_WRITE | TDM_NET_REMOTE_READ))
		mr->base.rkey = mr->mr->rkey;
	return &mr->base;
}

int efa_dereg_mr(struct tdm_net_mr *base)
{
	struct efa_mr *mr = (struct efa_mr *)base;
	int rc;

	if (base->rkey)
		bury(efa_net(base->net), base->rkey);
	rc = ibv_dereg_mr(mr->mr);
	if (!rc)
		free(mr);
	return -rc;
}
