// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Connections to other agents, from their first word to their end.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/agent.h"

struct tdm_peer *agent_add(struct tdm_agent *agent, struct wire_conn *conn, bool owned,
			   struct tdm_error *err)
{
	const struct tdm_error no_means = {
		.code = -ENOMEM,
		.msg = "the agent has no memory or queue pair for one more; try again later",
	};
	struct tdm_peer *peer = calloc(1, sizeof(*peer));

	if (peer)
		peer->lane = lane_get(agent, err);
	if (!peer || !peer->lane) {
		if (!peer)
			tdm_error_set(err, -ENOMEM, "agent: out of memory; free some");
		wire_close(conn, &no_means);
		free(peer);
		return NULL;
	}
	peer->agent = agent;
	peer->conn = conn;
	peer->owned = owned;
	peer->since_ns = agent->now_ns;
	peer->next = agent->peers;
	agent->peers = peer;
	agent->nr_peers++;
	return peer;
}

void peer_down(struct tdm_peer *peer, int code, const char *fmt, ...)
{
	char text[sizeof(peer->error.msg) - sizeof(peer->conn->peer) - 8];
	va_list args;

	if (peer->state == TDM_PEER_DOWN)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	peer->state = TDM_PEER_DOWN;
	/* errors.sh: the cure is in fmt */
	tdm_error_set(&peer->error, code, "peer %s: %s", peer->conn->peer, text);
	trace_code(peer->agent->attr.trace, TDM_TRACE_PEER_LOST, 0, code);
}

void peer_send(struct tdm_peer *peer, enum msg_type type, const void *payload, uint32_t len)
{
	int rc;

	if (peer->state == TDM_PEER_DOWN)
		return;
	rc = wire_send(peer->conn, (uint16_t)type, payload, len);
	if (rc == -ENOBUFS)
		peer_down(peer, rc, "it does not read what is sent to it; look what holds it up");
	else if (rc == -ENOMEM)
		peer_down(peer, rc, "out of memory for a message to it; free some");
	else if (rc)
		peer_down(peer, rc, "a message of %u bytes cannot be sent; report this", len);
}

void peer_send_number(struct tdm_peer *peer, enum msg_type type, uint64_t number, const void *rest,
		      uint32_t len)
{
	uint8_t bytes[8 + TDM_META_MAX];
	struct msg_out m = { .at = bytes };

	msg_put64(&m, number);
	if (len)
		msg_put(&m, rest, len);
	peer_send(peer, type, bytes, m.len);
}

void peer_send_reason(struct tdm_peer *peer, enum msg_type type, uint64_t number,
		      const struct tdm_error *why)
{
	uint8_t bytes[REASON_MAX + 4];

	peer_send_number(peer, type, number, bytes, msg_write_reason(why, bytes));
}

static void greet(struct tdm_peer *peer)
{
	struct tdm_agent *agent = peer->agent;
	struct msg_hello hello = {
		.version = AGENT_VERSION,
		.units = agent->attr.page_units,
		.unit_bytes = agent->attr.unit_bytes,
		.room = agent->page_bytes,
		.addr = tdm_net_ep_addr(peer->lane->ep),
	};
	uint8_t bytes[MSG_HELLO_MAX];

	memcpy(hello.layout, agent->layout, sizeof(hello.layout));
	peer->greeted = true;
	peer_send(peer, MSG_HELLO, bytes, msg_write_hello(&hello, bytes));
}

static void look_at_connection(struct tdm_peer *peer)
{
	struct tdm_agent *agent = peer->agent;
	enum wire_state state = wire_step(peer->conn, agent->now_ns);

	if (state == WIRE_OPEN && !peer->greeted)
		greet(peer);
	if (peer->state == TDM_PEER_OPENING &&
	    agent->now_ns - peer->since_ns > agent->attr.lease_ns)
		peer_down(
			peer, -ETIMEDOUT,
			"it did not come up in time; look if it runs, and if the network lets it");
}

/* What arrived before the end still counts: messages first, then the end. */
static void look_at_end(struct tdm_peer *peer)
{
	if (peer->state != TDM_PEER_DOWN && peer->conn->state == WIRE_ENDED) {
		peer->state = TDM_PEER_DOWN;
		peer->error = peer->conn->error;
	}
}

void peer_bury(struct tdm_peer *peer)
{
	struct tdm_agent *agent = peer->agent;
	bool orderly = peer->conn->state == WIRE_ENDED && !peer->conn->error.code;

	peer->buried = true;
	agent->stats.peers_lost += peer->error.code && !orderly;
	wire_close(peer->conn, peer->error.code ? &peer->error : NULL);
	peer->conn = NULL;
	/* First nothing can land any more, then the pages are given away. */
	lane_cut(agent, peer->lane);
	if (peer->region)
		region_fence(agent, peer->region);
	for (struct tdm_recv *recv = peer->recvs, *next; recv; recv = next) {
		next = recv->next;
		recv_lost(recv, &peer->error);
	}
	peer->region = NULL;
	for (struct tdm_send *send = peer->sends; send; send = send->next)
		send_lost(send, &peer->error);
}

int peer_step(struct tdm_peer *peer)
{
	int moved = 0;

	if (peer->state != TDM_PEER_DOWN) {
		look_at_connection(peer);
		moved |= peer_messages(peer);
		look_at_end(peer);
	}
	for (struct tdm_send *send = peer->sends; send; send = send->next)
		moved |= send_step(send);
	for (struct tdm_recv *recv = peer->recvs; recv; recv = recv->next)
		moved |= recv_step(recv);
	if (peer->state == TDM_PEER_DOWN && !peer->buried) {
		peer_bury(peer);
		moved = 1;
	}
	return moved;
}

bool peer_is_over(const struct tdm_peer *peer)
{
	return peer->buried && !peer->owned && !peer->sends && !peer->recvs;
}

void peer_free(struct tdm_peer *peer)
{
	struct tdm_agent *agent = peer->agent;
	struct tdm_peer **at = &agent->peers;

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	agent->nr_peers--;
	lane_put(agent, peer->lane);
	free(peer);
}

uint32_t tdm_peer_state(const struct tdm_peer *peer)
{
	return peer->state;
}

const struct tdm_error *tdm_peer_error(const struct tdm_peer *peer)
{
	return &peer->error;
}

uint32_t tdm_peer_units(const struct tdm_peer *peer)
{
	return peer->units;
}

void tdm_peer_close(struct tdm_peer *peer)
{
	if (!peer)
		return;
	peer->owned = false;
	if (peer->state != TDM_PEER_DOWN) {
		peer->state = TDM_PEER_DOWN;
		peer->error = (struct tdm_error){ .msg = "peer: closed" };
	}
	if (!peer->buried)
		peer_bury(peer);
	if (peer_is_over(peer))
		peer_free(peer);
}
