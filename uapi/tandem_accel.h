/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Contract 1 of 3: the ioctls of a device node.
 *
 * One open file is one context: an address space of its own, its buffers,
 * queues and programs. Everything hot bypasses these calls.
 *
 * Laws of every call:
 *
 *  - The first member is the struct's size as the caller knows it. Smaller than
 *    the first version: EINVAL. Larger than known, with a tail that is not
 *    zero: E2BIG; with a zero tail: as the exact size.
 *  - Reserved members and unknown flags are zero, or EINVAL. Pairs of offset and
 *    length that wrap: EINVAL. Bad pointer: EFAULT. Handle or queue that is
 *    stale or another file's: ENOENT. Unknown call: ENOTTY. Device removed:
 *    ENODEV for ever; context killed by a reset: EIO for good.
 *  - A failed call changed nothing. Deadlines are absolute, CLOCK_MONOTONIC.
 *
 * From DRM itself, not written again: DRM_IOCTL_VERSION, DRM_IOCTL_GEM_CLOSE
 * (unmaps first), DRM_IOCTL_PRIME_HANDLE_TO_FD and _FD_TO_HANDLE.
 */
#ifndef _UAPI_TANDEM_ACCEL_H
#define _UAPI_TANDEM_ACCEL_H

#ifdef __KERNEL__
#include <drm/drm.h>
#else
#include <libdrm/drm.h>
#endif

#include "tandem_hw.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* What DRM_IOCTL_VERSION says the driver is. */
#define TDM_DRIVER_NAME "tandem"

#define TDM_UAPI_MAJOR 1
#define TDM_UAPI_MINOR 1 /* 1: INJECT, TDM_ST_DEVICE, more of the telemetry */

#define TDM_NR_QUERY 0x00
#define TDM_NR_BO_CREATE 0x01
#define TDM_NR_BO_MMAP 0x02
#define TDM_NR_VM_MAP 0x03
#define TDM_NR_VM_UNMAP 0x04
#define TDM_NR_QUEUE_CREATE 0x05
#define TDM_NR_QUEUE_DESTROY 0x06
#define TDM_NR_QUEUE_WAKE 0x07
#define TDM_NR_QUEUE_WAIT 0x08
#define TDM_NR_QUEUE_EVENTFD 0x09
#define TDM_NR_FAULT_READ 0x0a
#define TDM_NR_INJECT 0x0b

enum tdm_query_item {
	TDM_QUERY_DEVICE = 1,	 /* struct tdm_query_device */
	TDM_QUERY_MEMORY = 2,	 /* struct tdm_query_memory */
	TDM_QUERY_CLOCK = 3,	 /* struct tdm_query_clock */
	TDM_QUERY_TELEMETRY = 4, /* struct tdm_telemetry */
};

/**
 * struct drm_tandem_query - read an item
 * @size: sizeof(struct drm_tandem_query)
 * @item: enum tdm_query_item; unknown: EINVAL
 * @data: user pointer the item is written to
 * @len: in: bytes at @data; out: bytes of the item as the kernel knows it. The
 *	 smaller of both is written, and zeroes behind it
 * @flags: 0
 */
struct drm_tandem_query {
	__u32 size;
	__u32 item;
	__u64 data;
	__u32 len;
	__u32 flags;
};

enum tdm_attachment {
	TDM_ATTACH_SOFT = 1,
	TDM_ATTACH_EMU = 2,
	TDM_ATTACH_PCI = 3,
};

/* Properties of a memory domain. */
#define TDM_MEM_MAPPABLE 0x1   /* mmap works */
#define TDM_MEM_PINNABLE 0x2   /* its mapping can be registered for RDMA */
#define TDM_MEM_EXPORTABLE 0x4 /* PRIME_HANDLE_TO_FD works */
#define TDM_MEM_IMPORTABLE 0x8 /* PRIME_FD_TO_HANDLE of a foreign dma-buf works */

struct tdm_query_device {
	__u16 uapi_major;
	__u16 uapi_minor;
	__u16 queue_abi;
	__u16 attachment;   /* enum tdm_attachment */
	__u32 host_props;   /* TDM_MEM_* of TDM_DOMAIN_HOST */
	__u32 device_props; /* TDM_MEM_* of TDM_DOMAIN_DEVICE */
	struct tdm_identify identify;
};

struct tdm_query_memory {
	__u64 device_bytes; /* capacity */
	__u64 device_used;  /* charged by all contexts */
	__u64 host_limit;
	__u64 host_used;
	__u64 context_device; /* of these, charged by this context */
	__u64 context_host;
};

