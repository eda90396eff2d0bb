// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * One call: a struct that is mostly right, spoilt here and there; the answer must be
 * one that tandem_accel.h has, and a refused call must not have written to its struct.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "support/ioctl_state.h"

#define FIRST_PAGE 4096
#define MAX_BUFFER (1U << 20)  /* what a FILL may touch */
#define TOO_LARGE (1ULL << 44) /* refused by any device */

#define OWN(name) (DRM_COMMAND_BASE + TDM_NR_##name)

static const unsigned long requests[] = {
	DRM_IOCTL_TANDEM_QUERY,
	DRM_IOCTL_TANDEM_BO_CREATE,
	DRM_IOCTL_TANDEM_BO_MMAP,
	DRM_IOCTL_TANDEM_VM_MAP,
	DRM_IOCTL_TANDEM_VM_UNMAP,
	DRM_IOCTL_TANDEM_QUEUE_CREATE,
	DRM_IOCTL_TANDEM_QUEUE_DESTROY,
	DRM_IOCTL_TANDEM_QUEUE_WAKE,
	DRM_IOCTL_TANDEM_QUEUE_WAIT,
	DRM_IOCTL_TANDEM_QUEUE_EVENTFD,
	DRM_IOCTL_TANDEM_FAULT_READ,
	DRM_IOCTL_TANDEM_INJECT,
	DRM_IOCTL_VERSION,
	DRM_IOCTL_GEM_CLOSE,
	DRM_IOCTL_PRIME_HANDLE_TO_FD,
	DRM_IOCTL_PRIME_FD_TO_HANDLE,
};

#define N_REQUESTS (sizeof(requests) / sizeof(requests[0]))

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

/* Any number of a kind that breaks things. */
static uint64_t odd(struct sequence *s)
{
	uint64_t small = sequence_take(s, 1);

	switch (small >> 5) {
	case 0:
		return small & 31;
	case 1:
		return ~0ULL - (small & 31);
	case 2:
		return 1ULL << 2 * (small & 31);
	case 3:
		return s->page * (small & 31);
	case 4:
		return TDM_DVA_END - s->page * (small & 31);
	default:
		return sequence_take(s, 8);
	}
}

static void fill_query(struct sequence *s, void *arg)
{
	*(struct drm_tandem_query *)arg = (struct drm_tandem_query){
		.size = sizeof(struct drm_tandem_query),
		.item = (uint32_t)sequence_take(s, 1) % 5,
		.data = (uintptr_t)s->scratch,
		.len = 512,
	};
}

static void fill_buffer(struct sequence *s, void *arg)
{
	*(struct drm_tandem_bo_create *)arg = (struct drm_tandem_bo_create){
		.size = sizeof(struct drm_tandem_bo_create),
		.domain = 1 + (uint32_t)sequence_take(s, 1) % 2,
		.bytes = s->page * (1 + sequence_take(s, 1) % 32),
	};
}

static void fill_map(struct sequence *s, const struct client *c, void *arg)
{
	uint64_t n = sequence_take(s, 1);
	const struct drm_tandem_bo_create *buffer = &c->buffers[n % THINGS];

	*(struct drm_tandem_vm_map *)arg = (struct drm_tandem_vm_map){
		.size = sizeof(struct drm_tandem_vm_map),
		.handle = buffer->handle,
		.len = n & 64 ? s->page : buffer->bytes,
		.dva = n & 32 ? s->page * (1 + sequence_take(s, 1)) : 0,
		.access = n & 16 ? TDM_ACCESS_READ : TDM_ACCESS_READ | TDM_ACCESS_WRITE,
	};
}

static void fill_unmap(struct sequence *s, const struct client *c, void *arg)
{
	const struct drm_tandem_vm_map *map = &c->maps[sequence_take(s, 1) % THINGS];

	*(struct drm_tandem_vm_unmap *)arg = (struct drm_tandem_vm_unmap){
		.size = sizeof(struct drm_tandem_vm_unmap),
		.dva = map->dva,
		.len = map->len,
	};
}

static void fill_queue(struct sequence *s, void *arg)
{
	uint64_t n = sequence_take(s, 1);

	*(struct drm_tandem_queue_create *)arg = (struct drm_tandem_queue_create){
		.size = sizeof(struct drm_tandem_queue_create),
		.abi = TDM_QUEUE_ABI,
		.sq_entries = 2U << n % 4,
		.cq_entries = 2U << (n % 4 + (n >> 2) % 3),
		.time_limit_ms = n & 128 ? 1 : 0,
	};
}

static void fill_wait(struct sequence *s, uint32_t queue, void *arg)
{
	*(struct drm_tandem_queue_wait *)arg = (struct drm_tandem_queue_wait){
		.size = sizeof(struct drm_tandem_queue_wait),
		.queue = queue,
		.seq = sequence_take(s, 1) % 16,
		.deadline_ns = sequence_take(s, 1),
	};
}

