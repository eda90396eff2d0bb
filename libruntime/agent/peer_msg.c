// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a peer says: its greeting, and which part of the agent each message is for.
 */
#include <errno.h>

#include "agent/agent.h"

/* Messages of one peer before the next one gets its turn. */
#define TURN 64

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Return: false when the two do not fit each other */
static bool fits(struct tdm_peer *peer, const struct msg_hello *hello)
{
	const struct tdm_agent *agent = peer->agent;

	if (hello->version != AGENT_VERSION)
		peer_down(peer, -EPROTONOSUPPORT,
			  "it speaks version %u of the page protocol, this side version %u; update "
			  "the older one",
			  hello->version, AGENT_VERSION);
	else if (strcmp(hello->layout, agent->layout) != 0)
		peer_down(peer, -EPROTOTYPE,
			  "its pages are '%.150s', this side's are '%.150s'; give both the same "
			  "model and KV type",
			  hello->layout, agent->layout);
	else if (hello->unit_bytes != agent->attr.unit_bytes || !hello->units)
		peer_down(peer, -EPROTOTYPE,
			  "its pages have %u units of %llu bytes, this side's have units of %llu; "
			  "give both the same model and KV type",
			  hello->units, (unsigned long long)hello->unit_bytes,
			  (unsigned long long)agent->attr.unit_bytes);
	else
		return true;
	return false;
}

static void take_hello(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_agent *agent = peer->agent;
	struct tdm_error err = { .code = 0 };
	struct msg_hello hello;
	int number;

	if (!msg_read_hello(m, &hello) || peer->connected) {
		peer_down(peer, -EPROTO, "its greeting is malformed; look what listens there");
		return;
	}
	if (!fits(peer, &hello))
		return;
	number = tdm_net_ep_connect(peer->lane->ep, &hello.addr, &err);
	if (number < 0) {
		peer_down(peer, err.code, "no way to its NIC: %.300s", err.msg);
		return;
	}
	peer->number = (uint32_t)number;
	peer->connected = true;
	peer->units = gcd(hello.units, agent->attr.page_units);
	peer->bytes = peer->units * agent->attr.unit_bytes;
	peer->room = hello.room;
	peer_send(peer, MSG_READY, NULL, 0);
}

static void take_ready(struct tdm_peer *peer, const struct msg_in *m)
{
	if (m->left || !peer->connected || peer->state != TDM_PEER_OPENING)
		peer_down(peer, -EPROTO, "it is ready before its greeting; report this");
	else
		peer->state = TDM_PEER_UP;
}

static void take(struct tdm_peer *peer, const struct wire_message *msg)
{
	struct msg_in m = { .at = msg->payload, .left = msg->len };
	void (*const takers[])(struct tdm_peer *, struct msg_in *) = {
		[MSG_OPEN] = recv_open,	    [MSG_GRANT] = send_grant,
		[MSG_DONE] = recv_done,	    [MSG_TAKEN] = send_taken,
		[MSG_FINISH] = recv_finish, [MSG_FINISHED] = send_finished,
		[MSG_ABORT] = send_abort,   [MSG_ENDED] = recv_ended,
	};

	if (msg->type == MSG_HELLO)
		take_hello(peer, &m);
	else if (msg->type == MSG_READY)
		take_ready(peer, &m);
	else if (msg->type >= sizeof(takers) / sizeof(takers[0]) || !takers[msg->type])
		peer_down(peer, -EPROTO,
			  "it sent a message of kind %u, which there is not; report "
			  "this",
			  msg->type);
	/* It speaks once it heard our READY, and has said its own long before. */
	else if (peer->state != TDM_PEER_UP)
		peer_down(peer, -EPROTO, "it speaks before its greeting; report this");
	else
		takers[msg->type](peer, &m);
	if (m.bad)
		peer_down(peer, -EPROTO, "its message of kind %u is malformed; report this",
			  msg->type);
}

int peer_messages(struct tdm_peer *peer)
{
	const struct wire_message *msg;
	int n = 0;

	while (n < TURN && peer->state != TDM_PEER_DOWN) {
		msg = wire_next(peer->conn);
		if (!msg)
			break;
		take(peer, msg);
		n++;
	}
	return n > 0;
}
