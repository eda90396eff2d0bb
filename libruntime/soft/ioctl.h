/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The calls of tandem_accel.h, and the laws of all of them, in one place.
 */
#ifndef SOFT_IOCTL_H
#define SOFT_IOCTL_H

#include <stdint.h>

struct drm_tandem_inject;
struct soft_device;
struct soft_file;
struct tdm_query_memory;

/* As ioctl(2) on the node. Return: 0 or -errno. */
int soft_ioctl(struct soft_file *file, unsigned long request, void *arg);

/*
 * A pointer that a call's struct carries. The first page is never memory: NULL,
 * which the caller answers with EFAULT. Beyond that a wild pointer is the
 * application's own crash: there is no other side to protect.
 */
void *soft_user_ptr(uint64_t address);

/* DRM_IOCTL_TANDEM_QUERY and DRM_IOCTL_VERSION. */
int soft_query(struct soft_file *file, void *arg);
int soft_version(struct soft_file *file, void *arg);
/* TDM_QUERY_MEMORY: of a dead device, too. */
void soft_query_memory(struct soft_file *file, struct tdm_query_memory *item);

/* DRM_IOCTL_TANDEM_INJECT. */
int soft_inject(struct soft_file *file, void *arg);
/* The same, until a deadline: then -ETIMEDOUT, and the order waits for the firmware. */
int soft_inject_try(struct soft_device *dev, const struct drm_tandem_inject *order,
		    uint64_t deadline_ns);

#endif /* SOFT_IOCTL_H */