static void fill_inject(struct sequence *s, void *arg)
{
	uint32_t kind = (uint32_t)sequence_take(s, 1) % TDM_INJECT_KINDS;

	*(struct drm_tandem_inject *)arg = (struct drm_tandem_inject){
		.size = sizeof(struct drm_tandem_inject),
		.kind = kind,
		.count = kind == TDM_INJECT_STALL ? 0 : (uint32_t)sequence_take(s, 1) % 4,
		.duration_ms = (uint32_t)sequence_take(s, 1) % 4,
		.value = kind == TDM_INJECT_SLOW ? 1 + (uint32_t)sequence_take(s, 1) : 0,
		.seed = kind == TDM_INJECT_BITFLIP ? sequence_take(s, 1) : 0,
	};
}

/* The calls that name one queue or one handle and little else. */
static void fill_short(struct sequence *s, const struct client *c, unsigned int nr, void *arg)
{
	uint64_t n = sequence_take(s, 1);
	uint32_t handle = c->buffers[n % THINGS].handle;
	uint32_t queue = c->queues[n % THINGS].info.queue;

	switch (nr) {
	case OWN(BO_MMAP):
		*(struct drm_tandem_bo_mmap *)arg =
			(struct drm_tandem_bo_mmap){ sizeof(struct drm_tandem_bo_mmap), handle, 0 };
		break;
	case OWN(QUEUE_DESTROY):
	case OWN(QUEUE_WAKE):
		*(struct drm_tandem_queue_destroy *)arg =
			(struct drm_tandem_queue_destroy){ sizeof(struct drm_tandem_queue_destroy),
							   queue };
		break;
	case OWN(QUEUE_WAIT):
		fill_wait(s, queue, arg);
		break;
	case OWN(QUEUE_EVENTFD):
		*(struct drm_tandem_queue_eventfd *)arg =
			(struct drm_tandem_queue_eventfd){ sizeof(struct drm_tandem_queue_eventfd),
							   queue, n & 64 ? -1 : s->event, 0 };
		break;
	case OWN(FAULT_READ):
		*(struct drm_tandem_fault_read *)arg = (struct drm_tandem_fault_read){
			.size = sizeof(struct drm_tandem_fault_read),
			.count = (uint32_t)n % 80,
			.faults = (uintptr_t)s->scratch
		};
		break;
	case _IOC_NR(DRM_IOCTL_GEM_CLOSE):
		*(struct drm_gem_close *)arg = (struct drm_gem_close){ .handle = handle };
		break;
	case _IOC_NR(DRM_IOCTL_PRIME_HANDLE_TO_FD):
	case _IOC_NR(DRM_IOCTL_PRIME_FD_TO_HANDLE):
		*(struct drm_prime_handle *)arg = (struct drm_prime_handle){
			.handle = handle,
			.flags = nr == _IOC_NR(DRM_IOCTL_PRIME_HANDLE_TO_FD)
					 ? DRM_CLOEXEC | (n & 64 ? DRM_RDWR : 0)
					 : 0,
			.fd = s->shared[n / THINGS % THINGS],
		};
		break;
	default:
		break;
	}
}

static void fill(struct sequence *s, const struct client *c, unsigned int nr, void *arg)
{
	switch (nr) {
	case OWN(QUERY):
		fill_query(s, arg);
		break;
	case OWN(BO_CREATE):
		fill_buffer(s, arg);
		break;
	case OWN(VM_MAP):
		fill_map(s, c, arg);
		break;
	case OWN(VM_UNMAP):
		fill_unmap(s, c, arg);
		break;
	case OWN(QUEUE_CREATE):
		fill_queue(s, arg);
		break;
	case OWN(INJECT):
		fill_inject(s, arg);
		break;
	default:
		fill_short(s, c, nr, arg);
		break;
	}
}

/* A pointer that was spoilt may not be one to this process's own memory. */
static uint64_t safe_pointer(const struct sequence *s, uint64_t ptr)
{
	if (ptr < FIRST_PAGE || ptr == (uintptr_t)s->scratch)
		return ptr;
	/* The kernel's half: refused there, and not looked at in the library. */
	return s->is_node && ptr >> 63 ? ptr : (uintptr_t)s->scratch;
}

/* What no call may be: endless, or out of bounds of what the pointer has. */
static void make_safe(struct sequence *s, unsigned int nr, void *arg)
{
	struct drm_tandem_query *query = arg;
	struct drm_tandem_bo_create *create = arg;
	struct drm_tandem_queue_wait *wait = arg;
	struct drm_tandem_fault_read *faults = arg;
	struct drm_tandem_inject *inject = arg;

	switch (nr) {
	case OWN(QUERY):
		query->data = safe_pointer(s, query->data);
		query->len %= SCRATCH_BYTES + 1;
		break;
	case OWN(BO_CREATE):
		if (create->bytes > MAX_BUFFER && create->bytes < TOO_LARGE)
			create->bytes %= MAX_BUFFER;
		break;
	case OWN(QUEUE_WAIT):
		if (wait->deadline_ns > 1)
			wait->deadline_ns = now_ns() + wait->deadline_ns % 1000000;
		break;
	case OWN(FAULT_READ):
		faults->faults = safe_pointer(s, faults->faults);
		faults->count %= SCRATCH_BYTES / sizeof(struct tdm_fault) + 1;
		break;
	case OWN(INJECT):
		/* The device has to be there afterwards, and soon. */
		if (inject->kind == TDM_INJECT_CRASH)
			inject->kind = TDM_INJECT_NONE;
		if (inject->kind != TDM_INJECT_NONE)
			inject->duration_ms = 1 + inject->duration_ms % 8;
		inject->value %= 1000;
		break;
	case _IOC_NR(DRM_IOCTL_VERSION):
		memset(arg, 0, sizeof(struct drm_version));
		break;
	default:
		break;
	}
}

