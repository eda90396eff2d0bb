/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Calls that the library makes for the application. The application's own are
 * interrupted by its signals (tdm_device_ioctl() returns EINTR); these are not: a
 * call that was interrupted has changed nothing, and is made again.
 */
#ifndef DEVICE_CALL_H
#define DEVICE_CALL_H

#include <errno.h>

#include <tandem/device.h>

static inline int device_call(struct tdm_device *dev, unsigned long request, void *arg)
{
	int rc;

	do {
		rc = tdm_device_ioctl(dev, request, arg);
	} while (rc == -EINTR);
	return rc;
}

#endif /* DEVICE_CALL_H */
