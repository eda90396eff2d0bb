// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The soft attachment: a kernel in a library.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tandem/observe.h>

#include "core/firmware.h"
#include "device/attach.h"
#include "soft/device.h"
#include "soft/file.h"
#include "soft/ioctl.h"
#include "soft/mmap.h"
#include "soft/options.h"
#include "soft/queue.h"

static const struct tdm_attach_ops soft_ops;

static struct soft_file *to_soft(struct tdm_attach_file *base)
{
	return (struct soft_file *)base;
}

static bool attach_entry(unsigned int index, struct tdm_device_entry *entry)
{
	const struct fw_profile *profile = fw_profile_at(index);

	if (!profile)
		return false;
	*entry = (struct tdm_device_entry){ .attachment = TDM_ATTACH_SOFT };
	fw_profile_identify(profile, &entry->identify);
	snprintf(entry->name, sizeof(entry->name), "%s%.32s", soft_ops.prefix,
		 entry->identify.model);
	return true;
}

static struct tdm_attach_file *attach_context(struct soft_device *dev, struct tdm_error *err)
{
	struct soft_file *file = soft_file_open(dev, err);

	if (!file)
		return NULL;
	file->base.ops = &soft_ops;
	return &file->base;
}

static struct tdm_attach_file *attach_open(const char *name, struct tdm_error *err)
{
	struct tdm_attach_file *file;
	struct soft_options options;
	struct soft_device *dev;

	if (soft_options_parse(&options, name, err))
		return NULL;
	dev = soft_device_create(&options, err);
	if (!dev)
		return NULL;
	file = attach_context(dev, err);
	soft_device_put(dev);
	return file;
}

/* A forked child has a copy of the memory, and none of the threads. */
static bool is_foreign(struct soft_file *file)
{
	return getpid() != file->dev->pid;
}

static struct tdm_attach_file *attach_reopen(struct tdm_attach_file *base, struct tdm_error *err)
{
	struct soft_file *file = to_soft(base);

	if (is_foreign(file)) {
		tdm_error_set(err, -ENODEV,
			      "device: it belongs to the process that opened it; "
			      "open one in this process");
		return NULL;
	}
	return attach_context(file->dev, err);
}

static void attach_close(struct tdm_attach_file *base)
{
	/* In a child the device is its parent's; its memory goes with the child. */
	if (!is_foreign(to_soft(base)))
		soft_file_close(to_soft(base));
}

static int attach_ioctl(struct tdm_attach_file *base, unsigned long request, void *arg)
{
	return is_foreign(to_soft(base)) ? -ENODEV : soft_ioctl(to_soft(base), request, arg);
}

static void *attach_mmap(struct tdm_attach_file *base, size_t len, int prot, uint64_t offset)
{
	if (is_foreign(to_soft(base))) {
		errno = ENODEV;
		return NULL;
	}
	return soft_mmap(to_soft(base), len, prot, offset);
}

static int attach_munmap(struct tdm_attach_file *base, void *ptr, size_t len)
{
	return is_foreign(to_soft(base)) ? -ENODEV : soft_munmap(to_soft(base), ptr, len);
}

static uint32_t attach_queues(struct tdm_attach_file *base, uint32_t first,
			      struct tdm_observe_queue *list, uint32_t room)
{
	return is_foreign(to_soft(base)) ? 0
					 : soft_queue_look(to_soft(base)->dev, first, list, room);
}

static void attach_look(struct tdm_attach_file *base, uint64_t deadline_ns,
			struct tdm_observe_device *seen)
{
	struct soft_file *file = to_soft(base);

	if (is_foreign(file)) {
		seen->error = -ENODEV;
		return;
	}
	soft_telemetry_look(file->dev, deadline_ns, seen);
	soft_query_memory(file, &seen->memory);
	seen->known |= TDM_OBSERVE_MEMORY;
}

static int attach_order(struct tdm_attach_file *base, const struct drm_tandem_inject *fault,
			uint64_t deadline_ns)
{
	if (is_foreign(to_soft(base)))
		return -ENODEV;
	return soft_inject_try(to_soft(base)->dev, fault, deadline_ns);
}

static const struct tdm_attach_ops soft_ops = {
	.prefix = "soft:",
	.entry = attach_entry,
	.open = attach_open,
	.reopen = attach_reopen,
	.close = attach_close,
	.ioctl = attach_ioctl,
	.mmap = attach_mmap,
	.munmap = attach_munmap,
	.queues = attach_queues,
	.look = attach_look,
	.order = attach_order,
};

const struct tdm_attach_ops *attach_soft(void)
{
	return &soft_ops;
}
