// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "pool.h"

#include <errno.h>
#include <stddef.h>

#include "soft/pool.h"

#include "lost.h"

struct share {
	struct fw_device *dev;
	void (*fn)(void *arg, unsigned int part, unsigned int n);
	void *arg;
};

static void run_share(void *arg, unsigned int part, unsigned int n)
{
	const struct share *share = arg;

	emu_lost_serve(share->dev);
	share->fn(share->arg, part, n);
}

static void run(struct fw_pool *fw, void (*fn)(void *arg, unsigned int part, unsigned int n),
		void *arg)
{
	struct emu_pool *pool = (struct emu_pool *)((char *)fw - offsetof(struct emu_pool, fw));
	struct fw_pool *workers = soft_pool_fw(pool->workers);
	struct share share = { .dev = pool->dev, .fn = fn, .arg = arg };

	workers->run(workers, run_share, &share);
}

int emu_pool_init(struct emu_pool *pool, unsigned int threads)
{
	pool->workers = soft_pool_create(threads);
	if (!pool->workers)
		return -errno;
	pool->fw = (struct fw_pool){ .n = soft_pool_fw(pool->workers)->n, .run = run };
	return 0;
}

void emu_pool_fini(struct emu_pool *pool)
{
	soft_pool_destroy(pool->workers);
}
