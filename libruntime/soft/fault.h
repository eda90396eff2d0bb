/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Fault records of a context: the last TDM_FAULT_KEEP, and how many fell out.
 */
#ifndef SOFT_FAULT_H
#define SOFT_FAULT_H

#include <pthread.h>
#include <stdint.h>

#include "tandem_accel.h"

struct soft_file;

struct soft_faults {
	pthread_mutex_t lock;
	struct tdm_fault ring[TDM_FAULT_KEEP];
	uint64_t added;
	uint64_t taken; /* or fallen out */
	uint64_t lost;
};

/* Interrupt. */
void soft_faults_add(struct soft_faults *faults, const struct tdm_fault *fault);

/* DRM_IOCTL_TANDEM_FAULT_READ. */
int soft_fault_read(struct soft_file *file, void *arg);

#endif /* SOFT_FAULT_H */
