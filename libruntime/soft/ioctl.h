/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The calls of tandem_accel.h, and the laws of all of them, in one place.
 */
#ifndef SOFT_IOCTL_H
#define SOFT_IOCTL_H

#include <stdint.h>

struct soft_file;

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

/* DRM_IOCTL_TANDEM_INJECT. */
int soft_inject(struct soft_file *file, void *arg);

#endif /* SOFT_IOCTL_H */
