// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_mr.h"

#include <string.h>

#include <tandem/net.h>

static uint32_t key_index(uint32_t key)
{
	return key >> 1 & (SOFT_MR_SLOTS - 1);
}

static uint32_t key_gen(uint32_t key)
{
	return key >> (1 + SOFT_MR_INDEX_BITS);
}

void soft_mr_init(struct soft_mr_table *table)
{
	memset(table, 0, sizeof(*table));
	for (uint32_t i = 0; i < SOFT_MR_SLOTS; i++)
		table->queue[i] = (uint16_t)i;
	table->nr_free = SOFT_MR_SLOTS;
}

uint32_t soft_mr_add(struct soft_mr_table *table, uint64_t addr, uint64_t len, uint32_t access)
{
	struct soft_mr_slot *slot;
	uint32_t index;

	if (!table->nr_free)
		return 0;
	index = table->queue[table->head];
	table->head = (table->head + 1) & (SOFT_MR_SLOTS - 1);
	table->nr_free--;
	slot = &table->slot[index];
	*slot = (struct soft_mr_slot){
		.addr = addr,
		.len = len,
		.access = access,
		.gen = slot->gen + 1,
		.live = true,
		.fd = -1,
	};
	return slot->gen << (1 + SOFT_MR_INDEX_BITS) | index << 1;
}

uint32_t soft_mr_rkey(const struct soft_mr_table *table, uint32_t lkey)
{
	const uint32_t remote = TDM_NET_REMOTE_WRITE | TDM_NET_REMOTE_READ;

	return table->slot[key_index(lkey)].access & remote ? lkey | SOFT_MR_REMOTE : 0;
}

struct soft_mr_slot *soft_mr_at(struct soft_mr_table *table, uint32_t key)
{
	return &table->slot[key_index(key)];
}

void soft_mr_remove(struct soft_mr_table *table, uint32_t lkey)
{
	uint32_t index = key_index(lkey);
	struct soft_mr_slot *slot = &table->slot[index];

	slot->live = false;
	if (slot->gen == SOFT_MR_GEN_MAX)
		return;
	table->queue[(table->head + table->nr_free) & (SOFT_MR_SLOTS - 1)] = (uint16_t)index;
	table->nr_free++;
}

bool soft_mr_allows(const struct soft_mr_table *table, uint32_t key, bool remote, uint64_t addr,
		    uint64_t len, uint32_t need)
{
	const struct soft_mr_slot *slot = &table->slot[key_index(key)];

	if ((key & SOFT_MR_REMOTE) != (remote ? SOFT_MR_REMOTE : 0))
		return false;
	if (!slot->live || slot->gen != key_gen(key))
		return false;
	if (need & ~slot->access)
		return false;
	/* Below the start the difference wraps and is too large as well. */
	return len <= slot->len && addr - slot->addr <= slot->len - len;
}
