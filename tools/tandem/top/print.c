// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "seen/view.h"
#include "top/top.h"
#include "view/view.h"

static const enum seen_field fields[] = {
	SEEN_NAME,	     SEEN_CLASS,	 SEEN_STATE,	   SEEN_MEMORY_USED,
	SEEN_MEMORY,	     SEEN_TEMPERATURE,	 SEEN_POWER,	   SEEN_CLIENTS,
	SEEN_ERRORS,	     SEEN_FAULTS,	 SEEN_RESETS,	   SEEN_INJECT_ACTIVE,
	SEEN_HEARTBEAT_AGE,  SEEN_TELEMETRY_AGE, SEEN_MODEL,	   SEEN_HOST_USED,
	SEEN_TOKENS_PREFILL, SEEN_TOKENS_DECODE, SEEN_BYTES_MOVED, SEEN_COMMANDS,
	SEEN_BUSY,	     SEEN_RESET_REASON,	 SEEN_INJECTED,
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))
#define N_HEADED 12

static const struct view_column rate_columns[TOP_RATES] = {
	[TOP_BUSY] = { "busy_ratio", "BUSY", VIEW_RATIO },
	[TOP_PREFILL] = { "prefill_tokens_per_s", "PREFILL/S", VIEW_FIGURE },
	[TOP_DECODE] = { "decode_tokens_per_s", "DECODE/S", VIEW_FIGURE },
	[TOP_MOVED] = { "moved_bytes_per_s", "MOVED", VIEW_SPEED },
	[TOP_ERRORS] = { "new_errors", NULL, VIEW_FIGURE },
};

/* Rates stand behind name, class and state. */
#define FIRST_RATE 3
#define N_COLUMNS (N_FIELDS + TOP_RATES)

static void show_devices(struct view *view, struct view_column columns[N_COLUMNS],
			 const struct seen *before, const struct seen *now)
{
	struct view_part *part;

	seen_columns(fields, FIRST_RATE, columns);
	seen_columns(fields + FIRST_RATE, N_FIELDS - FIRST_RATE, columns + FIRST_RATE + TOP_RATES);
	for (unsigned int i = 0; i < TOP_RATES; i++)
		columns[FIRST_RATE + i] = rate_columns[i];
	for (unsigned int i = N_HEADED + TOP_RATES; i < N_COLUMNS; i++)
		columns[i].heading = NULL;
	part = view_list(view, "devices", columns, N_COLUMNS);
	SEEN_EACH(seen_device, device, now->devices)
	{
		struct top_rates rates = top_rates(before, now, device);
		struct view_row *row = view_row(part);

		seen_show_fields(row, 0, fields, FIRST_RATE, device);
		seen_show_fields(row, FIRST_RATE + TOP_RATES, fields + FIRST_RATE,
				 N_FIELDS - FIRST_RATE, device);
		for (unsigned int i = 0; i < TOP_RATES; i++)
			seen_show(row, FIRST_RATE + i, &rates.cells[i], rate_columns[i].kind);
	}
}

enum {
	PORT_DEVICE,
	PORT_PORT,
	PORT_NETDEV,
	PORT_STATE,
	PORT_RATE,
	PORT_SENT,
	PORT_RECEIVED,
	PORT_COLUMNS,
};

static const struct view_column port_columns[PORT_COLUMNS] = {
	[PORT_DEVICE] = { "name", "RDMA", VIEW_TEXT },
	[PORT_PORT] = { "port", "PORT", VIEW_COUNT },
	[PORT_NETDEV] = { "netdev", "NETDEV", VIEW_TEXT },
	[PORT_STATE] = { "state", "STATE", VIEW_TEXT },
	[PORT_RATE] = { "link_bits_per_s", "LINK", VIEW_BITS },
	[PORT_SENT] = { "sent_bytes_per_s", "SENT", VIEW_SPEED },
	[PORT_RECEIVED] = { "received_bytes_per_s", "RECEIVED", VIEW_SPEED },
};

static void show_ports(struct view *view, const struct seen *before, const struct seen *now)
{
	struct view_part *part = view_list(view, "rdma", port_columns, PORT_COLUMNS);

	view_optional(part);
	SEEN_EACH(seen_port, port, now->ports)
	{
		struct top_port rates = top_port_rates(before, now, port);
		struct view_row *row = view_row(part);

		view_text(row, PORT_DEVICE, port->device);
		view_count(row, PORT_PORT, port->port);
		view_text(row, PORT_NETDEV, port->netdev[0] ? port->netdev : NULL);
		view_text(row, PORT_STATE, port->state[0] ? port->state : NULL);
		seen_show(row, PORT_RATE, &port->rate, VIEW_COUNT);
		seen_show(row, PORT_SENT, &rates.sent, VIEW_SPEED);
		seen_show(row, PORT_RECEIVED, &rates.received, VIEW_SPEED);
	}
}

enum {
	COUNT_DEVICE,
	COUNT_PORT,
	COUNT_NAME,
	COUNT_VALUE,
	COUNT_COLUMNS,
};

static const struct view_column counter_columns[COUNT_COLUMNS] = {
	[COUNT_DEVICE] = { "rdma_device", NULL, VIEW_TEXT },
	[COUNT_PORT] = { "port", NULL, VIEW_COUNT },
	[COUNT_NAME] = { "counter", NULL, VIEW_TEXT },
	[COUNT_VALUE] = { "value", NULL, VIEW_COUNT },
};

/* As the kernel names and counts them: for scripts, there are dozens. */
static void add_counters(struct view *view, const struct seen *now)
{
	struct view_part *part = view_list(view, "rdma_counters", counter_columns, COUNT_COLUMNS);

	view_optional(part);
	SEEN_EACH(seen_port, port, now->ports)
	for (unsigned int i = 0; i < port->n_counters; i++) {
		struct view_row *row = view_row(part);

		view_text(row, COUNT_DEVICE, port->device);
		view_count(row, COUNT_PORT, port->port);
		view_text(row, COUNT_NAME, port->counters[i].name);
		view_count(row, COUNT_VALUE, port->counters[i].value);
	}
}

enum {
	SAMPLE_TIME,
	SAMPLE_INTERVAL,
	SAMPLE_COLUMNS,
};

static const struct view_column sample_columns[SAMPLE_COLUMNS] = {
	[SAMPLE_TIME] = { "time_unix_s", NULL, VIEW_FIGURE },
	[SAMPLE_INTERVAL] = { "interval_ns", NULL, VIEW_NS },
};

int top_print(const struct seen *before, const struct seen *now, enum view_format format,
	      struct tdm_error *err)
{
	struct view *view = view_create("tandem.top.v1");
	struct view_column columns[N_COLUMNS];
	int rc;

	show_devices(view, columns, before, now);
	seen_view_processes(view, now, NULL, before);
	show_ports(view, before, now);
	top_print_observed(view, now);
	if (format != VIEW_TABLE) {
		struct view_row *row = view_record(view, NULL, sample_columns, SAMPLE_COLUMNS);

		view_figure(row, SAMPLE_TIME, now->unix_s);
		if (before->taken_ns)
			view_count(row, SAMPLE_INTERVAL, now->taken_ns - before->taken_ns);
		add_counters(view, now);
	}
	seen_view_hidden(view, now);
	if (!now->devices.n)
		view_note(view, "devices: the driver has none; 'tandem list' says what is missing");
	rc = view_print(view, format, err);
	view_destroy(view);
	return rc;
}
