/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Allocations that fail on demand, in whatever thread: malloc and its kin, mmap,
 * memfd_create, ftruncate, eventfd and pthread_create. What C++ asks for by
 * operator new under a sanitizer is not among them.
 *
 * In a program that links fail_nth.c the functions below steer it. In one that is
 * run with it as LD_PRELOAD the environment does: TANDEM_FAIL_NTH=n fails the n-th
 * call from main() on, and TANDEM_FAIL_LOG names a file that gets one line
 * with the number of calls at the end.
 */
#ifndef TESTS_SUPPORT_FAIL_NTH_H
#define TESTS_SUPPORT_FAIL_NTH_H

#ifdef __cplusplus
extern "C" {
#endif

/* The @n-th call from now on fails, 0: none; they are counted from 0. */
void fail_nth_arm(long n);

/* No more fail. Return: how many there were since fail_nth_arm() */
long fail_nth_disarm(void);

/* What failed: "malloc", ...; NULL: nothing did since fail_nth_arm() */
const char *fail_nth_what(void);

/* Blocks that are not freed, threads' local storage excepted; 0 under a sanitizer. */
long fail_nth_blocks(void);

#ifdef __cplusplus
}
#endif

#endif /* TESTS_SUPPORT_FAIL_NTH_H */
