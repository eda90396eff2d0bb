// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * An agent: its life, and its turns.
 */
#include "agent/agent.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define LEASE_NS 5000000000ULL
#define MAX_PEERS 64
#define STREAMS 4
#define MAX_PAGES (1U << 20)
#define RESENDS 8
/* A page's bytes, and a landing memory's, stay far from where sums wrap. */
#define BYTES_MAX (1ULL << 40)
/* New connections in one poll. */
#define ACCEPTS 16
/* While writes are in flight a message may come as well: how long each is waited for. */
#define NAP_NS 200000

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int check(const struct tdm_agent_attr *attr, struct tdm_error *err)
{
	uint64_t bytes;

	if (attr->size != sizeof(*attr))
		return tdm_error_set(
			err, -EINVAL,
			"agent: its options are of another version; build against this "
			"library's headers");
	if (!attr->page_units || !attr->unit_bytes ||
	    __builtin_mul_overflow(attr->unit_bytes, attr->page_units, &bytes) || bytes > BYTES_MAX)
		return tdm_error_set(err, -EINVAL,
				     "agent: pages of %u units of %llu bytes; give a page's size",
				     attr->page_units, (unsigned long long)attr->unit_bytes);
	if (attr->layout && strlen(attr->layout) > LAYOUT_MAX)
		return tdm_error_set(err, -EINVAL,
				     "agent: the layout's text is longer than %u bytes; shorten it",
				     LAYOUT_MAX);
	return 0;
}

static uint32_t or32(uint32_t value, uint32_t otherwise)
{
	return value ? value : otherwise;
}

static void fill(struct tdm_agent *agent, const struct tdm_agent_attr *attr)
{
	agent->attr = *attr;
	agent->attr.lease_ns = attr->lease_ns ? attr->lease_ns : LEASE_NS;
	agent->attr.max_peers = or32(attr->max_peers, MAX_PEERS);
	agent->attr.streams = or32(attr->streams, STREAMS);
	agent->attr.max_pages = or32(attr->max_pages, MAX_PAGES);
	agent->attr.resends = or32(attr->resends, RESENDS);
	if (attr->layout)
		memcpy(agent->layout, attr->layout, strlen(attr->layout) + 1);
	agent->wire = (struct wire_attr){
		.key = &agent->key,
		.service = WIRE_SERVICE_PAGES,
		.lease_ns = agent->attr.lease_ns,
	};
	agent->now_ns = clock_ns();
}

struct tdm_agent *tdm_agent_create(const struct tdm_agent_attr *attr, struct tdm_error *err)
{
	struct tdm_agent *agent;

	if (check(attr, err))
		return NULL;
	agent = calloc(1, sizeof(*agent));
	if (!agent) {
		tdm_error_set(err, -ENOMEM, "agent: out of memory; free some");
		return NULL;
	}
	fill(agent, attr);
	agent->owns_net = !attr->nic;
	if (wire_key_from(&agent->key, attr->secret, attr->secret_len, err)) {
		free(agent);
		return NULL;
	}
	agent->net = attr->nic ? attr->nic : tdm_net_open(attr->net, err);
	if (agent->net)
		return agent;
	free(agent);
	return NULL;
}

void tdm_agent_destroy(struct tdm_agent *agent)
{
	if (!agent)
		return;
	wire_listener_close(agent->listener);
	for (struct tdm_peer *peer = agent->peers, *next; peer; peer = next) {
		next = peer->next;
		tdm_peer_close(peer);
	}
	region_close_all(agent);
	for (uint32_t i = 0; i < agent->nr_sources; i++)
		(void)tdm_net_dereg_mr(agent->sources[i].mr);
	if (agent->owns_net)
		(void)tdm_net_close(agent->net);
	explicit_bzero(&agent->key, sizeof(agent->key));
	free(agent);
}

struct tdm_net *tdm_agent_net(const struct tdm_agent *agent)
{
	return agent->net;
}

