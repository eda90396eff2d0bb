// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Memory that the driver shares with an emulated device.
 */
#include <linux/slab.h>

#include "emu.h"
#include "live.h"
#include "store.h"

static void mem_release(struct kref *ref)
{
	struct emu_mem *mem = container_of(ref, struct emu_mem, ref);

	tdm_store_put(mem->store);
	mutex_destroy(&mem->lock);
	kfree(mem);
	tdm_live_dec(TDM_LIVE_SHARES);
}

void emu_mem_put(struct emu_mem *mem)
{
	kref_put(&mem->ref, mem_release);
}

int emu_mem_add(struct emu *emu, struct tdm_store *store, u32 access, struct tdm_share *share)
{
	struct emu_mem *mem = kzalloc(sizeof(*mem), GFP_KERNEL_ACCOUNT);
	u32 id;
	int ret;

	if (!mem)
		return -ENOMEM;
	tdm_live_inc(TDM_LIVE_SHARES);
	kref_init(&mem->ref);
	mutex_init(&mem->lock);
	mem->access = access;
	tdm_store_get(store);
	mem->store = store;
	/* Numbers start with 1, as the first three must (tandem_emu.h). */
	ret = xa_alloc(&emu->mems, &id, mem, XA_LIMIT(1, (1U << 28) - 1), GFP_KERNEL_ACCOUNT);
	if (ret) {
		emu_mem_put(mem);
		return ret;
	}
	share->store = store;
	share->id = id;
	share->bus = TDM_EMU_MEM | (u64)id << TDM_EMU_MEM_SHIFT;
	return 0;
}

void emu_mem_remove(struct emu *emu, struct tdm_share *share)
{
	struct emu_mem *mem;

	if (!share->store)
		return;
	mem = xa_erase(&emu->mems, share->id);
	mutex_lock(&mem->lock);
	mem->dead = true;
	mutex_unlock(&mem->lock);
	emu_zap(emu, share->bus, mem->store->bytes);
	emu_mem_put(mem);
	share->store = NULL;
}
