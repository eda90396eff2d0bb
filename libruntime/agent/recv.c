// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The receiving side of a request.
 */
#include <errno.h>
#include <stdlib.h>

#include "agent/agent.h"

/* Pages looked at in one go. */
#define LOOK 64

static void release(struct tdm_recv *recv)
{
	free(recv->said);
	free(recv->ready);
	free(recv->meta);
	free(recv);
}

/* Landing pages of the request that no write can reach any more: back to the pool. */
static void free_pages(struct tdm_recv *recv)
{
	struct tdm_kv_page_info list[LOOK];
	struct tdm_kv_pool *pool;
	uint32_t n, first = 0;

	if (!recv->region || recv->region->stuck)
		return;
	pool = recv->region->pool;
	while ((n = tdm_kv_pool_list(pool, first, list, LOOK))) {
		for (uint32_t i = 0; i < n; i++) {
			struct tdm_kv_ref ref = { list[i].page, list[i].epoch };

			if (list[i].owner != recv->owner)
				continue;
			if (list[i].state == TDM_KV_LANDING)
				(void)tdm_kv_pool_abort(pool, recv->owner, &ref, 1, NULL);
			if (list[i].state == TDM_KV_LANDING || list[i].state == TDM_KV_DRAINING)
				(void)tdm_kv_pool_ack(pool, recv->owner, &ref, 1, NULL);
		}
		first += n;
	}
	recv->out = 0;
}

/* Landing pages of which tickets are out: into quarantine. */
static void quarantine(struct tdm_recv *recv)
{
	struct tdm_kv_page_info list[LOOK];
	struct tdm_kv_pool *pool;
	uint32_t n, first = 0;

	if (!recv->region)
		return;
	pool = recv->region->pool;
	while ((n = tdm_kv_pool_list(pool, first, list, LOOK))) {
		for (uint32_t i = 0; i < n; i++) {
			struct tdm_kv_ref ref = { list[i].page, list[i].epoch };

			if (list[i].owner == recv->owner && list[i].state == TDM_KV_LANDING)
				(void)tdm_kv_pool_abort(pool, recv->owner, &ref, 1, NULL);
		}
		first += n;
	}
}

/* Arrived, and not handed to the consumer: nobody will ask for them. */
static void drop_ready(struct tdm_recv *recv)
{
	for (; recv->ready_head != recv->ready_tail; recv->ready_head++) {
		struct in_page *page = &recv->page[recv->ready[recv->ready_head % recv->pages]];

		(void)tdm_kv_pool_release(recv->region->pool, recv->owner, &page->ref, 1, NULL);
		page->state = IN_NONE;
		recv->held--;
	}
}

static void end_badly(struct tdm_recv *recv, const struct tdm_error *why)
{
	if (recv->state >= TDM_RECV_COMMITTED)
		return;
	recv->state = TDM_RECV_FAILED;
	recv->error = *why;
	recv->agent->stats.aborted++;
	drop_ready(recv);
}

void recv_fail(struct tdm_recv *recv, const struct tdm_error *why)
{
	end_badly(recv, why);
	free_pages(recv);
	recv_detach(recv);
}

void recv_detach(struct tdm_recv *recv)
{
	struct tdm_recv **at;

	if (!recv->peer)
		return;
	at = &recv->peer->recvs;
	while (*at != recv)
		at = &(*at)->next;
	*at = recv->next;
	recv->peer->nr_recvs--;
	recv->peer = NULL;
	if (recv->closed || !recv->accepted) {
		recv->agent->stats.recvs -= recv->accepted;
		release(recv);
	}
}

void recv_lost(struct tdm_recv *recv, const struct tdm_error *why)
{
	struct tdm_error lost = *why;

	if (!lost.code)
		lost.code = -ECONNRESET;
	recv_fail(recv, &lost);
}

struct tdm_recv *recv_find(struct tdm_peer *peer, uint64_t number)
{
	struct tdm_recv *recv = peer->recvs;

	while (recv && recv->number != number)
		recv = recv->next;
	return recv;
}

/* As many tickets as the window and the region have room for. */
static uint32_t grant(struct tdm_recv *recv)
{
	struct tdm_kv_ticket tickets[BATCH_MAX];
	struct tdm_kv_ref refs[BATCH_MAX];
	struct tdm_kv_pool *pool = recv->region->pool;
	uint32_t free = tdm_kv_pool_stats(pool).pages[TDM_KV_FREE];
	uint32_t used = recv->out + recv->held;
	uint32_t wanted = recv->pages - recv->taken - used;
	uint32_t room = recv->window > used ? recv->window - used : 0;
	uint32_t n = wanted < room ? wanted : room;
	uint8_t bytes[MSG_BATCH_BYTES];
	struct msg_out m = { .at = bytes };

	n = n < free ? n : free;
	n = n < BATCH_MAX ? n : BATCH_MAX;
	if (!n || tdm_kv_pool_reserve(pool, recv->owner, refs, n, NULL) ||
	    tdm_kv_pool_land(pool, recv->owner, refs, n, tickets, NULL))
		return 0;
	msg_put64(&m, recv->number);
	for (uint32_t i = 0; i < n; i++)
		msg_put_ticket(&m, &tickets[i]);
	recv->out += n;
	peer_send(recv->peer, MSG_GRANT, bytes, m.len);
	return n;
}

