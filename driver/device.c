// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "device.h"

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>

#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "context.h"
#include "coredump.h"
#include "debugfs.h"
#include "drv.h"
#include "hwmon.h"
#include "live.h"
#include "query.h"
#include "reset.h"
#include "store.h"

#define BOOT_TIMEOUT (60 * HZ)
#define MAX_QUEUES 65536

static unsigned int admin_timeout_ms;
module_param(admin_timeout_ms, uint, 0644);
MODULE_PARM_DESC(admin_timeout_ms,
		 "Milliseconds until an unanswered admin command resets the device (0: the firmware's)");

static unsigned int host_limit_mib;
module_param(host_limit_mib, uint, 0444);
MODULE_PARM_DESC(host_limit_mib,
		 "MiB of host memory that one device's buffers and rings may take (0: all there is)");

unsigned long tdm_device_admin_timeout(struct tdm_device *dev)
{
	unsigned int ms = READ_ONCE(admin_timeout_ms) ?: READ_ONCE(dev->fw->admin_timeout_ms);

	return msecs_to_jiffies(clamp(ms, 10U, 120000U));
}

bool tdm_device_move(struct tdm_device *dev, unsigned int from, enum tdm_dev_state to)
{
	bool moved;

	spin_lock(&dev->state_lock);
	moved = from & BIT(dev->state);
	if (moved)
		WRITE_ONCE(dev->state, to);
	spin_unlock(&dev->state_lock);
	if (moved) {
		wake_up_all(&dev->state_wait);
		dev->bus->changed(dev);
	}
	return moved;
}

void tdm_device_queue(struct tdm_device *dev, unsigned int states, struct work_struct *work)
{
	spin_lock(&dev->state_lock);
	if (states & BIT(dev->state))
		queue_work(tdm_wq, work);
	spin_unlock(&dev->state_lock);
}

bool tdm_device_queue_ctx(struct tdm_device *dev, struct work_struct *work)
{
	bool queued;

	spin_lock(&dev->state_lock);
	/* One that is gone answers at once, so its contexts keep nobody waiting. */
	queued = queue_work(dev->state == TDM_DEV_GONE ? tdm_wq : dev->ctx_wq, work);
	spin_unlock(&dev->state_lock);
	return queued;
}

static u64 *usage_of(struct tdm_usage *usage, u32 domain)
{
	return domain == TDM_DOMAIN_DEVICE ? &usage->device : &usage->host;
}

bool tdm_device_charge(struct tdm_device *dev, struct tdm_ctx *ctx, u32 domain, u64 bytes)
{
	u64 limit = domain == TDM_DOMAIN_DEVICE ? dev->identify.memory_bytes : dev->host_limit;
	u64 *used = usage_of(&dev->used, domain);
	bool fits;

	spin_lock(&dev->usage_lock);
	fits = bytes <= limit - *used;
	if (fits) {
		*used += bytes;
		*usage_of(&ctx->used, domain) += bytes;
	}
	spin_unlock(&dev->usage_lock);
	return fits;
}

void tdm_device_uncharge(struct tdm_device *dev, struct tdm_ctx *ctx, u32 domain, u64 bytes)
{
	spin_lock(&dev->usage_lock);
	*usage_of(&dev->used, domain) -= bytes;
	*usage_of(&ctx->used, domain) -= bytes;
	spin_unlock(&dev->usage_lock);
}

/* Until @count are gone. Return: 0, -ETIMEDOUT or -ERESTARTSYS. */
static int wait_ended(struct tdm_device *dev, s64 count)
{
	long left = wait_event_interruptible_timeout(dev->reaped,
						     atomic64_read(&dev->reap_ended) >= count,
						     tdm_device_admin_timeout(dev));

	return left < 0 ? left : left ? 0 : -ETIMEDOUT;
}

int tdm_device_wait_reaped(struct tdm_device *dev)
{
	s64 ended = atomic64_read(&dev->reap_ended);
	int ret;

	if (atomic64_read(&dev->reap_begun) == ended)
		return -ENOSPC;
	ret = wait_ended(dev, ended + 1);
	return ret == -ETIMEDOUT ? -ENOSPC : ret;
}

int tdm_device_wait_all_reaped(struct tdm_device *dev)
{
	int ret = wait_ended(dev, atomic64_read(&dev->reap_begun));

	return ret == -ETIMEDOUT ? 0 : ret;
}

static bool text_is_sane(const char *text, size_t room)
{
	size_t len = strnlen(text, room);
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return len && len < room;
}

