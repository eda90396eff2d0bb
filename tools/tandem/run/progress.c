// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "run/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define QUIET_NS 2000000000ULL
#define REDRAW_NS 100000000ULL

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void progress_start(struct progress *p)
{
	*p = (struct progress){ .on = isatty(STDERR_FILENO), .started_ns = now() };
}

void progress_show(struct progress *p, const char *what, uint64_t done, uint64_t total)
{
	uint64_t t;

	if (!p->on)
		return;
	t = now();
	if (t - p->started_ns < QUIET_NS || t - p->drawn_ns < REDRAW_NS)
		return;
	p->drawn_ns = t;
	p->shown = true;
	fprintf(stderr, "\r%s: %3.0f%%", what, total ? 100.0 * (double)done / (double)total : 0);
	fflush(stderr);
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
