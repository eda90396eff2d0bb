/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A trace as Chrome's trace event format, for Perfetto (ui.perfetto.dev) and
 * chrome://tracing:
 *
 *	process "tandem"	requests, tokens, what went wrong
 *	process of a device	prefill, layers, export, import, decode: a thread each
 *	process of the network	pages on their flight, in as many threads as overlap
 *
 * Spans are "X", moments "i", pages on their way a counter; a flow leads from the layer
 * to the flight of its page and on to the import. "ts" and "dur" are microseconds of
 * CLOCK_MONOTONIC, to the nanosecond.
 */
#ifndef TANDEM_TRACE_JSON_H
#define TANDEM_TRACE_JSON_H

#include <stdio.h>

#include "trace/story.h"

/* Return: 0 or -errno, which a later look at @out may find as well */
int trace_json(const struct story *story, FILE *out);

#endif /* TANDEM_TRACE_JSON_H */
