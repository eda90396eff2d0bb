// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "fdinfo.h"

#include <linux/fs.h>
#include <linux/seq_file.h>

#include "compat.h"
#include "context.h"
#include "queue.h"

/* Queues that are gone included. @queues: how many there are now */
static struct tdm_done done_by(struct tdm_ctx *ctx, unsigned int *queues)
{
	struct tdm_done sum = {};
	unsigned long number;
	struct tdm_queue *q;

	*queues = 0;
	sum.busy_ns = READ_ONCE(ctx->gone.busy_ns);
	sum.commands = READ_ONCE(ctx->gone.commands);
	sum.errors = READ_ONCE(ctx->gone.errors);
	sum.tokens_prefill = READ_ONCE(ctx->gone.tokens_prefill);
	sum.tokens_decode = READ_ONCE(ctx->gone.tokens_decode);
	xa_lock(&ctx->queues);
	xa_for_each(&ctx->queues, number, q) {
		tdm_queue_count(q, &sum);
		++*queues;
	}
	xa_unlock(&ctx->queues);
	return sum;
}

/* What DRM has no words for. */
static void show_own(struct seq_file *m, struct tdm_ctx *ctx, unsigned int queues,
		     const struct tdm_done *done)
{
	struct drm_device *drm = &ctx->dev->drm;

	seq_printf(m, "tandem-device:\t%s %s\n", dev_name(tdm_node_minor(drm)->kdev),
		   dev_name(drm->dev));
	seq_printf(m, "tandem-context:\t%u\n", ctx->id);
	seq_printf(m, "tandem-queues:\t%u\n", queues);
	seq_printf(m, "tandem-commands:\t%llu\n", done->commands);
	seq_printf(m, "tandem-errors:\t%llu\n", done->errors);
	seq_printf(m, "tandem-faults:\t%llu\n", tdm_faults_added(&ctx->faults));
	seq_printf(m, "tandem-tokens-prefill:\t%llu\n", done->tokens_prefill);
	seq_printf(m, "tandem-tokens-decode:\t%llu\n", done->tokens_decode);
}

void tdm_show_fdinfo(struct seq_file *m, struct file *filp)
{
	struct drm_file *file = filp->private_data;
	struct tdm_ctx *ctx = to_ctx(file);
	unsigned int queues;
	struct tdm_done done = done_by(ctx, &queues);
	struct tdm_usage used;

	spin_lock(&ctx->dev->usage_lock);
	used = ctx->used;
	spin_unlock(&ctx->dev->usage_lock);
	seq_printf(m, "drm-driver:\t%s\n", TDM_DRIVER_NAME);
	seq_printf(m, "drm-client-id:\t%llu\n", ctx->client);
	seq_printf(m, "drm-engine-compute:\t%llu ns\n", done.busy_ns);
	seq_printf(m, "drm-total-device:\t%llu KiB\n", used.device >> 10);
	seq_printf(m, "drm-total-host:\t%llu KiB\n", used.host >> 10);
	seq_printf(m, "drm-memory-device:\t%llu KiB\n", used.device >> 10);
	seq_printf(m, "drm-memory-host:\t%llu KiB\n", used.host >> 10);
	show_own(m, ctx, queues, &done);
}
