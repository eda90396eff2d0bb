// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The module, and what DRM needs to know of it.
 */
#include "drv.h"

#include <linux/module.h>

#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>

#include "compat.h"
#include "context.h"
#include "emu.h"
#include "fdinfo.h"
#include "linger.h"
#include "live.h"
#include "prime.h"

/* Device addresses and mmap offsets are 64 bits; pages are the contracts'. */
static_assert(BITS_PER_LONG == 64 && PAGE_SIZE == TDM_HW_PAGE_BYTES);

struct workqueue_struct *tdm_wq;

/* Handles are about to go: their buffers' ranges are the reap work's by then. */
static int tdm_release(struct inode *inode, struct file *filp)
{
	struct drm_file *file = filp->private_data;

	WRITE_ONCE(to_ctx(file)->closing, true);
	return drm_release(inode, filp);
}

static const struct file_operations tdm_fops = {
	.owner = THIS_MODULE,
	.open = tdm_drm_open,
	.release = tdm_release,
	.unlocked_ioctl = tdm_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = tdm_compat_ioctl,
#endif
	.poll = drm_poll,
	.read = drm_read,
	.llseek = noop_llseek,
	.mmap = drm_gem_mmap,
	.show_fdinfo = tdm_show_fdinfo,
	TDM_FOP_FLAGS
};

const struct drm_driver tdm_drm_driver = {
	.driver_features = DRIVER_GEM | TDM_NODE_FEATURE,
	.open = tdm_ctx_open,
	.postclose = tdm_ctx_postclose,
	TDM_PRIME_FD_OPS
	.gem_prime_import = tdm_prime_import,
	.ioctls = tdm_ioctls,
	.num_ioctls = TDM_NR_INJECT + 1,
	.fops = &tdm_fops,
	.name = TDM_DRIVER_NAME,
	.desc = "Tandem accelerator",
	TDM_DRIVER_DATE
	.major = TDM_UAPI_MAJOR,
	.minor = TDM_UAPI_MINOR,
};

static int __init tandem_init(void)
{
	int ret;

	tdm_wq = alloc_workqueue("tandem", WQ_UNBOUND, 0);
	if (!tdm_wq)
		return -ENOMEM;
	ret = tdm_emu_init();
	if (ret)
		destroy_workqueue(tdm_wq);
	return ret;
}

static void __exit tandem_exit(void)
{
	tdm_emu_exit();
	/* What closed contexts have left ends here; it is bounded. */
	flush_workqueue(tdm_wq);
	tdm_linger_exit();
	destroy_workqueue(tdm_wq);
	tdm_live_check();
}

module_init(tandem_init);
module_exit(tandem_exit);

MODULE_DESCRIPTION("Tandem: accelerators for split inference, and their emulation");
MODULE_AUTHOR("The Tandem Authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
