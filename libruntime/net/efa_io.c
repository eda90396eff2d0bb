// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Posting to and polling an EFA device.
 */
#include <errno.h>

#include "net/efa.h"
#include "net/verbs.h"

#define BATCH 16

static uint32_t take_slot(struct efa_ep *ep, const struct tdm_net_wr *wr)
{
	uint32_t i = ep->free_slot;
	struct efa_slot *slot = &ep->slots[i];

	ep->free_slot = slot->next;
	slot->wr_id = wr->wr_id;
	slot->len = wr->len;
	slot->state = EFA_SLOT_POSTED;
	return i;
}

static void give_slot(struct efa_ep *ep, uint32_t i)
{
	ep->slots[i].state = EFA_SLOT_FREE;
	ep->slots[i].next = ep->free_slot;
	ep->free_slot = i;
}

static void finish(struct efa_ep *ep, uint32_t i, uint32_t status)
{
	ep->slots[i].status = status;
	ep->slots[i].state = EFA_SLOT_DONE;
	ep->slots[i].next = EFA_NO_SLOT;
	if (ep->done_first == EFA_NO_SLOT)
		ep->done_first = i;
	else
		ep->slots[ep->done_last].next = i;
	ep->done_last = i;
}

void efa_flush_open(struct efa_ep *ep)
{
	for (uint32_t i = 0; i < ep->base.depth; i++)
		if (ep->slots[i].state == EFA_SLOT_POSTED)
			finish(ep, i, TDM_NET_WC_WR_FLUSH_ERR);
}

static void write_one(struct efa_ep *ep, const struct tdm_net_wr *wr, uint32_t slot)
{
	const struct efa_peer *peer = &ep->peers[wr->peer];
	struct ibv_qp_ex *qp = ep->qpx;

	qp->wr_id = slot;
	qp->wr_flags = IBV_SEND_SIGNALED;
	if (wr->op == TDM_NET_OP_READ)
		ibv_wr_rdma_read(qp, wr->rkey, wr->remote_addr);
	else
		ibv_wr_rdma_write(qp, wr->rkey, wr->remote_addr);
	ibv_wr_set_sge(qp, wr->lkey, wr->addr, wr->len);
	ibv_wr_set_ud_addr(qp, peer->ah->ah, peer->qpn, peer->qkey);
}

/* All of @n <= BATCH, or none. Return: 0 or -errno */
static int post_batch(struct efa_ep *ep, const struct tdm_net_wr *wr, uint32_t n)
{
	uint32_t slots[BATCH];
	int rc;

	ibv_wr_start(ep->qpx);
	for (uint32_t i = 0; i < n; i++) {
		slots[i] = take_slot(ep, &wr[i]);
		write_one(ep, &wr[i], slots[i]);
	}
	rc = ibv_wr_complete(ep->qpx);
	if (!rc)
		return 0;
	while (n)
		give_slot(ep, slots[--n]);
	return rc == ENOMEM ? -EAGAIN : -rc;
}

int efa_post(struct tdm_net_ep *base, const struct tdm_net_wr *wr, uint32_t n)
{
	struct efa_ep *ep = efa_ep(base);
	uint32_t done = 0;

	while (done < n && !ep->qp) {
		finish(ep, take_slot(ep, &wr[done]), TDM_NET_WC_WR_FLUSH_ERR);
		done++;
	}
	while (done < n) {
		uint32_t now = n - done < BATCH ? n - done : BATCH;
		int rc = post_batch(ep, wr + done, now);

		if (rc)
			return done ? (int)done : rc;
		done += now;
	}
	return (int)done;
}

/* Return: false when it is none of ours: who knows what else it would complete. */
static bool take(struct efa_ep *ep, const struct ibv_wc *wc)
{
	if (wc->wr_id >= ep->base.depth || ep->slots[wc->wr_id].state != EFA_SLOT_POSTED)
		return false;
	finish(ep, (uint32_t)wc->wr_id, efa_status(wc->status, wc->vendor_err));
	return true;
}

int efa_reap(struct efa_ep *ep)
{
	struct ibv_wc batch[BATCH];
	int got = BATCH;

	while (ep->qp && !ep->broken && got == BATCH) {
		got = ibv_poll_cq(ep->cq, BATCH, batch);
		ep->broken = got < 0;
		for (int i = 0; i < got; i++)
			if (!take(ep, &batch[i]))
				ep->broken = true;
	}
	return ep->qp && ep->broken ? -EIO : 0;
}

int efa_poll(struct tdm_net_ep *base, struct tdm_net_wc *wc, uint32_t n)
{
	struct efa_ep *ep = efa_ep(base);
	int rc = efa_reap(ep);
	uint32_t got = 0;

	while (got < n && ep->done_first != EFA_NO_SLOT) {
		uint32_t i = ep->done_first;
		const struct efa_slot *slot = &ep->slots[i];

		ep->done_first = slot->next;
		wc[got++] = (struct tdm_net_wc){
			.wr_id = slot->wr_id,
			.status = slot->status,
			.byte_len = slot->status == TDM_NET_WC_SUCCESS ? slot->len : 0,
		};
		give_slot(ep, i);
	}
	return got ? (int)got : rc;
}

/* Return: 1 when there is something to poll, 0 not, or -EIO */
static int look(struct efa_ep *ep)
{
	int rc = efa_reap(ep);

	return ep->done_first != EFA_NO_SLOT ? 1 : rc;
}

int efa_wait(struct tdm_net_ep *base, uint64_t deadline_ns)
{
	struct efa_ep *ep = efa_ep(base);
	int rc;

	for (;;) {
		rc = look(ep);
		if (rc)
			return rc < 0 ? rc : 0;
		/* What arrives before the request makes no event: look once more. */
		if (ibv_req_notify_cq(ep->cq, 0))
			return -EIO;
		rc = look(ep);
		if (rc)
			return rc < 0 ? rc : 0;
		rc = verbs_event(ep->channel, deadline_ns);
		if (rc)
			return rc;
	}
}
