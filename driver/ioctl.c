// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The laws of tandem_accel.h that DRM does not have: sizes first, ENOTTY, and what
 * a dead context answers.
 */
#include <linux/compat.h>
#include <linux/dma-buf.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>
#include <drm/drm_ioctl.h>

#include "bo.h"
#include "context.h"
#include "drv.h"
#include "inject.h"
#include "query.h"
#include "queue.h"

#define TDM_IOCTL(name, handler) \
	DRM_IOCTL_DEF_DRV(TANDEM_##name, handler, DRM_RENDER_ALLOW)

const struct drm_ioctl_desc tdm_ioctls[] = {
	TDM_IOCTL(QUERY, tdm_query_ioctl),
	TDM_IOCTL(BO_CREATE, tdm_bo_create_ioctl),
	TDM_IOCTL(BO_MMAP, tdm_bo_mmap_ioctl),
	TDM_IOCTL(VM_MAP, tdm_vm_map_ioctl),
	TDM_IOCTL(VM_UNMAP, tdm_vm_unmap_ioctl),
	TDM_IOCTL(QUEUE_CREATE, tdm_queue_create_ioctl),
	TDM_IOCTL(QUEUE_DESTROY, tdm_queue_destroy_ioctl),
	TDM_IOCTL(QUEUE_WAKE, tdm_queue_wake_ioctl),
	TDM_IOCTL(QUEUE_WAIT, tdm_queue_wait_ioctl),
	TDM_IOCTL(QUEUE_EVENTFD, tdm_queue_eventfd_ioctl),
	TDM_IOCTL(FAULT_READ, tdm_fault_read_ioctl),
	TDM_IOCTL(INJECT, tdm_inject_ioctl),
};

const unsigned int tdm_n_ioctls = ARRAY_SIZE(tdm_ioctls);

/*
 * The first version's size of each call; with a second one, this becomes a
 * table beside the one above.
 */
static u32 first_size(const struct drm_ioctl_desc *call)
{
	return _IOC_SIZE(call->cmd);
}

/*
 * The size law. @room is the struct's size as the request's number says it, and
 * so what may be read at @arg. Return: 0 or -errno.
 */
static int check_size(const struct drm_ioctl_desc *call, void __user *arg, u32 room)
{
	u32 known = _IOC_SIZE(call->cmd);
	u32 size;
	int ret;

	if (room < sizeof(size))
		return -EINVAL;
	if (get_user(size, (u32 __user *)arg))
		return -EFAULT;
	if (size < first_size(call) || size > room)
		return -EINVAL;
	if (size <= known)
		return 0;
	ret = check_zeroed_user(arg + known, size - known);
	return ret < 0 ? ret : ret ? 0 : -E2BIG;
}

/* Return: 0 or -errno. */
static int check_call(struct file *filp, unsigned int cmd, void __user *arg)
{
	struct drm_file *file = filp->private_data;
	unsigned int nr = _IOC_NR(cmd) - DRM_COMMAND_BASE;
	const struct drm_ioctl_desc *call;
	int ret;

	if (nr >= tdm_n_ioctls)
		return -ENOTTY;
	call = &tdm_ioctls[nr];
	if (_IOC_DIR(cmd) != (_IOC_READ | _IOC_WRITE))
		return -EINVAL;
	/* A null pointer is a bad one before its size is looked at. */
	if (!access_ok(arg, sizeof(u32)) || (unsigned long)arg < PAGE_SIZE)
		return -EFAULT;
	ret = check_size(call, arg, _IOC_SIZE(cmd));
	if (ret)
		return ret;
	return READ_ONCE(to_ctx(file)->error);
}

/* DRM's answers EINVAL for a stale handle, and does not look at the padding. */
static long gem_close(struct drm_file *file, void __user *arg)
{
	struct tdm_ctx *ctx = to_ctx(file);
	struct drm_gem_close args;

	if (READ_ONCE(ctx->error))
		return READ_ONCE(ctx->error);
	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.pad)
		return -EINVAL;
	return drm_gem_handle_delete(file, args.handle) ? -ENOENT : 0;
}

/* DRM's answers EINVAL for a descriptor that is no dma-buf. Return: 0: it is one. */
static long check_import(void __user *arg)
{
	struct drm_prime_handle args;
	struct dma_buf *buf;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags)
		return -EINVAL;
	buf = dma_buf_get(args.fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf) == -EINVAL ? -EOPNOTSUPP : PTR_ERR(buf);
	dma_buf_put(buf);
	return 0;
}

/* DRM's own calls: those of tandem_accel.h. Return: 0: DRM shall do it. */
static long check_core(struct drm_file *file, unsigned int cmd, void __user *arg)
{
	struct tdm_ctx *ctx = to_ctx(file);

	switch (_IOC_NR(cmd)) {
	case _IOC_NR(DRM_IOCTL_PRIME_FD_TO_HANDLE):
		return READ_ONCE(ctx->error) ?: check_import(arg);
	case _IOC_NR(DRM_IOCTL_VERSION):
	case _IOC_NR(DRM_IOCTL_GEM_CLOSE):
	case _IOC_NR(DRM_IOCTL_PRIME_HANDLE_TO_FD):
		return READ_ONCE(ctx->error);
	default:
		return -ENOTTY;
	}
}

long tdm_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct drm_file *file = filp->private_data;
	struct tdm_ctx *ctx = to_ctx(file);
	unsigned int nr = _IOC_NR(cmd);

	if (drm_dev_is_unplugged(&ctx->dev->drm))
		return -ENODEV;
	if (_IOC_TYPE(cmd) != DRM_IOCTL_BASE)
		return -ENOTTY;
	/* A descriptor that was passed to the device itself. */
	if (ctx->dev->bus->is_server(ctx->dev))
		return -EDEADLK;
	if (cmd == DRM_IOCTL_GEM_CLOSE)
		return gem_close(file, (void __user *)arg);
	if (nr >= DRM_COMMAND_BASE && nr < DRM_COMMAND_END) {
		int ret = check_call(filp, cmd, (void __user *)arg);

		if (ret)
			return ret;
		cmd = tdm_ioctls[nr - DRM_COMMAND_BASE].cmd;
	} else {
		long ret = check_core(file, cmd, (void __user *)arg);

		if (ret)
			return ret;
	}
	return drm_ioctl(filp, cmd, arg);
}

#ifdef CONFIG_COMPAT
long tdm_compat_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	unsigned int nr = _IOC_NR(cmd);

	/* Our own structs, and DRM's short ones, are the same for both. */
	if ((nr >= DRM_COMMAND_BASE && nr < DRM_COMMAND_END) || cmd == DRM_IOCTL_GEM_CLOSE)
		return tdm_ioctl(filp, cmd, (unsigned long)compat_ptr(arg));
	return drm_compat_ioctl(filp, cmd, arg);
}
#endif
