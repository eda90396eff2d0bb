// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <tandem/device.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/observe.h>

#include "device/attach.h"
#include "device/call.h"

struct tdm_device {
	struct tdm_attach_file *file;
	struct tdm_query_device info;
	char name[];
};

/* Takes @file, closes it on error. */
static struct tdm_device *device_new(const char *name, struct tdm_attach_file *file,
				     struct tdm_error *err)
{
	size_t len = strlen(name) + 1;
	struct tdm_device *dev = malloc(sizeof(*dev) + len);
	struct drm_tandem_query query = { .size = sizeof(query), .item = TDM_QUERY_DEVICE };
	int rc = -ENOMEM;

	if (dev) {
		dev->file = file;
		memcpy(dev->name, name, len);
		query.data = (uintptr_t)&dev->info;
		query.len = sizeof(dev->info);
		rc = device_call(dev, DRM_IOCTL_TANDEM_QUERY, &query);
		if (!rc)
			return dev;
	}
	tdm_error_set(err, rc, "device '%s': it does not answer: %s; open it again", name,
		      strerror(-rc));
	file->ops->close(file);
	free(dev);
	return NULL;
}

int device_unknown(const char *name, struct tdm_error *err)
{
	char names[256];

	attach_names(names, sizeof(names));
	if (!strncmp(name, "soft:", 5) && strchr(name, '@'))
		return tdm_error_set(err, -ENODEV,
				     "device '%s': one of another process cannot be opened; use a "
				     "device of one's own: %s",
				     name, names);
	return tdm_error_set(err, -ENODEV, "device '%s': there is none of that name; use one of %s",
			     name, names);
}

struct tdm_device *tdm_device_open(const char *name, struct tdm_error *err)
{
	const struct tdm_attach_ops *ops = attach_find(name);
	struct tdm_error why = { 0 };
	struct tdm_attach_file *file;

	file = ops ? ops->open(name, &why) : NULL;
	if (file)
		return device_new(name, file, err);
	if (ops) {
		if (err)
			*err = why;
	} else {
		device_unknown(name, err);
	}
	return NULL;
}

struct tdm_device *tdm_device_reopen(struct tdm_device *dev, struct tdm_error *err)
{
	struct tdm_attach_file *file = dev->file->ops->reopen(dev->file, err);

	return file ? device_new(dev->name, file, err) : NULL;
}

void tdm_device_close(struct tdm_device *dev)
{
	if (!dev)
		return;
	dev->file->ops->close(dev->file);
	free(dev);
}

const char *tdm_device_name(const struct tdm_device *dev)
{
	return dev->name;
}

const struct tdm_query_device *tdm_device_info(const struct tdm_device *dev)
{
	return &dev->info;
}

int tdm_device_ioctl(struct tdm_device *dev, unsigned long request, void *arg)
{
	return dev->file->ops->ioctl(dev->file, request, arg);
}

void *tdm_device_mmap(struct tdm_device *dev, size_t len, int prot, uint64_t offset,
		      struct tdm_error *err)
{
	void *ptr = dev->file->ops->mmap(dev->file, len, prot, offset);

	if (!ptr)
		tdm_error_set(err, -errno,
			      "device '%s': %zu bytes at offset 0x%llx cannot be "
			      "mapped: %s; use an offset and length that the device gave",
			      dev->name, len, (unsigned long long)offset, strerror(errno));
	return ptr;
}

int tdm_device_munmap(struct tdm_device *dev, void *ptr, size_t len)
{
	return dev->file->ops->munmap(dev->file, ptr, len);
}

int tdm_device_memory(struct tdm_device *dev, struct tdm_query_memory *mem)
{
	struct drm_tandem_query query = {
		.size = sizeof(query),
		.item = TDM_QUERY_MEMORY,
		.data = (uintptr_t)mem,
		.len = sizeof(*mem),
	};

	return device_call(dev, DRM_IOCTL_TANDEM_QUERY, &query);
}

uint32_t device_queues(struct tdm_device *dev, uint32_t first, struct tdm_observe_queue *list,
		       uint32_t room)
{
	const struct tdm_attach_ops *ops = dev->file->ops;

	return ops->queues ? ops->queues(dev->file, first, list, room) : 0;
}

void device_look(struct tdm_device *dev, uint64_t deadline_ns, struct tdm_observe_device *seen)
{
	const struct tdm_attach_ops *ops = dev->file->ops;

	if (ops->look)
		ops->look(dev->file, deadline_ns, seen);
}

int device_order(struct tdm_device *dev, const struct drm_tandem_inject *fault,
		 uint64_t deadline_ns)
{
	const struct tdm_attach_ops *ops = dev->file->ops;

	return ops->order ? ops->order(dev->file, fault, deadline_ns) : -EOPNOTSUPP;
}

int tdm_device_faults(struct tdm_device *dev, struct tdm_fault *faults, unsigned int room)
{
	struct drm_tandem_fault_read read = {
		.size = sizeof(read),
		.count = room,
		.faults = (uintptr_t)faults,
	};
	int rc = device_call(dev, DRM_IOCTL_TANDEM_FAULT_READ, &read);

	return rc ? rc : (int)read.count;
}
