/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A counter that threads sleep on: the device's bells in, its interrupts out.
 *
 * Going to sleep is Dekker's problem, solved once, here: the sleeper counts
 * itself in and then compares the count (futex(2) does it in the kernel); the
 * ringer moves the count and then looks for sleepers. Both sides are
 * sequentially consistent read-modify-writes, so one of them sees the other,
 * and ringing a bell that nobody sleeps on is no system call.
 */
#ifndef SOFT_BELL_H
#define SOFT_BELL_H

#include <stdint.h>

/* Any number of ringers and sleepers. Zero is a valid start. */
struct soft_bell {
	uint32_t count;
	uint32_t sleepers;
};

static inline uint32_t soft_bell_read(const struct soft_bell *bell)
{
	return __atomic_load_n(&bell->count, __ATOMIC_ACQUIRE);
}

void soft_bell_ring(struct soft_bell *bell);

/**
 * soft_bell_sleep - sleep until the bell was rung after it read @seen
 * @deadline_ns: absolute, CLOCK_MONOTONIC; ~0: none
 *
 * Return: 0 (or early, for no reason at all), -ETIMEDOUT, or -EINTR when a
 * signal handler ran.
 */
int soft_bell_sleep(struct soft_bell *bell, uint32_t seen, uint64_t deadline_ns);

/* CLOCK_MONOTONIC: the clock of deadlines, and the soft device's own. */
uint64_t soft_clock_ns(void);

#endif /* SOFT_BELL_H */
