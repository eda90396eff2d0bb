// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Rates of RDMA ports.
 */
#include <string.h>

#include "top/top.h"

static const struct seen_port *port_of(const struct seen *before, const struct seen_port *port)
{
	SEEN_EACH(seen_port, was, before->ports)
	if (was->port == port->port && !strcmp(was->device, port->device))
		return was;
	return NULL;
}

static struct seen_cell counter(const struct seen_port *port, const char *name, bool hw)
{
	struct seen_cell cell = { 0 };

	for (unsigned int i = 0; port && i < port->n_counters; i++)
		if (port->counters[i].hw == hw && !strcmp(port->counters[i].name, name))
			seen_count(&cell, port->counters[i].value);
	return cell;
}

/* One name of what is counted; @unit: how much one of it is */
struct name {
	const char *name;
	bool hw;
	double unit;
};

#define NAMES 3

/* The first of @names that the port has. The two of data count words of four bytes. */
static struct seen_cell rate_of(const struct seen_port *was, const struct seen_port *port,
				const struct name names[NAMES], double s)
{
	struct seen_cell rate = { 0 };

	for (unsigned int i = 0; i < NAMES && names[i].name; i++) {
		struct seen_cell is = counter(port, names[i].name, names[i].hw);
		struct seen_cell old = counter(was, names[i].name, names[i].hw);

		if (!is.is)
			continue;
		top_rate(&rate, &old, &is, s > 0 ? names[i].unit / s : 0);
		break;
	}
	return rate;
}

struct top_port top_port_rates(const struct seen *before, const struct seen *now,
			       const struct seen_port *port)
{
	static const struct name sent[NAMES] = {
		{ "port_xmit_data", false, 4 }, { "tx_bytes", true, 1 }, /* EFA */
	};
	static const struct name received[NAMES] = {
		{ "port_rcv_data", false, 4 },
		{ "rx_bytes", true, 1 },
	};
	static const struct name sent_packets[NAMES] = {
		{ "port_xmit_packets", false, 1 },
		{ "sent_pkts", true, 1 }, /* rxe */
		{ "tx_pkts", true, 1 },
	};
	static const struct name received_packets[NAMES] = {
		{ "port_rcv_packets", false, 1 },
		{ "rcvd_pkts", true, 1 },
		{ "rx_pkts", true, 1 },
	};
	const struct seen_port *was = port_of(before, port);
	double s = top_seconds(before, now);

	return (struct top_port){
		.sent = rate_of(was, port, sent, s),
		.received = rate_of(was, port, received, s),
		.sent_packets = rate_of(was, port, sent_packets, s),
		.received_packets = rate_of(was, port, received_packets, s),
	};
}

struct seen_cell top_counter_rate(const struct seen *before, const struct seen *now,
				  const struct seen_port *port, unsigned int at)
{
	const struct seen_counter *of = &port->counters[at];
	struct seen_cell was = counter(port_of(before, port), of->name, of->hw);
	struct seen_cell is = counter(port, of->name, of->hw), rate = { 0 };
	double s = top_seconds(before, now);

	top_rate(&rate, &was, &is, s > 0 ? 1 / s : 0);
	return rate;
}
