// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Queue pairs of an RDMA device: INIT at create, RTR and RTS at connect.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net/verbs.h"

/* A library that failed without saying why has failed all the same. */
static int last_error(void)
{
	return errno ? -errno : -EIO;
}

#define PSN_MASK 0xffffff

/*
 * How long an RC queue pair tries before RETRY_EXC_ERR: 4.096 us * 2^ACK_TIMEOUT
 * (IBTA vol. 1, 9.7.6.1.3), RETRIES times: half a second, far longer than any
 * healthy fabric needs. Not 7 times: Linux's rxe takes that for "for ever", and a
 * peer that is gone would never be noticed.
 */
#define ACK_TIMEOUT 14
#define RETRIES 6
/* Nothing here uses receives; the responder never has a reason to be not ready. */
#define RNR_TIMER 12
#define RNR_RETRIES 7
#define HOP_LIMIT 64

static int fail(struct tdm_error *err, const struct tdm_net *net, int code, const char *what)
{
	tdm_error_set(err, code, "%s: %s (%s); close other users of the device or ask for less",
		      net->name, what, strerror(-code));
	return code;
}

static int make_slots(struct verbs_ep *ep, uint32_t depth)
{
	ep->slots = calloc(depth, sizeof(*ep->slots));
	if (!ep->slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < depth; i++)
		ep->slots[i].next = i + 1;
	return 0;
}

static int make_queues(struct verbs_ep *ep, struct verbs_net *net, uint32_t depth,
		       struct tdm_error *err)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC,
		.sq_sig_all = 1,
		.cap = { .max_send_wr = depth, .max_recv_wr = 0, .max_send_sge = 1 },
	};

	ep->channel = ibv_create_comp_channel(net->ctx);
	if (!ep->channel)
		return fail(err, &net->base, last_error(), "no completion channel");
	ep->cq = ibv_create_cq(net->ctx, (int)depth, NULL, ep->channel, 0);
	if (!ep->cq)
		return fail(err, &net->base, last_error(), "no completion queue");
	init.send_cq = ep->cq;
	init.recv_cq = ep->cq;
	ep->qp = ibv_create_qp(net->pd, &init);
	if (!ep->qp)
		return fail(err, &net->base, last_error(), "no RC queue pair");
	return 0;
}

static int to_init(struct verbs_ep *ep, struct verbs_net *net, struct tdm_error *err)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT,
		.port_num = net->port,
		.qp_access_flags = IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_READ,
	};
	int rc =
		ibv_modify_qp(ep->qp, &attr,
			      IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS);

	return rc ? fail(err, &net->base, -rc, "the queue pair does not start") : 0;
}

/* A random first packet number keeps packets of an older queue pair out. */
static void fill_addr(struct verbs_ep *ep, struct verbs_net *net)
{
	struct tdm_net_addr *addr = &ep->base.addr;
	uint32_t psn = 0;

	if (getrandom(&psn, sizeof(psn), GRND_NONBLOCK) != (ssize_t)sizeof(psn))
		psn = ep->qp->qp_num * 2654435761U;
	memcpy(addr->gid, net->gid.raw, sizeof(addr->gid));
	addr->qpn = ep->qp->qp_num;
	addr->psn = psn & PSN_MASK;
	addr->lid = net->port_attr.lid;
	addr->mtu = (uint8_t)net->port_attr.active_mtu;
	addr->kind = TDM_NET_KIND_IB_RC;
}

struct tdm_net_ep *verbs_qp_create(struct tdm_net *base, uint32_t depth, struct tdm_error *err)
{
	struct verbs_net *net = verbs_net(base);
	struct verbs_ep *ep = calloc(1, sizeof(*ep));

	if (!ep || make_slots(ep, depth)) {
		free(ep);
		fail(err, base, -ENOMEM, "no endpoint");
		return NULL;
	}
	ep->base.net = base;
	ep->base.depth = depth;
	if (make_queues(ep, net, depth, err) || !ep->qp || to_init(ep, net, err)) {
		verbs_qp_destroy(&ep->base);
		return NULL;
	}
	fill_addr(ep, net);
	return &ep->base;
}

static int to_rtr(struct verbs_ep *ep, struct verbs_net *net, const struct tdm_net_addr *peer)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTR,
		.path_mtu = net->port_attr.active_mtu,
		.dest_qp_num = peer->qpn,
		.rq_psn = peer->psn,
		.max_dest_rd_atomic = net->max_rd_resp,
		.min_rnr_timer = RNR_TIMER,
		.ah_attr = { .dlid = peer->lid, .port_num = net->port },
	};

	if (peer->mtu < (uint8_t)attr.path_mtu)
		attr.path_mtu = (enum ibv_mtu)peer->mtu;
	/* Ethernet always needs the global route; InfiniBand where there is no LID. */
	if (net->port_attr.link_layer == IBV_LINK_LAYER_ETHERNET || !peer->lid) {
		attr.ah_attr.is_global = 1;
		attr.ah_attr.grh.sgid_index = net->gid_index;
		attr.ah_attr.grh.hop_limit = HOP_LIMIT;
		memcpy(attr.ah_attr.grh.dgid.raw, peer->gid, sizeof(peer->gid));
	}
	return ibv_modify_qp(ep->qp, &attr,
			     IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN |
				     IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC |
				     IBV_QP_MIN_RNR_TIMER);
}

static int to_rts(struct verbs_ep *ep, const struct verbs_net *net)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTS,
		.sq_psn = ep->base.addr.psn,
		.timeout = ACK_TIMEOUT,
		.retry_cnt = RETRIES,
		.rnr_retry = RNR_RETRIES,
		.max_rd_atomic = net->max_rd_init,
	};

	return ibv_modify_qp(ep->qp, &attr,
			     IBV_QP_STATE | IBV_QP_SQ_PSN | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT |
				     IBV_QP_RNR_RETRY | IBV_QP_MAX_QP_RD_ATOMIC);
}

int verbs_qp_connect(struct tdm_net_ep *base, const struct tdm_net_addr *peer,
		     struct tdm_error *err)
{
	struct verbs_net *net = verbs_net(base->net);
	int rc;

	if (peer->mtu < IBV_MTU_256 || peer->mtu > IBV_MTU_4096 || peer->qpn > PSN_MASK ||
	    peer->psn > PSN_MASK)
		return tdm_error_set(err, -EHOSTUNREACH,
				     "%s: the peer's address is malformed; "
				     "take it from its tdm_net_ep_addr()",
				     base->net->name);
	rc = to_rtr(verbs_ep(base), net, peer);
	if (!rc)
		rc = to_rts(verbs_ep(base), net);
	if (rc)
		return tdm_error_set(err, -EHOSTUNREACH,
				     "%s: no connection to queue pair %u (%s); "
				     "check the route between the two addresses",
				     base->net->name, peer->qpn, strerror(rc));
	base->peers++;
	return 0;
}

int verbs_qp_flush(struct tdm_net_ep *base)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_ERR };

	return -ibv_modify_qp(verbs_ep(base)->qp, &attr, IBV_QP_STATE);
}

void verbs_qp_destroy(struct tdm_net_ep *base)
{
	struct verbs_ep *ep = verbs_ep(base);

	if (ep->qp)
		ibv_destroy_qp(ep->qp);
	if (ep->cq)
		ibv_destroy_cq(ep->cq);
	if (ep->channel)
		ibv_destroy_comp_channel(ep->channel);
	free(ep->slots);
	free(ep);
}
