// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The admin thread: the driver's commands, one at a time, in order.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "core/context.h"
#include "core/device.h"
#include "core/queue.h"

#define ADMIN_TIMEOUT_MS 30000
#define ABORT_LATENCY_MS 20000
#define HEARTBEAT_NS 500000000
#define RETRY_NS 1000000
#define MAX_RING_ENTRIES 4096

/* What the admin thread alone knows. */
struct admin {
	struct fw_device *dev;
	const struct tdm_admin_cmd *ring;
	struct tdm_event *events;
	uint32_t entries;
	uint32_t event_entries;
	uint32_t head;
};

static void beat(void *arg)
{
	struct tdm_fw_regs *fw = ((struct fw_device *)arg)->port->fw;

	tdm_store_release(&fw->heartbeat, fw->heartbeat + 1);
}

static int write_page(struct fw_device *dev, const struct tdm_admin_page *page, const void *data,
		      size_t len)
{
	void *ptr;

	if (page->len < len)
		return -EINVAL;
	ptr = dev->port->ops->bus_map(dev->port, page->bus, len,
				      TDM_ACCESS_READ | TDM_ACCESS_WRITE);
	if (!ptr)
		return -EFAULT;
	memcpy(ptr, data, len);
	dev->port->ops->bus_unmap(dev->port, ptr, len);
	return 0;
}

static int telemetry(struct fw_device *dev, const struct tdm_admin_page *page)
{
	const struct fw_counters *c = &dev->counters;
	struct tdm_telemetry t = {
		.clock_ns = fw_now(dev),
		.busy_ns = atomic_load_explicit(&c->busy_ns, memory_order_relaxed),
		.commands = atomic_load_explicit(&c->commands, memory_order_relaxed),
		.errors = atomic_load_explicit(&c->errors, memory_order_relaxed),
		.faults = atomic_load_explicit(&c->faults, memory_order_relaxed),
		.tokens_prefill = atomic_load_explicit(&c->tokens_prefill, memory_order_relaxed),
		.tokens_decode = atomic_load_explicit(&c->tokens_decode, memory_order_relaxed),
		.bytes_moved = atomic_load_explicit(&c->bytes_moved, memory_order_relaxed),
		/* Software has neither. */
		.temperature_mc = TDM_TELEMETRY_ABSENT,
		.power_uw = TDM_TELEMETRY_ABSENT,
		.interrupts = fw_event_interrupts(&dev->events),
		.events_lost = tdm_load_relaxed(&dev->port->fw->events_lost),
	};

	fw_inject_tell(dev, &t);
	return write_page(dev, page, &t, sizeof(t));
}

/* Commands that change what compute uses; compute is paused. */
static int change(struct fw_device *dev, const struct tdm_admin_cmd *cmd)
{
	switch (cmd->opcode) {
	case TDM_ADMIN_CTX_CREATE:
		return fw_ctx_create(dev, cmd->ctx.ctx);
	case TDM_ADMIN_CTX_DESTROY:
		return fw_ctx_destroy(dev, cmd->ctx.ctx);
	case TDM_ADMIN_MAP:
		return fw_ctx_map(dev, &cmd->map);
	case TDM_ADMIN_UNMAP:
		return fw_ctx_unmap(dev, &cmd->map);
	case TDM_ADMIN_QUEUE_CREATE:
		return fw_queue_create(dev, &cmd->queue);
	case TDM_ADMIN_QUEUE_DESTROY:
		return fw_queue_destroy(dev, cmd->queue.ctx, cmd->queue.queue);
	case TDM_ADMIN_ABORT:
		return fw_ctx_abort(dev, cmd->ctx.ctx, cmd->ctx.queue);
	default:
		return -EOPNOTSUPP;
	}
}

static struct tdm_admin_cmd fetch(const struct admin *a, uint32_t at)
{
	return *(const volatile struct tdm_admin_cmd *)&a->ring[at & (a->entries - 1)];
}

