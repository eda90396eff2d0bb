// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/bell.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ULL

static long futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, timeout, NULL,
		       FUTEX_BITSET_MATCH_ANY);
}

void soft_bell_ring(struct soft_bell *bell)
{
	__atomic_add_fetch(&bell->count, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&bell->sleepers, __ATOMIC_SEQ_CST))
		futex(&bell->count, FUTEX_WAKE, INT_MAX, NULL);
}

int soft_bell_sleep(struct soft_bell *bell, uint32_t seen, uint64_t deadline_ns)
{
	/* FUTEX_WAIT_BITSET takes an absolute time, FUTEX_WAIT a relative one. */
	struct timespec ts = {
		.tv_sec = (time_t)(deadline_ns / NS_PER_S),
		.tv_nsec = (long)(deadline_ns % NS_PER_S),
	};
	int rc = 0;

	__atomic_add_fetch(&bell->sleepers, 1, __ATOMIC_SEQ_CST);
	if (futex(&bell->count, FUTEX_WAIT_BITSET, seen, deadline_ns == ~0ULL ? NULL : &ts))
		rc = -errno;
	__atomic_sub_fetch(&bell->sleepers, 1, __ATOMIC_SEQ_CST);
	return rc == -EAGAIN ? 0 : rc;
}

uint64_t soft_clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}
