/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Queues: submission and completion without a system call while both sides are
 * busy. The contract is tandem_queue.h.
 *
 * Thread safety: a queue belongs to one thread at a time; nothing in it locks.
 * Several queues of one device may be used by several threads.
 */
#ifndef TANDEM_QUEUE_LIB_H
#define TANDEM_QUEUE_LIB_H

#include <tandem/device.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tdm_queue;

/**
 * tdm_queue_create - make a queue
 * @dev: must outlive the queue
 * @entries: of both rings, a power of two, TDM_QUEUE_MIN_ENTRIES to the
 *	     device's max_entries
 * Return: NULL on error.
 */
struct tdm_queue *tdm_queue_create(struct tdm_device *dev, unsigned int entries,
				   struct tdm_error *err);

/** tdm_queue_destroy - commands that run are aborted. NULL is fine */
void tdm_queue_destroy(struct tdm_queue *queue);

/** tdm_queue_number - its number within the context, as in struct tdm_fault */
unsigned int tdm_queue_number(const struct tdm_queue *queue);

/**
 * tdm_queue_submit - publish commands
 * @cmds: copied
 * @count: how many
 *
 * Never blocks; rings the device only where it sleeps.
 *
 * Return: how many were taken, in order: fewer than @count when the ring is
 * full; -EIO or -ENODEV when the queue has left TDM_QUEUE_RUNNING.
 */
int tdm_queue_submit(struct tdm_queue *queue, const struct tdm_cmd *cmds, unsigned int count);

/**
 * tdm_queue_poll - take completions
 * @cqes: room for @room
 *
 * Never blocks, never makes a system call.
 *
 * Return: how many were taken; 0 when none is there; -EIO or -ENODEV when none
 * is there and none will come, because the queue left TDM_QUEUE_RUNNING.
 */
int tdm_queue_poll(struct tdm_queue *queue, struct tdm_cqe *cqes, unsigned int room);

/**
 * tdm_queue_wait - wait until tdm_queue_poll() has something
 * @deadline_ns: absolute, CLOCK_MONOTONIC; ~0: no deadline
 *
 * Polls for a short while, then sleeps in the kernel.
 *
 * Return: 0, -ETIMEDOUT, -EIO, -ENODEV, or -ENODATA when no command is open.
 */
int tdm_queue_wait(struct tdm_queue *queue, uint64_t deadline_ns);

/**
 * tdm_queue_open - commands submitted and not yet taken by tdm_queue_poll().
 * When the queue is lost this is what was lost.
 */
unsigned int tdm_queue_open(const struct tdm_queue *queue);

/**
 * tdm_queue_run - submit one command and wait for its completion
 * @cqe: the completion; the caller has no other command open on this queue
 * Return: 0 with the completion in @cqe (whatever its status), or -errno; -EBUSY
 * when other commands are open.
 */
int tdm_queue_run(struct tdm_queue *queue, const struct tdm_cmd *cmd, uint64_t deadline_ns,
		  struct tdm_cqe *cqe);

/** tdm_op_name - "COPY", "KV_IMPORT", ... for enum tdm_op; "unknown"; static */
const char *tdm_op_name(unsigned int opcode);

/** tdm_status_name - "fault", "bad-crc", ... for enum tdm_status */
const char *tdm_status_name(unsigned int status);

#ifdef __cplusplus
}
#endif

#endif /* TANDEM_QUEUE_LIB_H */
