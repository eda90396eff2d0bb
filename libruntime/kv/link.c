// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A link: posts the writes of its transfers in turns, bounded by credits, and
 * takes their completions.
 */
#include <errno.h>
#include <stdlib.h>

#include "kv/pool.h"
#include "kv/xfer.h"

#define REAP 32

struct tdm_kv_link *tdm_kv_link_create(struct tdm_net_ep *ep, uint32_t credits,
				       struct tdm_error *err)
{
	uint32_t depth = tdm_net_ep_depth(ep);
	struct tdm_kv_link *link;

	if (!credits || credits > depth)
		credits = depth;
	link = calloc(1, sizeof(*link) + credits * sizeof(link->slot[0]));
	if (link)
		link->free_slots = calloc(credits, sizeof(*link->free_slots));
	if (!link || !link->free_slots) {
		free(link);
		tdm_error_set(err, -ENOMEM, "KV link: out of memory for %u credits; use fewer",
			      credits);
		return NULL;
	}
	link->ep = ep;
	link->credits = credits;
	for (uint32_t i = 0; i < credits; i++)
		link->free_slots[i] = i;
	return link;
}

int tdm_kv_link_destroy(struct tdm_kv_link *link)
{
	if (!link)
		return 0;
	if (link->turn)
		return -EBUSY;
	free(link->free_slots);
	free(link);
	return 0;
}

static void end_write(struct tdm_kv_link *link, uint32_t slot, uint32_t status, uint64_t now)
{
	struct kv_slot *s = &link->slot[slot];
	struct tdm_kv_xfer *xfer = s->xfer;

	s->xfer = NULL;
	link->in_flight--;
	link->free_slots[link->credits - link->in_flight - 1] = slot;
	kv_xfer_completed(xfer, s->page, s->len, status, now);
}

static int reap(struct tdm_kv_link *link)
{
	struct tdm_net_wc wc[REAP];
	uint64_t now;
	int total = 0;
	int got;

	do {
		got = tdm_net_poll(link->ep, wc, REAP);
		if (got < 0)
			return got;
		if (!got)
			break;
		now = kv_now_ns();
		for (int i = 0; i < got; i++)
			end_write(link, (uint32_t)wc[i].wr_id, wc[i].status, now);
		total += got;
	} while (got == REAP);
	return total;
}

/*
 * The next writes of a transfer, up to KV_TURN, the credits and its window. A
 * page larger than the device's largest message becomes several writes. Nothing
 * is accounted yet. Return: how many
 */
static uint32_t prepare(const struct tdm_kv_link *link, const struct tdm_kv_xfer *xfer,
			struct tdm_net_wr *wr)
{
	const uint64_t max_msg = tdm_net_caps(tdm_net_ep_net(link->ep))->max_msg;
	uint32_t nr_free = link->credits - link->in_flight;
	uint32_t room = xfer->window - xfer->in_flight;
	uint32_t next = xfer->nr_posted;
	uint64_t at = next < xfer->nr_pushed ? xfer->page[kv_xfer_pushed(xfer, next)].posted : 0;
	uint32_t n = 0;

	while (next < xfer->nr_pushed && n < KV_TURN && n < nr_free && n < room) {
		const struct kv_xfer_page *page = &xfer->page[kv_xfer_pushed(xfer, next)];
		uint64_t left = page->src.bytes - at;
		uint32_t len = (uint32_t)(left < max_msg ? left : max_msg);

		wr[n] = (struct tdm_net_wr){
			.wr_id = link->free_slots[nr_free - 1 - n],
			.addr = page->src.addr + at,
			.remote_addr = page->ticket.addr + at,
			.len = len,
			.lkey = page->src.lkey,
			.rkey = page->ticket.rkey,
			.peer = xfer->peer,
			.op = TDM_NET_OP_WRITE,
		};
		n++;
		at += len;
		if (at == page->src.bytes) {
			next++;
			at = next < xfer->nr_pushed ? xfer->page[kv_xfer_pushed(xfer, next)].posted
						    : 0;
		}
	}
	return n;
}

/* One turn of a transfer. Return: how many writes were posted */
static uint32_t post_turn(struct tdm_kv_link *link, struct tdm_kv_xfer *xfer)
{
	struct tdm_net_wr wr[KV_TURN];
	uint64_t now;
	uint32_t n;
	int taken;

	if (xfer->state != TDM_KV_XFER_RUNNING)
		return 0;
	n = prepare(link, xfer, wr);
	if (!n)
		return 0;
	/* Before the post: a fast NIC may be done when it returns. */
	now = kv_now_ns();
	taken = tdm_net_post(link->ep, wr, n);
	if (taken < 0) {
		if (taken != -EAGAIN)
			kv_xfer_fail(xfer, taken, kv_xfer_pushed(xfer, xfer->nr_posted));
		return 0;
	}
	for (int i = 0; i < taken; i++) {
		uint32_t page = kv_xfer_pushed(xfer, xfer->nr_posted);

		link->slot[wr[i].wr_id] = (struct kv_slot){ xfer, page, wr[i].len };
		link->in_flight++;
		kv_xfer_posted(xfer, page, wr[i].len, now);
	}
	return (uint32_t)taken;
}

static void post(struct tdm_kv_link *link)
{
	uint32_t idle = 0;

	/* Until none of a whole round has anything to post, or there are no credits. */
	while (idle < link->nr_xfers && link->in_flight < link->credits) {
		idle = post_turn(link, link->turn) ? 0 : idle + 1;
		link->turn = link->turn->next;
	}
}

int tdm_kv_link_poll(struct tdm_kv_link *link)
{
	int reaped;

	if (link->lost)
		return 0;
	reaped = reap(link);
	if (reaped >= 0)
		post(link);
	return reaped;
}

int tdm_kv_link_wait(struct tdm_kv_link *link, uint64_t deadline_ns)
{
	return link->lost || !link->in_flight ? 0 : tdm_net_wait(link->ep, deadline_ns);
}

void tdm_kv_link_lost(struct tdm_kv_link *link)
{
	struct tdm_kv_xfer *xfer = link->turn;
	uint64_t now = kv_now_ns();

	link->lost = true;
	for (uint32_t i = 0; i < link->credits; i++) {
		if (link->slot[i].xfer)
			end_write(link, i, TDM_NET_WC_WR_FLUSH_ERR, now);
	}
	if (!xfer)
		return;
	do {
		kv_xfer_fail(xfer, -ENOTCONN, 0);
		xfer = xfer->next;
	} while (xfer != link->turn);
}
