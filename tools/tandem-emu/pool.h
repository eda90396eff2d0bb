/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Compute workers that say whom they work for (lost.h).
 */
#ifndef EMU_POOL_H
#define EMU_POOL_H

#include "compute/compute.h"

struct fw_device;
struct soft_pool;

struct emu_pool {
	struct fw_pool fw;
	struct soft_pool *workers;
	struct fw_device *dev;
};

/* Return: 0, -ENOMEM or -EAGAIN. @dev is to be set before the first run. */
int emu_pool_init(struct emu_pool *pool, unsigned int threads);

/* One that was never made is fine. */
void emu_pool_fini(struct emu_pool *pool);

#endif /* EMU_POOL_H */
