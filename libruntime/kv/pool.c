// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The pool: its life, and what is done to many pages at once.
 */
#include "kv/pool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int check_attr(const struct tdm_kv_pool_attr *attr, struct tdm_error *err)
{
	uint64_t bytes;

	if (!attr->mem || !attr->page_bytes || !attr->pages || attr->pages == KV_NO_PAGE ||
	    __builtin_mul_overflow(attr->page_bytes, attr->pages, &bytes) ||
	    (uintptr_t)attr->mem + bytes < (uintptr_t)attr->mem)
		return tdm_error_set(err, -EINVAL,
				     "KV pool %u: %u pages of %" PRIu64
				     " bytes at %p are no memory; give a mapped range",
				     attr->id, attr->pages, attr->page_bytes, attr->mem);
	return 0;
}

struct tdm_kv_pool *tdm_kv_pool_create(const struct tdm_kv_pool_attr *attr, struct tdm_error *err)
{
	uint64_t now = kv_now_ns();
	struct tdm_kv_pool *pool;

	if (check_attr(attr, err))
		return NULL;
	pool = calloc(1, sizeof(*pool) + attr->pages * sizeof(pool->page[0]));
	if (!pool || pthread_mutex_init(&pool->lock, NULL)) {
		free(pool);
		tdm_error_set(err, -ENOMEM,
			      "KV pool %u: out of memory for %u pages; use fewer, larger ones",
			      attr->id, attr->pages);
		return NULL;
	}
	pool->attr = *attr;
	pool->stats.pages[TDM_KV_FREE] = attr->pages;
	pool->stats.low_water = attr->pages;
	for (uint32_t i = 0; i < attr->pages; i++) {
		pool->page[i].changed_ns = now;
		pool->page[i].next_free = i + 1 < attr->pages ? i + 1 : KV_NO_PAGE;
	}
	return pool;
}

