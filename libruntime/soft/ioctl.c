// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/ioctl.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "soft/bo.h"
#include "soft/device.h"
#include "soft/fault.h"
#include "soft/file.h"
#include "soft/queue.h"
#include "soft/vm.h"
#include "tandem_accel.h"

#define FIRST_PAGE 4096

/**
 * struct call - one row of the table
 * @handler: gets a zeroed copy; what it leaves there goes back when it returns 0
 * @bytes: of the struct as it is known here
 * @first: of its first version; 0: one of DRM's own, without a size member
 */
struct call {
	int (*handler)(struct soft_file *file, void *arg);
	uint16_t bytes;
	uint16_t first;
};

/* The largest struct of the table; the assertion in CALL() keeps it true. */
#define ARG_MAX 128

#define CALL(fn, type, v1)                                                                         \
	{                                                                                          \
		.handler = fn, .bytes = sizeof(type) / (sizeof(type) <= ARG_MAX), .first = v1      \
	}
#define TANDEM_CALL(nr, fn, type) [DRM_COMMAND_BASE + (nr)] = CALL(fn, type, sizeof(type))
#define DRM_CALL(request, fn, type) [_IOC_NR(request)] = CALL(fn, type, 0)

static const struct call calls[] = {
	DRM_CALL(DRM_IOCTL_VERSION, soft_version, struct drm_version),
	DRM_CALL(DRM_IOCTL_GEM_CLOSE, soft_gem_close, struct drm_gem_close),
	DRM_CALL(DRM_IOCTL_PRIME_HANDLE_TO_FD, soft_prime_to_fd, struct drm_prime_handle),
	DRM_CALL(DRM_IOCTL_PRIME_FD_TO_HANDLE, soft_prime_to_handle, struct drm_prime_handle),
	TANDEM_CALL(TDM_NR_QUERY, soft_query, struct drm_tandem_query),
	TANDEM_CALL(TDM_NR_BO_CREATE, soft_bo_create, struct drm_tandem_bo_create),
	TANDEM_CALL(TDM_NR_BO_MMAP, soft_bo_mmap, struct drm_tandem_bo_mmap),
	TANDEM_CALL(TDM_NR_VM_MAP, soft_vm_map, struct drm_tandem_vm_map),
	TANDEM_CALL(TDM_NR_VM_UNMAP, soft_vm_unmap, struct drm_tandem_vm_unmap),
	TANDEM_CALL(TDM_NR_QUEUE_CREATE, soft_queue_create, struct drm_tandem_queue_create),
	TANDEM_CALL(TDM_NR_QUEUE_DESTROY, soft_queue_destroy, struct drm_tandem_queue_destroy),
	TANDEM_CALL(TDM_NR_QUEUE_WAKE, soft_queue_wake, struct drm_tandem_queue_wake),
	TANDEM_CALL(TDM_NR_QUEUE_WAIT, soft_queue_wait, struct drm_tandem_queue_wait),
	TANDEM_CALL(TDM_NR_QUEUE_EVENTFD, soft_queue_eventfd, struct drm_tandem_queue_eventfd),
	TANDEM_CALL(TDM_NR_FAULT_READ, soft_fault_read, struct drm_tandem_fault_read),
	TANDEM_CALL(TDM_NR_INJECT, soft_inject, struct drm_tandem_inject),
};

void *soft_user_ptr(uint64_t address)
{
	return address < FIRST_PAGE ? NULL : (void *)(uintptr_t)address;
}

static bool is_zero(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

/*
 * The size law. @room is the struct's size as the request's number says it, and
 * so the bytes that can be read at @arg. Return: bytes to copy, or -errno.
 */
static int check_size(const struct call *call, const void *arg, uint32_t room)
{
	uint32_t size;

	if (!call->first)
		return room < call->bytes ? (int)room : call->bytes;
	if (room < sizeof(size))
		return -EINVAL;
	memcpy(&size, arg, sizeof(size));
	if (size < call->first || size > room)
		return -EINVAL;
	if (size <= call->bytes)
		return (int)size;
	if (!is_zero((const unsigned char *)arg + call->bytes, size - call->bytes))
		return -E2BIG;
	return call->bytes;
}

int soft_ioctl(struct soft_file *file, unsigned long request, void *arg)
{
	_Alignas(8) unsigned char copy[ARG_MAX] = { 0 };
	unsigned int nr = _IOC_NR(request);
	const struct call *call;
	int bytes;
	int rc;

	if (_IOC_TYPE(request) != DRM_IOCTL_BASE || nr >= sizeof(calls) / sizeof(calls[0]) ||
	    !calls[nr].handler)
		return -ENOTTY;
	call = &calls[nr];
	if (call->first && _IOC_DIR(request) != (_IOC_READ | _IOC_WRITE))
		return -EINVAL;
	if (!soft_user_ptr((uintptr_t)arg))
		return -EFAULT;
	bytes = check_size(call, arg, _IOC_SIZE(request));
	if (bytes < 0)
		return bytes;
	rc = soft_device_error(file->dev);
	if (rc)
		return rc;
	/* Copied once, then checked and used: the caller may write to it meanwhile. */
	memcpy(copy, arg, (size_t)bytes);
	rc = call->handler(file, copy);
	if (!rc)
		memcpy(arg, copy, (size_t)bytes);
	return rc;
}
