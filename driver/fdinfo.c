// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "fdinfo.h"

#include <linux/fs.h>
#include <linux/seq_file.h>

#include "context.h"
#include "queue.h"

/* As the firmware counts it, queues that are gone included. */
static u64 busy_ns(struct tdm_ctx *ctx)
{
	u64 sum = READ_ONCE(ctx->busy_ns);
	struct tdm_queue *q;
	unsigned long number;

	xa_lock(&ctx->queues);
	xa_for_each(&ctx->queues, number, q)
		sum += READ_ONCE(q->cq->busy_ns);
	xa_unlock(&ctx->queues);
	return sum;
}

void tdm_show_fdinfo(struct seq_file *m, struct file *filp)
{
	struct drm_file *file = filp->private_data;
	struct tdm_ctx *ctx = to_ctx(file);
	struct tdm_usage used;

	spin_lock(&ctx->dev->usage_lock);
	used = ctx->used;
	spin_unlock(&ctx->dev->usage_lock);
	seq_printf(m, "drm-driver:\t%s\n", TDM_DRIVER_NAME);
	seq_printf(m, "drm-client-id:\t%llu\n", ctx->client);
	seq_printf(m, "drm-engine-compute:\t%llu ns\n", busy_ns(ctx));
	seq_printf(m, "drm-total-device:\t%llu KiB\n", used.device >> 10);
	seq_printf(m, "drm-total-host:\t%llu KiB\n", used.host >> 10);
	seq_printf(m, "drm-memory-device:\t%llu KiB\n", used.device >> 10);
	seq_printf(m, "drm-memory-host:\t%llu KiB\n", used.host >> 10);
}
