/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * An open file: one context of the device.
 */
#ifndef SOFT_FILE_H
#define SOFT_FILE_H

#include <pthread.h>
#include <stdint.h>

#include "device/attach.h"
#include "soft/device.h"
#include "soft/fault.h"
#include "soft/mmap.h"
#include "soft/table.h"
#include "soft/vm.h"

struct soft_file {
	struct tdm_attach_file base; /* first: the front end holds a pointer to it */
	struct soft_device *dev;     /* with a reference */
	uint32_t ctx;
	pthread_mutex_t lock;
	struct soft_table bos;	       /* struct soft_handle; lock */
	struct soft_vm vm;	       /* lock */
	struct soft_table queues;      /* struct soft_queue; soft_device.table_lock */
	struct soft_mapping *mappings; /* soft_device.lock */
	struct soft_usage used;	       /* soft_device.lock */
	struct soft_faults faults;
};

/* Takes a reference of its own. Return: NULL with @err. */
struct soft_file *soft_file_open(struct soft_device *dev, struct tdm_error *err);

/* Stops what runs, frees all, puts the device. */
void soft_file_close(struct soft_file *file);

#endif /* SOFT_FILE_H */