int tdm_agent_add_source(struct tdm_agent *agent, const struct tdm_net_mem *mem,
			 struct tdm_error *err)
{
	struct source *source = &agent->sources[agent->nr_sources];

	if (agent->nr_sources == SOURCES_MAX)
		return tdm_error_set(err, -ENOSPC,
				     "agent: it has %u memories to send from; give it larger ones",
				     SOURCES_MAX);
	source->mem = *mem;
	source->mem.access = 0;
	source->mr = tdm_net_reg_mem(agent->net, &source->mem, err);
	if (!source->mr)
		return err && err->code ? err->code : -ENOMEM;
	return (int)agent->nr_sources++;
}

int tdm_agent_land(struct tdm_agent *agent, const struct tdm_net_mem *mem, uint64_t page_bytes,
		   uint32_t regions, struct tdm_error *err)
{
	if (agent->nr_regions)
		return tdm_error_set(err, -EALREADY, "agent: it has its landing memory; give one");
	if (page_bytes < agent->attr.page_units * agent->attr.unit_bytes ||
	    page_bytes > BYTES_MAX || !regions || mem->len / page_bytes / regions == 0 ||
	    mem->len / page_bytes >= UINT32_MAX)
		return tdm_error_set(
			err, -EINVAL,
			"agent: %zu bytes are no landing memory of %u regions of pages "
			"of %llu bytes; give each region a page or more",
			mem->len, regions, (unsigned long long)page_bytes);
	agent->page_bytes = page_bytes;
	return region_open_all(agent, mem, regions, err);
}

uint32_t tdm_agent_mr_kind(const struct tdm_agent *agent, int source)
{
	const struct tdm_net_mr *mr = NULL;

	if (source < 0 && agent->nr_regions)
		mr = agent->regions[0].mr;
	else if (source >= 0 && (uint32_t)source < agent->nr_sources)
		mr = agent->sources[source].mr;
	return mr ? tdm_net_mr_kind(mr) : TDM_NET_MR_MAPPING;
}

int tdm_agent_listen(struct tdm_agent *agent, const char *address, struct tdm_error *err)
{
	struct tdm_error why = { .code = 0 };

	if (agent->listener)
		return tdm_error_set(err, -EALREADY, "agent: it listens at %s; use that",
				     wire_listener_address(agent->listener));
	agent->listener = wire_listen(address, &agent->wire, &why);
	/* errors.sh: the cure is in why */
	return agent->listener ? 0 : tdm_error_set(err, why.code, "%s", why.msg);
}

const char *tdm_agent_address(const struct tdm_agent *agent)
{
	return agent->listener ? wire_listener_address(agent->listener) : NULL;
}

struct tdm_peer *tdm_agent_connect(struct tdm_agent *agent, const char *address,
				   struct tdm_error *err)
{
	struct wire_conn *conn = wire_connect(address, &agent->wire, err);

	agent->now_ns = clock_ns();
	return conn ? agent_add(agent, conn, true, err) : NULL;
}

struct tdm_peer *tdm_agent_pair(struct tdm_agent *from, struct tdm_agent *to, struct tdm_error *err)
{
	struct wire_conn *end[2];
	struct tdm_peer *peer;

	if (wire_pair(end, &from->wire, err))
		return NULL;
	from->now_ns = clock_ns();
	to->now_ns = from->now_ns;
	if (!agent_add(to, end[1], false, err)) {
		wire_close(end[0], NULL);
		return NULL;
	}
	peer = agent_add(from, end[0], true, err);
	return peer;
}

static int take_connections(struct tdm_agent *agent)
{
	const struct tdm_error full = {
		.code = -EUSERS,
		.msg = "the agent has all the connections that it takes; try again later",
	};
	int n;

	for (n = 0; agent->listener && n < ACCEPTS; n++) {
		struct wire_conn *conn = wire_accept(agent->listener, NULL);

		if (!conn)
			break;
		if (agent->nr_peers >= agent->attr.max_peers)
			wire_close(conn, &full);
		else
			(void)agent_add(agent, conn, false, NULL);
	}
	return n > 0;
}

