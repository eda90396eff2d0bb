// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "dump.h"

#include <drm/drm_print.h>

#include "context.h"
#include "query.h"
#include "queue.h"
#include "store.h"

#define RING_TAIL 32

static const char *const state_names[] = {
	[TDM_DEV_BOOTING] = "booting",
	[TDM_DEV_READY] = "ready",
	[TDM_DEV_RESETTING] = "resetting",
	[TDM_DEV_FAILED] = "failed",
	[TDM_DEV_GONE] = "gone",
};

const char *tdm_state_name(struct tdm_device *dev)
{
	return state_names[READ_ONCE(dev->state)];
}

void tdm_dump_registers(struct tdm_device *dev, struct drm_printer *p)
{
	const struct tdm_fw_regs *fw = dev->fw;
	const struct tdm_drv_regs *drv = dev->drv;

	drm_printf(p, "driver state %s resets %llu reason %s\n", tdm_state_name(dev),
		   READ_ONCE(dev->resets), READ_ONCE(dev->reset_reason) ?: "none");
	drm_printf(p, "firmware state %u heartbeat %llu admin_timeout_ms %u abort_latency_ms %u\n",
		   READ_ONCE(fw->state), READ_ONCE(fw->heartbeat),
		   READ_ONCE(fw->admin_timeout_ms), READ_ONCE(fw->abort_latency_ms));
	drm_printf(p, "admin_ring tail %u head %u\n", READ_ONCE(drv->admin_tail),
		   READ_ONCE(fw->admin_head));
	drm_printf(p, "event_ring tail %u head %u lost %llu\n", READ_ONCE(fw->event_tail),
		   READ_ONCE(drv->event_head), READ_ONCE(fw->events_lost));
	drm_printf(p, "reset request %u done %u\n", READ_ONCE(drv->reset_request),
		   READ_ONCE(fw->reset_count));
}

void tdm_dump_queues(struct tdm_ctx *ctx, struct drm_printer *p)
{
	unsigned long number = 0;
	struct tdm_queue *q;

	for (;; number++) {
		xa_lock(&ctx->queues);
		q = xa_find(&ctx->queues, &number, ULONG_MAX, XA_PRESENT);
		if (q)
			tdm_queue_get(q);
		xa_unlock(&ctx->queues);
		if (!q)
			return;
		tdm_queue_show(q, p);
		tdm_queue_put(q);
	}
}

void tdm_dump_maps(struct tdm_ctx *ctx, struct drm_printer *p)
{
	tdm_vm_show(&ctx->vm, ctx->id, p);
}

void tdm_dump_faults(struct tdm_ctx *ctx, struct drm_printer *p)
{
	tdm_faults_show(&ctx->faults, ctx->id, p);
}

void tdm_dump_context(struct tdm_ctx *ctx, struct drm_printer *p)
{
	drm_printf(p, "context id %u client %llu error %d closing %u pid %d comm %s\n", ctx->id,
		   ctx->client, READ_ONCE(ctx->error), READ_ONCE(ctx->closing), ctx->pid,
		   ctx->comm);
}

void tdm_dump_telemetry(struct tdm_device *dev, struct drm_printer *p)
{
	struct tdm_telemetry t;
	long age = tdm_telemetry_peek(dev, &t);

	if (age < 0)
		return;
	drm_printf(p, "telemetry age_ms %u clock_ns %llu busy_ns %llu ", jiffies_to_msecs(age),
		   t.clock_ns, t.busy_ns);
	drm_printf(p, "commands %llu errors %llu faults %llu ", t.commands, t.errors, t.faults);
	drm_printf(p, "tokens_prefill %llu tokens_decode %llu bytes_moved %llu ",
		   t.tokens_prefill, t.tokens_decode, t.bytes_moved);
	drm_printf(p, "interrupts %llu events_lost %llu\n", t.interrupts, t.events_lost);
	drm_printf(p, "inject active %#llx injected %llu addr %#llx\n", t.inject_active,
		   t.injected, t.inject_addr);
}

void tdm_dump_contexts(struct tdm_device *dev, struct drm_printer *p, tdm_dump_fn *show)
{
	struct tdm_ctx *ctx;
	u32 id;

	for (id = 0; id < dev->identify.max_contexts; id++) {
		ctx = tdm_ctx_find(dev, id);
		if (!ctx)
			continue;
		show(ctx, p);
		tdm_ctx_put(ctx);
	}
}

void tdm_dump_words(struct drm_printer *p, const u64 *words)
{
	drm_printf(p, "word0 %#llx word1 %#llx word2 %#llx word3 %#llx word4 %#llx word5 %#llx\n",
		   words[0], words[1], words[2], words[3], words[4], words[5]);
}

void tdm_dump_rings(struct tdm_device *dev, struct drm_printer *p)
{
	u32 tail = READ_ONCE(dev->admin.tail);
	u32 i = tail > RING_TAIL ? tail - RING_TAIL : 0;

	for (; i != tail; i++) {
		const struct tdm_admin_cmd *cmd = &dev->admin.ring[i & (TDM_ADMIN_ENTRIES - 1)];

		drm_printf(p, "admin index %u opcode %u tag %#x ", i, cmd->opcode, cmd->tag);
		tdm_dump_words(p, cmd->raw);
	}
	tail = READ_ONCE(dev->events.head);
	i = tail > RING_TAIL ? tail - RING_TAIL : 0;
	for (; i != tail; i++) {
		u64 at = (i & (TDM_EVENT_ENTRIES - 1)) * sizeof(struct tdm_event);
		const struct tdm_event *event = tdm_store_ptr(dev->events.share.store, at);

		drm_printf(p, "event index %u type %u id %#x value %#llx\n", i,
			   READ_ONCE(event->type), READ_ONCE(event->id), READ_ONCE(event->value));
	}
}
