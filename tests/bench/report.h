/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "bench.h"

/* One object of schema tandem.bench.v1. Return: 0 or -errno */
int report_json(const struct bench *b);

/* A table. Return: 0 or -errno */
int report_table(const struct bench *b);

#endif /* BENCH_REPORT_H */
