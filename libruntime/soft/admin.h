/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The admin queue, driver's side: commands with a tag, a wait and a bound.
 *
 * A slot is a command that was sent and not answered. There are as many as ring
 * entries, so the ring is never overrun. The tag carries the slot's generation,
 * so an answer that comes after its bound finds nobody.
 */
#ifndef SOFT_ADMIN_H
#define SOFT_ADMIN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "soft/bell.h"
#include "tandem_hw.h"

struct soft_device;

#define SOFT_ADMIN_ENTRIES 64

struct soft_admin_slot {
	uint16_t generation;
	bool busy;
	bool done; /* atomic; @value holds */
	bool left; /* nobody waits: the answer frees it */
	int value;
	struct soft_bell answered;
};

struct soft_admin {
	pthread_mutex_t lock;
	struct soft_bell freed; /* rung when a slot is */
	struct tdm_admin_cmd *ring;
	uint32_t tail;
	struct soft_admin_slot slots[SOFT_ADMIN_ENTRIES];
};

int soft_admin_init(struct soft_admin *admin);
void soft_admin_fini(struct soft_admin *admin);

/**
 * soft_admin_run - send a command and wait for its answer
 * @cmd: without the tag
 *
 * Never while a lock is held that the interrupt takes.
 *
 * Return: the firmware's answer, 0 or -errno; -EIO when the device is dead or
 * did not answer in time, which makes it dead; -ENODEV when it is gone: whatever the command named is
 * then the firmware's until soft_device_put() has stopped it.
 */
int soft_admin_run(struct soft_device *dev, struct tdm_admin_cmd *cmd);

/**
 * soft_admin_try - send a command, and wait for its answer until @deadline
 * @cmd: one that names no memory
 *
 * Return: as soft_admin_run(), but for -ETIMEDOUT without harm to the device: the
 * command is carried out when the firmware comes to it, and its answer is for nobody.
 */
int soft_admin_try(struct soft_device *dev, struct tdm_admin_cmd *cmd, uint64_t deadline);

/*
 * The same in parts, for a command that is waited for more than once: post (NULL: no
 * slot is free, or the device is dead), wait (false: no answer by @deadline, 0: now, or
 * dead), and once it was true, take: the answer.
 */
struct soft_admin_slot *soft_admin_post(struct soft_device *dev, struct tdm_admin_cmd *cmd);
bool soft_admin_wait(struct soft_device *dev, struct soft_admin_slot *slot, uint64_t deadline);
int soft_admin_take(struct soft_device *dev, struct soft_admin_slot *slot);

/* Interrupt: TDM_EV_ADMIN. */
void soft_admin_answer(struct soft_device *dev, uint32_t tag, uint64_t value);

/* All waiters look whether the device is dead. */
void soft_admin_fail(struct soft_device *dev);

#endif /* SOFT_ADMIN_H */
