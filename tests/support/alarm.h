/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A storm of signals over all tests of a program: with TANDEM_TEST_ALARM_US=N in its
 * environment a SIGALRM every N microseconds, whose handler does nothing and restarts
 * no call. What breaks then cannot be used in a program that has timers.
 */
#ifndef TESTS_SUPPORT_ALARM_H
#define TESTS_SUPPORT_ALARM_H

/* Whether there is one in this process; a forked child has none. */
bool alarm_storm();

/* For a child: SIGALRM means again what it meant before. */
void alarm_storm_end();

#endif /* TESTS_SUPPORT_ALARM_H */
