/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Queues, driver's side: their memory, their numbers, their status page and
 * whoever waits for them. Commands and completions never come through here.
 */
#ifndef SOFT_QUEUE_H
#define SOFT_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "soft/bell.h"
#include "soft/mem.h"
#include "tandem_accel.h"

struct soft_device;
struct soft_file;
struct soft_waiter;
struct tdm_observe_queue;

/* What one context may have of identify.max_queues: a share, so that it leaves some. */
#define SOFT_QUEUES_SHARE 4

struct soft_queue {
	struct soft_file *file;
	struct soft_device *dev;
	unsigned int refs; /* atomic: the table's and those of calls that run */
	uint32_t number;   /* in the context */
	uint32_t id;	   /* in the device */
	struct soft_mem submit;
	struct soft_mem complete; /* the complete area, then the status page */
	uint64_t complete_bytes;  /* where the status page starts in it */
	uint64_t charged;	  /* soft_device.lock, as is offsets */
	uint64_t offsets[3];	  /* of the spans */
	const struct tdm_cq_hdr *cq;
	uint32_t sq_entries;
	struct tdm_queue_status *status;
	struct soft_queue *next; /* in soft_device.limbo */

	pthread_mutex_t lock;
	struct soft_waiter *waiters;
	int eventfd; /* ours, or -1 */

	uint64_t seen_slices; /* the watchdog's, under soft_device.table_lock, as is moved_ns */
	uint64_t moved_ns;

	struct soft_bell event __attribute__((aligned(64)));
};

/* The calls. */
int soft_queue_create(struct soft_file *file, void *arg);
int soft_queue_destroy(struct soft_file *file, void *arg);
int soft_queue_wake(struct soft_file *file, void *arg);
int soft_queue_wait(struct soft_file *file, void *arg);
int soft_queue_eventfd(struct soft_file *file, void *arg);

/* By its number in the file, with a reference; NULL. */
struct soft_queue *soft_queue_get(struct soft_file *file, uint32_t number);
void soft_queue_put(struct soft_queue *q);

/* Interrupt: wake the waiters, add to the eventfd. */
void soft_queue_event(struct soft_queue *q);

/* Leave TDM_QUEUE_RUNNING, once and for good; wakes everybody. Interrupt too. */
void soft_queue_stop(struct soft_queue *q, enum tdm_queue_state state, int error);

/* After CTX_DESTROY: all of the file's. @drained is false when it was not answered. */
void soft_queue_close_all(struct soft_file *file, bool drained);

/*
 * What the device's queues do, all contexts together, from the @first one on; @list
 * may be NULL. Any thread. Return: how many, up to @room
 */
uint32_t soft_queue_look(struct soft_device *dev, uint32_t first, struct tdm_observe_queue *list,
			 uint32_t room);

/* Queues whose end the firmware never confirmed; it has been stopped by now. */
void soft_queue_free_limbo(struct soft_device *dev);

#endif /* SOFT_QUEUE_H */
