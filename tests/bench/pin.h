/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef BENCH_PIN_H
#define BENCH_PIN_H

#include <sched.h>

/* Two processors that this process may run on; the same one where it has but one. */
void pin_choose(cpu_set_t *allowed, int *near, int *far);

/* The calling thread, and what it starts from now on. */
void pin_to(int cpu);

/* Anywhere of @allowed: what pin_choose() found when the process started. */
void pin_release(const cpu_set_t *allowed);

/*
 * Does the caller run on @near only and every other thread on @far only? They are
 * the firmware's, which inherited it. Return: 0 or 1; 0 where both are the same
 */
int pin_check(int near, int far);

/* How many processors that is. */
int pin_count(void);

#endif /* BENCH_PIN_H */
