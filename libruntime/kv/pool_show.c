// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What can be seen of a pool, and whether it all fits together.
 */
#include <errno.h>
#include <inttypes.h>

#include "kv/pool.h"

void *tdm_kv_pool_mem(const struct tdm_kv_pool *pool, uint32_t page)
{
	if (page >= pool->attr.pages)
		return NULL;
	return (char *)pool->attr.mem + page * pool->attr.page_bytes;
}

uint64_t tdm_kv_pool_device_addr(const struct tdm_kv_pool *pool, uint32_t page)
{
	return page < pool->attr.pages ? pool->attr.device_base + page * pool->attr.page_bytes : 0;
}

static bool has_crc(uint32_t state)
{
	return state == TDM_KV_READY || state == TDM_KV_IN_USE;
}

int tdm_kv_pool_crc(struct tdm_kv_pool *pool, uint64_t owner, struct tdm_kv_ref ref, uint32_t *crc,
		    struct tdm_error *err)
{
	int rc;

	pthread_mutex_lock(&pool->lock);
	/* The states that TAKE or RELEASE start from, less reserved, have one. */
	rc = kv_page_may(pool, ref, TDM_KV_OP_RELEASE, owner, err);
	if (!rc && !has_crc(pool->page[ref.page].state))
		rc = tdm_error_set(
			err, -EINVAL, "KV pool %u: page %u is %s and has no CRC; commit it first",
			pool->attr.id, ref.page, tdm_kv_state_name(pool->page[ref.page].state));
	if (!rc)
		*crc = pool->page[ref.page].crc;
	pool->stats.refused += rc != 0;
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

struct tdm_kv_pool_stats tdm_kv_pool_stats(struct tdm_kv_pool *pool)
{
	struct tdm_kv_pool_stats stats;

	pthread_mutex_lock(&pool->lock);
	stats = pool->stats;
	pthread_mutex_unlock(&pool->lock);
	return stats;
}

uint32_t tdm_kv_pool_list(struct tdm_kv_pool *pool, uint32_t first, struct tdm_kv_page_info *list,
			  uint32_t room)
{
	uint32_t n = 0;

	pthread_mutex_lock(&pool->lock);
	for (uint32_t i = first; i < pool->attr.pages && n < room; i++, n++) {
		const struct kv_page *page = &pool->page[i];

		list[n] = (struct tdm_kv_page_info){
			.owner = page->owner,
			.changed_ns = page->changed_ns,
			.page = i,
			.epoch = page->epoch,
			.crc = page->crc,
			.state = page->state,
			.bytes = page->bytes,
		};
	}
	pthread_mutex_unlock(&pool->lock);
	return n;
}

static int bad(const struct tdm_kv_pool *pool, uint32_t page, const char *what,
	       struct tdm_error *err)
{
	return tdm_error_set(err, -EUCLEAN,
			     "KV pool %u: page %u (%s, owner %" PRIu64 ") %s; this is a bug, "
			     "report it",
			     pool->attr.id, page, tdm_kv_state_name(pool->page[page].state),
			     pool->page[page].owner, what);
}

static int check_page(const struct tdm_kv_pool *pool, uint32_t i, struct tdm_error *err)
{
	const struct kv_page *page = &pool->page[i];
	bool is_free = page->state == TDM_KV_FREE;

	if (page->state >= TDM_KV_STATES)
		return bad(pool, i, "has no valid state", err);
	if (is_free != !page->owner)
		return bad(pool, i, is_free ? "is free and owned" : "has no owner", err);
	if (!is_free && !page->epoch)
		return bad(pool, i, "has no epoch", err);
	if (!is_free && page->next_free != KV_NO_PAGE)
		return bad(pool, i, "is linked as if free", err);
	if (page->crc && !has_crc(page->state))
		return bad(pool, i, "has a CRC without contents", err);
	if (page->state == TDM_KV_LANDING && !page->rkey)
		return bad(pool, i, "is open to peers without a key", err);
	if (page->named)
		return bad(pool, i, "is marked outside of a call", err);
	return 0;
}

/* A list of the right length that holds free pages only and ends has each of them once. */
static int check_free_list(const struct tdm_kv_pool *pool, struct tdm_error *err)
{
	uint32_t at = pool->first_free;
	uint32_t n;

	for (n = 0; at != KV_NO_PAGE && n <= pool->stats.pages[TDM_KV_FREE]; n++) {
		if (at >= pool->attr.pages || pool->page[at].state != TDM_KV_FREE)
			return tdm_error_set(err, -EUCLEAN,
					     "KV pool %u: page %u is in the free list and not "
					     "free; this is a bug, report it",
					     pool->attr.id, at);
		at = pool->page[at].next_free;
	}
	if (at != KV_NO_PAGE || n != pool->stats.pages[TDM_KV_FREE])
		return tdm_error_set(err, -EUCLEAN,
				     "KV pool %u: the free list does not hold the %u free pages; "
				     "this is a bug, report it",
				     pool->attr.id, pool->stats.pages[TDM_KV_FREE]);
	return 0;
}

static int check_counts(const struct tdm_kv_pool *pool, struct tdm_error *err)
{
	const struct tdm_kv_pool_stats *s = &pool->stats;
	uint32_t count[TDM_KV_STATES] = { 0 };
	uint64_t out =
		s->ops[TDM_KV_OP_RESERVE] - s->ops[TDM_KV_OP_RELEASE] - s->ops[TDM_KV_OP_ACK];

	for (uint32_t i = 0; i < pool->attr.pages; i++)
		count[pool->page[i].state]++;
	for (uint32_t i = 0; i < TDM_KV_STATES; i++) {
		if (count[i] != s->pages[i])
			return tdm_error_set(err, -EUCLEAN,
					     "KV pool %u: %u pages are %s and %u are counted; "
					     "this is a bug, report it",
					     pool->attr.id, count[i], tdm_kv_state_name(i),
					     s->pages[i]);
	}
	if (out != pool->attr.pages - count[TDM_KV_FREE] || s->low_water > count[TDM_KV_FREE])
		return tdm_error_set(err, -EUCLEAN,
				     "KV pool %u: %" PRIu64 " pages were handed out and not given "
				     "back, %u are not free; this is a bug, report it",
				     pool->attr.id, out, pool->attr.pages - count[TDM_KV_FREE]);
	return 0;
}

int tdm_kv_pool_check(struct tdm_kv_pool *pool, struct tdm_error *err)
{
	int rc = 0;

	pthread_mutex_lock(&pool->lock);
	for (uint32_t i = 0; i < pool->attr.pages && !rc; i++)
		rc = check_page(pool, i, err);
	if (!rc)
		rc = check_counts(pool, err);
	if (!rc)
		rc = check_free_list(pool, err);
	pthread_mutex_unlock(&pool->lock);
	return rc;
}
