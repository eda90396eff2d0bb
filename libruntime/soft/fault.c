// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/fault.h"

#include <errno.h>

#include "soft/file.h"
#include "soft/ioctl.h"

void soft_faults_add(struct soft_faults *faults, const struct tdm_fault *fault)
{
	pthread_mutex_lock(&faults->lock);
	if (faults->added - faults->taken == TDM_FAULT_KEEP) {
		faults->taken++;
		faults->lost++;
	}
	faults->ring[faults->added++ % TDM_FAULT_KEEP] = *fault;
	pthread_mutex_unlock(&faults->lock);
}

int soft_fault_read(struct soft_file *file, void *arg)
{
	struct drm_tandem_fault_read *read = arg;
	struct soft_faults *faults = &file->faults;
	struct tdm_fault *out = soft_user_ptr(read->faults);
	uint32_t n = 0;

	if (read->flags || read->reserved)
		return -EINVAL;
	if (read->count && !out)
		return -EFAULT;
	pthread_mutex_lock(&faults->lock);
	while (n < read->count && faults->taken != faults->added)
		out[n++] = faults->ring[faults->taken++ % TDM_FAULT_KEEP];
	read->lost = faults->lost;
	faults->lost = 0;
	pthread_mutex_unlock(&faults->lock);
	read->count = n;
	return 0;
}
