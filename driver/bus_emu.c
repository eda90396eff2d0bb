// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The emu bus: a platform device for each emulated one, and what the core asks of
 * it.
 */
#include <linux/dma-mapping.h>
#include <linux/platform_device.h>

#include "compat.h"
#include "device.h"
#include "emu.h"
#include "sysfs.h"
#include "vm.h"

#define EMU_NAME "tandem-emu"

static struct emu *to_emu(struct tdm_device *dev)
{
	return dev->bus_data;
}

static void get(struct tdm_device *dev)
{
	emu_get(to_emu(dev));
}

static void put(struct tdm_device *dev)
{
	emu_put(to_emu(dev));
}

static int share(struct tdm_device *dev, struct tdm_store *store, u32 access,
		 struct tdm_share *share)
{
	return emu_mem_add(to_emu(dev), store, access, share);
}

static void unshare(struct tdm_device *dev, struct tdm_share *share)
{
	emu_mem_remove(to_emu(dev), share);
}

static u64 range_bus(const struct tdm_range *range, u32 ctx)
{
	return TDM_EMU_DVA | (u64)ctx << TDM_EMU_DVA_SHIFT | range->start;
}

static void revoke(struct tdm_device *dev, u32 ctx, u64 dva, u64 len)
{
	emu_zap(to_emu(dev), TDM_EMU_DVA | (u64)ctx << TDM_EMU_DVA_SHIFT | dva, len);
}

static void ring_admin(struct tdm_device *dev)
{
	emu_ring(to_emu(dev), TDM_EMU_BELL_ADMIN);
}

static void ring_compute(struct tdm_device *dev)
{
	emu_ring(to_emu(dev), TDM_EMU_BELL_COMPUTE);
}

static void changed(struct tdm_device *dev)
{
	emu_ring(to_emu(dev), TDM_EMU_BELL_STATUS);
	/* Removal ends every wait. */
	if (READ_ONCE(dev->state) == TDM_DEV_GONE) {
		emu_ring(to_emu(dev), TDM_EMU_BELL_ADMIN);
		emu_ring(to_emu(dev), TDM_EMU_BELL_COMPUTE);
	}
}

static bool is_server(struct tdm_device *dev)
{
	return task_tgid(current) == to_emu(dev)->owner;
}

static const struct tdm_bus_ops emu_bus_ops = {
	.attachment = TDM_ATTACH_EMU,
	.wake = TDM_WAKE_CALL,
	.max_contexts = TDM_EMU_CTX_MAX,
	.get = get,
	.put = put,
	.share = share,
	.unshare = unshare,
	.range_bus = range_bus,
	.revoke = revoke,
	.ring_admin = ring_admin,
	.ring_compute = ring_compute,
	.changed = changed,
	.is_server = is_server,
};

static int emu_probe(struct platform_device *pdev)
{
	struct emu *emu = *(struct emu **)dev_get_platdata(&pdev->dev);
	struct tdm_device *dev;
	int ret;

	/* Bound again by hand: a new attach is a new device. */
	if (emu->tdm)
		return -EBUSY;
	/* Buffers are mapped for other devices' DMA in whatever pieces they are. */
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	ret = dma_coerce_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	dev = tdm_device_create(&pdev->dev, &emu_bus_ops, emu);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	platform_set_drvdata(pdev, dev);
	drm_dev_get(&dev->drm);
	emu->tdm = dev;
	return 0;
}

static void emu_remove(struct platform_device *pdev)
{
	tdm_device_remove(platform_get_drvdata(pdev));
}

static struct platform_driver emu_driver = {
	.probe = emu_probe,
	.TDM_PLATFORM_REMOVE = emu_remove,
	.driver = {
		.name = EMU_NAME,
		.dev_groups = tdm_sysfs_groups,
	},
};

int emu_bus_init(void)
{
	return platform_driver_register(&emu_driver);
}

void emu_bus_exit(void)
{
	platform_driver_unregister(&emu_driver);
}

/* Makes the platform device; its probe makes ours. emu.lock is held. */
int emu_bus_add(struct emu *emu)
{
	struct platform_device *pdev = platform_device_alloc(EMU_NAME, emu->id);
	int ret;

	if (!pdev)
		return -ENOMEM;
	ret = platform_device_add_data(pdev, &emu, sizeof(emu));
	if (!ret)
		ret = platform_device_add(pdev);
	if (ret) {
		/* Which asks for no memory's sake whether there was some for the name. */
		if (!dev_name(&pdev->dev))
			ret = -ENOMEM;
		platform_device_put(pdev);
		return ret;
	}
	/* Not probed, or removed again since its attributes could not be made. */
	if (!READ_ONCE(pdev->dev.driver)) {
		platform_device_unregister(pdev);
		if (emu->tdm)
			drm_dev_put(&emu->tdm->drm);
		emu->tdm = NULL;
		return -ENOMEM;
	}
	emu->pdev = pdev;
	return 0;
}
