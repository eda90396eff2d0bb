/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The firmware as its attachment sees it.
 */
#ifndef FW_FIRMWARE_H
#define FW_FIRMWARE_H

#include <stdbool.h>

#include "core/port.h"

struct fw_device;
struct fw_pool;
struct fw_profile;

/**
 * fw_profile_find - profile by model name ("trn2", "trn3", "cs3")
 * Return: NULL when there is none. Never freed.
 */
const struct fw_profile *fw_profile_find(const char *model);

/**
 * fw_profile_at - the profiles by number, for listings
 * Return: NULL from the end on
 */
const struct fw_profile *fw_profile_at(unsigned int index);

/** fw_profile_identify - what a device of this profile says of itself */
void fw_profile_identify(const struct fw_profile *profile, struct tdm_identify *id);

/**
 * fw_device_create - a device that is not running yet
 * @profile: its class and limits
 * @port: must outlive the device; its registers are zero
 * @pool: worker threads for compute, or NULL: the compute thread alone. Must
 *	  outlive the device
 *
 * Return: NULL without memory.
 */
struct fw_device *fw_device_create(const struct fw_profile *profile, struct fw_port *port,
				   struct fw_pool *pool);

/**
 * fw_device_set_isa - compute with one set of kernels instead of the best one
 * @isa: "scalar", "avx2" or "avx512"
 *
 * The bits are the same with all of them: for tests. Before the threads start.
 *
 * Return: 0, -EINVAL an unknown name, -ENOTSUP the processor does not have it.
 */
int fw_device_set_isa(struct fw_device *dev, const char *isa);

/**
 * fw_device_set_bound - declare other bounds than the usual 30 s for admin commands
 * @ms: tdm_fw_regs.admin_timeout_ms; the latency of an abort becomes two thirds of it
 *
 * So that tests of what the driver does behind them take no minutes. Before the
 * threads start.
 */
void fw_device_set_bound(struct fw_device *dev, uint32_t ms);

/**
 * fw_device_admin - body of the admin thread
 *
 * Publishes TDM_FW_READY, then serves the admin queue until fw_device_stop().
 */
void fw_device_admin(struct fw_device *dev);

/** fw_device_compute - body of the compute thread, until fw_device_stop() */
void fw_device_compute(struct fw_device *dev);

/**
 * fw_device_stop - ask both threads to return
 *
 * Any thread. The caller rings both bells afterwards. Commands in flight are
 * dropped: their queues are the driver's to mark.
 */
void fw_device_stop(struct fw_device *dev);

/** fw_device_destroy - free it; both threads have returned */
void fw_device_destroy(struct fw_device *dev);

#endif /* FW_FIRMWARE_H */
