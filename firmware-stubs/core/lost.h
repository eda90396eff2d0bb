/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Memory that goes away under a command: there was none for a page that was never
 * touched, or a range was taken back although the device had not let go of it.
 *
 * Only some ports know that; theirs is a signal handler that runs on the thread
 * which touched the memory, compute's or one of the pool's. The command in
 * execution alone touches ranges, so the handler may look at its address space
 * without a lock. The command ends in TDM_ST_FAULT with TDM_FAULT_REVOKED.
 */
#ifndef FW_LOST_H
#define FW_LOST_H

#include "cmd/exec.h"
#include "core/vm.h"

struct fw_device;

/**
 * fw_lost_range - what the running command touched, marked as lost
 * @at: address of this process
 *
 * Signal handler, on a thread that works for @dev. The caller puts any memory at
 * all in the range's place, so that the command gets to its end.
 *
 * Return: NULL when it is not in a range of that command
 */
const struct fw_range *fw_lost_range(struct fw_device *dev, const void *at);

/* Return: whether the step that is over lost memory. */
bool fw_lost_any(const struct fw_device *dev);

/* The port puts the ranges back. Return: FW_DONE, with the command failed. */
enum fw_step fw_lost_end(struct fw_exec *x);

#endif /* FW_LOST_H */