struct tdm_query_clock {
	__u64 device_ns;    /* device clock and */
	__u64 monotonic_ns; /* CLOCK_MONOTONIC, read together */
};

enum tdm_domain {
	TDM_DOMAIN_HOST = 1,   /* host memory that the device can reach */
	TDM_DOMAIN_DEVICE = 2, /* charged against the device's capacity */
};

/**
 * struct drm_tandem_bo_create - make a buffer
 * @size: sizeof(struct drm_tandem_bo_create)
 * @domain: enum tdm_domain
 * @bytes: length, a multiple of the device's page_bytes
 * @flags: 0
 * @handle: out
 *
 * Capacity is charged here (ENOSPC), pages come when they are touched. The
 * memory reads as zero at first.
 */
struct drm_tandem_bo_create {
	__u32 size;
	__u32 domain;
	__u64 bytes;
	__u32 flags;
	__u32 handle;
};

/* The offset for mmap on the device file; MAP_SHARED alone. */
struct drm_tandem_bo_mmap {
	__u32 size;
	__u32 handle;
	__u64 offset;
};

/**
 * struct drm_tandem_vm_map - make a range of a buffer visible at a device address
 * @size: sizeof(struct drm_tandem_vm_map)
 * @handle: buffer
 * @offset: first byte in it, page aligned
 * @len: bytes, page aligned, not 0
 * @dva: in: wanted address, 0 for the kernel's choice; out: the address.
 *	 EEXIST where it overlaps a mapping
 * @access: enum tdm_access, or-ed; TDM_ACCESS_READ is always in it
 * @flags: 0
 */
struct drm_tandem_vm_map {
	__u32 size;
	__u32 handle;
	__u64 offset;
	__u64 len;
	__u64 dva;
	__u32 access;
	__u32 flags;
};

/* Takes back one VM_MAP, whole. Returns after the device has drained. */
struct drm_tandem_vm_unmap {
	__u32 size;
	__u32 flags;
	__u64 dva;
	__u64 len;
};

/**
 * struct drm_tandem_queue_create - make a queue
 * @size: sizeof(struct drm_tandem_queue_create)
 * @abi: TDM_QUEUE_ABI; another: EOPNOTSUPP
 * @sq_entries: power of two, TDM_QUEUE_MIN_ENTRIES to max_entries
 * @cq_entries: power of two, at least @sq_entries
 * @time_limit_ms: bound of one command, which then ends in TDM_ST_TIMEOUT at its
 *		   next layer or slice; 0: none
 * @flags: 0
 * @queue: out: number within the context
 * @wake: out: enum tdm_wake
 * @sq_offset: out: mmap offset of the submit area, read and write
 * @sq_bytes: out
 * @cq_offset: out: of the complete area, read only
 * @cq_bytes: out
 * @status_offset: out: of the status page, one page, read only
 * @doorbell_offset: out: of the doorbell page for TDM_WAKE_STORE, else 0
 */
struct drm_tandem_queue_create {
	__u32 size;
	__u32 abi;
	__u32 sq_entries;
	__u32 cq_entries;
	__u32 time_limit_ms;
	__u32 flags;
	__u32 queue;
	__u32 wake;
	__u64 sq_offset;
	__u64 sq_bytes;
	__u64 cq_offset;
	__u64 cq_bytes;
	__u64 status_offset;
	__u64 doorbell_offset;
};

/* Commands that run are aborted; mappings stay until they are unmapped. */
struct drm_tandem_queue_destroy {
	__u32 size;
	__u32 queue;
};

/* For TDM_WAKE_CALL: the device looks at the tail again. */
struct drm_tandem_queue_wake {
	__u32 size;
	__u32 queue;
};

/**
 * struct drm_tandem_queue_wait - sleep until the queue has completed enough
 * @size: sizeof(struct drm_tandem_queue_wait)
 * @queue: number
 * @seq: returns once tdm_cq_hdr.completed >= @seq
 * @deadline_ns: absolute, CLOCK_MONOTONIC; 0 looks once. ETIMEDOUT when it has
 *		 passed
 * @flags: 0
 * @reserved: 0
 *
 * EINTR on a signal, to be called again as it is. EIO or ENODEV when the queue
 * left TDM_QUEUE_RUNNING below @seq.
 */
struct drm_tandem_queue_wait {
	__u32 size;
	__u32 queue;
	__u64 seq;
	__u64 deadline_ns;
	__u32 flags;
	__u32 reserved;
};

/* @fd: eventfd that the queue's events add 1 to, or -1 for none. */
struct drm_tandem_queue_eventfd {
	__u32 size;
	__u32 queue;
	__s32 fd;
	__u32 flags;
};

