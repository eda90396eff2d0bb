// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/context.h"

#include <errno.h>
#include <stdlib.h>

#include "cmd/program.h"
#include "core/device.h"
#include "core/queue.h"

struct fw_ctx *fw_ctx_get(struct fw_device *dev, uint32_t id)
{
	return id < dev->id.max_contexts ? dev->ctxs[id] : NULL;
}

int fw_ctx_create(struct fw_device *dev, uint32_t id)
{
	struct fw_ctx *ctx;

	if (id >= dev->id.max_contexts)
		return -EINVAL;
	if (dev->ctxs[id])
		return -EEXIST;
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	ctx->id = id;
	ctx->programs = calloc(dev->id.max_programs, sizeof(struct fw_program *));
	if (!ctx->programs) {
		free(ctx);
		return -ENOMEM;
	}
	dev->ctxs[id] = ctx;
	return 0;
}

static void destroy(struct fw_device *dev, struct fw_ctx *ctx)
{
	fw_queue_destroy_all(dev, ctx);
	for (unsigned int i = 0; i < dev->id.max_programs; i++)
		fw_program_free(ctx->programs[i]);
	free(ctx->programs);
	for (unsigned int i = 0; i < ctx->vm.count; i++)
		dev->port->ops->range_unmap(dev->port, ctx->vm.ranges[i].ptr,
					    ctx->vm.ranges[i].len);
	fw_vm_fini(&ctx->vm);
	dev->ctxs[ctx->id] = NULL;
	free(ctx);
}

int fw_ctx_destroy(struct fw_device *dev, uint32_t id)
{
	struct fw_ctx *ctx = fw_ctx_get(dev, id);

	if (!ctx)
		return -ENOENT;
	destroy(dev, ctx);
	return 0;
}

void fw_ctx_destroy_all(struct fw_device *dev)
{
	for (uint32_t id = 0; id < dev->id.max_contexts; id++)
		if (dev->ctxs[id])
			destroy(dev, dev->ctxs[id]);
}

int fw_ctx_map(struct fw_device *dev, const struct tdm_admin_map *map)
{
	struct fw_ctx *ctx = fw_ctx_get(dev, map->ctx);
	struct fw_range range = {
		.dva = map->dva,
		.len = map->len,
		.access = map->access,
		.bus = map->bus,
	};
	uint64_t mask = dev->id.page_bytes - 1;
	int rc;

	if (!ctx)
		return -ENOENT;
	if (map->reserved0 || map->reserved1 || (map->dva & mask) || (map->len & mask) ||
	    (map->access & ~(unsigned int)(TDM_ACCESS_READ | TDM_ACCESS_WRITE)) ||
	    !(map->access & TDM_ACCESS_READ))
		return -EINVAL;
	range.ptr = dev->port->ops->range_map(dev->port, map);
	if (!range.ptr)
		return -EFAULT;
	rc = fw_vm_add(&ctx->vm, &range);
	if (rc)
		dev->port->ops->range_unmap(dev->port, range.ptr, range.len);
	return rc;
}

int fw_ctx_unmap(struct fw_device *dev, const struct tdm_admin_map *map)
{
	struct fw_ctx *ctx = fw_ctx_get(dev, map->ctx);
	struct fw_range range;

	if (!ctx)
		return -ENOENT;
	range = fw_vm_take(&ctx->vm, map->dva, map->len);
	if (!range.ptr)
		return -ENOENT;
	/* Programs keep pointers to their tensors; nothing else outlives a slice. */
	for (unsigned int i = 0; i < dev->id.max_programs; i++)
		if (ctx->programs[i])
			fw_program_revoke(ctx->programs[i], range.dva, range.len);
	dev->port->ops->range_unmap(dev->port, range.ptr, range.len);
	return 0;
}

int fw_ctx_abort(struct fw_device *dev, uint32_t id, uint32_t queue)
{
	struct fw_ctx *ctx = fw_ctx_get(dev, id);
	bool found = false;

	if (!ctx)
		return -ENOENT;
	for (unsigned int i = 0; i < dev->n_active; i++) {
		struct fw_queue *q = dev->active[i];

		if (q->ctx != ctx || (queue != ~0U && q->id != queue))
			continue;
		fw_queue_stop(q);
		found = true;
	}
	return found || queue == ~0U ? 0 : -ENOENT;
}
