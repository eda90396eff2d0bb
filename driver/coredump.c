// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Coredumps: lines of "what key value ...", the first one says which format. No
 * memory of clients is in them, so who reads them sees sizes and addresses alone.
 */
#include "coredump.h"

#include <linux/devcoredump.h>
#include <linux/ktime.h>
#include <linux/vmalloc.h>

#include <drm/drm_print.h>

#include "device.h"
#include "dump.h"

#define FORMAT 1
#define ROOM (256 * 1024)

static void print_head(struct tdm_device *dev, struct drm_printer *p, const char *reason)
{
	const struct tdm_identify *id = &dev->identify;

	drm_printf(p, "tandem-coredump %u\n", FORMAT);
	drm_printf(p, "reason %s\n", reason);
	drm_printf(p, "time_ns %llu\n", ktime_get_ns());
	drm_printf(p, "device %s class %u model %s firmware %s\n", dev_name(dev->drm.dev),
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
	tdm_dump_rings(dev, &p);
	tdm_dump_contexts(dev, &p, tdm_dump_queues);
	tdm_dump_contexts(dev, &p, tdm_dump_faults);
	tdm_dump_contexts(dev, &p, tdm_dump_maps);
	/* Frees it when it was read, or after some minutes. */
	dev_coredumpv(dev->drm.dev, iter.data, ROOM - iter.remain, GFP_KERNEL);
}
