// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "engine/landing.h"

#include <errno.h>
#include <stdlib.h>

#define POOL_ID 3

struct landing {
	struct side *from;
	struct tdm_net *net;
	struct tdm_net_ep *source;
	struct tdm_net_ep *target;
	uint32_t peer;

	struct tdm_buffer *staging; /* NULL: pages are in the wire layout already */
	struct tdm_net_mr *from_mr;
	struct tdm_buffer *pages; /* landing pages, host memory of the decode device */
	struct tdm_net_mr *to_mr;
	struct tdm_kv_pool *pool;

	struct tdm_kv_ref *refs; /* of the running request */
	struct tdm_kv_ticket *tickets;
	uint32_t room;
};

static struct tdm_buffer *source_memory(const struct landing *l)
{
	return l->staging ? l->staging : l->from->pages;
}

/* A device that keeps pages in the wire layout sends them from where they are. */
static int make_source(struct landing *l, struct tdm_error *err)
{
	const struct tdm_identify *id = &tdm_device_info(l->from->dev)->identify;
	uint64_t bytes = tdm_buffer_bytes(l->from->pages);

	if (id->kv_layout != TDM_KV_LAYOUT_WIRE) {
		l->staging = tdm_buffer_create(l->from->dev, TDM_DOMAIN_HOST, bytes,
					       TDM_ACCESS_READ | TDM_ACCESS_WRITE, err);
		if (!l->staging)
			return -ENOMEM;
	}
	l->from_mr = tdm_net_reg_mr(l->net, tdm_buffer_ptr(source_memory(l)), bytes, 0, err);
	return l->from_mr ? 0 : -ENOMEM;
}

static int make_target(struct landing *l, struct side *to, struct tdm_error *err)
{
	struct tdm_kv_pool_attr attr = {
		.page_bytes = to->page_bytes,
		.pages = l->room,
		.id = POOL_ID,
	};
	uint64_t bytes = to->page_bytes * l->room;

	l->pages = tdm_buffer_create(to->dev, TDM_DOMAIN_HOST, bytes, TDM_ACCESS_READ, err);
	if (!l->pages)
		return -ENOMEM;
	attr.mem = tdm_buffer_ptr(l->pages);
	attr.device_base = tdm_buffer_dva(l->pages);
	l->pool = tdm_kv_pool_create(&attr, err);
	l->to_mr = tdm_net_reg_mr(l->net, attr.mem, bytes,
				  TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE, err);
	if (!l->pool || !l->to_mr)
		return -ENOMEM;
	return tdm_kv_pool_bind(l->pool, 0, l->room, (uint64_t)(uintptr_t)attr.mem,
				tdm_net_mr_rkey(l->to_mr), err);
}

static void disconnect(struct landing *l)
{
	if (l->source)
		tdm_net_ep_close(l->source);
	if (l->target)
		tdm_net_ep_close(l->target);
	l->source = l->target = NULL;
}

int landing_reconnect(struct landing *l, struct tdm_error *err)
{
	struct tdm_net_addr source, target;
	int peer;

	disconnect(l);
	l->source = tdm_net_ep_create(l->net, 0, err);
	l->target = l->source ? tdm_net_ep_create(l->net, 0, err) : NULL;
	if (!l->target)
		return -EIO;
	source = tdm_net_ep_addr(l->source);
	target = tdm_net_ep_addr(l->target);
	peer = tdm_net_ep_connect(l->target, &source, err);
	if (peer >= 0)
		peer = tdm_net_ep_connect(l->source, &target, err);
	if (peer < 0)
		return peer;
	l->peer = (uint32_t)peer;
	return 0;
}

static int make_arrays(struct landing *l, struct tdm_error *err)
{
	l->refs = calloc(l->room, sizeof(*l->refs));
	l->tickets = calloc(l->room, sizeof(*l->tickets));
	if (l->refs && l->tickets)
		return 0;
	return tdm_error_set(err, -ENOMEM, "KV transfer: out of memory; free some");
}

struct landing *landing_create(struct side *from, struct side *to, const char *net,
			       struct tdm_error *err)
{
	struct landing *l = calloc(1, sizeof(*l));

	if (!l) {
		tdm_error_set(err, -ENOMEM, "KV transfer: out of memory; free some");
		return NULL;
	}
	l->from = from;
	l->room = to->desc->n_layers * to->max_blocks;
	l->net = tdm_net_open(net, err);
	if (!l->net || landing_reconnect(l, err) || make_source(l, err) ||
	    make_target(l, to, err) || make_arrays(l, err)) {
		landing_destroy(l);
		return NULL;
	}
	return l;
}

void landing_destroy(struct landing *l)
{
	if (!l)
		return;
	disconnect(l);
	if (l->pool)
		tdm_kv_pool_destroy(l->pool);
	if (l->to_mr)
		(void)tdm_net_dereg_mr(l->to_mr);
	if (l->from_mr)
		(void)tdm_net_dereg_mr(l->from_mr);
	tdm_buffer_destroy(l->pages);
	tdm_buffer_destroy(l->staging);
	if (l->net)
		(void)tdm_net_close(l->net);
	free(l->tickets);
	free(l->refs);
	free(l);
}

const char *landing_net(const struct landing *l)
{
	return tdm_net_name(l->net);
}

struct tdm_net_ep *landing_source(const struct landing *l)
{
	return l->source;
}

uint32_t landing_peer(const struct landing *l)
{
	return l->peer;
}

const struct tdm_kv_ticket *landing_open(struct landing *l, uint64_t owner, uint32_t pages,
					 struct tdm_error *err)
{
	if (tdm_kv_pool_reserve(l->pool, owner, l->refs, pages, err))
		return NULL;
	if (tdm_kv_pool_land(l->pool, owner, l->refs, pages, l->tickets, err))
		return NULL;
	return l->tickets;
}

int landing_commit(struct landing *l, uint64_t owner, const struct tdm_kv_done *done,
		   struct tdm_error *err)
{
	int rc = tdm_kv_pool_commit(l->pool, &done->ticket, done->crc, err);

	return rc ? rc : tdm_kv_pool_take(l->pool, owner, &l->refs[done->page], 1, err);
}

int landing_release(struct landing *l, uint64_t owner, uint32_t index, struct tdm_error *err)
{
	return tdm_kv_pool_release(l->pool, owner, &l->refs[index], 1, err);
}

void landing_close(struct landing *l, uint64_t owner)
{
	uint32_t n;

	if (!owner)
		return;
	n = tdm_kv_pool_drop(l->pool, owner, l->refs, l->room);
	(void)tdm_kv_pool_ack(l->pool, owner, l->refs, n, NULL);
}

uint64_t landing_dva(const struct landing *l, uint32_t index)
{
	return tdm_kv_pool_device_addr(l->pool, l->refs[index].page);
}

struct tdm_kv_source landing_from(const struct landing *l, uint32_t page)
{
	uint64_t off = page * l->from->page_bytes;

	return (struct tdm_kv_source){
		.addr = (uint64_t)(uintptr_t)tdm_buffer_ptr(source_memory(l)) + off,
		.bytes = l->from->page_bytes,
		.lkey = tdm_net_mr_lkey(l->from_mr),
	};
}

uint64_t landing_staging_dva(const struct landing *l, uint32_t page)
{
	return l->staging ? tdm_buffer_dva(l->staging) + page * l->from->page_bytes : 0;
}
