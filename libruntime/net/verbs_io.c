// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Posting to and polling an RDMA device.
 */
#include <errno.h>

#include "net/verbs.h"

#define BATCH 16

static uint32_t take_slot(struct verbs_ep *ep, const struct tdm_net_wr *wr)
{
	uint32_t i = ep->free_slot;

	ep->free_slot = ep->slots[i].next;
	ep->slots[i].wr_id = wr->wr_id;
	ep->slots[i].len = wr->len;
	return i;
}

static void give_slot(struct verbs_ep *ep, uint32_t i)
{
	ep->slots[i].next = ep->free_slot;
	ep->free_slot = i;
}

/* Return: how many of @n <= BATCH were taken, or -errno when none was. */
static int post_batch(struct verbs_ep *ep, const struct tdm_net_wr *wr, uint32_t n)
{
	struct ibv_send_wr send[BATCH];
	struct ibv_sge sge[BATCH];
	struct ibv_send_wr *bad = NULL;
	uint32_t taken = n;
	int rc;

	for (uint32_t i = 0; i < n; i++) {
		sge[i] = (struct ibv_sge){
			.addr = wr[i].addr,
			.length = wr[i].len,
			.lkey = wr[i].lkey,
		};
		send[i] = (struct ibv_send_wr){
			.wr_id = take_slot(ep, &wr[i]),
			.next = i + 1 < n ? &send[i + 1] : NULL,
			.sg_list = &sge[i],
			.num_sge = 1,
			.opcode =
				wr[i].op == TDM_NET_OP_READ ? IBV_WR_RDMA_READ : IBV_WR_RDMA_WRITE,
			.wr.rdma = { .remote_addr = wr[i].remote_addr, .rkey = wr[i].rkey },
		};
	}
	rc = ibv_post_send(ep->qp, send, &bad);
	if (!rc)
		return (int)n;
	if (bad)
		taken = (uint32_t)(bad - send);
	else
		taken = 0;
	for (uint32_t i = taken; i < n; i++)
		give_slot(ep, (uint32_t)send[i].wr_id);
	if (taken)
		return (int)taken;
	return rc == ENOMEM ? -EAGAIN : -rc;
}

int verbs_post(struct tdm_net_ep *base, const struct tdm_net_wr *wr, uint32_t n)
{
	struct verbs_ep *ep = verbs_ep(base);
	uint32_t done = 0;

	while (done < n) {
		uint32_t now = n - done < BATCH ? n - done : BATCH;
		int rc = post_batch(ep, wr + done, now);

		if (rc < 0)
			return done ? (int)done : rc;
		done += (uint32_t)rc;
		if ((uint32_t)rc < now)
			break;
	}
	return (int)done;
}

static struct tdm_net_wc hand_out(struct verbs_ep *ep, const struct ibv_wc *from)
{
	uint32_t i = (uint32_t)from->wr_id;
	struct tdm_net_wc wc = {
		.wr_id = ep->slots[i].wr_id,
		.status = from->status,
		.byte_len = from->status == IBV_WC_SUCCESS ? ep->slots[i].len : 0,
	};

	give_slot(ep, i);
	return wc;
}

int verbs_poll(struct tdm_net_ep *base, struct tdm_net_wc *wc, uint32_t n)
{
	struct verbs_ep *ep = verbs_ep(base);
	struct ibv_wc batch[BATCH];
	uint32_t done = 0;

	if (ep->stashed) {
		wc[done++] = hand_out(ep, &ep->stash);
		ep->stashed = false;
	}
	while (done < n) {
		uint32_t now = n - done < BATCH ? n - done : BATCH;
		int got = ibv_poll_cq(ep->cq, (int)now, batch);

		if (got < 0)
			return done ? (int)done : -EIO;
		for (int i = 0; i < got; i++)
			wc[done++] = hand_out(ep, &batch[i]);
		if ((uint32_t)got < now)
			break;
	}
	return (int)done;
}

static int to_stash(struct verbs_ep *ep)
{
	int got = ep->stashed ? 1 : ibv_poll_cq(ep->cq, 1, &ep->stash);

	ep->stashed = got > 0;
	return got;
}

int verbs_wait(struct tdm_net_ep *base, uint64_t deadline_ns)
{
	struct verbs_ep *ep = verbs_ep(base);
	int rc;

	for (;;) {
		rc = to_stash(ep);
		if (rc)
			return rc < 0 ? -EIO : 0;
		/* What arrives before the request makes no event: look once more. */
		if (ibv_req_notify_cq(ep->cq, 0))
			return -EIO;
		rc = to_stash(ep);
		if (rc)
			return rc < 0 ? -EIO : 0;
		rc = verbs_event(ep->channel, deadline_ns);
		if (rc)
			return rc;
	}
}
