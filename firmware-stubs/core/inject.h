/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Faults to order (TDM_ADMIN_INJECT). The admin thread takes the orders and never
 * waits for compute with them; whoever is to be hit looks by himself.
 *
 * fw_device.injecting is all that a command costs without any: bit 1 << kind is
 * set while that kind may happen. Who finds it set comes here and takes @lock,
 * innermost of all. What stands still goes on at the end of its order, at a reset
 * that is asked for, and when the device stops.
 */
#ifndef FW_INJECT_H
#define FW_INJECT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmd/exec.h"
#include "tandem_hw.h"

struct fw_device;

struct fw_inject_order {
	uint32_t left; /* times, or 0: no limit */
	uint32_t value;
	uint64_t until_ns; /* device clock, or ~0 */
	uint64_t random;   /* the generator's state */
};

/* @lock guards all below, and fw_device.injecting for writing. */
struct fw_inject {
	pthread_mutex_t lock;
	struct fw_inject_order orders[TDM_INJECT_KINDS];
	bool drop_next;	   /* DROP_IRQ: from the interrupt on that tells its answer */
	uint64_t injected; /* since boot, as is @addr */
	uint64_t addr;
};

int fw_inject_init(struct fw_inject *inject);
void fw_inject_fini(struct fw_inject *inject);

/* Admin. Return: 0 or -errno, as the command's value. CRASH is left to the caller. */
int fw_inject_order(struct fw_device *dev, const struct tdm_admin_inject *order);

/* Reset: all orders end. */
void fw_inject_clear(struct fw_device *dev);

/* Admin: returns when no STALL is active, which @ended ends as well: all orders then do. */
void fw_inject_stall(struct fw_device *dev, bool (*ended)(void *arg), void *arg);

/* Fills the members of @t that are about injected faults. */
void fw_inject_tell(struct fw_device *dev, struct tdm_telemetry *t);

/*
 * Compute, before a step of a command. Return: true when that is not to be done, for
 * the reason in @how
 */
bool fw_inject_before(struct fw_exec *x, enum fw_step *how);

/* Compute, when a command has ended well. Touches its memory. Return: FW_DONE */
enum fw_step fw_inject_after(struct fw_exec *x);

/* An event is about to be told. @answer: it is a TDM_EV_ADMIN. Return: is its interrupt lost? */
bool fw_inject_drops(struct fw_device *dev, bool answer);

#endif /* FW_INJECT_H */
