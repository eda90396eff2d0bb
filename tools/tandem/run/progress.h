/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * One progress line on standard error, for what takes longer than two seconds;
 * nothing when that is not a terminal.
 */
#ifndef TANDEM_PROGRESS_H
#define TANDEM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on;
	bool shown;
	uint64_t started_ns;
	uint64_t drawn_ns;
};

void progress_start(struct progress *p);
void progress_show(struct progress *p, const char *what, uint64_t done, uint64_t total);

/* Takes the line away; before anything else is printed. */
void progress_clear(struct progress *p);

#endif /* TANDEM_PROGRESS_H */