/**
 * struct drm_tandem_fault_read - take fault records of this context, oldest first
 * @size: sizeof(struct drm_tandem_fault_read)
 * @count: in: room; out: records written, and taken
 * @faults: user pointer to struct tdm_fault[count]
 * @lost: out: records that fell out since the last call: the kernel keeps the
 *	  last TDM_FAULT_KEEP
 * @flags: 0
 * @reserved: 0
 */
#define TDM_FAULT_KEEP 64

struct drm_tandem_fault_read {
	__u32 size;
	__u32 count;
	__u64 faults;
	__u64 lost;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct drm_tandem_inject - order a fault of the device, for tests and drills
 * @size: sizeof(struct drm_tandem_inject)
 * @kind: enum tdm_inject_kind; this and the rest: as in struct tdm_admin_inject
 * @count: how often; 0: no limit
 * @duration_ms: how long; 0: until TDM_INJECT_NONE or a reset
 * @value: of SLOW
 * @flags: 0
 * @seed: of BITFLIP
 *
 * It hits all contexts of the device. EPERM without CAP_SYS_ADMIN in the initial
 * user namespace, and on a device that is not emulated without the module's
 * parameter allow_inject; a soft device is its own process's, and asks for
 * neither. EOPNOTSUPP: its firmware does not know how. CRASH: ENODEV.
 */
struct drm_tandem_inject {
	__u32 size;
	__u32 kind;
	__u32 count;
	__u32 duration_ms;
	__u32 value;
	__u32 flags;
	__u64 seed;
};

#define TDM_IOWR(nr, type) DRM_IOWR(DRM_COMMAND_BASE + (nr), type)

#define DRM_IOCTL_TANDEM_QUERY TDM_IOWR(TDM_NR_QUERY, struct drm_tandem_query)
#define DRM_IOCTL_TANDEM_BO_CREATE TDM_IOWR(TDM_NR_BO_CREATE, struct drm_tandem_bo_create)
#define DRM_IOCTL_TANDEM_BO_MMAP TDM_IOWR(TDM_NR_BO_MMAP, struct drm_tandem_bo_mmap)
#define DRM_IOCTL_TANDEM_VM_MAP TDM_IOWR(TDM_NR_VM_MAP, struct drm_tandem_vm_map)
#define DRM_IOCTL_TANDEM_VM_UNMAP TDM_IOWR(TDM_NR_VM_UNMAP, struct drm_tandem_vm_unmap)
#define DRM_IOCTL_TANDEM_QUEUE_CREATE TDM_IOWR(TDM_NR_QUEUE_CREATE, struct drm_tandem_queue_create)
#define DRM_IOCTL_TANDEM_QUEUE_DESTROY                                                             \
	TDM_IOWR(TDM_NR_QUEUE_DESTROY, struct drm_tandem_queue_destroy)
#define DRM_IOCTL_TANDEM_QUEUE_WAKE TDM_IOWR(TDM_NR_QUEUE_WAKE, struct drm_tandem_queue_wake)
#define DRM_IOCTL_TANDEM_QUEUE_WAIT TDM_IOWR(TDM_NR_QUEUE_WAIT, struct drm_tandem_queue_wait)
#define DRM_IOCTL_TANDEM_QUEUE_EVENTFD                                                             \
	TDM_IOWR(TDM_NR_QUEUE_EVENTFD, struct drm_tandem_queue_eventfd)
#define DRM_IOCTL_TANDEM_FAULT_READ TDM_IOWR(TDM_NR_FAULT_READ, struct drm_tandem_fault_read)
#define DRM_IOCTL_TANDEM_INJECT TDM_IOWR(TDM_NR_INJECT, struct drm_tandem_inject)

TDM_STATIC_ASSERT(sizeof(struct drm_tandem_query) == 24, "drm_tandem_query");
TDM_STATIC_ASSERT(sizeof(struct tdm_query_device) == 176, "tdm_query_device");
TDM_STATIC_ASSERT(sizeof(struct tdm_query_memory) == 48, "tdm_query_memory");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_bo_create) == 24, "drm_tandem_bo_create");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_bo_mmap) == 16, "drm_tandem_bo_mmap");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_vm_map) == 40, "drm_tandem_vm_map");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_vm_unmap) == 24, "drm_tandem_vm_unmap");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_queue_create) == 80, "drm_tandem_queue_create");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_queue_wait) == 32, "drm_tandem_queue_wait");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_queue_eventfd) == 16, "drm_tandem_queue_eventfd");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_fault_read) == 32, "drm_tandem_fault_read");
TDM_STATIC_ASSERT(sizeof(struct drm_tandem_inject) == 32, "drm_tandem_inject");

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_TANDEM_ACCEL_H */
