// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What the subcommands of tandem kv share.
 */
#include "kv/kv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "process/look.h"

struct kv_devices kv_devices_of(struct tdm_observed *process, struct tdm_error *err)
{
	struct kv_devices devices = { .n = 0 };

	devices.list = tdm_observed_devices(process, &devices.n, err);
	return devices;
}

const char *kv_device_name(const struct kv_devices *devices, uint32_t number)
{
	for (uint32_t i = 0; i < devices->n; i++)
		if (devices->list[i].number == number)
			return devices->list[i].name;
	return NULL;
}

int kv_each_pool(struct tdm_observed *process,
		 int (*show)(void *ctx, struct tdm_observed *process,
			     const struct tdm_observe_pool *pool, struct tdm_error *err),
		 void *ctx, struct tdm_error *err)
{
	struct tdm_observe_pool *pools;
	uint32_t n;
	int rc = 0;

	pools = tdm_observed_pools(process, &n, err);
	if (!pools)
		return err->code;
	for (uint32_t i = 0; i < n && !rc; i++) {
		rc = show(ctx, process, &pools[i], err);
		if (rc == -ENOENT)
			rc = 0;
	}
	free(pools);
	return rc;
}

void kv_fill_page(struct view_row *row, uint32_t pid, uint32_t pool,
		  const struct tdm_observe_page *page)
{
	uint64_t now = look_now();

	view_count(row, PAGE_PID, pid);
	view_count(row, PAGE_POOL, pool);
	view_count(row, PAGE_NUMBER, page->page);
	view_text(row, PAGE_STATE, tdm_kv_state_name(page->state));
	view_count(row, PAGE_EPOCH, page->epoch);
	view_count(row, PAGE_AGE, now > page->changed_ns ? now - page->changed_ns : 0);
	view_count(row, PAGE_ADDRESS, page->address);
	if (page->owner)
		view_count(row, PAGE_OWNER, page->owner);
	if (!page->sealed)
		return;
	view_textf(row, PAGE_CRC, "%08" PRIx32, page->crc);
	view_count(row, PAGE_CRC_BYTES, page->bytes);
}
