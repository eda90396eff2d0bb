/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The watchdog of a device, which asks what the kernel's driver asks: does the heart
 * beat, do queues move that have something to do, and is there news that no interrupt
 * told of. A thread of its own, since nobody else needs to be waiting.
 */
#ifndef SOFT_WATCH_H
#define SOFT_WATCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "soft/bell.h"

struct soft_device;

/* Everything but the two ends is the thread's own; others may read the beats. */
struct soft_watch {
	pthread_t thread;
	struct soft_bell bell;
	bool stop;	    /* atomic */
	uint64_t heartbeat; /* atomic, as the next */
	uint64_t beat_ns;   /* when it was seen to change */
	uint64_t probed_ns; /* when the device was last asked */
};

/* The device is booted. Return: 0 or -errno */
int soft_watch_start(struct soft_device *dev);

/* How long ago the heart was seen to beat, in nanoseconds. Any thread. */
uint64_t soft_watch_age(const struct soft_device *dev);

/* Before the firmware is stopped. Waits as long as an admin command may take. */
void soft_watch_stop(struct soft_device *dev);

#endif /* SOFT_WATCH_H */
