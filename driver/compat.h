/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What differs between the kernels that this builds for, 6.1 and 6.12. No other
 * file asks for a version.
 */
#ifndef TDM_COMPAT_H
#define TDM_COMPAT_H

#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_prime.h>

#if IS_ENABLED(CONFIG_DRM_ACCEL)
#include <drm/drm_accel.h>
#define TDM_NODE_FEATURE DRIVER_COMPUTE_ACCEL
#define tdm_drm_open accel_open
#define TDM_NODE_PREFIX "accel/"
#define tdm_node_minor(drm) ((drm)->accel)
#else
#define TDM_NODE_FEATURE DRIVER_RENDER
#define tdm_drm_open drm_open
#define TDM_NODE_PREFIX "dri/"
#define tdm_node_minor(drm) ((drm)->render)
#endif

/* 6.12: DRM insists on files with unsigned offsets. */
#ifdef FOP_UNSIGNED_OFFSET
#define TDM_FOP_FLAGS .fop_flags = FOP_UNSIGNED_OFFSET,
#else
#define TDM_FOP_FLAGS
#endif

/* 6.6: PRIME's file descriptors are what a driver does that says nothing. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define TDM_PRIME_FD_OPS                                 \
	.prime_handle_to_fd = drm_gem_prime_handle_to_fd, \
	.prime_fd_to_handle = drm_gem_prime_fd_to_handle, \
	.gem_prime_mmap = drm_gem_prime_mmap,
#else
#define TDM_PRIME_FD_OPS
#endif

/* 6.14: the date is gone from struct drm_driver. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define TDM_DRIVER_DATE .date = "0",
#else
#define TDM_DRIVER_DATE
#endif

/* 6.11: a platform driver's remove() returns nothing. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define TDM_PLATFORM_REMOVE remove_new
#else
#define TDM_PLATFORM_REMOVE remove
#endif

/* 6.3: a vma's flags are changed through functions. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void tdm_vm_flags_mod(struct vm_area_struct *vma, unsigned long set,
				    unsigned long clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#else
static inline void tdm_vm_flags_mod(struct vm_area_struct *vma, unsigned long set,
				    unsigned long clear)
{
	vm_flags_mod(vma, set, clear);
}
#endif

/* 6.8: an eventfd is always told 1. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define tdm_eventfd_signal(ctx) eventfd_signal(ctx, 1)
#else
#define tdm_eventfd_signal(ctx) eventfd_signal(ctx)
#endif

/* 6.10: a tracepoint's string is known from its declaration. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define tdm_assign_str(dst, src) __assign_str(dst, src)
#else
#define tdm_assign_str(dst, src) __assign_str(dst)
#endif

/* 6.7: a device has one folder for all of its nodes. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define tdm_debugfs_parent(drm) (tdm_node_minor(drm)->debugfs_root)
#else
#define tdm_debugfs_parent(drm) ((drm)->debugfs_root)
#endif

/* 6.13: symbol namespaces are strings. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define TDM_IMPORT_DMA_BUF MODULE_IMPORT_NS(DMA_BUF)
#else
#define TDM_IMPORT_DMA_BUF MODULE_IMPORT_NS("DMA_BUF")
#endif

#endif /* TDM_COMPAT_H */
