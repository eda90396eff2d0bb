// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "metrics/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/inject.h>

#include "metrics/write.h"
#include "seen/seen.h"

#define NS 1000000000

void metrics_head(FILE *out, const char *name, const char *help, const char *type)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_label(FILE *out, const char *before, const char *name, const char *value)
{
	fprintf(out, "%s%s=\"", before, name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			putc('\\', out);
		putc(*value, out);
	}
	putc('"', out);
}

/* Whole numbers whole, for a double has not all of 64 bits; nanoseconds as seconds. */
static void value(FILE *out, const struct seen_kind *kind, const struct seen_cell *cell)
{
	if (kind->column.kind == VIEW_FIGURE)
		fprintf(out, " %.9g\n", cell->figure);
	else if (kind->column.kind == VIEW_NS)
		fprintf(out, " %" PRIu64 ".%09" PRIu64 "\n", cell->count / NS, cell->count % NS);
	else
		fprintf(out, " %" PRIu64 "\n", cell->count);
}

static void put_field(FILE *out, const struct seen *seen, enum seen_field field)
{
	const struct seen_kind *kind = &seen_fields[field];
	bool headed = false;

	SEEN_EACH(seen_device, device, seen->devices)
	{
		const struct seen_cell *cell = &device->cells[field];

		if (!cell->is)
			continue;
		if (!headed)
			metrics_head(out, kind->metric, kind->help,
				     kind->type == SEEN_COUNTER ? "counter" : "gauge");
		headed = true;
		fputs(kind->metric, out);
		metrics_label(out, "{", "device", device->cells[SEEN_NAME].text);
		putc('}', out);
		value(out, kind, cell);
	}
}

