// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <tandem/buffer.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "device/call.h"

struct tdm_buffer {
	struct tdm_device *dev;
	void *ptr; /* NULL in a domain that cannot be mapped */
	uint64_t dva;
	uint64_t bytes;
	uint32_t handle;
};

static int device_full(const struct tdm_buffer *buf, uint32_t domain, struct tdm_error *err)
{
	struct tdm_query_memory mem = { 0 };
	uint64_t room, used;
	bool device = domain == TDM_DOMAIN_DEVICE;

	tdm_device_memory(buf->dev, &mem);
	room = device ? mem.device_bytes : mem.host_limit;
	used = device ? mem.device_used : mem.host_used;
	return tdm_error_set(err, -ENOSPC,
			     "device '%s': %s memory is full: %.3f GB needed, %.3f GB of %.3f GB "
			     "free; free some, or use a device with more",
			     tdm_device_name(buf->dev), device ? "device" : "host",
			     (double)buf->bytes / 1e9, (double)(room - used) / 1e9,
			     (double)room / 1e9);
}

static int make(struct tdm_buffer *buf, uint32_t domain, struct tdm_error *err)
{
	struct drm_tandem_bo_create create = {
		.size = sizeof(create),
		.domain = domain,
		.bytes = buf->bytes,
	};
	int rc = device_call(buf->dev, DRM_IOCTL_TANDEM_BO_CREATE, &create);

	buf->handle = create.handle;
	if (rc == -ENOSPC)
		return device_full(buf, domain, err);
	if (rc)
		return tdm_error_set(err, rc,
				     "device '%s': no buffer of %llu bytes: %s; "
				     "check its length and domain",
				     tdm_device_name(buf->dev), (unsigned long long)buf->bytes,
				     strerror(-rc));
	return 0;
}

static int map_process(struct tdm_buffer *buf, uint32_t domain, struct tdm_error *err)
{
	const struct tdm_query_device *info = tdm_device_info(buf->dev);
	uint32_t props = domain == TDM_DOMAIN_DEVICE ? info->device_props : info->host_props;
	struct drm_tandem_bo_mmap map = { .size = sizeof(map), .handle = buf->handle };
	struct tdm_error why = { 0 };
	int rc;

	if (!(props & TDM_MEM_MAPPABLE))
		return 0;
	rc = device_call(buf->dev, DRM_IOCTL_TANDEM_BO_MMAP, &map);
	if (!rc) {
		buf->ptr = tdm_device_mmap(buf->dev, buf->bytes, PROT_READ | PROT_WRITE, map.offset,
					   &why);
		rc = buf->ptr ? 0 : why.code;
	}
	if (rc)
		return tdm_error_set(err, rc,
				     "device '%s': a buffer of %llu bytes cannot be "
				     "mapped: %s; raise the limit on address space (ulimit -v)",
				     tdm_device_name(buf->dev), (unsigned long long)buf->bytes,
				     strerror(-rc));
	return 0;
}

static int map_device(struct tdm_buffer *buf, uint32_t access, struct tdm_error *err)
{
	struct drm_tandem_vm_map map = {
		.size = sizeof(map),
		.handle = buf->handle,
		.len = buf->bytes,
		.access = access,
	};
	int rc = device_call(buf->dev, DRM_IOCTL_TANDEM_VM_MAP, &map);

	if (rc)
		return tdm_error_set(err, rc,
				     "device '%s': a buffer of %llu bytes cannot be made "
				     "visible to it: %s; check the access flags",
				     tdm_device_name(buf->dev), (unsigned long long)buf->bytes,
				     strerror(-rc));
	buf->dva = map.dva;
	return 0;
}

struct tdm_buffer *tdm_buffer_create(struct tdm_device *dev, unsigned int domain, uint64_t bytes,
				     unsigned int access, struct tdm_error *err)
{
	uint64_t page = tdm_device_info(dev)->identify.page_bytes;
	struct tdm_buffer *buf;

	if (!bytes || bytes > UINT64_MAX - page) {
		tdm_error_set(err, -EINVAL,
			      "device '%s': a buffer of %llu bytes; give it a length "
			      "that is not 0 and fits",
			      tdm_device_name(dev), (unsigned long long)bytes);
		return NULL;
	}
	buf = calloc(1, sizeof(*buf));
	if (!buf) {
		tdm_error_set(err, -ENOMEM, "device '%s': no memory for a buffer; free some",
			      tdm_device_name(dev));
		return NULL;
	}
	buf->dev = dev;
	buf->bytes = (bytes + page - 1) / page * page;
	if (make(buf, domain, err) || map_process(buf, domain, err) ||
	    map_device(buf, access, err)) {
		tdm_buffer_destroy(buf);
		return NULL;
	}
	return buf;
}

void tdm_buffer_destroy(struct tdm_buffer *buf)
{
	struct drm_gem_close close = { 0 };

	if (!buf)
		return;
	if (buf->ptr)
		tdm_device_munmap(buf->dev, buf->ptr, buf->bytes);
	/* Takes the device's mapping back as well. */
	close.handle = buf->handle;
	if (buf->handle)
		device_call(buf->dev, DRM_IOCTL_GEM_CLOSE, &close);
	free(buf);
}

int tdm_buffer_export(const struct tdm_buffer *buf)
{
	struct drm_prime_handle prime = {
		.handle = buf->handle,
		.flags = DRM_CLOEXEC | DRM_RDWR,
	};
	int rc = device_call(buf->dev, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);

	return rc ? rc : prime.fd;
}

void *tdm_buffer_ptr(const struct tdm_buffer *buf)
{
	return buf->ptr;
}

uint64_t tdm_buffer_dva(const struct tdm_buffer *buf)
{
	return buf->dva;
}

uint64_t tdm_buffer_bytes(const struct tdm_buffer *buf)
{
	return buf->bytes;
}
