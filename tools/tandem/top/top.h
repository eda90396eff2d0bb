/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * tandem top: two readings and what happened between them, as tables, as JSON, or on a
 * screen.
 *
 * Invariants:
 * - A rate is of two values of one device, process, queue, agent or port, the second not
 *   below the first; without both of them, or when the device was reset between, it is absent.
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

/** top_port_rates - a second: bytes and packets that a port sent and received */
struct top_port {
	struct seen_cell sent, received, sent_packets, received_packets;
};
struct top_port top_port_rates(const struct seen *before, const struct seen *now,
			       const struct seen_port *port);

/** top_counter_rate - a second, of one counter of a port by its index */
struct seen_cell top_counter_rate(const struct seen *before, const struct seen *now,
				  const struct seen_port *port, unsigned int counter);

/** top_queue_busy - the share of the time in which a queue's commands ran */
struct seen_cell top_queue_busy(const struct seen *before, const struct seen *now,
				const struct seen_queue *queue);

/** top_engine_rates - tokens a second */
struct top_engine {
	struct seen_cell prefill, decode;
};
struct top_engine top_engine_rates(const struct seen *before, const struct seen *now,
				   const struct seen_engine *engine);

/** top_agent_rates - a second: what an agent sent and took, and what its NIC did */
struct top_agent {
	struct seen_cell sent, taken, pages_sent, pages_taken;	   /* bytes, pages */
	struct seen_cell bytes, operations, failed, sleeps, wakes; /* of the NIC */
};
struct top_agent top_agent_rates(const struct seen *before, const struct seen *now,
				 const struct seen_agent *agent);

/** top_seconds - between two readings, 0 without a first one */
double top_seconds(const struct seen *before, const struct seen *now);

/** top_rate - of two counts into @out, which stays absent where they give none */
void top_rate(struct seen_cell *out, const struct seen_cell *was, const struct seen_cell *is,
	      double per_second);

/** top_take - one reading. Return: 0 or -ENOMEM with @err */
int top_take(struct seen *seen, struct tdm_error *err);

/** top_print - as tables or JSON. Return: 0 or -errno with @err */
int top_print(const struct seen *before, const struct seen *now, enum view_format format,
	      struct tdm_error *err);

/*
 * The parts of a view, each with rates of two readings. Printing and the screen show the
 * same ones.
 */
#define TOP_DEVICE_COLUMNS (23 + TOP_RATES)
/** top_part_devices - to be filled; @columns: room for its columns, to live as long as @view */
struct view_part *top_part_devices(struct view *view,
				   struct view_column columns[TOP_DEVICE_COLUMNS]);
void top_add_device(struct view_part *part, const struct seen_device *device,
		    const struct top_rates *rates);
void top_part_ports(struct view *view, const struct seen *before, const struct seen *now);
/** top_part_counters - of ports; @all: those that are 0 as well */
void top_part_counters(struct view *view, const struct seen *before, const struct seen *now,
		       bool all);
/** top_parts_observed - what processes show of themselves */
void top_parts_observed(struct view *view, const struct seen *before, const struct seen *now);
/** top_parts_transfer - of that, agents, their peers and their NICs */
void top_parts_transfer(struct view *view, const struct seen *before, const struct seen *now);

/** top_notes - devices and links that are not well, and what could not be seen */
void top_notes(struct view *view, const struct seen *now);

/** top_part_nics - what agents did on their NICs */
void top_part_nics(struct view *view, const struct seen *before, const struct seen *now);

/** top_trouble - a count of what should not happen, marked once it did */
void top_trouble(struct view_row *row, unsigned int column, uint64_t n, enum view_mark mark);

/** top_error_name - "EIO" for -EIO; NULL for 0 and for what is none; static */
const char *top_error_name(int32_t error);

/** top_screen - until a key or a signal ends it. Return: 0 or -errno with @err */
int top_screen(const struct top_options *options, struct tdm_error *err);

#endif /* TANDEM_TOP_H */
