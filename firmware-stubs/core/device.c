// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compute/compute.h"
#include "core/context.h"

static int init(struct fw_device *dev)
{
	int rc = fw_pause_init(&dev->pause);

	if (rc)
		return rc;
	rc = fw_events_init(&dev->events, dev);
	if (rc)
		goto pause;
	rc = fw_inject_init(&dev->inject);
	if (!rc)
		return 0;
	fw_events_fini(&dev->events);
pause:
	fw_pause_fini(&dev->pause);
	return rc;
}

static bool alloc_tables(struct fw_device *dev)
{
	dev->ctxs = calloc(dev->id.max_contexts, sizeof(struct fw_ctx *));
	dev->queues = calloc(dev->id.max_queues, sizeof(struct fw_queue *));
	dev->active = calloc(dev->id.max_queues, sizeof(struct fw_queue *));
	return dev->ctxs && dev->queues && dev->active;
}

static void free_tables(struct fw_device *dev)
{
	free(dev->ctxs);
	free(dev->queues);
	free(dev->active);
}

struct fw_device *fw_device_create(const struct fw_profile *profile, struct fw_port *port,
				   struct fw_pool *pool)
{
	struct fw_device *dev = aligned_alloc(64, sizeof(*dev));

	if (!dev)
		return NULL;
	*dev = (struct fw_device){ .profile = profile, .port = port, .pool = pool };
	dev->kernels = fw_kernels_get(FW_ISA_BEST);
	fw_profile_identify(profile, &dev->id);
	if (!alloc_tables(dev) || init(dev)) {
		free_tables(dev);
		free(dev);
		return NULL;
	}
	return dev;
}

int fw_device_set_isa(struct fw_device *dev, const char *isa)
{
	static const char *const names[] = {
		[FW_ISA_SCALAR] = "scalar",
		[FW_ISA_AVX2] = "avx2",
		[FW_ISA_AVX512] = "avx512",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct fw_kernels *kernels;

		if (strcmp(names[i], isa) != 0)
			continue;
		kernels = fw_kernels_get((enum fw_isa)i);
		if (!kernels)
			return -ENOTSUP;
		dev->kernels = kernels;
		return 0;
	}
	return -EINVAL;
}

void fw_device_set_bound(struct fw_device *dev, uint32_t ms)
{
	dev->bound_ms = ms;
}

void fw_device_stop(struct fw_device *dev)
{
	atomic_store_explicit(&dev->stop, true, memory_order_release);
}

void fw_device_destroy(struct fw_device *dev)
{
	if (!dev)
		return;
	fw_ctx_destroy_all(dev);
	fw_inject_fini(&dev->inject);
	fw_events_fini(&dev->events);
	fw_pause_fini(&dev->pause);
	free_tables(dev);
	free(dev);
}
