/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Inside of the KV page pool.
 */
#ifndef KV_POOL_H
#define KV_POOL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <tandem/kv.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KV_NO_PAGE UINT32_MAX

/* kv_next_state(): the operation does not start from that state */
#define KV_REFUSED TDM_KV_STATES

struct kv_page {
	uint64_t owner; /* 0 exactly while free */
	uint64_t changed_ns;
	uint64_t addr; /* for peers, in the address space of rkey */
	uint32_t rkey; /* 0: not bound */
	uint32_t epoch;
	uint32_t crc;
	uint32_t next_free;
	uint64_t bytes; /* that crc is of; 0: there is none */
	uint8_t state;
	bool named; /* only inside one call: to find a page that is given twice */
};

struct tdm_kv_pool {
	struct tdm_kv_pool_attr attr; /* constant */

	/*
	 * Guards everything below: the pages, the free list through them and the
	 * counts, so that any observer sees them agree. It is held for a few
	 * instructions per page and never while waiting for anything.
	 */
	pthread_mutex_t lock;
	uint32_t first_free;
	struct tdm_kv_pool_stats stats;
	struct kv_page page[];
};

/* The table of transitions. Return: enum tdm_kv_state, or KV_REFUSED */
uint32_t kv_next_state(uint32_t state, uint32_t op);

/* "landing or in use": where an operation may start. */
const char *kv_op_start(uint32_t op);

/*
 * With the lock held: may @owner do @op to the page that @ref names?
 * Return: 0, -EINVAL, -ESTALE or -EPERM
 */
int kv_page_may(const struct tdm_kv_pool *pool, struct tdm_kv_ref ref, uint32_t op, uint64_t owner,
		struct tdm_error *err);

/*
 * With the lock held: the one place where a page changes its state, its owner,
 * its epoch and its place in the free list. Reserving takes the first free page,
 * which must be @page. @op must be allowed.
 */
void kv_page_move(struct tdm_kv_pool *pool, uint32_t page, uint32_t op, uint64_t owner,
		  uint64_t now_ns);

/*
 * For those who look: the CRC32C of a page's bytes on the wire, of a page that its own
 * device has sent or taken in. The bytes stay as they are until it is given back, which
 * ends it as it does a commit's. A page that @owner does not use is left alone.
 */
void kv_pool_seal(struct tdm_kv_pool *pool, uint64_t owner, struct tdm_kv_ref ref, uint32_t crc);

/* CLOCK_MONOTONIC */
uint64_t kv_now_ns(void);

#ifdef __cplusplus
}
#endif

#endif /* KV_POOL_H */