static void put_info(FILE *out, const struct seen *seen)
{
	static const struct {
		const char *label;
		enum seen_field field;
	} labels[] = {
		{ "class", SEEN_CLASS },	   { "model", SEEN_MODEL },
		{ "firmware", SEEN_FIRMWARE },	   { "driver", SEEN_DRIVER },
		{ "attachment", SEEN_ATTACHMENT }, { "bus_address", SEEN_ADDRESS },
	};

	if (!seen->devices.n)
		return;
	metrics_head(out, "tandem_device_info", "What a device is.", "gauge");
	SEEN_EACH(seen_device, device, seen->devices)
	{
		fputs("tandem_device_info", out);
		metrics_label(out, "{", "device", device->cells[SEEN_NAME].text);
		for (unsigned int i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
			if (device->cells[labels[i].field].is)
				metrics_label(out, ",", labels[i].label,
					      device->cells[labels[i].field].text);
		fputs("} 1\n", out);
	}
}

/* One line a state, 1 for the one that it is in: for alerts that name it. */
static void put_states(FILE *out, const struct seen *seen)
{
	static const char *const states[] = { "booting", "ready", "resetting", "failed", "gone" };
	bool headed = false;

	SEEN_EACH(seen_device, device, seen->devices)
	{
		const char *state = seen_word(device, SEEN_STATE);

		if (!state)
			continue;
		if (!headed)
			metrics_head(out, "tandem_device_state",
				     "1 for the state that a device is in.", "gauge");
		headed = true;
		for (unsigned int i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
			fputs("tandem_device_state", out);
			metrics_label(out, "{", "device", device->cells[SEEN_NAME].text);
			metrics_label(out, ",", "state", states[i]);
			fprintf(out, "} %d\n", !strcmp(state, states[i]));
		}
	}
}

/* Whether @words, with one space between, have @word. */
static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

/* The same for faults that were ordered: who is woken at night may be in a drill. */
static void put_orders(FILE *out, const struct seen *seen)
{
	bool headed = false;

	SEEN_EACH(seen_device, device, seen->devices)
	{
		const char *active = seen_word(device, SEEN_INJECT_ACTIVE);

		if (!active)
			continue;
		if (!headed)
			metrics_head(out, "tandem_device_inject_active",
				     "1 for a fault that was ordered, and may happen now.",
				     "gauge");
		headed = true;
		for (unsigned int i = TDM_INJECT_NONE + 1; i < TDM_INJECT_KINDS; i++) {
			fputs("tandem_device_inject_active", out);
			metrics_label(out, "{", "device", device->cells[SEEN_NAME].text);
			metrics_label(out, ",", "fault", tdm_inject_name(i));
			fprintf(out, "} %d\n", has_word(active, tdm_inject_name(i)));
		}
	}
}

static void put_port(FILE *out, const char *name, const struct seen_port *port)
{
	fputs(name, out);
	metrics_label(out, "{", "rdma_device", port->device);
	fprintf(out, ",port=\"%u\"", port->port);
}

/* @times: of the kernel's unit in the metric's */
static void put_counter(FILE *out, const struct seen *seen, const char *name, const char *help,
			const char *counter, uint64_t times)
{
	bool headed = false;

	SEEN_EACH(seen_port, port, seen->ports)
	for (unsigned int i = 0; i < port->n_counters; i++) {
		const struct seen_counter *c = &port->counters[i];

		if (c->hw || strcmp(c->name, counter) != 0)
			continue;
		if (!headed)
			metrics_head(out, name, help, "counter");
		headed = true;
		put_port(out, name, port);
		fprintf(out, "} %" PRIu64 "\n", c->value * times);
	}
}

static void put_ports(FILE *out, const struct seen *seen)
{
	static const char hw[] = "tandem_rdma_hw_stat_total";
	static const char up[] = "tandem_rdma_port_up";
	bool headed = false;

	if (seen->ports.n)
		metrics_head(out, up, "1: the port is active.", "gauge");
	SEEN_EACH(seen_port, port, seen->ports)
	{
		put_port(out, up, port);
		fprintf(out, "} %d\n", !strcmp(port->state, "active"));
	}
	put_counter(out, seen, "tandem_rdma_sent_bytes_total", "Bytes that a port sent.",
		    "port_xmit_data", 4);
	put_counter(out, seen, "tandem_rdma_received_bytes_total", "Bytes that a port received.",
		    "port_rcv_data", 4);
	SEEN_EACH(seen_port, port, seen->ports)
	for (unsigned int i = 0; i < port->n_counters; i++) {
		if (!port->counters[i].hw)
			continue;
		if (!headed)
			metrics_head(out, hw, "A counter of the port's driver, by its name.",
				     "counter");
		headed = true;
		put_port(out, hw, port);
		metrics_label(out, ",", "stat", port->counters[i].name);
		fprintf(out, "} %" PRIu64 "\n", port->counters[i].value);
	}
}

char *metrics_text(size_t *len, struct tdm_error *err)
{
	struct seen seen;
	char *text = NULL;
	FILE *out;
	bool bad;

	if (seen_take(&seen, SEEN_KERNEL | SEEN_OBSERVED | SEEN_RDMA_PORTS, err)) {
		seen_free(&seen);
		return NULL;
	}
	out = open_memstream(&text, len);
	if (out) {
		metrics_head(out, "tandem_build_info", "The tool that made these metrics.",
			     "gauge");
		fputs("tandem_build_info{version=\"" TANDEM_VERSION "\"} 1\n", out);
		put_info(out, &seen);
		put_states(out, &seen);
		put_orders(out, &seen);
		for (unsigned int field = 0; field < SEEN_FIELDS; field++)
			if (seen_fields[field].metric)
				put_field(out, &seen, (enum seen_field)field);
		put_ports(out, &seen);
		metrics_processes(out, &seen);
	}
	seen_free(&seen);
	bad = out && ferror(out);
	/* Without memory for its last trim glibc gives no text, and no error. */
	if (!out || fclose(out) || bad || !text) {
		free(text);
		tdm_error_set(err, -ENOMEM, "metrics: out of memory; free some");
		return NULL;
	}
	return text;
}