int agent_poll_at(struct tdm_agent *agent, uint64_t now_ns)
{
	int moved, gone = 0;

	agent->now_ns = now_ns;
	moved = take_connections(agent);
	for (struct lane *lane = agent->lanes; lane; lane = lane->next) {
		int n = lane->cut ? 0 : tdm_kv_link_poll(lane->link);

		moved |= n > 0;
		gone |= n < 0;
	}
	for (struct tdm_peer *peer = agent->peers, *next; peer; peer = next) {
		next = peer->next;
		if (gone)
			peer_down(peer, -EIO, "the NIC here is gone; open it again");
		moved |= peer_step(peer);
		if (peer_is_over(peer))
			peer_free(peer);
	}
	if (agent->view)
		agent_view_update(agent, moved != 0 || gone);
	return gone ? -EIO : moved;
}

int tdm_agent_poll(struct tdm_agent *agent)
{
	return agent_poll_at(agent, clock_ns());
}

static struct lane *busy_lane(const struct tdm_agent *agent)
{
	struct lane *lane = agent->lanes;

	while (lane && (lane->cut || !lane->link->in_flight))
		lane = lane->next;
	return lane;
}

static nfds_t fill_fds(const struct tdm_agent *agent, int fd, struct pollfd *fds, nfds_t room)
{
	nfds_t n = 0;

	if (fd >= 0)
		fds[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	if (agent->listener && agent->nr_peers < agent->attr.max_peers)
		fds[n++] = (struct pollfd){ .fd = wire_listener_fd(agent->listener),
					    .events = POLLIN };
	for (struct tdm_peer *peer = agent->peers; peer && n < room; peer = peer->next) {
		short events = 0;
		int of = peer->conn ? wire_fd(peer->conn, &events) : -1;

		if (of >= 0)
			fds[n++] = (struct pollfd){ .fd = of, .events = events };
	}
	return n;
}

int tdm_agent_wait(struct tdm_agent *agent, int fd, uint64_t deadline_ns)
{
	/* A lease is kept by speaking: not too long without a poll. */
	uint64_t now = clock_ns(), most = now + agent->attr.lease_ns / 8;
	struct lane *lane = busy_lane(agent);
	struct pollfd fds[256];
	struct timespec ts;
	uint64_t left;

	if (deadline_ns > most)
		deadline_ns = most;
	if (deadline_ns <= now)
		return 0;
	if (lane) {
		left = deadline_ns - now < NAP_NS ? deadline_ns : now + NAP_NS;
		(void)tdm_kv_link_wait(lane->link, left);
		return 0;
	}
	left = deadline_ns - now;
	ts = (struct timespec){ (time_t)(left / 1000000000), (long)(left % 1000000000) };
	(void)ppoll(fds, fill_fds(agent, fd, fds, 256), &ts, NULL);
	return 0;
}

struct tdm_agent_stats tdm_agent_stats(const struct tdm_agent *agent)
{
	struct tdm_agent_stats stats = agent->stats;

	stats.peers = agent->nr_peers;
	stats.registered = (uint32_t)tdm_net_stats(agent->net).mr_total;
	for (uint32_t i = 0; i < agent->nr_sources; i++)
		stats.registered_bytes += agent->sources[i].mem.len;
	for (uint32_t i = 0; i < agent->nr_regions; i++) {
		struct tdm_kv_pool_stats pool = tdm_kv_pool_stats(agent->regions[i].pool);

		if (agent->regions[i].mr)
			stats.registered_bytes += agent->regions[i].mem.len;
		for (int s = 0; s < TDM_KV_STATES; s++)
			stats.landing[s] += pool.pages[s];
	}
	return stats;
}
