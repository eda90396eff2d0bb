// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * PRIME: a buffer as a file descriptor and back. The descriptor is the memfd
 * itself, so a peer process maps the same memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "soft/bo.h"
#include "soft/device.h"
#include "soft/file.h"

int soft_prime_to_fd(struct soft_file *file, void *arg)
{
	struct drm_prime_handle *prime = arg;
	struct soft_handle *handle;
	int fd = -ENOENT;

	if (prime->flags & ~(uint32_t)(DRM_CLOEXEC | DRM_RDWR))
		return -EINVAL;
	pthread_mutex_lock(&file->lock);
	handle = soft_table_get(&file->bos, prime->handle);
	if (handle)
		fd = soft_mem_export(&handle->bo->mem, prime->flags);
	pthread_mutex_unlock(&file->lock);
	if (fd < 0)
		return fd;
	prime->fd = fd;
	return 0;
}

/* One of this device's own, with a reference. */
static struct soft_bo *find_bo(struct soft_device *dev, const struct stat *st)
{
	struct soft_bo *bo;

	pthread_mutex_lock(&dev->lock);
	for (bo = dev->bos; bo; bo = bo->next)
		if (bo->fs == st->st_dev && bo->inode == st->st_ino)
			break;
	if (bo)
		soft_bo_get(bo);
	pthread_mutex_unlock(&dev->lock);
	return bo;
}

static int import(struct soft_device *dev, int fd, struct soft_bo **out)
{
	struct soft_mem mem;
	int rc = soft_mem_import(&mem, fd);

	if (rc)
		return rc;
	*out = soft_bo_alloc(dev, &mem);
	if (!*out)
		return -errno;
	pthread_mutex_lock(&dev->lock);
	soft_bo_link(*out);
	pthread_mutex_unlock(&dev->lock);
	return 0;
}

/* As DRM: a buffer that the file has already keeps its handle. */
static uint32_t find_handle(const struct soft_file *file, const struct soft_bo *bo)
{
	for (uint32_t i = 1; i <= file->bos.room; i++) {
		const struct soft_handle *handle = soft_table_get(&file->bos, i);

		if (handle && handle->bo == bo)
			return i;
	}
	return 0;
}

int soft_prime_to_handle(struct soft_file *file, void *arg)
{
	struct drm_prime_handle *prime = arg;
	struct soft_bo *bo;
	struct stat st;
	int64_t handle;
	int rc = 0;

	if (prime->flags)
		return -EINVAL;
	if (fstat(prime->fd, &st))
		return -errno;
	pthread_mutex_lock(&file->lock);
	bo = find_bo(file->dev, &st);
	if (!bo)
		rc = import(file->dev, prime->fd, &bo);
	if (rc)
		goto out;
	handle = find_handle(file, bo);
	if (handle)
		soft_bo_put(bo);
	else
		handle = soft_handle_add(file, bo);
	if (handle < 0)
		rc = (int)handle;
	else
		prime->handle = (uint32_t)handle;
out:
	pthread_mutex_unlock(&file->lock);
	return rc;
}
