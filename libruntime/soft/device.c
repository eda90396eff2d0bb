// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/firmware.h"
#include "soft/bo.h"
#include "soft/pool.h"
#include "soft/queue.h"
#include "util/signals.h"

/* Threads of this process: only an overloaded machine keeps them from booting. */
#define BOOT_NS 30000000000ULL
#define DEFAULT_THREADS 2

static void *admin_thread(void *arg)
{
	fw_device_admin(arg);
	return NULL;
}

static void *compute_thread(void *arg)
{
	fw_device_compute(arg);
	return NULL;
}

static void stop_threads(struct soft_device *dev, bool compute)
{
	fw_device_stop(dev->fw);
	soft_port_ring(&dev->port, FW_BELL_ADMIN);
	soft_port_ring(&dev->port, FW_BELL_COMPUTE);
	pthread_join(dev->admin_thread, NULL);
	if (compute)
		pthread_join(dev->compute_thread, NULL);
}

/* Signals are the application's: its handlers never run on the device's threads. */
static int start_threads(struct soft_device *dev)
{
	sigset_t old;
	int rc;

	old = signals_block();
	rc = pthread_create(&dev->admin_thread, NULL, admin_thread, dev->fw);
	if (!rc) {
		rc = pthread_create(&dev->compute_thread, NULL, compute_thread, dev->fw);
		if (rc)
			stop_threads(dev, false);
	}
	if (!rc) {
		pthread_setname_np(dev->admin_thread, "tdm-admin");
		pthread_setname_np(dev->compute_thread, "tdm-compute");
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

static bool booted(const struct soft_device *dev)
{
	return tdm_load_acquire(&dev->fw_regs.magic) == TDM_HW_MAGIC &&
	       tdm_load_acquire(&dev->fw_regs.state) == TDM_FW_READY;
}

static int wait_boot(struct soft_device *dev)
{
	uint64_t deadline = soft_clock_ns() + BOOT_NS;

	for (;;) {
		uint32_t seen = soft_bell_read(&dev->port.interrupted);

		if (booted(dev))
			return dev->fw_regs.abi == TDM_HW_ABI ? 0 : -EPROTO;
		if (soft_bell_sleep(&dev->port.interrupted, seen, deadline) == -ETIMEDOUT)
			return -ETIMEDOUT;
	}
}

static bool identify_is_sane(const struct tdm_identify *id)
{
	return id->abi == TDM_HW_ABI && id->max_contexts && id->max_queues &&
	       id->max_entries >= TDM_QUEUE_MIN_ENTRIES &&
	       id->max_entries <= TDM_QUEUE_MAX_ENTRIES && id->page_bytes >= TDM_HW_PAGE_BYTES &&
	       !(id->page_bytes & (id->page_bytes - 1)) && !id->model[sizeof(id->model) - 1] &&
	       !id->firmware[sizeof(id->firmware) - 1];
}

static int identify(struct soft_device *dev, const struct soft_options *options)
{
	struct tdm_admin_cmd cmd = { .opcode = TDM_ADMIN_IDENTIFY };
	struct tdm_identify id;
	int rc;

	cmd.page.bus = (uintptr_t)&dev->identify_page;
	cmd.page.len = sizeof(dev->identify_page);
	rc = soft_admin_run(dev, &cmd);
	if (rc)
		return rc;
	id = dev->identify_page;
	if (!identify_is_sane(&id))
		return -EPROTO;
	if (options->memory_bytes)
		id.memory_bytes = options->memory_bytes;
	dev->files = calloc(id.max_contexts, sizeof(struct soft_file *));
	dev->queues = calloc(id.max_queues, sizeof(struct soft_queue *));
	if (!dev->files || !dev->queues)
		return -ENOMEM;
	/* The interrupt goes by these limits: they hold once the tables are there. */
	pthread_mutex_lock(&dev->table_lock);
	dev->identify = id;
	pthread_mutex_unlock(&dev->table_lock);
	return 0;
}

static int init_locks(struct soft_device *dev)
{
	int rc = -pthread_mutex_init(&dev->lock, NULL);

	if (rc)
		return rc;
	rc = -pthread_mutex_init(&dev->table_lock, NULL);
	if (rc)
		goto lock;
	rc = soft_telemetry_init(&dev->telemetry);
	if (!rc)
		return 0;
	pthread_mutex_destroy(&dev->table_lock);
lock:
	pthread_mutex_destroy(&dev->lock);
	return rc;
}

static void fini_locks(struct soft_device *dev)
{
	soft_telemetry_fini(&dev->telemetry);
	pthread_mutex_destroy(&dev->table_lock);
	pthread_mutex_destroy(&dev->lock);
}

static void power_on(struct soft_device *dev)
{
	dev->drv_regs.admin_ring = (uintptr_t)dev->admin.ring;
	dev->drv_regs.admin_entries = SOFT_ADMIN_ENTRIES;
	dev->drv_regs.event_ring = (uintptr_t)dev->events.ring;
	dev->drv_regs.event_entries = SOFT_EVENT_ENTRIES;
	tdm_store_release(&dev->drv_regs.enable, 1);
}

static unsigned int default_threads(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	return online < 1 ? 1 : online < DEFAULT_THREADS ? (unsigned int)online : DEFAULT_THREADS;
}

static int boot(struct soft_device *dev, const struct soft_options *options)
{
	int rc = -ENOMEM;

	soft_port_init(&dev->port, &dev->fw_regs, &dev->drv_regs);
	power_on(dev);
	dev->pool = soft_pool_create(options->threads ? options->threads : default_threads());
	if (!dev->pool)
		return -errno;
	dev->fw = fw_device_create(options->profile, &dev->port.port, soft_pool_fw(dev->pool));
	if (!dev->fw)
		goto free_pool;
	fw_device_set_bound(dev->fw, options->bound_ms);
	rc = options->isa[0] ? fw_device_set_isa(dev->fw, options->isa) : 0;
	if (!rc)
		rc = start_threads(dev);
	if (rc)
		goto free_fw;
	rc = wait_boot(dev);
	if (!rc)
		rc = identify(dev, options);
	if (!rc)
		rc = soft_watch_start(dev);
	if (!rc)
		return 0;
	stop_threads(dev, true);
	free(dev->files);
	free(dev->queues);
free_fw:
	fw_device_destroy(dev->fw);
free_pool:
	soft_pool_destroy(dev->pool);
	return rc;
}

static int device_init(struct soft_device *dev, const struct soft_options *options)
{
	uint64_t pages = (uint64_t)sysconf(_SC_PHYS_PAGES);
	int rc;

	dev->refs = 1;
	dev->pid = getpid();
	dev->system_page = (uint32_t)sysconf(_SC_PAGESIZE);
	dev->host_limit = pages * dev->system_page;
	rc = init_locks(dev);
	if (rc)
		return rc;
	rc = soft_admin_init(&dev->admin);
	if (rc)
		goto locks;
	rc = soft_events_init(&dev->events);
	if (rc)
		goto admin;
	rc = boot(dev, options);
	if (!rc)
		return 0;
	soft_events_fini(&dev->events);
admin:
	soft_admin_fini(&dev->admin);
locks:
	fini_locks(dev);
	return rc;
}

struct soft_device *soft_device_create(const struct soft_options *options, struct tdm_error *err)
{
	struct soft_device *dev = aligned_alloc(64, sizeof(*dev));
	int rc;

	if (!dev) {
		tdm_error_set(err, -ENOMEM, "device: no memory for it; free some");
		return NULL;
	}
	memset(dev, 0, sizeof(*dev));
	rc = device_init(dev, options);
	if (!rc)
		return dev;
	free(dev);
	if (rc == -EINVAL || rc == -ENOTSUP)
		tdm_error_set(err, rc,
			      "device: isa=%s is not an instruction set of this processor; use "
			      "scalar, avx2 or avx512, or leave it out",
			      options->isa);
	else if (rc == -EAGAIN)
		tdm_error_set(err, rc,
			      "device: no thread could be started; raise the limit on "
			      "threads (ulimit -u)");
	else
		tdm_error_set(err, rc,
			      "device: it did not start: %s; try again on a machine "
			      "that is less busy",
			      strerror(-rc));
	return NULL;
}

void soft_device_get(struct soft_device *dev)
{
	__atomic_add_fetch(&dev->refs, 1, __ATOMIC_RELAXED);
}

/* What the firmware held on to without an answer; it is stopped now. */
static void free_leftovers(struct soft_device *dev)
{
	soft_queue_free_limbo(dev);
	while (dev->bos)
		soft_bo_put(dev->bos);
}

void soft_device_put(struct soft_device *dev)
{
	if (__atomic_sub_fetch(&dev->refs, 1, __ATOMIC_ACQ_REL))
		return;
	soft_watch_stop(dev);
	stop_threads(dev, true);
	fw_device_destroy(dev->fw);
	soft_pool_destroy(dev->pool);
	free_leftovers(dev);
	free(dev->spans.spans);
	free(dev->files);
	free(dev->queues);
	soft_events_fini(&dev->events);
	soft_admin_fini(&dev->admin);
	fini_locks(dev);
	free(dev);
}

static void end(struct soft_device *dev, enum tdm_queue_state state, int error)
{
	int works = 0;

	__atomic_compare_exchange_n(&dev->error, &works, error, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_ACQUIRE);
	pthread_mutex_lock(&dev->table_lock);
	for (uint32_t i = 0; i < dev->identify.max_queues; i++)
		if (dev->queues[i])
			soft_queue_stop(dev->queues[i], state, error);
	pthread_mutex_unlock(&dev->table_lock);
	soft_admin_fail(dev);
}

void soft_device_fail(struct soft_device *dev)
{
	end(dev, TDM_QUEUE_RESET, -EIO);
}

void soft_device_lose(struct soft_device *dev)
{
	end(dev, TDM_QUEUE_GONE, -ENODEV);
}
