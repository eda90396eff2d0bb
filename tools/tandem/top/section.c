// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "top/section.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct top_column devices[] = {
	{ "name", "", -19 },
	{ "class", "CLS", -3 },
	{ "state", "STATE", -9 },
	{ "busy_ratio", "BUSY", 7 },
	{ "prefill_tokens_per_s", "PREF/S", 6 },
	{ "decode_tokens_per_s", "DEC/S", 6 },
	{ "memory_used_bytes", "USED", 6 },
	{ "errors", "ERRORS", 6 },
	{ "temperature_celsius", "TEMP", 4 },
	{ "power_watts", "WATT", 4 },
	{ "memory_bytes", "MEMORY", 7 },
	{ "heartbeat_age_ns", "BEAT", 7 },
	{ "moved_bytes_per_s", "MOVED", 9 },
	{ "faults", "FAULTS", 7 },
	{ "resets", "RESETS", 6 },
	{ "clients", "CLIENTS", 7 },
	{ "inject_active", "INJECT", -12 },
	{ 0 },
};

static const struct top_column processes[] = {
	{ "program", "", -19 },
	{ "pid", "PID", 7 },
	{ "device", "DEVICE", -19 },
	{ "busy_ratio", "BUSY", 7 },
	{ "memory_used_bytes", "USED", 7 },
	{ "host_memory_used_bytes", "HOST", 7 },
	{ "busy_ns", "TIME", 6 },
	{ "uid", "UID", 6 },
	{ 0 },
};

static const struct top_column queues[] = {
	{ "device", "", -19 },
	{ "pid", "PID", 7 },
	{ "context", "CTX", 3 },
	{ "queue", "Q", 2 },
	{ "state", "STATE", -7 },
	{ "busy_ratio", "BUSY", 7 },
	{ "oldest_command", "OLDEST", -9 },
	{ "still_ns", "STILL", 6 },
	{ "tail", "TAIL", 5 },
	{ "completed", "DONE", 6 },
	{ "fetched", "FETCH", 5 },
	{ "open_commands", "OPEN", 5 },
	{ "entries", "ENTRIES", 7 },
	{ "error", "ERROR", -9 },
	{ "program", "PROGRAM", -19 },
	{ 0 },
};

static const struct top_column engines[] = {
	{ "role", "", -19 },
	{ "pid", "PID", 7 },
	{ "stage", "STAGE", -8 },
	{ "requests_done", "DONE", 6 },
	{ "requests_failed", "FAILED", 6 },
	{ "prefill_tokens_per_s", "PREFILL/S", 9 },
	{ "decode_tokens_per_s", "DECODE/S", 9 },
	{ "tokens_decode", "TOKENS", 7 },
	{ "tokens_prefill", "PROMPT", 7 },
	{ "program", "PROGRAM", -19 },
	{ 0 },
};

static const struct top_column pools[] = {
	{ "pool", "", -18 },
	{ "pid", "PID", 7 },
	{ "pages", "PAGES", 5 },
	{ "pages_free", "FREE", 5 },
	{ "pages_reserved", "RESRVD", 6 },
	{ "pages_landing", "IN FLIGHT", 9 },
	{ "pages_ready", "READY", 5 },
	{ "pages_in_use", "IN USE", 6 },
	{ "pages_draining", "DRAINING", 8 },
	{ "page_bytes", "EACH", 7 },
	{ "pages_free_least", "LEAST FREE", 10 },
	{ "calls_refused", "REFUSED", 7 },
	{ "program", "PROGRAM", -19 },
	{ 0 },
};

static const struct top_column agents[] = {
	{ "program", "", -15 },
	{ "pid", "PID", 7 },
	{ "agent", "AGENT", 5 },
	{ "peers", "PEERS", 5 },
	{ "sends_open", "SENDS", 5 },
	{ "recvs_open", "RECVS", 5 },
	{ "sent_bytes_per_s", "SENT", 8 },
	{ "taken_bytes_per_s", "TAKEN", 8 },
	{ "pages_resent", "RESENT", 6 },
	{ "peers_lost", "LOST", 4 },
	{ "pages_corrupt", "CORRUPT", 7 },
	{ "requests_aborted", "ABORTED", 7 },
	{ "regions_fenced", "FENCED", 6 },
	{ "pinned_bytes", "PINNED", 7 },
	{ "pages_sent", "PAGES SENT", 10 },
	{ "pages_taken", "PAGES TAKEN", 11 },
	{ "nic", "NIC", -12 },
	{ "address", "LISTENS AT", -24 },
	{ 0 },
};

static const struct top_column peers[] = {
	{ "address", "", -22 },
	{ "pid", "PID", 7 },
	{ "agent", "AGENT", 5 },
	{ "state", "STATE", -7 },
	{ "age_ns", "AGE", 7 },
	{ "sends_open", "SENDS", 5 },
	{ "recvs_open", "RECVS", 5 },
	{ "page_units", "UNITS", 5 },
	{ "landing_region", "REGION", 6 },
	{ "error", "ERROR", -16 },
	{ 0 },
};

