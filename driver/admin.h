/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The admin queue: commands with a tag, a wait and a bound.
 *
 * A slot is a command that was sent and not answered. There are as many as ring
 * entries, so the ring is never overrun. Its tag carries a generation, so an
 * answer that comes too late finds nobody. Who is interrupted leaves; the slot
 * stays taken until it is answered or the device is reset.
 */
#ifndef TDM_ADMIN_H
#define TDM_ADMIN_H

#include <linux/spinlock.h>
#include <linux/wait.h>

#include "bus.h"
#include "tandem_hw.h"

struct tdm_device;

#define TDM_ADMIN_ENTRIES 64 /* one page */

enum tdm_slot_state {
	TDM_SLOT_FREE,
	TDM_SLOT_SENT,
	TDM_SLOT_LEFT, /* sent, and nobody waits */
	TDM_SLOT_DONE,
};

struct tdm_admin_slot {
	enum tdm_slot_state state;
	u16 generation;
	int value;
};

struct tdm_admin {
	spinlock_t lock; /* all below; the ring's entries and its tail */
	wait_queue_head_t wait; /* a slot was answered or freed */
	struct tdm_share share;
	struct tdm_admin_cmd *ring;
	u32 tail;
	int error; /* not 0: nothing is sent, and this is the answer */
	struct tdm_admin_slot slots[TDM_ADMIN_ENTRIES];
};

int tdm_admin_init(struct tdm_device *dev);
void tdm_admin_fini(struct tdm_device *dev);

/**
 * tdm_admin_run - send a command and wait for its answer
 * @cmd: without the tag
 *
 * No lock is held that the firmware's interrupt or the control node takes.
 * Commands are executed in the order in which they were sent, also those whose
 * sender has left.
 *
 * Return: the answer, 0 or -errno; -ERESTARTSYS: it may or may not have been
 * sent, and will be executed if it was; -EIO: the device is being reset, or will
 * be, for not answering; -ENODEV: it is gone.
 */
int tdm_admin_run(struct tdm_device *dev, struct tdm_admin_cmd *cmd);

/* Interrupt: TDM_EV_ADMIN. */
void tdm_admin_answer(struct tdm_device *dev, u32 tag, u64 value);

/* From here on everything fails with @error, what waits included; 0: works again. */
void tdm_admin_fail(struct tdm_device *dev, int error);

#endif /* TDM_ADMIN_H */
