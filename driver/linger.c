// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "linger.h"

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "device.h"
#include "store.h"

#define LOOK_PERIOD (HZ / 4)

static void look(struct work_struct *work);

static LIST_HEAD(lingering); /* struct tdm_store.node */
static DEFINE_MUTEX(linger_lock); /* guards it */
static DECLARE_DELAYED_WORK(look_work, look);

/* The store has one reference to each page; mappings are gone, so more are others'. */
static bool is_held(struct tdm_store *store)
{
	struct page *page;
	unsigned long index;

	xa_for_each(&store->pages, index, page) {
		if (page_count(page) > 1)
			return true;
		cond_resched();
	}
	return false;
}

static void look(struct work_struct *work)
{
	struct tdm_store *store, *next;
	LIST_HEAD(ended);

	mutex_lock(&linger_lock);
	list_for_each_entry_safe(store, next, &lingering, node)
		if (!is_held(store))
			list_move(&store->node, &ended);
	if (!list_empty(&lingering))
		queue_delayed_work(tdm_wq, &look_work, LOOK_PERIOD);
	mutex_unlock(&linger_lock);
	list_for_each_entry_safe(store, next, &ended, node)
		tdm_store_end(store);
}

void tdm_linger(struct tdm_store *store)
{
	if (!is_held(store)) {
		tdm_store_end(store);
		return;
	}
	mutex_lock(&linger_lock);
	list_add(&store->node, &lingering);
	queue_delayed_work(tdm_wq, &look_work, LOOK_PERIOD);
	mutex_unlock(&linger_lock);
}

void tdm_linger_exit(void)
{
	struct tdm_store *store;

	/* The end of one may be that of a device, and add the device's own. */
	do {
		cancel_delayed_work_sync(&look_work);
		store = list_first_entry_or_null(&lingering, struct tdm_store, node);
		if (store) {
			list_del(&store->node);
			tdm_store_end(store);
		}
	} while (store);
}