/* Keep what was made: in an empty place, or else a random one's. */
static void keep(struct sequence *s, struct client *c, unsigned int nr, const void *arg)
{
	size_t at = s->tally->accepted % THINGS;
	const struct drm_prime_handle *prime = arg;

	switch (nr) {
	case OWN(BO_CREATE):
		memcpy(&c->buffers[at], arg, sizeof(c->buffers[at]));
		break;
	case OWN(VM_MAP):
		memcpy(&c->maps[at], arg, sizeof(c->maps[at]));
		break;
	case OWN(QUEUE_CREATE):
		/* Its ring is mapped by a step; the old one stays a view. */
		memset(&c->queues[at], 0, sizeof(c->queues[at]));
		memcpy(&c->queues[at].info, arg, sizeof(c->queues[at].info));
		break;
	case _IOC_NR(DRM_IOCTL_PRIME_HANDLE_TO_FD):
		if (s->shared[at] >= 0)
			close(s->shared[at]);
		s->shared[at] = prime->fd;
		break;
	case _IOC_NR(DRM_IOCTL_PRIME_FD_TO_HANDLE):
		c->buffers[at].handle = prime->handle;
		c->buffers[at].bytes = s->page;
		break;
	default:
		break;
	}
}

static bool is_an_answer(int rc)
{
	static const int answers[] = {
		0,	EINVAL, E2BIG,	ENOTTY, EFAULT,	   ENOENT, ENOSPC,
		EEXIST, EBADF,	EIO,	ENOMEM, ETIMEDOUT, EACCES, EOPNOTSUPP,
		EMFILE, EBUSY,	ENFILE, EINTR,	ENODEV,	   EPERM,
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (rc == -answers[i])
			return true;
	return false;
}

static void call(struct sequence *s, struct client *c, unsigned long request)
{
	unsigned char before[sizeof(struct drm_tandem_queue_create)];
	unsigned int nr = _IOC_NR(request);
	bool own = nr >= DRM_COMMAND_BASE && nr < OWN(INJECT) + 1;
	int rc;

	make_safe(s, nr, s->arg);
	memcpy(before, s->arg, sizeof(before));
	do {
		rc = tdm_device_ioctl(c->dev, request, s->arg);
	} while (rc == -EINTR);
	s->tally->calls++;
	if (!is_an_answer(rc))
		sequence_wrong(s, "request %lx: %d is no answer", request, rc);
	if (rc == -ENODEV || (rc == -EIO && nr != OWN(QUEUE_WAIT)))
		sequence_wrong(s, "request %lx: the device is lost: %d", request, rc);
	if (rc && own && memcmp(before, s->arg, sizeof(before)))
		sequence_wrong(s, "request %lx: refused by %d, and wrote to its struct", request,
			       rc);
	if (rc)
		return;
	s->tally->accepted++;
	keep(s, c, nr, s->arg);
}

/* Puts odd numbers over a few of the words. */
static void spoil(struct sequence *s, size_t bytes)
{
	uint64_t how = sequence_take(s, 1);

	for (uint64_t n = how & 128 ? how % 3 + 1 : 0; n && bytes >= 8; n--) {
		size_t at = sequence_take(s, 1) * 4 % (bytes - 4);
		uint64_t value = odd(s);

		memcpy(s->arg + at, &value, at + 8 <= bytes ? 8 : 4);
	}
}

void sequence_call(struct sequence *s, struct client *c)
{
	unsigned long request = requests[sequence_take(s, 1) % N_REQUESTS];
	size_t bytes = _IOC_SIZE(request);

	memset(s->arg, 0, ARG_BYTES);
	fill(s, c, _IOC_NR(request), s->arg);
	spoil(s, bytes);
	call(s, c, request);
}

void sequence_raw_call(struct sequence *s, struct client *c)
{
	uint32_t number = (uint32_t)sequence_take(s, 4);
	unsigned int nr = number & 1 ? DRM_COMMAND_BASE + (number >> 8) % 13 : (number >> 8) % 256;
	unsigned int type = number & 6 ? DRM_IOCTL_BASE : (number >> 16) % 256;
	unsigned int dir = number & 8 ? _IOC_READ | _IOC_WRITE : (number >> 4) & 3;
	size_t bytes = sequence_take(s, 1) * (number & 128 ? 64 : 1);

	memset(s->arg, 0, ARG_BYTES);
	if (nr >= DRM_COMMAND_BASE && number & 64)
		fill(s, c, nr, s->arg);
	spoil(s, bytes < 80 ? bytes : 80);
	call(s, c, _IOC(dir, type, nr, bytes));
}
