// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What the sender says about a request that comes in. A message for one that is over
 * crossed with its end, and is dropped; one that cannot be is the peer's fault.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/agent.h"

/* Requests of one peer that run or wait. */
#define RECVS_MAX 64

__attribute__((format(printf, 4, 5))) static void refuse(struct tdm_peer *peer, uint64_t number,
							 int code, const char *fmt, ...)
{
	struct tdm_error why = { .code = code };
	va_list args;

	va_start(args, fmt);
	vsnprintf(why.msg, sizeof(why.msg), fmt, args);
	va_end(args);
	peer_send_reason(peer, MSG_ABORT, number, &why);
}

static struct tdm_recv *alloc(uint32_t pages, uint32_t meta_len)
{
	struct tdm_recv *recv = calloc(1, sizeof(*recv) + pages * sizeof(recv->page[0]));

	if (!recv)
		return NULL;
	recv->ready = calloc(pages, sizeof(*recv->ready));
	recv->said = calloc(pages, sizeof(*recv->said));
	recv->meta = malloc((size_t)meta_len + 1);
	if (recv->ready && recv->said && recv->meta)
		return recv;
	free(recv->meta);
	free(recv->said);
	free(recv->ready);
	free(recv);
	return NULL;
}

/* At the end of the line: requests begin in the order in which they were opened. */
static void join(struct tdm_peer *peer, struct tdm_recv *recv)
{
	struct tdm_recv **at = &peer->recvs;

	while (*at)
		at = &(*at)->next;
	*at = recv;
	peer->nr_recvs++;
}

static uint32_t window(const struct tdm_agent *agent, const struct region *region)
{
	uint32_t share = region->pool->attr.pages / agent->attr.streams;

	return share ? share : 1;
}

static void take(struct tdm_peer *peer, uint64_t id, uint32_t pages, struct msg_in *m)
{
	struct tdm_agent *agent = peer->agent;
	struct tdm_recv *recv = alloc(pages, m->left);

	if (!recv) {
		refuse(peer, peer->heard, -ENOMEM,
		       "request: the receiver is out of memory; send it again later");
		return;
	}
	recv->agent = agent;
	recv->peer = peer;
	recv->region = peer->region;
	recv->number = peer->heard;
	recv->id = id;
	recv->owner = ++agent->owners;
	recv->units = peer->units;
	recv->bytes = peer->bytes;
	recv->pages = pages;
	recv->window = window(agent, peer->region);
	recv->meta_len = m->left;
	if (m->left)
		memcpy(recv->meta, msg_get(m, m->left), recv->meta_len);
	join(peer, recv);
}

void recv_open(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_agent *agent = peer->agent;
	struct tdm_error err = { .code = 0 };
	uint64_t number = msg_get64(m);
	uint32_t pages = msg_get32(m);
	uint64_t id = msg_get64(m);

	if (m->bad || !pages || m->left > TDM_META_MAX || number <= peer->heard) {
		peer_down(peer, -EPROTO, "it opened request %016llx, which cannot be; report this",
			  (unsigned long long)id);
		return;
	}
	peer->heard = number;
	if (!agent->nr_regions) {
		refuse(peer, number, -EOPNOTSUPP,
		       "request: the receiver has no landing memory; send it to another");
		return;
	}
	if (pages > agent->attr.max_pages || peer->nr_recvs == RECVS_MAX) {
		refuse(peer, number, -E2BIG,
		       "request: %u pages, with %u requests in line; the receiver takes %u pages "
		       "and "
		       "%u requests, send fewer",
		       pages, peer->nr_recvs, agent->attr.max_pages, RECVS_MAX);
		return;
	}
	if (!peer->region)
		peer->region = region_get(agent, peer, &err);
	if (!peer->region)
		refuse(peer, number, err.code, "%s", err.msg);
	else
		take(peer, id, pages, m);
}

/* Return: false when it cannot be */
static bool commit(struct tdm_recv *recv, const struct msg_done *done)
{
	struct tdm_kv_ticket ticket = {
		.owner = recv->owner,
		.pool = done->pool,
		.page = done->ref.page,
		.epoch = done->ref.epoch,
		.bytes = recv->bytes,
	};
	struct in_page *page;

	if (done->index >= recv->pages || recv->page[done->index].state != IN_NONE ||
	    tdm_kv_pool_commit(recv->region->pool, &ticket, done->crc, NULL))
		return false;
	page = &recv->page[done->index];
	page->ref = done->ref;
	page->crc = done->crc;
	page->state = IN_READY;
	recv->ready[recv->ready_tail++ % recv->pages] = done->index;
	recv->out--;
	recv->held++;
	trace_page(recv->agent->attr.trace, TDM_TRACE_LANDED, recv->id, done->index, recv->bytes);
	return true;
}

void recv_done(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_recv *recv = recv_find(peer, msg_get64(m));
	uint32_t n = msg_entries(m, MSG_DONE_BYTES);

	for (uint32_t i = 0; i < n && recv && recv->state == TDM_RECV_RUNNING; i++) {
		struct msg_done done = msg_get_done(m);

		if (commit(recv, &done))
			continue;
		peer_down(peer, -EPROTO,
			  "it announced page %u of request %016llx in landing page %u of epoch %u, "
			  "which it has no ticket for; report this",
			  done.index, (unsigned long long)recv->id, done.ref.page, done.ref.epoch);
		return;
	}
}

void recv_finish(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_recv *recv = recv_find(peer, msg_get64(m));
	const struct tdm_error no_memory = {
		.code = -ENOMEM,
		.msg = "request: the receiver is out of memory; send it again later",
	};
	uint8_t *meta;

	if (m->bad || !recv || recv->state == TDM_RECV_FAILED)
		return;
	if (recv->state != TDM_RECV_RUNNING || recv->taken != recv->pages ||
	    m->left > TDM_META_MAX) {
		peer_down(peer, -EPROTO, "it finished request %016llx, which is not; report this",
			  (unsigned long long)recv->id);
		return;
	}
	meta = malloc((size_t)m->left + 1);
	if (!meta) {
		recv_give_up(recv, &no_memory);
		return;
	}
	free(recv->meta);
	recv->meta = meta;
	recv->meta_len = m->left;
	if (m->left)
		memcpy(meta, msg_get(m, m->left), recv->meta_len);
	recv->state = TDM_RECV_COMMITTED;
	peer_send_number(peer, MSG_FINISHED, recv->number, NULL, 0);
	recv_detach(recv);
}

/* Every write of the request ended well: nothing can come any more. */
void recv_ended(struct tdm_peer *peer, struct msg_in *m)
{
	struct tdm_recv *recv = recv_find(peer, msg_get64(m));
	struct tdm_error why = msg_get_reason(m);

	if (recv && !m->bad)
		recv_fail(recv, &why);
}