/* Whoever stands still looks at this alone of all that is asked for. */
static bool none_waits(void *arg)
{
	const struct admin *a = arg;
	uint32_t tail = tdm_load_acquire(&a->dev->port->drv->admin_tail);

	if (tail - a->head > a->entries)
		return false;
	for (uint32_t at = a->head; at != tail; at++) {
		struct tdm_admin_cmd cmd = fetch(a, at);

		if (cmd.opcode == TDM_ADMIN_INJECT && cmd.inject.kind == TDM_INJECT_NONE)
			return true;
	}
	return false;
}

/* While compute is waited for, which an order may keep from coming. */
static void tick(void *arg)
{
	const struct admin *a = arg;

	beat(a->dev);
	if (none_waits(arg))
		fw_inject_clear(a->dev);
}

static int execute(struct admin *a, const struct tdm_admin_cmd *cmd)
{
	struct fw_device *dev = a->dev;
	int rc;

	if (cmd->flags || cmd->reserved)
		return -EINVAL;
	if (cmd->opcode == TDM_ADMIN_IDENTIFY)
		return write_page(dev, &cmd->page, &dev->id, sizeof(dev->id));
	if (cmd->opcode == TDM_ADMIN_TELEMETRY)
		return telemetry(dev, &cmd->page);
	/* Nor does this one wait for compute, which may stand still. */
	if (cmd->opcode == TDM_ADMIN_INJECT)
		return fw_inject_order(dev, &cmd->inject);
	fw_pause(&dev->pause, tick, a);
	rc = change(dev, cmd);
	fw_resume(&dev->pause);
	/* Nobody rings for a queue that polls: compute may sleep since before it was there. */
	if (cmd->opcode == TDM_ADMIN_QUEUE_CREATE && cmd->queue.wake == TDM_WAKE_NONE)
		dev->port->ops->ring(dev->port, FW_BELL_COMPUTE);
	return rc;
}

/* Waits for room, but not longer than for a reset, which answers all. */
static void answer(struct fw_device *dev, uint32_t tag, int rc)
{
	struct tdm_event event = {
		.type = TDM_EV_ADMIN,
		.id = tag,
		.value = (__u64)(int64_t)rc,
	};

	while (!fw_event_post(&dev->events, &event) && !fw_stopping(dev) && !fw_reset_wanted(dev)) {
		uint32_t seen = dev->port->ops->bell(dev->port, FW_BELL_ADMIN);

		beat(dev);
		dev->port->ops->sleep(dev->port, FW_BELL_ADMIN, seen, fw_now(dev) + RETRY_NS);
	}
}

static void fatal(struct admin *a, uint64_t code)
{
	struct tdm_event event = { .type = TDM_EV_FATAL, .value = code };

	tdm_store_release(&a->dev->port->fw->state, TDM_FW_FAILED);
	fw_event_post(&a->dev->events, &event);
}

static bool ring_size_is_sane(uint32_t entries)
{
	return entries >= 2 && entries <= MAX_RING_ENTRIES && !(entries & (entries - 1));
}

/* Return: false while the driver has not enabled the device properly. */
static bool attach(struct admin *a)
{
	struct fw_port *port = a->dev->port;
	const struct tdm_drv_regs *drv = port->drv;

	if (a->ring)
		return true;
	if (!tdm_load_acquire(&drv->enable))
		return false;
	a->entries = drv->admin_entries;
	a->event_entries = drv->event_entries;
	if (!ring_size_is_sane(a->entries) || !ring_size_is_sane(a->event_entries)) {
		tdm_store_release(&port->fw->state, TDM_FW_FAILED);
		return false;
	}
	a->events = port->ops->bus_map(port, drv->event_ring,
				       a->event_entries * sizeof(struct tdm_event),
				       TDM_ACCESS_READ | TDM_ACCESS_WRITE);
	a->ring = port->ops->bus_map(port, drv->admin_ring,
				     a->entries * sizeof(struct tdm_admin_cmd), TDM_ACCESS_READ);
	if (!a->events || !a->ring) {
		a->ring = NULL;
		tdm_store_release(&port->fw->state, TDM_FW_FAILED);
		return false;
	}
	fw_events_attach(&a->dev->events, a->events, a->event_entries);
	return true;
}