void tdm_kv_pool_destroy(struct tdm_kv_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

int tdm_kv_pool_bind(struct tdm_kv_pool *pool, uint32_t first, uint32_t n, uint64_t addr,
		     uint32_t rkey, struct tdm_error *err)
{
	int rc = 0;

	if (first >= pool->attr.pages || n > pool->attr.pages - first)
		return tdm_error_set(err, -EINVAL,
				     "KV pool %u: no pages %u and %u more; pages are 0 to %u",
				     pool->attr.id, first, n, pool->attr.pages - 1);
	pthread_mutex_lock(&pool->lock);
	for (uint32_t i = first; i < first + n && !rc; i++) {
		uint32_t state = pool->page[i].state;

		if (state == TDM_KV_LANDING || state == TDM_KV_DRAINING)
			rc = tdm_error_set(err, -EBUSY,
					   "KV pool %u: page %u is %s under its old key; "
					   "end that transfer first",
					   pool->attr.id, i, tdm_kv_state_name(state));
	}
	for (uint32_t i = first; i < first + n && !rc; i++) {
		pool->page[i].addr = addr + (i - first) * pool->attr.page_bytes;
		pool->page[i].rkey = rkey;
	}
	pool->stats.refused += rc != 0;
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

int tdm_kv_pool_reserve(struct tdm_kv_pool *pool, uint64_t owner, struct tdm_kv_ref *refs,
			uint32_t n, struct tdm_error *err)
{
	uint64_t now = kv_now_ns();
	uint32_t nr_free;
	int rc = 0;

	pthread_mutex_lock(&pool->lock);
	nr_free = pool->stats.pages[TDM_KV_FREE];
	if (!owner)
		rc = tdm_error_set(err, -EINVAL, "KV pool %u: no owner; give the request's number",
				   pool->attr.id);
	else if (n > nr_free)
		rc = tdm_error_set(err, -ENOSPC,
				   "KV pool %u: %u pages wanted, %u of %u are free; end other "
				   "requests or make the pool larger",
				   pool->attr.id, n, nr_free, pool->attr.pages);
	for (uint32_t i = 0; i < n && !rc; i++) {
		refs[i].page = pool->first_free;
		kv_page_move(pool, refs[i].page, TDM_KV_OP_RESERVE, owner, now);
		refs[i].epoch = pool->page[refs[i].page].epoch;
	}
	pool->stats.refused += rc != 0;
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

/* With the lock held: may all of them be moved? A page that is given twice may not. */
static int may_all(struct tdm_kv_pool *pool, uint32_t op, uint64_t owner,
		   const struct tdm_kv_ref *refs, uint32_t n, struct tdm_error *err)
{
	uint32_t seen;
	int rc = 0;

	for (seen = 0; seen < n && !rc; seen++) {
		rc = kv_page_may(pool, refs[seen], op, owner, err);
		if (rc)
			break;
		if (pool->page[refs[seen].page].named)
			rc = tdm_error_set(err, -EINVAL,
					   "KV pool %u: page %u is given twice; give each once",
					   pool->attr.id, refs[seen].page);
		else if (op == TDM_KV_OP_LAND && !pool->page[refs[seen].page].rkey)
			rc = tdm_error_set(err, -ENOKEY,
					   "KV pool %u: page %u has no key for peers; "
					   "tdm_kv_pool_bind() its memory first",
					   pool->attr.id, refs[seen].page);
		pool->page[refs[seen].page].named = true;
	}
	for (uint32_t i = 0; i < seen; i++)
		pool->page[refs[i].page].named = false;
	return rc;
}

static void fill_ticket(const struct tdm_kv_pool *pool, uint32_t index,
			struct tdm_kv_ticket *ticket)
{
	const struct kv_page *page = &pool->page[index];

	*ticket = (struct tdm_kv_ticket){
		.owner = page->owner,
		.addr = page->addr,
		.bytes = pool->attr.page_bytes,
		.pool = pool->attr.id,
		.page = index,
		.epoch = page->epoch,
		.rkey = page->rkey,
	};
}

/* What a commit says of a page's contents. */
struct seal {
	uint32_t crc;
	uint64_t bytes;
};

static void set_seal(const struct tdm_kv_pool *pool, struct kv_page *page, const struct seal *seal)
{
	uint64_t room = pool->attr.page_bytes;

	page->crc = seal->crc;
	page->bytes = seal->bytes && seal->bytes < room ? seal->bytes : room;
}

/* @tickets: filled in for LAND; @seal: set for COMMIT */
static int move_all(struct tdm_kv_pool *pool, uint32_t op, uint64_t owner,
		    const struct tdm_kv_ref *refs, uint32_t n, struct tdm_kv_ticket *tickets,
		    const struct seal *seal, struct tdm_error *err)
{
	uint64_t now = kv_now_ns();
	int rc;

	pthread_mutex_lock(&pool->lock);
	rc = may_all(pool, op, owner, refs, n, err);
	for (uint32_t i = 0; i < n && !rc; i++) {
		kv_page_move(pool, refs[i].page, op, owner, now);
		if (op == TDM_KV_OP_LAND)
			fill_ticket(pool, refs[i].page, &tickets[i]);
		if (op == TDM_KV_OP_COMMIT)
			set_seal(pool, &pool->page[refs[i].page], seal);
	}
	pool->stats.refused += rc != 0;
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

int tdm_kv_pool_land(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
		     uint32_t n, struct tdm_kv_ticket *tickets, struct tdm_error *err)
{
	return move_all(pool, TDM_KV_OP_LAND, owner, refs, n, tickets, NULL, err);
}

int tdm_kv_pool_commit(struct tdm_kv_pool *pool, const struct tdm_kv_ticket *ticket, uint32_t crc,
		       struct tdm_error *err)
{
	struct tdm_kv_ref ref = { .page = ticket->page, .epoch = ticket->epoch };
	const struct seal seal = { .crc = crc, .bytes = ticket->bytes };

	if (ticket->pool != pool->attr.id) {
		pthread_mutex_lock(&pool->lock);
		pool->stats.refused++;
		pthread_mutex_unlock(&pool->lock);
		return tdm_error_set(err, -EINVAL,
				     "KV pool %u: the ticket is of pool %u; commit it there",
				     pool->attr.id, ticket->pool);
	}
	return move_all(pool, TDM_KV_OP_COMMIT, ticket->owner, &ref, 1, NULL, &seal, err);
}

int tdm_kv_pool_take(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
		     uint32_t n, struct tdm_error *err)
{
	return move_all(pool, TDM_KV_OP_TAKE, owner, refs, n, NULL, NULL, err);
}

int tdm_kv_pool_release(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
			uint32_t n, struct tdm_error *err)
{
	return move_all(pool, TDM_KV_OP_RELEASE, owner, refs, n, NULL, NULL, err);
}

int tdm_kv_pool_abort(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
		      uint32_t n, struct tdm_error *err)
{
	return move_all(pool, TDM_KV_OP_ABORT, owner, refs, n, NULL, NULL, err);
}

int tdm_kv_pool_ack(struct tdm_kv_pool *pool, uint64_t owner, const struct tdm_kv_ref *refs,
		    uint32_t n, struct tdm_error *err)
{
	return move_all(pool, TDM_KV_OP_ACK, owner, refs, n, NULL, NULL, err);
}

uint32_t tdm_kv_pool_drop(struct tdm_kv_pool *pool, uint64_t owner, struct tdm_kv_ref *draining,
			  uint32_t room)
{
	uint64_t now = kv_now_ns();
	uint32_t n = 0;

	if (!owner)
		return 0;
	pthread_mutex_lock(&pool->lock);
	for (uint32_t i = 0; i < pool->attr.pages; i++) {
		struct kv_page *page = &pool->page[i];

		if (page->owner != owner)
			continue;
		if (page->state == TDM_KV_RESERVED || page->state == TDM_KV_READY)
			kv_page_move(pool, i, TDM_KV_OP_RELEASE, owner, now);
		else if (page->state != TDM_KV_DRAINING)
			kv_page_move(pool, i, TDM_KV_OP_ABORT, owner, now);
		if (page->state != TDM_KV_DRAINING)
			continue;
		if (draining && n < room)
			draining[n] = (struct tdm_kv_ref){ .page = i, .epoch = page->epoch };
		n++;
	}
	pthread_mutex_unlock(&pool->lock);
	return n;
}
