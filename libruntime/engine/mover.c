// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "engine/mover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "engine/engine.h"
#include "engine/inflow.h"
#include "engine/outflow.h"

/* The agents of one process end together, so nothing is waited for that long. */
#define LOCAL_LEASE_NS (3600ULL * 1000000000)

struct mover {
	struct side *from;
	struct side *to;	/* NULL: somewhere else */
	struct tdm_net *nic;	/* of both agents here */
	struct tdm_agent *send; /* not ours when @to is NULL */
	struct tdm_agent *recv;
	struct tdm_peer *peer; /* @recv at @send */
	struct outflow *out;
	struct inflow *in;
};

static int make_agents(struct mover *m, const char *net, struct tdm_error *err)
{
	uint8_t secret[32];
	struct tdm_agent_attr attr = {
		.size = sizeof(attr),
		.unit_bytes = m->from->page_bytes / m->from->desc->kv_page_tokens,
		.secret = secret,
		.secret_len = sizeof(secret),
		.lease_ns = LOCAL_LEASE_NS,
		.streams = 1,
		.trace = m->from->trace,
	};

	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return tdm_error_set(err, -EIO, "KV transfer: no random number; try again");
	m->nic = tdm_net_open(net, err);
	if (!m->nic)
		return -ENODEV;
	attr.nic = m->nic;
	attr.page_units = m->from->desc->kv_page_tokens;
	m->send = tdm_agent_create(&attr, err);
	attr.page_units = m->to->desc->kv_page_tokens;
	m->recv = m->send ? tdm_agent_create(&attr, err) : NULL;
	return m->recv ? 0 : -ENOMEM;
}

struct mover *mover_create(struct side *from, struct side *to, const char *net,
			   struct tdm_error *err)
{
	struct mover *m = calloc(1, sizeof(*m));

	if (!m) {
		tdm_error_set(err, -ENOMEM, "KV transfer: out of memory; free some");
		return NULL;
	}
	m->from = from;
	m->to = to;
	if (make_agents(m, net, err))
		goto bad;
	m->out = outflow_create(from, m->send, err);
	m->in = m->out ? inflow_create(to, m->recv, 1, err) : NULL;
	if (m->in)
		return m;
bad:
	mover_destroy(m);
	return NULL;
}

struct mover *mover_create_remote(struct side *from, struct tdm_agent *agent, struct tdm_error *err)
{
	struct mover *m = calloc(1, sizeof(*m));

	if (!m) {
		tdm_error_set(err, -ENOMEM, "KV transfer: out of memory; free some");
		return NULL;
	}
	m->from = from;
	m->send = agent;
	m->out = outflow_create(from, agent, err);
	if (m->out)
		return m;
	free(m);
	return NULL;
}

void mover_destroy(struct mover *m)
{
	if (!m)
		return;
	if (m->to) {
		tdm_peer_close(m->peer);
		tdm_agent_destroy(m->send);
		tdm_agent_destroy(m->recv);
	}
	outflow_destroy(m->out);
	inflow_destroy(m->in);
	if (m->nic)
		(void)tdm_net_close(m->nic);
	free(m);
}

struct tdm_agent *mover_agent(const struct mover *m, bool recv)
{
	return recv ? m->recv : m->send;
}

const char *mover_net(const struct mover *m)
{
	return tdm_net_name(tdm_agent_net(m->send));
}

static int poll_agents(struct mover *m, struct tdm_error *err)
{
	int moved = tdm_agent_poll(m->send), other = m->recv ? tdm_agent_poll(m->recv) : 0;

	if (moved < 0 || other < 0)
		return tdm_error_set(err, -EIO, "%s: the network device is gone; open it again",
				     mover_net(m));
	return moved | other;
}

/* A connection that a failed transfer ended is made anew. */
static int connect_agents(struct mover *m, struct tdm_error *err)
{
	if (m->peer && tdm_peer_state(m->peer) == TDM_PEER_UP)
		return 0;
	tdm_peer_close(m->peer);
	m->peer = tdm_agent_pair(m->send, m->recv, err);
	if (!m->peer)
		return -ENOMEM;
	while (tdm_peer_state(m->peer) == TDM_PEER_OPENING) {
		int rc = poll_agents(m, err);

		if (rc < 0)
			return rc;
	}
	if (tdm_peer_state(m->peer) == TDM_PEER_UP)
		return 0;
	/* errors.sh: the cure is in the peer's own error */
	return tdm_error_set(err, tdm_peer_error(m->peer)->code, "%s: %s", mover_net(m),
			     tdm_peer_error(m->peer)->msg);
}

int mover_start(struct mover *m, uint64_t owner, struct tdm_error *err)
{
	struct tdm_recv *recv = NULL;
	int rc = connect_agents(m, err);

	if (!rc)
		rc = outflow_start(m->out, m->peer, owner, err);
	while (!rc && !recv) {
		rc = poll_agents(m, err);
		recv = tdm_agent_accept(m->recv);
		if (rc > 0)
			rc = 0;
		/* Out of memory for its other half, for one. */
		if (!rc && !recv && outflow_step(m->out, err) < 0)
			rc = -EIO;
	}
	return rc ? rc : inflow_start(m->in, recv, m->from->tokens, err);
}

int mover_start_remote(struct mover *m, struct tdm_peer *peer, uint64_t id, struct tdm_error *err)
{
	return outflow_start(m->out, peer, id, err);
}

int mover_seal(struct mover *m, uint32_t layer, uint32_t block, uint32_t n, struct tdm_error *err)
{
	return outflow_seal(m->out, layer, block, n, err);
}

int mover_step(struct mover *m, struct tdm_error *err)
{
	int moved = outflow_step(m->out, err), rc;

	if (moved < 0)
		return moved;
	rc = poll_agents(m, err);
	if (rc < 0)
		return rc;
	moved |= rc;
	rc = m->in ? inflow_step(m->in, err) : 0;
	return rc < 0 ? rc : moved | rc;
}

bool mover_is_done(const struct mover *m)
{
	return outflow_is_done(m->out);
}

int mover_commit(struct mover *m, const void *meta, uint32_t len)
{
	return outflow_commit(m->out, meta, len);
}

bool mover_is_committed(const struct mover *m)
{
	return outflow_is_committed(m->out);
}

void mover_wait(struct mover *m, uint64_t deadline_ns)
{
	if (m->to && tdm_queue_open(m->to->kv))
		(void)tdm_queue_wait(m->to->kv, deadline_ns);
	else if (tdm_queue_open(m->from->kv))
		(void)tdm_queue_wait(m->from->kv, deadline_ns);
	else
		(void)tdm_agent_wait(m->send, -1, deadline_ns);
}

void mover_finish(struct mover *m)
{
	if (m->in)
		inflow_finish(m->in, "request: its receiver gave it up; run it again");
	while (!outflow_finish(m->out)) {
		if (poll_agents(m, NULL) == 0)
			mover_wait(m, engine_now() + 1000000);
	}
	/* What the end of it has set free is to be free when this returns. */
	if (m->recv)
		(void)poll_agents(m, NULL);
}

uint64_t mover_busy_ns(const struct mover *m)
{
	return outflow_busy_ns(m->out);
}

uint64_t mover_pages(const struct mover *m)
{
	return outflow_pages(m->out);
}

uint64_t mover_bytes(const struct mover *m)
{
	return outflow_bytes(m->out);
}
