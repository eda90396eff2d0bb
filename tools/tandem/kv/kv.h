/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the subcommands of 'tandem kv' share.
 */
#ifndef TANDEM_KV_COMMANDS_H
#define TANDEM_KV_COMMANDS_H

#include <tandem/observe.h>

#include "view/view.h"

/* The devices of a process, for their names. */
struct kv_devices {
	struct tdm_observe_device *list; /* to free(); NULL on error */
	uint32_t n;
};

struct kv_devices kv_devices_of(struct tdm_observed *process, struct tdm_error *err);
/* Return: NULL: it is on none */
const char *kv_device_name(const struct kv_devices *devices, uint32_t number);

/**
 * kv_each_pool - call @show for every pool of a process
 * @show: Return: 0, or -errno with @err, which ends it; -ENOENT does not: that pool
 *	  ended meanwhile
 *
 * Return: 0, or -errno with @err
 */
int kv_each_pool(struct tdm_observed *process,
		 int (*show)(void *ctx, struct tdm_observed *process,
			     const struct tdm_observe_pool *pool, struct tdm_error *err),
		 void *ctx, struct tdm_error *err);

/* The columns of a page. */
enum kv_page_column {
	PAGE_PID,
	PAGE_POOL,
	PAGE_NUMBER,
	PAGE_STATE,
	PAGE_OWNER,
	PAGE_EPOCH,
	PAGE_AGE,
	PAGE_CRC,
	PAGE_CRC_BYTES,
	PAGE_ADDRESS,
	PAGE_HEX,
	PAGE_COLUMNS,
};

/* All but its first bytes. */
void kv_fill_page(struct view_row *row, uint32_t pid, uint32_t pool,
		  const struct tdm_observe_page *page);

#endif /* TANDEM_KV_COMMANDS_H */
