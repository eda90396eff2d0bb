// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What the device is and how it does.
 */
#include "query.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/uaccess.h>

#include "context.h"
#include "store.h"

/* From this age on a peek has it read anew. */
#define MAX_AGE (HZ / 10)

union item {
	struct tdm_query_device device;
	struct tdm_query_memory memory;
	struct tdm_query_clock clock;
	struct tdm_telemetry telemetry;
};

/* Any buffer can be mapped, pinned and exported; a foreign dma-buf has no way in. */
#define MEM_PROPS (TDM_MEM_MAPPABLE | TDM_MEM_PINNABLE | TDM_MEM_EXPORTABLE)

static void query_device(struct tdm_ctx *ctx, struct tdm_query_device *item)
{
	*item = (struct tdm_query_device){
		.uapi_major = TDM_UAPI_MAJOR,
		.uapi_minor = TDM_UAPI_MINOR,
		.queue_abi = TDM_QUEUE_ABI,
		.attachment = ctx->dev->bus->attachment,
		.host_props = MEM_PROPS,
		.device_props = MEM_PROPS,
		.identify = ctx->dev->identify,
	};
}

/* What others have closed before is not counted any more. */
static int query_memory(struct tdm_ctx *ctx, struct tdm_query_memory *item)
{
	struct tdm_device *dev = ctx->dev;
	int ret = tdm_device_wait_all_reaped(dev);

	if (ret)
		return ret;
	spin_lock(&dev->usage_lock);
	*item = (struct tdm_query_memory){
		.device_bytes = dev->identify.memory_bytes,
		.device_used = dev->used.device,
		.host_limit = dev->host_limit,
		.host_used = dev->used.host,
		.context_device = ctx->used.device,
		.context_host = ctx->used.host,
	};
	spin_unlock(&dev->usage_lock);
	return 0;
}

static int read_locked(struct tdm_device *dev, unsigned long max_age)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_TELEMETRY };
	u64 asked_ns = ktime_get_ns();
	int ret;

	if (max_age && dev->telemetry_at && time_before(jiffies, dev->telemetry_at + max_age))
		return 0;
	cmd.page.bus = dev->page_share.bus;
	cmd.page.len = sizeof(dev->telemetry);
	ret = tdm_admin_run(dev, &cmd);
	if (ret)
		return ret;
	spin_lock(&dev->sample_lock);
	memcpy(&dev->telemetry, tdm_store_ptr(dev->page_share.store, 0),
	       sizeof(dev->telemetry));
	dev->telemetry_at = jiffies ?: 1;
	if (asked_ns > dev->ordered_ns)
		dev->ordered = 0;
	spin_unlock(&dev->sample_lock);
	return 0;
}

int tdm_telemetry_read(struct tdm_device *dev, struct tdm_telemetry *item,
		       unsigned long max_age)
{
	int ret;

	if (mutex_lock_interruptible(&dev->telemetry_lock))
		return -ERESTARTSYS;
	ret = read_locked(dev, max_age);
	if (!ret)
		*item = dev->telemetry;
	mutex_unlock(&dev->telemetry_lock);
	return ret;
}

long tdm_telemetry_peek(struct tdm_device *dev, struct tdm_telemetry *item)
{
	unsigned long at;
	long age;

	spin_lock(&dev->sample_lock);
	*item = dev->telemetry;
	item->inject_active |= dev->ordered;
	at = dev->telemetry_at;
	spin_unlock(&dev->sample_lock);
	age = jiffies - at;
	if (!at || age >= MAX_AGE)
		tdm_device_queue(dev, BIT(TDM_DEV_READY), &dev->telemetry_work);
	return at ? age : -ENODATA;
}

void tdm_telemetry_ordered(struct tdm_device *dev, u32 kind)
{
	spin_lock(&dev->sample_lock);
	dev->ordered_ns = ktime_get_ns();
	if (kind == TDM_INJECT_NONE) {
		dev->telemetry.inject_active = 0;
		dev->ordered = 0;
	} else {
		dev->ordered |= BIT(kind);
	}
	spin_unlock(&dev->sample_lock);
}

void tdm_telemetry_work(struct work_struct *work)
{
	struct tdm_device *dev = container_of(work, struct tdm_device, telemetry_work);
	struct tdm_telemetry telemetry;

	/* Without an answer the last one stays, and its age tells. */
	tdm_telemetry_read(dev, &telemetry, 0);
}

/* The emulated clock is the host's; an attachment with its own has it in telemetry. */
static int query_clock(struct tdm_ctx *ctx, struct tdm_query_clock *item)
{
	struct tdm_telemetry telemetry;
	int ret;

	if (ctx->dev->identify.emulated) {
		item->monotonic_ns = ktime_get_ns();
		item->device_ns = item->monotonic_ns;
		return 0;
	}
	ret = tdm_telemetry_read(ctx->dev, &telemetry, 0);
	if (ret)
		return ret;
	item->device_ns = telemetry.clock_ns;
	item->monotonic_ns = ktime_get_ns();
	return 0;
}

/* Return: bytes of the item, or -errno. */
static int fill(struct tdm_ctx *ctx, u32 which, union item *item)
{
	int ret;

	switch (which) {
	case TDM_QUERY_DEVICE:
		query_device(ctx, &item->device);
		return sizeof(item->device);
	case TDM_QUERY_MEMORY:
		ret = query_memory(ctx, &item->memory);
		return ret ?: (int)sizeof(item->memory);
	case TDM_QUERY_CLOCK:
		ret = query_clock(ctx, &item->clock);
		return ret ?: (int)sizeof(item->clock);
	case TDM_QUERY_TELEMETRY:
		ret = tdm_telemetry_read(ctx->dev, &item->telemetry, 0);
		return ret ?: (int)sizeof(item->telemetry);
	default:
		return -EINVAL;
	}
}

int tdm_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tandem_query *query = data;
	char __user *out = u64_to_user_ptr(query->data);
	union item item = {};
	int bytes;
	u32 n;

	if (query->flags)
		return -EINVAL;
	bytes = fill(to_ctx(file), query->item, &item);
	if (bytes < 0)
		return bytes;
	n = min_t(u32, query->len, bytes);
	if (copy_to_user(out, &item, n))
		return -EFAULT;
	if (query->len > n && clear_user(out + n, query->len - n))
		return -EFAULT;
	query->len = bytes;
	return 0;
}
