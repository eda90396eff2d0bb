/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The device as the firmware's own files see it.
 *
 * Two threads, admin and compute. Contexts, queues, ranges and programs belong
 * to the compute thread; the admin thread touches them only between fw_pause()
 * and fw_resume(), while compute stands at a slice boundary or sleeps. So
 * nothing in them is locked, and what the admin thread answers after a pause is
 * true: no access to what it took away is in flight.
 */
#ifndef FW_DEVICE_H
#define FW_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "class/profile.h"
#include "core/event.h"
#include "core/firmware.h"
#include "core/inject.h"
#include "core/pause.h"

struct fw_ctx;
struct fw_queue;
struct fw_vm;
struct fw_kernels;

/* Written by compute, read by admin: relaxed atomics. */
struct fw_counters {
	_Atomic uint64_t busy_ns;
	_Atomic uint64_t commands;
	_Atomic uint64_t errors;
	_Atomic uint64_t faults;
	_Atomic uint64_t tokens_prefill;
	_Atomic uint64_t tokens_decode;
	_Atomic uint64_t bytes_moved;
};

struct fw_device {
	const struct fw_profile *profile;
	struct tdm_identify id;
	struct fw_port *port;
	struct fw_pool *pool;
	const struct fw_kernels *kernels;
	atomic_bool stop;
	struct fw_pause pause;
	struct fw_events events;
	struct fw_inject inject;
	uint32_t bound_ms; /* of an admin command, 0: the usual one */

	/* From here on compute's alone, but for readers of the counters and in a pause. */
	struct fw_counters counters __attribute__((aligned(64)));
	struct fw_ctx **ctxs;	  /* [id.max_contexts], by number */
	struct fw_queue **queues; /* [id.max_queues], by number */
	struct fw_queue **active; /* the queues again, packed, for the scheduler */
	unsigned int n_active;
	_Atomic uint32_t injecting; /* admin's to set (inject.h), here for its cache line */
	uint64_t fetch_stamp;	    /* commands fetched, over all queues */
	/* lost.h: a signal handler on a thread that computes reads one and writes the other. */
	struct fw_vm *running; /* of the command in a step, or NULL */
	uint64_t lost_dva;     /* device address that went away in it, or 0 */
};

static inline void fw_count(_Atomic uint64_t *counter, uint64_t n)
{
	/* One writer each, so no locked instruction. */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static inline bool fw_stopping(struct fw_device *dev)
{
	return atomic_load_explicit(&dev->stop, memory_order_acquire);
}

static inline bool fw_reset_wanted(const struct fw_device *dev)
{
	return tdm_load_acquire(&dev->port->drv->reset_request) !=
	       tdm_load_relaxed(&dev->port->fw->reset_count);
}

static inline uint64_t fw_now(const struct fw_device *dev)
{
	return dev->port->ops->clock_ns(dev->port);
}

#endif /* FW_DEVICE_H */