static uint32_t say_taken(struct tdm_recv *recv)
{
	uint8_t bytes[MSG_BATCH_BYTES];
	struct msg_out m = { .at = bytes };
	uint32_t n = 0;

	msg_put64(&m, recv->number);
	for (; n < BATCH_MAX && recv->said_head != recv->said_tail; n++, recv->said_head++) {
		uint32_t index = recv->said[recv->said_head % recv->pages];

		msg_put32(&m, index);
		msg_put32(&m, recv->page[index].state != IN_DONE);
	}
	if (n)
		peer_send(recv->peer, MSG_TAKEN, bytes, m.len);
	return n;
}

int recv_step(struct tdm_recv *recv)
{
	const struct tdm_agent *agent = recv->agent;

	if (recv->peer->state != TDM_PEER_UP)
		return 0;
	if (recv->aborted_ns && agent->now_ns - recv->aborted_ns > agent->attr.lease_ns)
		peer_down(recv->peer, -ETIMEDOUT,
			  "it did not end request %016llx, which was given up, in time; look what "
			  "holds it up",
			  (unsigned long long)recv->id);
	if (recv->state != TDM_RECV_RUNNING || !recv->started)
		return 0;
	/* A page that is sent again is told before its new ticket. */
	return say_taken(recv) | grant(recv) ? 1 : 0;
}

/* The oldest request of a peer that may begin; its peer has a region by then. */
static struct tdm_recv *next_of(struct tdm_peer *peer)
{
	const struct tdm_agent *agent = peer->agent;
	uint32_t running = 0;

	for (struct tdm_recv *recv = peer->recvs; recv; recv = recv->next) {
		if (recv->accepted)
			running++;
		else
			return running < agent->attr.streams ? recv : NULL;
	}
	return NULL;
}

struct tdm_recv *tdm_agent_accept(struct tdm_agent *agent)
{
	for (struct tdm_peer *peer = agent->peers; peer; peer = peer->next) {
		struct tdm_recv *recv = peer->state == TDM_PEER_UP ? next_of(peer) : NULL;

		if (!recv)
			continue;
		recv->accepted = true;
		agent->stats.recvs++;
		return recv;
	}
	return NULL;
}

int tdm_recv_start(struct tdm_recv *recv)
{
	if (recv->state != TDM_RECV_OFFERED)
		return -ECANCELED;
	recv->state = TDM_RECV_RUNNING;
	recv->started = true;
	return 0;
}

bool tdm_recv_next(struct tdm_recv *recv, struct tdm_landed *landed)
{
	struct in_page *page;
	uint32_t index;

	if (recv->state != TDM_RECV_RUNNING || recv->ready_head == recv->ready_tail)
		return false;
	index = recv->ready[recv->ready_head++ % recv->pages];
	page = &recv->page[index];
	(void)tdm_kv_pool_take(recv->region->pool, recv->owner, &page->ref, 1, NULL);
	page->state = IN_TAKEN;
	trace_page(recv->agent->attr.trace, TDM_TRACE_TAKEN, recv->id, index, recv->bytes);
	*landed = (struct tdm_landed){
		.index = index,
		.page = (uint32_t)(tdm_kv_pool_device_addr(recv->region->pool, page->ref.page) /
				   recv->agent->page_bytes),
		.crc = page->crc,
		.bytes = recv->bytes,
	};
	return true;
}

int tdm_recv_done(struct tdm_recv *recv, uint32_t index, bool good)
{
	struct tdm_agent_stats *stats = &recv->agent->stats;
	struct in_page *page = &recv->page[index];

	if (index >= recv->pages || page->state != IN_TAKEN)
		return -EINVAL;
	(void)tdm_kv_pool_release(recv->region->pool, recv->owner, &page->ref, 1, NULL);
	recv->held--;
	page->state = good ? IN_DONE : IN_NONE;
	stats->pages_taken += good;
	stats->bytes_taken += good ? recv->bytes : 0;
	stats->pages_corrupt += !good;
	recv->taken += good;
	if (recv->state == TDM_RECV_RUNNING)
		recv->said[recv->said_tail++ % recv->pages] = index;
	return 0;
}

void recv_give_up(struct tdm_recv *recv, const struct tdm_error *why)
{
	if (recv->state >= TDM_RECV_COMMITTED)
		return;
	end_badly(recv, why);
	if (!recv->peer || recv->peer->state != TDM_PEER_UP)
		return;
	quarantine(recv);
	recv->aborted_ns = recv->agent->now_ns;
	peer_send_reason(recv->peer, MSG_ABORT, recv->number, why);
}

void tdm_recv_abort(struct tdm_recv *recv, const char *reason)
{
	struct tdm_error why = { .code = -ECANCELED };

	/* errors.sh: the cure is in reason */
	tdm_error_set(&why, -ECANCELED, "%s", reason);
	recv_give_up(recv, &why);
}

void tdm_recv_close(struct tdm_recv *recv)
{
	if (!recv)
		return;
	tdm_recv_abort(recv, "request: the receiver has closed it; send it again");
	for (uint32_t i = 0; i < recv->pages && recv->held; i++)
		(void)tdm_recv_done(recv, i, true);
	recv->closed = true;
	if (recv->peer)
		return;
	recv->agent->stats.recvs--;
	release(recv);
}

uint64_t tdm_recv_id(const struct tdm_recv *recv)
{
	return recv->id;
}

uint32_t tdm_recv_pages(const struct tdm_recv *recv)
{
	return recv->pages;
}

uint32_t tdm_recv_units(const struct tdm_recv *recv)
{
	return recv->units;
}

const void *tdm_recv_meta(const struct tdm_recv *recv, uint32_t *len)
{
	*len = recv->meta_len;
	return recv->meta;
}

uint32_t tdm_recv_state(const struct tdm_recv *recv)
{
	return recv->state;
}

const struct tdm_error *tdm_recv_error(const struct tdm_recv *recv)
{
	return &recv->error;
}