static bool identify_is_sane(struct tdm_device *dev, const struct tdm_identify *id)
{
	return id->abi == TDM_HW_ABI && id->max_contexts &&
	       id->max_contexts <= dev->bus->max_contexts && id->max_queues &&
	       id->max_queues <= MAX_QUEUES && id->max_entries >= TDM_QUEUE_MIN_ENTRIES &&
	       id->max_entries <= TDM_QUEUE_MAX_ENTRIES && id->page_bytes >= PAGE_SIZE &&
	       is_power_of_2(id->page_bytes) && id->page_bytes <= SZ_1G &&
	       id->memory_bytes < TDM_DVA_END && text_is_sane(id->model, sizeof(id->model)) &&
	       text_is_sane(id->firmware, sizeof(id->firmware));
}

static int identify(struct tdm_device *dev)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_IDENTIFY };
	struct tdm_identify id;
	int ret;

	cmd.page.bus = dev->page_share.bus;
	cmd.page.len = sizeof(id);
	ret = tdm_admin_run(dev, &cmd);
	if (ret)
		return ret;
	memcpy(&id, tdm_store_ptr(dev->page_share.store, 0), sizeof(id));
	barrier();
	if (!identify_is_sane(dev, &id))
		return -EPROTO;
	dev->identify = id;
	return 0;
}

static bool booted(struct tdm_device *dev)
{
	/* The magic is stored last: what else it says by then holds. */
	if (smp_load_acquire(&dev->fw->magic) != TDM_HW_MAGIC)
		return false;
	return READ_ONCE(dev->fw->state) == TDM_FW_READY;
}

static int boot(struct tdm_device *dev)
{
	long left = wait_event_idle_timeout(dev->state_wait,
					    booted(dev) ||
					    READ_ONCE(dev->state) != TDM_DEV_BOOTING,
					    BOOT_TIMEOUT);
	int ret;

	if (!left)
		return -ETIMEDOUT;
	ret = tdm_device_error(dev);
	if (ret)
		return ret;
	if (READ_ONCE(dev->fw->abi) != TDM_HW_ABI)
		return -EPROTO;
	ret = identify(dev);
	if (ret)
		return ret;
	ret = drm_dev_register(&dev->drm, 0);
	if (ret)
		return ret;
	/* After what the attributes show. */
	smp_store_release(&dev->registered, true);
	tdm_hwmon_register(dev);
	tdm_debugfs_register(dev);
	return 0;
}

static void boot_work(struct work_struct *work)
{
	struct tdm_device *dev = container_of(work, struct tdm_device, boot_work);
	int ret = boot(dev);

	if (ret) {
		WRITE_ONCE(dev->error, ret);
		if (tdm_device_move(dev, BIT(TDM_DEV_BOOTING), TDM_DEV_FAILED))
			drm_err(&dev->drm, "no boot: %d\n", ret);
		return;
	}
	/* Also of one that is being reset already: it will be ready. */
	dev->beat_at = jiffies;
	dev->probed_at = jiffies;
	queue_delayed_work(tdm_wq, &dev->watchdog_work, 0);
	if (tdm_device_move(dev, BIT(TDM_DEV_BOOTING), TDM_DEV_READY))
		drm_info(&dev->drm, "%s, firmware %s, %llu MiB\n", dev->identify.model,
			 dev->identify.firmware, dev->identify.memory_bytes >> 20);
}

static int share_page(struct tdm_device *dev, struct tdm_share *share, u32 access)
{
	struct tdm_store *store = tdm_store_create(dev, NULL, 0, PAGE_SIZE);
	int ret;

	if (IS_ERR(store))
		return PTR_ERR(store);
	ret = tdm_store_populate(store);
	if (!ret)
		ret = dev->bus->share(dev, store, access, share);
	tdm_store_put(store);
	return ret;
}

/* The last reference is gone: nothing runs, nobody has a file. */
static void device_fini(struct drm_device *drm, void *data)
{
	struct tdm_device *dev = data;

	tdm_admin_fini(dev);
	tdm_events_fini(dev);
	dev->bus->unshare(dev, &dev->page_share);
	dev->bus->unshare(dev, &dev->drv_share);
	dev->bus->unshare(dev, &dev->fw_share);
	xa_destroy(&dev->ctxs);
	xa_destroy(&dev->queues);
	mutex_destroy(&dev->telemetry_lock);
	dev->bus->put(dev);
	tdm_live_dec(TDM_LIVE_DEVICES);
}

