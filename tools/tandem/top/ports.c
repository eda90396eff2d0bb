// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Ports of RDMA devices and what the kernel counts of them.
 */
#include <string.h>

#include "top/top.h"
#include "view/view.h"

enum {
	PORT_DEVICE,
	PORT_PORT,
	PORT_NETDEV,
	PORT_STATE,
	PORT_RATE,
	PORT_SENT,
	PORT_RECEIVED,
	PORT_SENT_PACKETS,
	PORT_RECEIVED_PACKETS,
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
	[PORT_SENT_PACKETS] = { "sent_packets_per_s", "SENT PKT/S", VIEW_FIGURE },
	[PORT_RECEIVED_PACKETS] = { "received_packets_per_s", "RECEIVED PKT/S", VIEW_FIGURE },
};

void top_part_ports(struct view *view, const struct seen *before, const struct seen *now)
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
		view_mark(row, PORT_STATE,
			  strcmp(port->state, "active") != 0 ? VIEW_BAD : VIEW_GOOD);
		seen_show(row, PORT_RATE, &port->rate, VIEW_COUNT);
		seen_show(row, PORT_SENT, &rates.sent, VIEW_SPEED);
		seen_show(row, PORT_RECEIVED, &rates.received, VIEW_SPEED);
		seen_show(row, PORT_SENT_PACKETS, &rates.sent_packets, VIEW_FIGURE);
		seen_show(row, PORT_RECEIVED_PACKETS, &rates.received_packets, VIEW_FIGURE);
	}
}

enum {
	COUNT_DEVICE,
	COUNT_PORT,
	COUNT_NAME,
	COUNT_VALUE,
	COUNT_RATE,
	COUNT_COLUMNS,
};

static const struct view_column counter_columns[COUNT_COLUMNS] = {
	[COUNT_DEVICE] = { "rdma_device", "RDMA", VIEW_TEXT },
	[COUNT_PORT] = { "port", "PORT", VIEW_COUNT },
	[COUNT_NAME] = { "counter", "COUNTER", VIEW_TEXT },
	[COUNT_VALUE] = { "value", "VALUE", VIEW_COUNT },
	[COUNT_RATE] = { "value_per_s", "PER SECOND", VIEW_FIGURE },
};

/* As the kernel names and counts them: there are dozens, most of which count nothing. */
void top_part_counters(struct view *view, const struct seen *before, const struct seen *now,
		       bool all)
{
	struct view_part *part = view_list(view, "rdma_counters", counter_columns, COUNT_COLUMNS);

	view_title(part, "RDMA counters");
	view_optional(part);
	SEEN_EACH(seen_port, port, now->ports)
	for (unsigned int i = 0; i < port->n_counters; i++) {
		struct seen_cell rate;
		struct view_row *row;

		if (!all && !port->counters[i].value)
			continue;
		rate = top_counter_rate(before, now, port, i);
		row = view_row(part);
		view_text(row, COUNT_DEVICE, port->device);
		view_count(row, COUNT_PORT, port->port);
		view_text(row, COUNT_NAME, port->counters[i].name);
		view_count(row, COUNT_VALUE, port->counters[i].value);
		seen_show(row, COUNT_RATE, &rate, VIEW_FIGURE);
	}
}
