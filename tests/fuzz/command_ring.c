// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "command_ring.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <tandem/device.h>

/* Only a hang takes this long. */
#define WATCHDOG_NS 20000000000ULL

void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "command: %s\n", what);
	abort();
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void *map(struct tdm_device *dev, uint64_t bytes, int prot, uint64_t offset)
{
	void *ptr = tdm_device_mmap(dev, bytes, prot, offset, NULL);

	must(ptr, "a ring that is not mapped");
	return ptr;
}

void ring_open(struct ring *r, struct tdm_device *dev)
{
	struct drm_tandem_queue_create create = {
		.size = sizeof(create),
		.abi = TDM_QUEUE_ABI,
		.sq_entries = RING_ENTRIES,
		.cq_entries = RING_ENTRIES,
	};

	must(!tdm_device_ioctl(dev, DRM_IOCTL_TANDEM_QUEUE_CREATE, &create), "no queue");
	*r = (struct ring){
		.dev = dev,
		.number = create.queue,
		.sq_bytes = create.sq_bytes,
		.cq_bytes = create.cq_bytes,
		.status_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
	};
	r->sq = map(dev, r->sq_bytes, PROT_READ | PROT_WRITE, create.sq_offset);
	r->cq = map(dev, r->cq_bytes, PROT_READ, create.cq_offset);
	r->status = map(dev, r->status_bytes, PROT_READ, create.status_offset);
}

void ring_close(struct ring *r)
{
	struct drm_tandem_queue_destroy destroy = { sizeof(destroy), r->number };

	must(!tdm_device_ioctl(r->dev, DRM_IOCTL_TANDEM_QUEUE_DESTROY, &destroy), "no destroy");
	tdm_device_munmap(r->dev, r->sq, r->sq_bytes);
	tdm_device_munmap(r->dev, (void *)r->cq, r->cq_bytes);
	tdm_device_munmap(r->dev, (void *)r->status, r->status_bytes);
}

void ring_publish(struct ring *r)
{
	struct drm_tandem_queue_wake wake = { sizeof(wake), r->number };

	tdm_store_release(&r->sq->tail, r->tail);
	tdm_full_fence();
	if (tdm_load_relaxed(&r->cq->need_wake))
		tdm_device_ioctl(r->dev, DRM_IOCTL_TANDEM_QUEUE_WAKE, &wake);
}

/* Return: the completion at the head of the ring, NULL while there is none */
static const struct tdm_cqe *head(const struct ring *r)
{
	const struct tdm_cqe *cqes = (const void *)((const char *)r->cq + TDM_QUEUE_HDR_BYTES);
	const struct tdm_cqe *cqe = &cqes[r->taken % RING_ENTRIES];
	const uint32_t *last = (const void *)&cqe->status;
	bool phase = (tdm_load_acquire(last) >> 16) & TDM_CQE_PHASE;

	return phase == !(r->taken & RING_ENTRIES) ? cqe : NULL;
}

void ring_drain(struct ring *r)
{
	uint64_t deadline = now() + WATCHDOG_NS;

	ring_publish(r);
	while (r->taken != r->tail) {
		const struct tdm_cqe *cqe = head(r);

		if (!cqe) {
			must(r->status->state == TDM_QUEUE_RUNNING, "a queue that stopped");
			must(now() < deadline, "a command that never ends");
			sched_yield();
			continue;
		}
		must(cqe->cookie == r->cookies[r->taken % RING_ENTRIES], "another's completion");
		must(cqe->status <= TDM_ST_DEVICE, "an unknown status");
		r->taken++;
	}
	must(!head(r), "a completion too many");
	tdm_store_release(&r->sq->cq_head, r->taken);
}

void ring_put(struct ring *r, const struct tdm_cmd *cmd)
{
	struct tdm_cmd *cmds = (void *)((char *)r->sq + TDM_QUEUE_HDR_BYTES);

	if (r->tail - r->taken == RING_ENTRIES)
		ring_drain(r);
	r->cookies[r->tail % RING_ENTRIES] = cmd->cookie;
	cmds[r->tail++ % RING_ENTRIES] = *cmd;
}

void ring_corrupt(struct ring *r, uint32_t tail, uint32_t cq_head)
{
	uint64_t deadline = now() + WATCHDOG_NS;
	struct tdm_device *dev = r->dev;

	ring_drain(r);
	/* A command must be there for the firmware to look for room for it. */
	r->tail += cq_head ? 1 : RING_ENTRIES + 1 + tail % (1U << 31);
	if (cq_head)
		tdm_store_release(&r->sq->cq_head, r->taken + 1 + cq_head % (1U << 31));
	ring_publish(r);
	while (!cq_head && tdm_load_acquire(&r->status->state) == TDM_QUEUE_RUNNING) {
		must(now() < deadline, "a corrupted queue that runs on");
		sched_yield();
	}
	ring_close(r);
	ring_open(r, dev);
}
