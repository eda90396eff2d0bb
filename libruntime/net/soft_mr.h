/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The software NIC's table of registered memory.
 *
 * A key is [generation:19][index:12][remote:1]. The generation of an index goes
 * up with every registration and never wraps: an index whose generations are
 * used up is retired. Free indices are taken in the order they were given back,
 * so a stale key stays stale for 2^31 registrations, and local and remote keys
 * are never confused.
 *
 * No locking: changed only while the engine is parked (soft_gate.h).
 */
#ifndef NET_SOFT_MR_H
#define NET_SOFT_MR_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SOFT_MR_INDEX_BITS 12
#define SOFT_MR_GEN_BITS 19
#define SOFT_MR_SLOTS (1U << SOFT_MR_INDEX_BITS)
#define SOFT_MR_GEN_MAX ((1U << SOFT_MR_GEN_BITS) - 1)
#define SOFT_MR_REMOTE 1U

struct soft_mr_slot {
	uint64_t addr;
	uint64_t len;
	uint32_t access; /* TDM_NET_* */
	uint32_t gen;	 /* of the last registration, 0: none yet */
	bool live;
	int fd; /* memfd of it, its user's to close; -1: none */
	uint64_t fd_offset;
};

struct soft_mr_table {
	struct soft_mr_slot slot[SOFT_MR_SLOTS];
	uint16_t queue[SOFT_MR_SLOTS]; /* free indices, oldest first */
	uint32_t head;
	uint32_t nr_free;
};

void soft_mr_init(struct soft_mr_table *table);

/* Return: the local key; 0: no free index, or all are retired. */
uint32_t soft_mr_add(struct soft_mr_table *table, uint64_t addr, uint64_t len, uint32_t access);

/* Return: the remote key that goes with a local one, 0 if it has no remote right. */
uint32_t soft_mr_rkey(const struct soft_mr_table *table, uint32_t lkey);

/* @key is live. */
struct soft_mr_slot *soft_mr_at(struct soft_mr_table *table, uint32_t key);

/* @lkey is live. */
void soft_mr_remove(struct soft_mr_table *table, uint32_t lkey);

/*
 * May @key be used for @len bytes at @addr with the rights @need? @remote says
 * which kind of key it must be.
 */
bool soft_mr_allows(const struct soft_mr_table *table, uint32_t key, bool remote, uint64_t addr,
		    uint64_t len, uint32_t need);

#ifdef __cplusplus
}
#endif

#endif /* NET_SOFT_MR_H */
