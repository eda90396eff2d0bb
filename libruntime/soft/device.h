/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A device of this process: the driver's half (this folder) and the firmware's
 * (firmware-stubs/), joined by tandem_hw.h alone, as they are in hardware.
 *
 * Locks, outermost first. What the firmware's threads take in the interrupt is
 * marked (i); nobody who holds one of those waits for the firmware.
 *
 *	soft_file.lock		one slow call of a file at a time
 *	soft_telemetry.query_lock, look_lock	a page of the firmware's each
 *	soft_device.lock	bos, spans, usage
 *	soft_events.lock (i)	the event ring's one consumer
 *	soft_device.table_lock (i)	files and queues by number
 *	soft_queue.lock (i)	waiters, eventfd, status page
 *	soft_faults.lock (i), soft_admin.lock (i), soft_telemetry.lock
 */
#ifndef SOFT_DEVICE_H
#define SOFT_DEVICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <tandem/error.h>

#include "soft/admin.h"
#include "soft/event.h"
#include "soft/mmap.h"
#include "soft/options.h"
#include "soft/port.h"
#include "soft/telemetry.h"
#include "soft/watch.h"
#include "tandem_accel.h"

struct fw_device;
struct soft_bo;
struct soft_file;
struct soft_pool;
struct soft_queue;

/* Bytes charged, of a device or by one of its files. */
struct soft_usage {
	uint64_t device;
	uint64_t host;
};

struct soft_device {
	struct soft_port port;
	struct tdm_fw_regs fw_regs __attribute__((aligned(64)));
	struct tdm_drv_regs drv_regs __attribute__((aligned(64)));
	struct soft_admin admin;
	struct soft_events events;

	struct tdm_identify identify_page; /* IDENTIFY writes here */
	struct tdm_identify identify;	   /* checked, and with the options applied */
	uint64_t host_limit;
	uint32_t system_page;
	pid_t pid;	   /* a forked child has the memory but no threads */
	int error;	   /* atomic: -EIO reset, -ENODEV gone, under all contexts and for good */
	unsigned int refs; /* files; atomic */

	pthread_mutex_t lock;
	struct soft_usage used;
	struct soft_bo *bos;
	struct soft_spans spans;

	pthread_mutex_t table_lock;
	struct soft_file **files;   /* [identify.max_contexts], by context */
	struct soft_queue **queues; /* [identify.max_queues], by the device's number */
	uint32_t next_queue;	    /* numbers are reused as late as possible */
	struct soft_queue *limbo;   /* destroyed, but the firmware never said so */

	struct soft_telemetry telemetry;

	struct soft_pool *pool;
	struct fw_device *fw;
	struct soft_watch watch;
	pthread_t admin_thread;
	pthread_t compute_thread;
};

/* A running device with one reference, or NULL. */
struct soft_device *soft_device_create(const struct soft_options *options, struct tdm_error *err);

void soft_device_get(struct soft_device *dev);

/* The last one stops the firmware and frees all that is left. */
void soft_device_put(struct soft_device *dev);

/* The firmware is lost: kill every context. Any thread, the interrupt's too. */
void soft_device_fail(struct soft_device *dev);

/* It is gone, as one that was pulled out. Likewise. */
void soft_device_lose(struct soft_device *dev);

/* 0 while it works, else what calls answer. */
static inline int soft_device_error(const struct soft_device *dev)
{
	return __atomic_load_n(&dev->error, __ATOMIC_ACQUIRE);
}

static inline bool soft_device_dead(const struct soft_device *dev)
{
	return soft_device_error(dev);
}

#endif /* SOFT_DEVICE_H */
