/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A context's device address space: which range is which part of a buffer.
 */
#ifndef TDM_VM_H
#define TDM_VM_H

#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>

struct drm_device;
struct drm_file;
struct drm_printer;
struct page;
struct tdm_bo;
struct tdm_ctx;

/* Made and ended under tdm_ctx.call_lock; in the tree under tdm_vm.lock. */
struct tdm_range {
	struct rb_node rb;
	u64 start;
	u64 last; /* its last byte */
	u64 subtree_last; /* the interval tree's */
	struct tdm_bo *bo; /* with a reference */
	u64 offset; /* in it */
	u32 access; /* enum tdm_access, or-ed */
	bool leaving; /* set once: nobody's any more, but the firmware may have it still */
};

struct tdm_vm {
	struct mutex lock; /* all below; held by the control node's faults */
	struct rb_root_cached ranges;
	bool dead; /* nothing is there any more */
	u64 next; /* where the kernel's choice looks first; tdm_ctx.call_lock */
};

void tdm_vm_init(struct tdm_vm *vm);
void tdm_vm_fini(struct tdm_vm *vm);

int tdm_vm_map_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int tdm_vm_unmap_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

/* GEM_CLOSE: all ranges of @bo, now or, if interrupted, in the background. */
void tdm_vm_unmap_bo(struct tdm_ctx *ctx, struct tdm_bo *bo);

/* Unmap what is leaving. call_lock is held. Return: 0, or why something is left. */
int tdm_vm_sweep(struct tdm_ctx *ctx);

/* The device can reach nothing of it from here on, and nothing new. */
void tdm_vm_revoke(struct tdm_ctx *ctx);

/* After tdm_vm_revoke(): let go of the buffers. */
void tdm_vm_clear(struct tdm_ctx *ctx);

/*
 * The page at an address, for a fault of the device. vm->lock is held, and until
 * the page is mapped. @writable: out. Or -EFAULT, -EACCES, -ENOMEM.
 */
struct page *tdm_vm_page(struct tdm_vm *vm, u64 dva, bool write, bool *writable);

void tdm_vm_show(struct tdm_vm *vm, u32 ctx, struct drm_printer *p);

#endif /* TDM_VM_H */
