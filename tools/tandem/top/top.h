/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * tandem top: two readings and what happened between them, as tables, as JSON, or on a
 * screen.
 *
 * Invariants:
 * - A rate is of two values of one device, process or port, the second not below the
 *   first; without both of them, or when the device was reset between, it is absent.
 * - However it ends, by key, signal or error, the terminal is as it was.
 */
#ifndef TANDEM_TOP_H
#define TANDEM_TOP_H

#include "seen/seen.h"

/* What is shown of a device in addition to what is read. */
enum top_rate {
	TOP_BUSY, /* ratio of the time */
	TOP_PREFILL,
	TOP_DECODE, /* tokens a second */
	TOP_MOVED,  /* bytes a second */
	TOP_ERRORS, /* new ones; commands' errors and faults */
	TOP_RATES,
};

struct top_rates {
	struct seen_cell cells[TOP_RATES];
};

struct top_options {
	double interval_s;
	uint64_t count; /* 0: no end */
	bool once;
	bool json;
};

/** top_rates - of the device with that name in @now; @before may have nothing */
struct top_rates top_rates(const struct seen *before, const struct seen *now,
			   const struct seen_device *device);

/** top_client_busy - the share of the time in which a client's commands ran */
struct seen_cell top_client_busy(const struct seen *before, const struct seen *now,
				 const struct seen_client *client);

/** top_port_rates - bytes a second that a port sent and received */
struct top_port {
	struct seen_cell sent, received;
};
struct top_port top_port_rates(const struct seen *before, const struct seen *now,
			       const struct seen_port *port);

/** top_take - one reading. Return: 0 or -ENOMEM with @err */
int top_take(struct seen *seen, struct tdm_error *err);

/** top_print - as tables or JSON. Return: 0 or -errno with @err */
int top_print(const struct seen *before, const struct seen *now, enum view_format format,
	      struct tdm_error *err);

/** top_print_observed - the parts of what processes show of themselves */
void top_print_observed(struct view *view, const struct seen *now);

/** top_screen - until a key or a signal ends it. Return: 0 or -errno with @err */
int top_screen(const struct top_options *options, struct tdm_error *err);

#endif /* TANDEM_TOP_H */
