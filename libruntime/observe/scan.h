/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The names that somebody listens at, in this network namespace. A name is a claim,
 * no more.
 */
#ifndef OBSERVE_SCAN_H
#define OBSERVE_SCAN_H

#include <stdint.h>

struct observe_place {
	uint32_t pid;
	uint32_t n;
};

/*
 * @pid: of this process alone, 0: of all. Return: *@count of them by pid, the caller's
 * to free(); NULL with *@count a negative errno
 */
struct observe_place *observe_scan(uint32_t pid, int *count);

#endif /* OBSERVE_SCAN_H */
