/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Lines of Prometheus' text format.
 */
#ifndef TANDEM_METRICS_WRITE_H
#define TANDEM_METRICS_WRITE_H

#include <stdio.h>

struct seen;

/* What a metric is: once, before its lines. @type: "counter" or "gauge" */
void metrics_head(FILE *out, const char *name, const char *help, const char *type);

/* @before NAME="VALUE"; what is in texts that were seen is printable. */
void metrics_label(FILE *out, const char *before, const char *name, const char *value);

/* What processes show of themselves: engines, KV pools, agents and their NICs. */
void metrics_processes(FILE *out, const struct seen *seen);

#endif /* TANDEM_METRICS_WRITE_H */
