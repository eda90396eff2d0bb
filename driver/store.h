/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A store: the pages behind a buffer, a ring or a register page.
 *
 * Its bytes are charged when it is made, to the device and to the context; its
 * pages come one by one when they are touched, and are charged to the memory
 * cgroup of who made it, whoever touches them. They stay where they are until
 * the store ends, so nothing that maps them needs to be told anything.
 */
#ifndef TDM_STORE_H
#define TDM_STORE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/xarray.h>

struct mem_cgroup;
struct tdm_ctx;
struct tdm_device;

struct tdm_store {
	struct kref ref;
	struct list_head node; /* linger.c */
	/* By index; entries are only ever added, by cmpxchg, so nothing is locked. */
	struct xarray pages;
	u64 bytes; /* whole pages */
	u64 charged;
	u32 domain; /* enum tdm_domain; 0: the driver's own, not charged */
	struct tdm_device *dev; /* charged; with a reference where ctx is there */
	struct tdm_ctx *ctx; /* charged; with a reference, or NULL: the driver's own */
	struct mem_cgroup *memcg; /* with a reference, or NULL */
};

/*
 * Return: a store with one reference, or -ENOSPC where the device or the host
 * has not that much left, or -ENOMEM.
 */
struct tdm_store *tdm_store_create(struct tdm_device *dev, struct tdm_ctx *ctx, u32 domain,
				   u64 bytes);
void tdm_store_get(struct tdm_store *store);
void tdm_store_put(struct tdm_store *store);

/* Its last reference is gone, and nobody else has its pages: linger.c alone calls it. */
void tdm_store_end(struct tdm_store *store);

/* The page, made now if need be; the store keeps it. May sleep. Or -ENOMEM. */
struct page *tdm_store_page(struct tdm_store *store, unsigned long index);

/* Makes all of them. Return: 0, -ENOMEM or -EINTR when the caller is being killed. */
int tdm_store_populate(struct tdm_store *store);

/* The kernel's address of a byte; its page is there. Good to the page's end. */
void *tdm_store_ptr(struct tdm_store *store, u64 offset);

#endif /* TDM_STORE_H */
