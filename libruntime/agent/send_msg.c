// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What the receiver says about a request that goes out. A message for one that is
 * over crossed with its end, and is dropped; one that cannot be is the peer's fault.
 */
#include <errno.h>

#include "agent/agent.h"

void send_grant(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_send *send = send_find(peer, msg_get64(m));
	uint32_t n = msg_entries(m, MSG_GRANT_BYTES);

	if (!send || send->state != TDM_SEND_RUNNING)
		return;
	if (n > send->pages - (send->ticket_tail - send->ticket_head)) {
		peer_down(peer, -EPROTO,
			  "it gave more tickets than request %016llx has pages; "
			  "report this",
			  (unsigned long long)send->id);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct tdm_kv_ticket ticket = msg_get_ticket(m);

		ticket.bytes = peer->room;
		send->tickets[send->ticket_tail++ % send->pages] = ticket;
	}
}

static void resend(struct tdm_send *send, uint32_t index)
{
	struct out_page *page = &send->page[index];
	struct tdm_error why = { .code = 0 };

	if (page->again == send->peer->agent->attr.resends) {
		tdm_error_set(&why, -EBADMSG,
			      "request %016llx: page %u arrived corrupt %u times; look at the "
			      "network's and the memory's error counters",
			      (unsigned long long)send->id, index, page->again + 1U);
		send_lost(send, &why);
		return;
	}
	page->again++;
	trace_page(send->peer->agent->attr.trace, TDM_TRACE_AGAIN, send->id, index,
		   page->src.bytes);
	page->state = OUT_WAITING;
	send->waiting[send->wait_tail++ % send->pages] = index;
}

void send_taken(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_send *send = send_find(peer, msg_get64(m));
	uint32_t n = msg_entries(m, MSG_TAKEN_BYTES);

	for (uint32_t i = 0; i < n && send && send->state == TDM_SEND_RUNNING; i++) {
		uint32_t index = msg_get32(m);
		uint32_t again = msg_get32(m);

		if (index >= send->pages || again > 1 || send->page[index].state != OUT_SAID) {
			peer_down(peer, -EPROTO,
				  "it took page %u of request %016llx, which it has "
				  "not; report this",
				  index, (unsigned long long)send->id);
			return;
		}
		if (again) {
			resend(send, index);
		} else {
			send->page[index].state = OUT_TAKEN;
			send->taken++;
			trace_page(peer->agent->attr.trace, TDM_TRACE_CREDITED, send->id, index,
				   send->page[index].src.bytes);
		}
	}
}

void send_finished(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_send *send = send_find(peer, msg_get64(m));

	if (m->left || m->bad || !send)
		return;
	if (send->state != TDM_SEND_RUNNING || !send->finished) {
		peer_down(peer, -EPROTO, "it finished request %016llx, which is not; report this",
			  (unsigned long long)send->id);
		return;
	}
	send->stats = tdm_kv_xfer_stats(send->xfer);
	(void)tdm_kv_xfer_destroy(send->xfer);
	send->xfer = NULL;
	send->state = TDM_SEND_DONE;
}

void send_abort(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_send *send = send_find(peer, msg_get64(m));
	struct tdm_error why = msg_get_reason(m);

	/* What is ending already says ENDED by itself, which is the answer to this, too. */
	if (send && !m->bad && send->state == TDM_SEND_RUNNING)
		send_lost(send, &why);
}