static void detach(struct admin *a)
{
	struct fw_port *port = a->dev->port;

	fw_events_attach(&a->dev->events, NULL, 0);
	if (!a->ring)
		return;
	port->ops->bus_unmap(port, a->events, a->event_entries * sizeof(struct tdm_event));
	port->ops->bus_unmap(port, (void *)a->ring, a->entries * sizeof(struct tdm_admin_cmd));
}

static void serve_one(struct admin *a, const struct tdm_admin_cmd *cmd)
{
	struct fw_device *dev = a->dev;
	int rc = execute(a, cmd);

	if (cmd->opcode == TDM_ADMIN_INJECT && cmd->inject.kind == TDM_INJECT_CRASH && !rc) {
		fw_device_stop(dev);
		dev->port->ops->crash(dev->port);
		return;
	}
	answer(dev, cmd->tag, rc);
	fw_inject_stall(dev, none_waits, a);
}

static void serve(struct admin *a)
{
	struct fw_device *dev = a->dev;
	uint32_t tail = tdm_load_acquire(&dev->port->drv->admin_tail);

	if (tail - a->head > a->entries) {
		fatal(a, TDM_EV_ADMIN);
		return;
	}
	while (a->head != tail && !fw_stopping(dev) && !fw_reset_wanted(dev)) {
		struct tdm_admin_cmd cmd = fetch(a, a->head);

		tdm_store_release(&dev->port->fw->admin_head, ++a->head);
		serve_one(a, &cmd);
	}
}

static void reset(struct admin *a)
{
	struct fw_device *dev = a->dev;
	uint32_t wanted = tdm_load_acquire(&dev->port->drv->reset_request);

	if (wanted == dev->port->fw->reset_count)
		return;
	fw_pause(&dev->pause, beat, dev);
	fw_inject_clear(dev);
	fw_ctx_destroy_all(dev);
	fw_resume(&dev->pause);
	/* What was asked before the reset is answered by the reset. */
	a->head = tdm_load_acquire(&dev->port->drv->admin_tail);
	tdm_store_release(&dev->port->fw->admin_head, a->head);
	tdm_store_release(&dev->port->fw->state, TDM_FW_READY);
	tdm_store_release(&dev->port->fw->reset_count, wanted);
	fw_event_raise(&dev->events);
}

static void boot(struct fw_device *dev)
{
	struct tdm_fw_regs *fw = dev->port->fw;

	fw->abi = TDM_HW_ABI;
	fw->admin_timeout_ms = dev->bound_ms ? dev->bound_ms : ADMIN_TIMEOUT_MS;
	fw->abort_latency_ms = dev->bound_ms ? dev->bound_ms / 3 * 2 : ABORT_LATENCY_MS;
	tdm_store_release(&fw->state, TDM_FW_READY);
	tdm_store_release(&fw->magic, TDM_HW_MAGIC);
	fw_event_raise(&dev->events);
}

void fw_device_admin(struct fw_device *dev)
{
	struct admin a = { .dev = dev };
	struct fw_port *port = dev->port;

	boot(dev);
	while (!fw_stopping(dev)) {
		uint32_t seen = port->ops->bell(port, FW_BELL_ADMIN);

		beat(dev);
		if (attach(&a)) {
			reset(&a);
			if (port->fw->state == TDM_FW_READY)
				serve(&a);
		}
		if (!fw_stopping(dev) && !(a.ring && fw_reset_wanted(dev)))
			port->ops->sleep(port, FW_BELL_ADMIN, seen, fw_now(dev) + HEARTBEAT_NS);
	}
	detach(&a);
}
