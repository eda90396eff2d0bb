/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A queue as the firmware sees it: fetch, run, complete. Belongs to the compute
 * thread (device.h).
 *
 * Nothing read from the application's pages is used before it was copied and
 * checked; the status page is the kernel's.
 */
#ifndef FW_QUEUE_H
#define FW_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/exec.h"
#include "tandem_hw.h"

struct fw_ctx;
struct fw_device;
struct fw_run;

/*
 * The first line is what a look at an idle queue reads, and nothing of it
 * changes then.
 */
struct fw_queue {
	const struct tdm_sq_hdr *sq __attribute__((aligned(64)));
	const struct tdm_cmd *cmds;
	struct tdm_cqe *cqes;
	uint64_t completed;
	uint32_t sq_head;
	uint32_t tail_seen;    /* checked copy of sq->tail */
	uint32_t cq_head_seen; /* checked copy of sq->cq_head */
	uint32_t sq_entries;
	uint32_t cq_entries;
	bool stopped; /* aborted or in error: nothing is fetched any more */
	bool busy;    /* exec holds a command that is not done */
	bool asleep;  /* need_wake is set */
	uint8_t wake; /* enum tdm_wake */

	struct fw_exec exec;
	struct fw_run *run; /* state of PREFILL and DECODE, made at first use */

	struct tdm_cq_hdr *cq;
	const struct tdm_queue_status *status;
	uint64_t slices;
	uint64_t busy_ns;
	uint64_t tokens_prefill;
	uint64_t tokens_decode;
	uint64_t errors;
	uint64_t published; /* completed, as the complete area says it */

	struct fw_device *dev;
	struct fw_ctx *ctx;
	uint32_t id;
	uint32_t number; /* within the context, for fault records */
	uint32_t time_limit_ms;
	uint64_t sq_bytes;
	uint64_t cq_bytes;
};

/* Admin, compute paused. Return: 0 or -errno. */
int fw_queue_create(struct fw_device *dev, const struct tdm_admin_queue *cmd);
int fw_queue_destroy(struct fw_device *dev, uint32_t ctx, uint32_t queue);
void fw_queue_destroy_all(struct fw_device *dev, struct fw_ctx *ctx);

/* Drops the running command and fetches no more. */
void fw_queue_stop(struct fw_queue *q);

/**
 * fw_queue_slice - run the queue for a while: some short commands or one slice
 * of a long one
 * Return: true when anything moved.
 */
bool fw_queue_slice(struct fw_queue *q);

/* True when fw_queue_slice() may move something without anything else changing. */
bool fw_queue_has_work(struct fw_queue *q);

/* Raise the queue's event, whatever its arm words say. */
void fw_queue_event(struct fw_queue *q);

#endif /* FW_QUEUE_H */
