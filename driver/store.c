// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "store.h"

#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "context.h"
#include "device.h"
#include "linger.h"
#include "live.h"

/*
 * Not worth killing anybody for: who touches the page gets an error. Lowmem,
 * since rings and status pages are used by the kernel, too.
 */
#define STORE_GFP (GFP_USER | __GFP_ZERO | __GFP_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static struct tdm_store *store_alloc(struct tdm_device *dev, struct tdm_ctx *ctx, u64 bytes)
{
	struct tdm_store *store = kzalloc(sizeof(*store), GFP_KERNEL_ACCOUNT);

	if (!store)
		return NULL;
	tdm_live_inc(TDM_LIVE_STORES);
	kref_init(&store->ref);
	xa_init(&store->pages);
	store->bytes = PAGE_ALIGN(bytes);
	store->dev = dev;
	store->ctx = ctx;
	/* The driver's own end with the device, and would keep it for ever. */
	if (ctx) {
		drm_dev_get(&dev->drm);
		tdm_ctx_get(ctx);
		store->memcg = get_mem_cgroup_from_mm(current->mm);
	}
	return store;
}

static void store_free(struct tdm_store *store)
{
	struct tdm_device *dev = store->dev;

	if (store->memcg)
		mem_cgroup_put(store->memcg);
	if (store->ctx) {
		tdm_ctx_put(store->ctx);
		drm_dev_put(&dev->drm);
	}
	kfree(store);
	tdm_live_dec(TDM_LIVE_STORES);
}

struct tdm_store *tdm_store_create(struct tdm_device *dev, struct tdm_ctx *ctx, u32 domain,
				   u64 bytes)
{
	struct tdm_store *store;

	if (domain && !tdm_device_charge(dev, ctx, domain, bytes))
		return ERR_PTR(-ENOSPC);
	store = store_alloc(dev, ctx, bytes);
	if (!store) {
		if (domain)
			tdm_device_uncharge(dev, ctx, domain, bytes);
		return ERR_PTR(-ENOMEM);
	}
	store->domain = domain;
	store->charged = bytes;
	return store;
}

void tdm_store_get(struct tdm_store *store)
{
	kref_get(&store->ref);
}

void tdm_store_end(struct tdm_store *store)
{
	struct page *page;
	unsigned long index;

	xa_for_each(&store->pages, index, page) {
		put_page(page);
		tdm_live_dec(TDM_LIVE_PAGES);
		cond_resched();
	}
	xa_destroy(&store->pages);
	if (store->domain)
		tdm_device_uncharge(store->dev, store->ctx, store->domain, store->charged);
	store_free(store);
}

static void store_release(struct kref *ref)
{
	tdm_linger(container_of(ref, struct tdm_store, ref));
}

void tdm_store_put(struct tdm_store *store)
{
	kref_put(&store->ref, store_release);
}

static struct page *store_add_page(struct tdm_store *store, unsigned long index)
{
	struct mem_cgroup *old = set_active_memcg(store->memcg);
	struct page *page = alloc_page(STORE_GFP);
	struct page *other;

	if (!page) {
		set_active_memcg(old);
		return ERR_PTR(-ENOMEM);
	}
	other = xa_cmpxchg(&store->pages, index, NULL, page, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	set_active_memcg(old);
	if (!other) {
		tdm_live_inc(TDM_LIVE_PAGES);
		return page;
	}
	put_page(page);
	return xa_is_err(other) ? ERR_PTR(xa_err(other)) : other;
}

struct page *tdm_store_page(struct tdm_store *store, unsigned long index)
{
	struct page *page;

	if (index >= store->bytes >> PAGE_SHIFT)
		return ERR_PTR(-EFAULT);
	page = xa_load(&store->pages, index);
	return page ? page : store_add_page(store, index);
}

int tdm_store_populate(struct tdm_store *store)
{
	unsigned long n = store->bytes >> PAGE_SHIFT;
	unsigned long i;

	for (i = 0; i < n; i++) {
		struct page *page = tdm_store_page(store, i);

		if (IS_ERR(page))
			return PTR_ERR(page);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

void *tdm_store_ptr(struct tdm_store *store, u64 offset)
{
	struct page *page = xa_load(&store->pages, offset >> PAGE_SHIFT);

	return (char *)page_address(page) + offset_in_page(offset);
}
