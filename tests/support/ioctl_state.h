/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What a made-up client has: files of one device, and what it got from them. The
 * sequence maker's own; others take ioctl_sequence.h.
 */
#ifndef TESTS_SUPPORT_IOCTL_STATE_H
#define TESTS_SUPPORT_IOCTL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tandem/device.h>

#include "support/ioctl_sequence.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FILES 2
#define THINGS 4 /* of each kind that a file has */
#define VIEWS 8
#define SCRATCH_BYTES 65536
#define ARG_BYTES 16384 /* as large as a request's number can say */

struct client_queue {
	struct drm_tandem_queue_create info; /* size 0: none */
	struct tdm_sq_hdr *sq;		     /* NULL: not mapped */
	uint32_t tail;
};

struct client {
	struct tdm_device *dev;
	struct drm_tandem_bo_create buffers[THINGS];
	struct drm_tandem_vm_map maps[THINGS];
	struct client_queue queues[THINGS];
};

/* A mapping; @dev is NULL for one of a descriptor that was exported. */
struct view {
	struct tdm_device *dev;
	uint8_t *ptr; /* NULL: none */
	size_t len;
	bool writable;
};

struct sequence {
	const uint8_t *data;
	size_t left;
	bool is_node; /* the kernel's: it checks pointers, and has calls of DRM */
	struct client clients[FILES];
	struct view views[VIEWS];
	int shared[THINGS]; /* dma-bufs; -1: none */
	int event;
	uint64_t page;
	uint8_t *scratch;
	uint8_t *arg;
	struct ioctl_tally *tally;
};

/* Zeros where the input is over. */
uint64_t sequence_take(struct sequence *s, size_t bytes);

/* Notes the first thing that is wrong. */
void sequence_wrong(struct sequence *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One call on a file: made up out of the input, checked, and its results kept. */
void sequence_call(struct sequence *s, struct client *c);
/* One whose number is made up, too. */
void sequence_raw_call(struct sequence *s, struct client *c);

#ifdef __cplusplus
}
#endif

#endif /* TESTS_SUPPORT_IOCTL_STATE_H */
