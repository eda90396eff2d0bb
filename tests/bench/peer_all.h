/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef BENCH_PEER_ALL_H
#define BENCH_PEER_ALL_H

/**
 * all_run - @fn(arg, part, parts) on every processor at once
 * Return: seconds from the first start to the last end
 */
double all_run(void (*fn)(void *arg, int part, int parts), void *arg);

#endif /* BENCH_PEER_ALL_H */
