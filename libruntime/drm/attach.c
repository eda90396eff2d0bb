// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The attachment to the kernel's driver: a node, and ioctl(2) and mmap(2) on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/attach.h"
#include "drm/node.h"

struct drm_file {
	struct tdm_attach_file base;
	int fd;
	char name[NODE_NAME_BYTES];
};

static const struct tdm_attach_ops drm_ops;

static struct drm_file *to_drm(struct tdm_attach_file *base)
{
	return (struct drm_file *)base;
}

static int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

static struct tdm_attach_file *attach_open(const char *name, struct tdm_error *err)
{
	struct drm_file *file = calloc(1, sizeof(*file));
	int fd = drm_node_open(name);

	if (file && fd >= 0) {
		file->base.ops = &drm_ops;
		file->fd = fd;
		snprintf(file->name, sizeof(file->name), "%s", name);
		return &file->base;
	}
	if (!file)
		tdm_error_set(err, -ENOMEM, "device '%s': no memory to open it; free some", name);
	else if (fd == -ENODEV)
		tdm_error_set(err, fd,
			      "device '%s': no node of the tandem driver; load tandem.ko, or use a "
			      "soft device",
			      name);
	else if (fd == -EACCES || fd == -EPERM)
		tdm_error_set(err, fd,
			      "device '%s': no permission to open it; join the group that owns "
			      "it (render)",
			      name);
	else
		tdm_error_set(err, fd,
			      "device '%s': it cannot be opened: %s; look at the kernel's "
			      "log",
			      name, strerror(-fd));
	if (fd >= 0)
		close(fd);
	free(file);
	return NULL;
}

static struct tdm_attach_file *attach_reopen(struct tdm_attach_file *base, struct tdm_error *err)
{
	return attach_open(to_drm(base)->name, err);
}

static void attach_close(struct tdm_attach_file *base)
{
	close(to_drm(base)->fd);
	free(base);
}

static int attach_ioctl(struct tdm_attach_file *base, unsigned long request, void *arg)
{
	return call(to_drm(base)->fd, request, arg);
}

static void *attach_mmap(struct tdm_attach_file *base, size_t len, int prot, uint64_t offset)
{
	void *ptr;

	/* mmap(2) says ENOMEM where rounding a length up wraps: here it is a bad one. */
	if (len > SIZE_MAX / 2) {
		errno = EINVAL;
		return NULL;
	}
	ptr = mmap(NULL, len, prot, MAP_SHARED, to_drm(base)->fd, (off_t)offset);

	return ptr == MAP_FAILED ? NULL : ptr;
}

static int attach_munmap(struct tdm_attach_file *base, void *ptr, size_t len)
{
	(void)base;
	return munmap(ptr, len) ? -errno : 0;
}

static bool attach_entry(unsigned int index, struct tdm_device_entry *entry)
{
	struct tdm_query_device info = { 0 };
	struct drm_tandem_query query = {
		.size = sizeof(query),
		.item = TDM_QUERY_DEVICE,
		.data = (uintptr_t)&info,
		.len = sizeof(info),
	};
	char name[NODE_NAME_BYTES];
	int fd;

	if (!drm_node_at(index, name))
		return false;
	*entry = (struct tdm_device_entry){ 0 };
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	fd = drm_node_open(name);
	if (fd >= 0) {
		/* A device that is lost is listed too, with nothing behind its name. */
		while (call(fd, DRM_IOCTL_TANDEM_QUERY, &query) == -EINTR)
			;
		close(fd);
	}
	entry->attachment = info.attachment;
	entry->identify = info.identify;
	return true;
}

static const struct tdm_attach_ops drm_ops = {
	.prefix = "/dev/",
	.entry = attach_entry,
	.open = attach_open,
	.reopen = attach_reopen,
	.close = attach_close,
	.ioctl = attach_ioctl,
	.mmap = attach_mmap,
	.munmap = attach_munmap,
};

const struct tdm_attach_ops *attach_drm(void)
{
	return &drm_ops;
}
