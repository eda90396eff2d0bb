/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The inside of a queue, for queue.c (make and end) and queue_ring.c (the fast
 * path).
 */
#ifndef DEVICE_QUEUE_H
#define DEVICE_QUEUE_H

#include <stdbool.h>

#include <tandem/queue.h>

/*
 * One thread at a time, so the lines below are never contended: the alignment
 * keeps the rest of the heap off them. The first line is constant, the second
 * is all that submit and poll write here.
 */
struct tdm_queue {
	struct tdm_sq_hdr *sq;
	struct tdm_cmd *cmds;
	const struct tdm_cq_hdr *cq;
	const struct tdm_cqe *cqes;
	const struct tdm_queue_status *status;
	uint32_t *doorbell; /* TDM_WAKE_STORE */
	uint32_t sq_entries;
	uint32_t cq_entries;
	uint32_t wake; /* enum tdm_wake */
	uint32_t number;

	uint32_t tail __attribute__((aligned(64))); /* commands published */
	uint32_t sq_head;			    /* fetched, when last looked at */
	uint64_t taken;				    /* completions consumed */
	uint32_t looked;			    /* tail at the first look for its end */
	uint32_t looks;				    /* in vain, since then */
	uint32_t patience;			    /* before that look, see queue_ring.c */
	bool lone;				    /* that look was for a lone command */

	struct tdm_device *dev __attribute__((aligned(64)));
	uint64_t spin_ns;
	uint32_t max_patience;
	size_t sq_bytes;
	size_t cq_bytes;
	size_t page_bytes;
};

static inline void queue_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

/* Parts of a queue_relax() that the patience counts. */
#define QUEUE_PATIENCE 16

/* Before tdm_queue_poll() or tdm_queue_wait() looks at the completion ring. */
void queue_before_look(struct tdm_queue *queue);

/* True when tdm_queue_poll() has something. */
bool queue_ready(const struct tdm_queue *queue);

/* 0 while TDM_QUEUE_RUNNING, -ENODEV or -EIO when it is lost. */
int queue_lost(const struct tdm_queue *queue);

#endif /* DEVICE_QUEUE_H */