static void init_fields(struct tdm_device *dev)
{
	spin_lock_init(&dev->state_lock);
	spin_lock_init(&dev->usage_lock);
	spin_lock_init(&dev->sample_lock);
	mutex_init(&dev->telemetry_lock);
	init_waitqueue_head(&dev->state_wait);
	init_waitqueue_head(&dev->reaped);
	xa_init_flags(&dev->ctxs, XA_FLAGS_ALLOC);
	xa_init_flags(&dev->queues, XA_FLAGS_ALLOC);
	INIT_WORK(&dev->boot_work, boot_work);
	INIT_WORK(&dev->reset_work, tdm_reset_work);
	INIT_WORK(&dev->probe_work, tdm_probe_work);
	INIT_WORK(&dev->telemetry_work, tdm_telemetry_work);
	INIT_DELAYED_WORK(&dev->watchdog_work, tdm_watchdog_work);
	dev->host_limit = host_limit_mib ? (u64)host_limit_mib << 20 :
					   (u64)totalram_pages() << PAGE_SHIFT;
}

static int share_all(struct tdm_device *dev)
{
	int ret = share_page(dev, &dev->fw_share, TDM_ACCESS_READ | TDM_ACCESS_WRITE);

	if (!ret)
		ret = share_page(dev, &dev->drv_share, TDM_ACCESS_READ);
	if (!ret)
		ret = share_page(dev, &dev->page_share, TDM_ACCESS_READ | TDM_ACCESS_WRITE);
	if (!ret)
		ret = tdm_events_init(dev);
	if (!ret)
		ret = tdm_admin_init(dev);
	return ret;
}

struct tdm_device *tdm_device_create(struct device *parent, const struct tdm_bus_ops *bus,
				     void *bus_data)
{
	struct tdm_device *dev = devm_drm_dev_alloc(parent, &tdm_drm_driver, struct tdm_device,
						    drm);
	int ret;

	if (IS_ERR(dev))
		return dev;
	dev->bus = bus;
	dev->bus_data = bus_data;
	bus->get(dev);
	tdm_live_inc(TDM_LIVE_DEVICES);
	init_fields(dev);
	/* Not tdm_wq: a reset has to run while all that can run wait for it. */
	dev->ctx_wq = alloc_workqueue("tandem-%s", WQ_UNBOUND, 0, dev_name(parent));
	ret = dev->ctx_wq ? share_all(dev) : -ENOMEM;
	if (!ret)
		ret = drmm_add_action(&dev->drm, device_fini, dev);
	if (ret) {
		if (dev->ctx_wq)
			destroy_workqueue(dev->ctx_wq);
		device_fini(&dev->drm, dev);
		return ERR_PTR(ret);
	}
	dev->fw = tdm_store_ptr(dev->fw_share.store, 0);
	dev->drv = tdm_store_ptr(dev->drv_share.store, 0);
	return dev;
}

void tdm_device_start(struct tdm_device *dev)
{
	struct tdm_drv_regs *drv = dev->drv;

	drv->admin_ring = dev->admin.share.bus;
	drv->admin_entries = TDM_ADMIN_ENTRIES;
	drv->event_ring = dev->events.share.bus;
	drv->event_entries = TDM_EVENT_ENTRIES;
	/* After the addresses above. */
	smp_store_release(&drv->enable, 1);
	dev->bus->ring_admin(dev);
	tdm_device_queue(dev, BIT(TDM_DEV_GONE) - 1, &dev->boot_work);
}

void tdm_device_remove(struct tdm_device *dev)
{
	/* With clients it is a crash, and this the last chance to look at it. */
	if (atomic_read(&dev->clients) && READ_ONCE(dev->state) == TDM_DEV_READY)
		tdm_coredump(dev, "removed while in use");
	tdm_device_move(dev, BIT(TDM_DEV_GONE) - 1, TDM_DEV_GONE);
	tdm_admin_fail(dev, -ENODEV);
	tdm_ctx_kill_all(dev, TDM_QUEUE_GONE, -ENODEV);
	cancel_work_sync(&dev->boot_work);
	if (dev->registered) {
		tdm_debugfs_unregister(dev);
		tdm_hwmon_unregister(dev);
		drm_dev_unplug(&dev->drm);
	}
	cancel_work_sync(&dev->reset_work);
	cancel_delayed_work_sync(&dev->watchdog_work);
	cancel_work_sync(&dev->probe_work);
	cancel_work_sync(&dev->telemetry_work);
	/* Who opened it while it went is in the table by now, or was refused. */
	tdm_ctx_kill_all(dev, TDM_QUEUE_GONE, -ENODEV);
	tdm_ctx_revoke_all(dev);
	/* What is in it fails at once, and nothing is added since the state changed. */
	destroy_workqueue(dev->ctx_wq);
}

void tdm_device_interrupt(struct tdm_device *dev)
{
	if (READ_ONCE(dev->state) == TDM_DEV_GONE)
		return;
	tdm_events_drain(dev);
	wake_up_all(&dev->state_wait);
	tdm_reset_look(dev);
}