static const struct top_column nics[] = {
	{ "nic", "", -17 },
	{ "pid", "PID", 7 },
	{ "agent", "AGENT", 5 },
	{ "link", "LINK", -4 },
	{ "bytes_per_s", "MOVED", 8 },
	{ "operations_per_s", "OPS/S", 7 },
	{ "operations_failed", "FAILED", 6 },
	{ "memory_regions", "MRS", 4 },
	{ "endpoint_depth", "DEPTH", 5 },
	{ "sleeps_per_s", "SLEEPS/S", 8 },
	{ "wakes_per_s", "WAKES/S", 7 },
	{ "operations", "OPS", 9 },
	{ "bytes", "BYTES", 7 },
	{ 0 },
};

static const struct top_column ports[] = {
	{ "name", "", -19 },
	{ "port", "PORT", 4 },
	{ "netdev", "NETDEV", -10 },
	{ "state", "STATE", -8 },
	{ "link_bits_per_s", "LINK", 10 },
	{ "sent_bytes_per_s", "SENT", 8 },
	{ "received_bytes_per_s", "RECEIVED", 8 },
	{ "sent_packets_per_s", "PKT/S", 5 },
	{ "received_packets_per_s", "RECEIVED PKT/S", 14 },
	{ 0 },
};

static const struct top_column counters[] = {
	{ "rdma_device", "", -19 }, { "port", "PORT", 4 },	   { "counter", "COUNTER", -24 },
	{ "value", "VALUE", 20 },   { "value_per_s", "PER S", 8 }, { 0 },
};

const struct top_section top_sections[TOP_SECTIONS] = {
	{ '1', "DEVICES", "devices", devices }, { '2', "PROCESSES", "processes", processes },
	{ '3', "QUEUES", "queues", queues },	{ '4', "ENGINES", "engines", engines },
	{ '5', "KV POOLS", "kv_pools", pools }, { '6', "AGENTS", "agents", agents },
	{ '7', "PEERS", "peers", peers },	{ '8', "NICS", "nics", nics },
	{ '9', "RDMA PORTS", "rdma", ports },	{ '0', "COUNTERS", "rdma_counters", counters },
};

const struct view_part *top_section_part(const struct top_section *section, const struct view *view)
{
	for (const struct view_part *part = view ? view->first : NULL; part; part = part->next)
		if (part->key && !strcmp(part->key, section->part))
			return part;
	return NULL;
}

unsigned int top_section_rows(const struct view_part *part)
{
	unsigned int n = 0;

	for (const struct view_row *row = part ? part->first : NULL; row; row = row->next)
		n++;
	return n;
}

/* The next one that is drawn. */
static const struct top_column *next(const struct top_section *section,
				     const struct top_column *column, unsigned int skip)
{
	return column + 1 + (column == section->columns ? skip : 0);
}

static void draw_heading(const struct top_section *section, struct pen *pen,
			 const struct top_range *range, unsigned int all)
{
	const struct top_column *column = section->columns;
	char title[64];

	/* Which of how many, where it is not all of them. */
	if (range->rows >= all)
		snprintf(title, sizeof(title), "%c %s", section->digit, section->title);
	else
		snprintf(title, sizeof(title), "%c %s %u-%u/%u", section->digit, section->title,
			 range->first + !!range->rows, range->first + range->rows, all);
	pen_bold();
	/* Not cut, for that made another number of it. */
	pen_put(pen, "%*s ", column->width, title);
	while ((column = next(section, column, range->skip))->key)
		pen_cell(pen, column->width, column->heading);
	pen_plain();
	pen_line(pen);
}

static void draw_cell(const struct view_row *row, struct pen *pen, const struct top_column *column,
		      bool selected)
{
	const struct view_part *part = row->part;
	char room[VIEW_READABLE_BYTES];
	unsigned int i = 0;

	while (i < part->n && strcmp(part->columns[i].key, column->key) != 0)
		i++;
	assert(i < part->n);
	if (selected)
		pen_reverse();
	else
		pen_mark(pen, row->cells[i].present ? row->cells[i].mark : VIEW_PLAIN);
	pen_cell(pen, column->width, view_readable(&row->cells[i], part->columns[i].kind, room));
	pen_plain();
}

static void draw_row(const struct top_section *section, const struct view_row *row, struct pen *pen,
		     const struct top_range *range, bool selected)
{
	const struct top_column *column = section->columns;

	for (; column->key; column = next(section, column, range->skip))
		draw_cell(row, pen, column, selected && column == section->columns);
	pen_line(pen);
}

unsigned int top_section_columns(const struct top_section *section)
{
	unsigned int n = 0;

	while (section->columns[n].key)
		n++;
	return n - 2;
}

void top_section_draw(const struct top_section *section, const struct view_part *part,
		      struct pen *pen, const struct top_range *range)
{
	unsigned int at = 0;

	draw_heading(section, pen, range, top_section_rows(part));
	for (const struct view_row *row = part ? part->first : NULL; row; row = row->next, at++)
		if (at >= range->first && at - range->first < range->rows)
			draw_row(section, row, pen, range, at == range->selected);
}
