// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * One page: what may be done to it, and doing it.
 */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "kv/pool.h"

uint64_t kv_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

int kv_page_may(const struct tdm_kv_pool *pool, struct tdm_kv_ref ref, uint32_t op, uint64_t owner,
		struct tdm_error *err)
{
	const struct kv_page *page;

	if (ref.page >= pool->attr.pages)
		return tdm_error_set(err, -EINVAL,
				     "KV pool %u: page %u does not exist; pages are 0 to %u",
				     pool->attr.id, ref.page, pool->attr.pages - 1);
	page = &pool->page[ref.page];
	if (page->epoch != ref.epoch)
		return tdm_error_set(err, -ESTALE,
				     "KV pool %u: page %u of epoch %u is gone, it is at epoch %u "
				     "(%s); forget that ref",
				     pool->attr.id, ref.page, ref.epoch, page->epoch,
				     tdm_kv_state_name(page->state));
	if (kv_next_state(page->state, op) == KV_REFUSED)
		return tdm_error_set(err, -EINVAL, "KV pool %u: page %u is %s; %s only what is %s",
				     pool->attr.id, ref.page, tdm_kv_state_name(page->state),
				     tdm_kv_op_name(op), kv_op_start(op));
	if (page->owner != owner)
		return tdm_error_set(err, -EPERM,
				     "KV pool %u: page %u (%s) belongs to request %" PRIu64
				     ", not to %" PRIu64 "; %s only pages of one's own",
				     pool->attr.id, ref.page, tdm_kv_state_name(page->state),
				     page->owner, owner, tdm_kv_op_name(op));
	return 0;
}

void kv_page_move(struct tdm_kv_pool *pool, uint32_t index, uint32_t op, uint64_t owner,
		  uint64_t now_ns)
{
	struct kv_page *page = &pool->page[index];
	uint32_t next = kv_next_state(page->state, op);

	if (op == TDM_KV_OP_RESERVE) {
		pool->first_free = page->next_free;
		page->next_free = KV_NO_PAGE;
		page->owner = owner;
		/* 0 is the epoch of a page that was never reserved. */
		if (!++page->epoch)
			page->epoch = 1;
	}
	if (next == TDM_KV_FREE) {
		page->next_free = pool->first_free;
		pool->first_free = index;
		page->owner = 0;
	}
	if (next == TDM_KV_FREE || next == TDM_KV_DRAINING) {
		page->crc = 0;
		page->bytes = 0;
	}
	pool->stats.pages[page->state]--;
	pool->stats.pages[next]++;
	pool->stats.ops[op]++;
	page->state = (uint8_t)next;
	page->changed_ns = now_ns;
	if (pool->stats.pages[TDM_KV_FREE] < pool->stats.low_water)
		pool->stats.low_water = pool->stats.pages[TDM_KV_FREE];
}

void kv_pool_seal(struct tdm_kv_pool *pool, uint64_t owner, struct tdm_kv_ref ref, uint32_t crc)
{
	struct kv_page *page = &pool->page[ref.page];

	pthread_mutex_lock(&pool->lock);
	if (page->epoch == ref.epoch && page->owner == owner && page->state == TDM_KV_IN_USE) {
		page->crc = crc;
		page->bytes = pool->attr.page_bytes;
	}
	pthread_mutex_unlock(&pool->lock);
}
