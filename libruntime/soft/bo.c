// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/bo.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "soft/device.h"
#include "soft/file.h"
#include "soft/vm.h"

bool soft_charge(struct soft_device *dev, struct soft_file *file, uint32_t domain, uint64_t bytes)
{
	if (domain == TDM_DOMAIN_DEVICE) {
		if (bytes > dev->identify.memory_bytes - dev->used.device)
			return false;
		dev->used.device += bytes;
		file->used.device += bytes;
	} else {
		if (bytes > dev->host_limit - dev->used.host)
			return false;
		dev->used.host += bytes;
		file->used.host += bytes;
	}
	return true;
}

void soft_uncharge(struct soft_device *dev, struct soft_file *file, uint32_t domain, uint64_t bytes)
{
	if (domain == TDM_DOMAIN_DEVICE) {
		dev->used.device -= bytes;
		if (file)
			file->used.device -= bytes;
	} else {
		dev->used.host -= bytes;
		if (file)
			file->used.host -= bytes;
	}
}

struct soft_bo *soft_bo_alloc(struct soft_device *dev, const struct soft_mem *mem)
{
	struct soft_bo *bo = calloc(1, sizeof(*bo));
	struct soft_mem taken = *mem;
	struct stat st;

	if (!bo || fstat(mem->fd, &st)) {
		int saved = errno;

		soft_mem_fini(&taken);
		free(bo);
		errno = saved;
		return NULL;
	}
	bo->dev = dev;
	bo->refs = 1;
	bo->domain = TDM_DOMAIN_HOST;
	bo->fs = st.st_dev;
	bo->inode = st.st_ino;
	bo->mem = taken;
	return bo;
}

void soft_bo_link(struct soft_bo *bo)
{
	struct soft_device *dev = bo->dev;

	bo->next = dev->bos;
	bo->link = &dev->bos;
	if (bo->next)
		bo->next->link = &bo->next;
	dev->bos = bo;
}

void soft_bo_get(struct soft_bo *bo)
{
	bo->refs++;
}

void soft_bo_put(struct soft_bo *bo)
{
	struct soft_device *dev = bo->dev;
	bool last;

	pthread_mutex_lock(&dev->lock);
	last = !--bo->refs;
	if (last) {
		*bo->link = bo->next;
		if (bo->next)
			bo->next->link = bo->link;
		soft_uncharge(dev, bo->owner, bo->domain, bo->charged);
	}
	pthread_mutex_unlock(&dev->lock);
	if (last) {
		soft_mem_fini(&bo->mem);
		free(bo);
	}
}

int64_t soft_handle_add(struct soft_file *file, struct soft_bo *bo)
{
	struct soft_device *dev = file->dev;
	struct soft_handle *handle = malloc(sizeof(*handle));
	uint32_t number = 0;

	if (handle) {
		struct soft_span span = {
			.bytes = bo->mem.bytes,
			.file = file,
			.fd = bo->mem.fd,
			.bo = bo,
		};

		handle->bo = bo;
		pthread_mutex_lock(&dev->lock);
		handle->offset = soft_span_add(dev, &span);
		pthread_mutex_unlock(&dev->lock);
		if (handle->offset)
			number = soft_table_add(&file->bos, handle);
		if (number)
			return number;
		pthread_mutex_lock(&dev->lock);
		soft_span_remove(dev, handle->offset);
		pthread_mutex_unlock(&dev->lock);
		free(handle);
	}
	soft_bo_put(bo);
	return -ENOMEM;
}

static void handle_free(struct soft_file *file, struct soft_handle *handle)
{
	struct soft_device *dev = file->dev;

	pthread_mutex_lock(&dev->lock);
	soft_span_remove(dev, handle->offset);
	pthread_mutex_unlock(&dev->lock);
	soft_bo_put(handle->bo);
	free(handle);
}

static uint64_t round_up(uint64_t bytes, uint64_t page)
{
	return (bytes + page - 1) / page * page;
}

/* Charged bytes of memory as a bo with one reference; NULL with errno. */
static struct soft_bo *bo_make(struct soft_file *file, const struct drm_tandem_bo_create *create)
{
	struct soft_device *dev = file->dev;
	struct soft_mem mem;
	struct soft_bo *bo;
	int rc = soft_mem_create(&mem, round_up(create->bytes, dev->system_page));

	if (rc) {
		errno = -rc;
		return NULL;
	}
	bo = soft_bo_alloc(dev, &mem);
	if (!bo)
		return NULL;
	bo->owner = file;
	bo->domain = create->domain;
	bo->charged = create->bytes;
	return bo;
}

static int bo_new(struct soft_file *file, struct drm_tandem_bo_create *create)
{
	struct soft_device *dev = file->dev;
	struct soft_bo *bo;
	int64_t handle;
	bool charged;
	int rc = 0;

	pthread_mutex_lock(&dev->lock);
	charged = soft_charge(dev, file, create->domain, create->bytes);
	pthread_mutex_unlock(&dev->lock);
	if (!charged)
		return -ENOSPC;
	bo = bo_make(file, create);
	if (!bo)
		rc = -errno;
	pthread_mutex_lock(&dev->lock);
	if (bo)
		soft_bo_link(bo);
	else
		soft_uncharge(dev, file, create->domain, create->bytes);
	pthread_mutex_unlock(&dev->lock);
	if (!bo)
		return rc;
	handle = soft_handle_add(file, bo);
	if (handle < 0)
		return (int)handle;
	create->handle = (uint32_t)handle;
	return 0;
}

int soft_bo_create(struct soft_file *file, void *arg)
{
	struct drm_tandem_bo_create *create = arg;
	int rc;

	if (create->flags ||
	    (create->domain != TDM_DOMAIN_HOST && create->domain != TDM_DOMAIN_DEVICE) ||
	    !create->bytes || create->bytes % file->dev->identify.page_bytes)
		return -EINVAL;
	pthread_mutex_lock(&file->lock);
	rc = bo_new(file, create);
	pthread_mutex_unlock(&file->lock);
	return rc;
}

int soft_bo_mmap(struct soft_file *file, void *arg)
{
	struct drm_tandem_bo_mmap *map = arg;
	struct soft_handle *handle;

	pthread_mutex_lock(&file->lock);
	handle = soft_table_get(&file->bos, map->handle);
	if (handle)
		map->offset = handle->offset;
	pthread_mutex_unlock(&file->lock);
	return handle ? 0 : -ENOENT;
}

int soft_gem_close(struct soft_file *file, void *arg)
{
	const struct drm_gem_close *gem = arg;
	struct soft_handle *handle;

	if (gem->pad)
		return -EINVAL;
	pthread_mutex_lock(&file->lock);
	handle = soft_table_take(&file->bos, gem->handle);
	if (handle) {
		soft_vm_unmap_bo(file, handle->bo);
		handle_free(file, handle);
	}
	pthread_mutex_unlock(&file->lock);
	return handle ? 0 : -ENOENT;
}

void soft_bo_close_all(struct soft_file *file)
{
	struct soft_device *dev = file->dev;

	for (uint32_t i = 1; i <= file->bos.room; i++) {
		struct soft_handle *handle = soft_table_take(&file->bos, i);

		if (handle)
			handle_free(file, handle);
	}
	soft_table_fini(&file->bos);
	pthread_mutex_lock(&dev->lock);
	for (struct soft_bo *bo = dev->bos; bo; bo = bo->next)
		if (bo->owner == file)
			bo->owner = NULL;
	pthread_mutex_unlock(&dev->lock);
}
