// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * SRD queue pairs: ready to send from their creation, connected to no one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net/efa.h"

#define QPN_MAX 0xffff	      /* 16 bits of a request's descriptor */
#define QKEY_MASK 0x7fffffffU /* the upper half is for privileged users */

static int fail(struct tdm_error *err, const struct tdm_net *net, int code, const char *what)
{
	return tdm_error_set(err, code,
			     "%s: %s (%s); close other users of the device, ask for less or take "
			     "another device",
			     net->name, what, strerror(-code));
}

/* A library that failed without saying why has failed all the same. */
static int last_error(void)
{
	return errno ? -errno : -EIO;
}

static struct efa_ep *alloc_ep(struct tdm_net *net, uint32_t depth)
{
	struct efa_ep *ep = calloc(1, sizeof(*ep));

	if (!ep)
		return NULL;
	ep->slots = calloc(depth, sizeof(*ep->slots));
	if (!ep->slots) {
		free(ep);
		return NULL;
	}
	for (uint32_t i = 0; i < depth; i++)
		ep->slots[i].next = i + 1;
	ep->done_first = EFA_NO_SLOT;
	ep->base.net = net;
	ep->base.depth = depth;
	return ep;
}

static int make_cq(struct efa_ep *ep, struct efa_net *net, struct tdm_error *err)
{
	errno = 0;
	ep->channel = ibv_create_comp_channel(net->ctx);
	if (!ep->channel)
		return fail(err, &net->base, last_error(), "no completion channel");
	ep->cq = ibv_create_cq(net->ctx, (int)ep->base.depth, NULL, ep->channel, 0);
	if (!ep->cq)
		return fail(err, &net->base, last_error(), "no completion queue with events");
	return 0;
}

static int make_qp(struct efa_ep *ep, struct efa_net *net, struct tdm_error *err)
{
	struct efadv_qp_init_attr efa = { .driver_qp_type = EFADV_QP_DRIVER_TYPE_SRD };
	/* No receive is ever posted, but libefa divides by how many it could be. */
	struct ibv_qp_init_attr_ex init = {
		.qp_type = IBV_QPT_DRIVER,
		.send_cq = ep->cq,
		.recv_cq = ep->cq,
		.sq_sig_all = 1,
		.cap = { .max_send_wr = ep->base.depth,
			 .max_recv_wr = 1,
			 .max_send_sge = 1,
			 .max_recv_sge = 1 },
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
		.pd = net->pd,
		.send_ops_flags = IBV_QP_EX_WITH_RDMA_WRITE,
	};

	if (net->base.caps.flags & TDM_NET_CAP_READ)
		init.send_ops_flags |= IBV_QP_EX_WITH_RDMA_READ;
	errno = 0;
	ep->qp = efadv_create_qp_ex(net->ctx, &init, &efa, sizeof(efa));
	if (!ep->qp)
		return fail(err, &net->base, last_error(), "no SRD queue pair");
	ep->qpx = ibv_qp_to_qp_ex(ep->qp);
	return ep->qpx ? 0 : fail(err, &net->base, -EOPNOTSUPP, "no way to post RDMA writes");
}

static int to_rts(struct efa_ep *ep, struct efa_net *net, uint32_t qkey, struct tdm_error *err)
{
	static const struct {
		enum ibv_qp_state state;
		int mask;
	} steps[] = {
		{ IBV_QPS_INIT, IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_QKEY },
		{ IBV_QPS_RTR, IBV_QP_STATE },
		{ IBV_QPS_RTS, IBV_QP_STATE | IBV_QP_SQ_PSN },
	};
	struct ibv_qp_attr attr = { .port_num = 1, .qkey = qkey };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int rc;

		attr.qp_state = steps[i].state;
		rc = ibv_modify_qp(ep->qp, &attr, steps[i].mask);
		if (rc)
			return fail(err, &net->base, -rc, "the queue pair does not start");
	}
	return 0;
}

/* A key of its own keeps out who means an older queue pair of the same number. */
static int random_qkey(uint32_t *qkey, struct efa_net *net, struct tdm_error *err)
{
	if (getrandom(qkey, sizeof(*qkey), 0) != (ssize_t)sizeof(*qkey))
		return fail(err, &net->base, last_error(), "no random key");
	*qkey &= QKEY_MASK;
	return 0;
}

struct tdm_net_ep *efa_qp_create(struct tdm_net *base, uint32_t depth, struct tdm_error *err)
{
	struct efa_net *net = efa_net(base);
	struct efa_ep *ep = alloc_ep(base, depth);
	uint32_t qkey = 0;

	if (!ep) {
		fail(err, base, -ENOMEM, "no endpoint");
		return NULL;
	}
	if (random_qkey(&qkey, net, err) || make_cq(ep, net, err) || make_qp(ep, net, err) ||
	    to_rts(ep, net, qkey, err)) {
		efa_qp_destroy(&ep->base);
		return NULL;
	}
	memcpy(ep->base.addr.gid, net->gid.raw, sizeof(ep->base.addr.gid));
	ep->base.addr.qpn = ep->qp->qp_num;
	ep->base.addr.qkey = qkey;
	ep->base.addr.kind = TDM_NET_KIND_EFA_SRD;
	return &ep->base;
}

int efa_qp_connect(struct tdm_net_ep *base, const struct tdm_net_addr *peer, struct tdm_error *err)
{
	static const uint8_t no_gid[sizeof(peer->gid)];
	struct efa_ep *ep = efa_ep(base);
	struct efa_ah *ah;

	if (!memcmp(peer->gid, no_gid, sizeof(no_gid)) || peer->qpn > QPN_MAX)
		return tdm_error_set(err, -EHOSTUNREACH,
				     "%s: the peer's address is malformed; "
				     "take it from its tdm_net_ep_addr()",
				     base->net->name);
	ah = efa_ah_get(efa_net(base->net), peer->gid);
	if (!ah)
		return tdm_error_set(err, -EHOSTUNREACH,
				     "%s: no address handle for the peer (%s); check that it is in "
				     "this availability zone, or close other users of the device",
				     base->net->name, strerror(errno));
	ep->peers[base->peers++] = (struct efa_peer){
		.ah = ah,
		.qpn = peer->qpn,
		.qkey = peer->qkey,
	};
	return 0;
}

int efa_qp_flush(struct tdm_net_ep *base)
{
	struct efa_ep *ep = efa_ep(base);
	int rc;

	if (!ep->qp)
		return 0;
	/* What is done already counts. A poll that fails loses no request: they are flushed. */
	(void)efa_reap(ep);
	rc = ibv_destroy_qp(ep->qp);
	if (rc)
		return -rc;
	ep->qp = NULL;
	ep->qpx = NULL;
	efa_flush_open(ep);
	return 0;
}

void efa_qp_destroy(struct tdm_net_ep *base)
{
	struct efa_ep *ep = efa_ep(base);

	if (ep->qp)
		ibv_destroy_qp(ep->qp);
	for (uint32_t i = 0; i < base->peers; i++)
		efa_ah_put(efa_net(base->net), ep->peers[i].ah);
	if (ep->cq)
		ibv_destroy_cq(ep->cq);
	if (ep->channel)
		ibv_destroy_comp_channel(ep->channel);
	free(ep->slots);
	free(ep);
}
