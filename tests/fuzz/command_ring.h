/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A queue by hand, from the uapi alone, that holds the firmware to the contract:
 * one completion a command, in order, with a known status, before a deadline.
 */
#ifndef TESTS_FUZZ_COMMAND_RING_H
#define TESTS_FUZZ_COMMAND_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "tandem_queue.h"

#define RING_ENTRIES 16

struct tdm_device;

struct ring {
	struct tdm_device *dev;
	struct tdm_sq_hdr *sq;
	const struct tdm_cq_hdr *cq;
	const struct tdm_queue_status *status;
	uint64_t sq_bytes;
	uint64_t cq_bytes;
	uint64_t status_bytes;
	uint32_t number;
	uint32_t tail;	/* commands written */
	uint32_t taken; /* completions taken */
	uint64_t cookies[RING_ENTRIES];
};

/* Aborts where the contract is broken. */
void must(bool holds, const char *what);

void ring_open(struct ring *r, struct tdm_device *dev);
void ring_close(struct ring *r);

/* Writes one command; the device does not see it yet. Takes completions when full. */
void ring_put(struct ring *r, const struct tdm_cmd *cmd);
void ring_publish(struct ring *r);

/* Publishes, and takes all that is open. */
void ring_drain(struct ring *r);

/* An index that cannot be: the queue must end in TDM_QUEUE_ERROR. It is then new. */
void ring_corrupt(struct ring *r, uint32_t tail, uint32_t cq_head);

#endif /* TESTS_FUZZ_COMMAND_RING_H */
