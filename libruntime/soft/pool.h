/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Compute workers: the threads behind the firmware's struct fw_pool.
 */
#ifndef SOFT_POOL_H
#define SOFT_POOL_H

struct fw_pool;
struct soft_pool;

/**
 * soft_pool_create - workers for one device
 * @threads: at least 1, the thread that calls run() among them
 *
 * They spin briefly between two runs, as those of one layer follow closely, then
 * sleep: an idle pool uses no processor.
 *
 * Return: NULL with errno: ENOMEM, EAGAIN.
 */
struct soft_pool *soft_pool_create(unsigned int threads);

/* No run() is under way. NULL is fine. */
void soft_pool_destroy(struct soft_pool *pool);

/* As the firmware takes it; lives as long as @pool. */
struct fw_pool *soft_pool_fw(struct soft_pool *pool);

#endif /* SOFT_POOL_H */
