// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "device/queue.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "device/call.h"

#define LINE 64

/* A line for each word that one side writes and the other reads: the contract's. */
_Static_assert(offsetof(struct tdm_sq_hdr, cq_head) - offsetof(struct tdm_sq_hdr, tail) >= LINE &&
		       offsetof(struct tdm_sq_hdr, event_seq) -
				       offsetof(struct tdm_sq_hdr, cq_head) >=
			       LINE,
	       "submit area");
_Static_assert(offsetof(struct tdm_cq_hdr, need_wake) - offsetof(struct tdm_cq_hdr, sq_head) >=
			       LINE &&
		       offsetof(struct tdm_cq_hdr, completed) -
				       offsetof(struct tdm_cq_hdr, need_wake) >=
			       LINE,
	       "complete area");
_Static_assert(offsetof(struct tdm_queue_status, wait_seq) -
			       offsetof(struct tdm_queue_status, state) >=
		       LINE,
	       "status page");
_Static_assert(TDM_QUEUE_HDR_BYTES % LINE == 0 && LINE % sizeof(struct tdm_cqe) == 0, "entries");
/* What submit and poll write is one line, apart from what they only read. */
_Static_assert(offsetof(struct tdm_queue, tail) % LINE == 0 &&
		       offsetof(struct tdm_queue, lone) / LINE ==
			       offsetof(struct tdm_queue, tail) / LINE &&
		       offsetof(struct tdm_queue, dev) % LINE == 0 &&
		       sizeof(struct tdm_queue) % LINE == 0,
	       "struct tdm_queue");

/*
 * How long a waiter looks before it sleeps: about what sleeping and being woken
 * costs (50 us between threads on a virtual machine). With one processor the
 * device needs it more.
 */
#define SPIN_NS 30000

static int map_areas(struct tdm_queue *q, const struct drm_tandem_queue_create *create,
		     struct tdm_error *err)
{
	void *sq, *cq;

	q->sq_bytes = create->sq_bytes;
	q->cq_bytes = create->cq_bytes;
	sq = tdm_device_mmap(q->dev, q->sq_bytes, PROT_READ | PROT_WRITE, create->sq_offset, err);
	if (!sq)
		return -1;
	q->sq = sq;
	q->cmds = (struct tdm_cmd *)((char *)sq + TDM_QUEUE_HDR_BYTES);
	cq = tdm_device_mmap(q->dev, q->cq_bytes, PROT_READ, create->cq_offset, err);
	if (!cq)
		return -1;
	q->cq = cq;
	q->cqes = (const struct tdm_cqe *)((const char *)cq + TDM_QUEUE_HDR_BYTES);
	q->status = tdm_device_mmap(q->dev, q->page_bytes, PROT_READ, create->status_offset, err);
	if (!q->status)
		return -1;
	if (q->wake == TDM_WAKE_STORE) {
		q->doorbell = tdm_device_mmap(q->dev, q->page_bytes, PROT_WRITE,
					      create->doorbell_offset, err);
		if (!q->doorbell)
			return -1;
	}
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

/*
 * The longest that a first look is put off: two transfers of a cache line there
 * and one back, on machines where they are slow. What queue_relax() takes differs
 * by a factor of five between processors; the shortest of a few tries counts.
 */
#define MAX_PATIENCE_NS 200ULL

static uint32_t max_patience(void)
{
	uint64_t best = MAX_PATIENCE_NS * QUEUE_PATIENCE;

	for (int i = 0; i < 3; i++) {
		uint64_t start = now_ns();

		for (int k = 0; k < QUEUE_PATIENCE; k++)
			queue_relax();
		start = now_ns() - start;
		best = start < best ? start : best;
	}
	/* Less than a nanosecond each is no pause at all. */
	return best < QUEUE_PATIENCE
		       ? 0
		       : (uint32_t)(MAX_PATIENCE_NS * QUEUE_PATIENCE * QUEUE_PATIENCE / best);
}

static void unmap(struct tdm_device *dev, const void *ptr, size_t len)
{
	if (ptr)
		tdm_device_munmap(dev, (void *)(uintptr_t)ptr, len);
}

struct tdm_queue *tdm_queue_create(struct tdm_device *dev, unsigned int entries,
				   struct tdm_error *err)
{
	struct drm_tandem_queue_create create = {
		.size = sizeof(create),
		.abi = TDM_QUEUE_ABI,
		.sq_entries = entries,
		.cq_entries = entries,
	};
	struct tdm_queue *q = aligned_alloc(64, sizeof(*q));
	int rc;

	if (!q) {
		tdm_error_set(err, -ENOMEM, "device '%s': no memory for a queue; free some",
			      tdm_device_name(dev));
		return NULL;
	}
	rc = device_call(dev, DRM_IOCTL_TANDEM_QUEUE_CREATE, &create);
	if (rc) {
		tdm_error_set(err, rc,
			      "device '%s': no queue of %u entries: %s; use a power of two "
			      "from %u to %u, and no more queues than it has",
			      tdm_device_name(dev), entries, strerror(-rc), TDM_QUEUE_MIN_ENTRIES,
			      tdm_device_info(dev)->identify.max_entries);
		free(q);
		return NULL;
	}
	*q = (struct tdm_queue){
		.dev = dev,
		.number = create.queue,
		.wake = create.wake,
		.sq_entries = create.sq_entries,
		.cq_entries = create.cq_entries,
		.spin_ns = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? SPIN_NS : 0,
		.page_bytes = (size_t)sysconf(_SC_PAGESIZE),
		.max_patience = max_patience(),
	};
	if (map_areas(q, &create, err)) {
		tdm_queue_destroy(q);
		return NULL;
	}
	return q;
}

void tdm_queue_destroy(struct tdm_queue *q)
{
	struct drm_tandem_queue_destroy destroy = { .size = sizeof(destroy) };

	if (!q)
		return;
	destroy.queue = q->number;
	device_call(q->dev, DRM_IOCTL_TANDEM_QUEUE_DESTROY, &destroy);
	unmap(q->dev, q->doorbell, q->page_bytes);
	unmap(q->dev, q->status, q->page_bytes);
	unmap(q->dev, q->cq, q->cq_bytes);
	unmap(q->dev, q->sq, q->sq_bytes);
	free(q);
}

unsigned int tdm_queue_number(const struct tdm_queue *q)
{
	return q->number;
}
