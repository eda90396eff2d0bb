// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Coredumps. The first line says which format, the second why, and a reason is the rest
 * of its line; all others are as dump.h tells:
 *
 *	tandem-coredump 2
 *	reason TEXT
 *	time ns N			CLOCK_MONOTONIC
 *	device name, class, model, firmware
 *	driver state, resets, reason
 *	firmware, admin_ring, event_ring, reset, telemetry, inject
 *	admin index, ...		the last admin commands, oldest first
 *	event index, ...		the last events
 *	context id, client, pid, ...	who had it open
 *	queue context, number, ...	and for a busy one what it is at:
 *	command context, queue, ...	its words as in struct tdm_cmd
 *	fault context, ...		the records that are kept
 *	map context, ...		its address space
 *
 * Of the memory of clients the running command is in it, and nothing else.
 */
#include "coredump.h"

#include <linux/devcoredump.h>
#include <linux/ktime.h>
#include <linux/vmalloc.h>

#include <drm/drm_print.h>

#include "device.h"
#include "dump.h"

#define FORMAT 2
#define ROOM (256 * 1024)

static void print_head(struct tdm_device *dev, struct drm_printer *p, const char *reason)
{
	const struct tdm_identify *id = &dev->identify;

	drm_printf(p, "tandem-coredump %u\n", FORMAT);
	drm_printf(p, "reason %s\n", reason);
	drm_printf(p, "time ns %llu\n", ktime_get_ns());
	drm_printf(p, "device name %s class %u model %s firmware %s\n", dev_name(dev->drm.dev),
		   id->class_id, id->model, id->firmware);
}

void tdm_coredump(struct tdm_device *dev, const char *reason)
{
	struct drm_print_iterator iter = { .remain = ROOM };
	struct drm_printer p;

	iter.data = vzalloc(ROOM);
	if (!iter.data)
		return;
	p = drm_coredump_printer(&iter);
	print_head(dev, &p, reason);
	tdm_dump_registers(dev, &p);
	tdm_dump_telemetry(dev, &p);
	tdm_dump_rings(dev, &p);
	tdm_dump_contexts(dev, &p, tdm_dump_context);
	tdm_dump_contexts(dev, &p, tdm_dump_queues);
	tdm_dump_contexts(dev, &p, tdm_dump_faults);
	tdm_dump_contexts(dev, &p, tdm_dump_maps);
	/* Frees it when it was read, or after some minutes. */
	dev_coredumpv(dev->drm.dev, iter.data, ROOM - iter.remain, GFP_KERNEL);
}
