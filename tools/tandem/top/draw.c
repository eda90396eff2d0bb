// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#define NCURSES_WIDECHAR 1

#include "top/draw.h"

#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <tandem/kv.h>

#include "view/parts.h"

/* A pen that goes down line by line, and stops at the last one, which is the keys'. */
struct pen {
	int y, x;
};

static void __attribute__((format(printf, 2, 3))) put(struct pen *pen, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (pen->y < LINES - 1 && pen->x < COLS)
		mvaddnstr(pen->y, pen->x, text, COLS - pen->x);
	pen->x += (int)strlen(text);
}

static void line(struct pen *pen)
{
	pen->y++;
	pen->x = 0;
}

static int attribute(const struct top_state *state, enum view_mark mark)
{
	if (!mark)
		return (int)A_NORMAL;
	return state->colours	   ? (int)COLOR_PAIR(mark)
	       : mark == VIEW_GOOD ? (int)A_NORMAL
				   : (int)A_BOLD;
}

static const char *readable(const struct seen_cell *cell, enum view_kind kind,
			    char room[VIEW_READABLE_BYTES])
{
	struct view_cell shown = { .present = cell->is };

	if (kind == VIEW_TEXT)
		return cell->is ? cell->text : "-";
	if (kind == VIEW_FIGURE || kind == VIEW_RATIO || kind == VIEW_SPEED)
		shown.figure = cell->figure;
	else
		shown.count = cell->count;
	return view_readable(&shown, kind, room);
}

/* @rate: enum top_rate in place of a field, or -1 */
static const struct {
	const char *heading;
	int width; /* negative: to the left */
	enum seen_field field;
	int rate;
} columns[] = {
	{ "DEVICE", -16, SEEN_NAME, -1 },	  { "CLASS", -5, SEEN_CLASS, -1 },
	{ "STATE", -9, SEEN_STATE, -1 },	  { "BUSY", 7, 0, TOP_BUSY },
	{ "PREFILL/S", 9, 0, TOP_PREFILL },	  { "DECODE/S", 9, 0, TOP_DECODE },
	{ "USED", 7, SEEN_MEMORY_USED, -1 },	  { "MEMORY", 7, SEEN_MEMORY, -1 },
	{ "ERRORS", 7, SEEN_ERRORS, -1 },	  { "FAULTS", 7, SEEN_FAULTS, -1 },
	{ "RESETS", 6, SEEN_RESETS, -1 },	  { "CELSIUS", 7, SEEN_TEMPERATURE, -1 },
	{ "WATTS", 6, SEEN_POWER, -1 },		  { "CLIENTS", 7, SEEN_CLIENTS, -1 },
	{ "INJECT", -8, SEEN_INJECT_ACTIVE, -1 },
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void draw_device(const struct top_state *state, struct pen *pen, const struct top_slot *slot,
			bool selected)
{
	for (unsigned int i = 0; i < N_COLUMNS; i++) {
		enum seen_field field = columns[i].field;
		bool is_rate = columns[i].rate >= 0;
		const struct seen_cell *cell =
			is_rate ? &slot->rates.cells[columns[i].rate] : &slot->device.cells[field];
		enum view_kind kind =
			is_rate ? columns[i].rate == TOP_BUSY ? VIEW_RATIO : VIEW_FIGURE
				: seen_fields[field].column.kind;
		int attr = attribute(state, is_rate ? VIEW_PLAIN : seen_mark(&slot->device, field));
		char room[VIEW_READABLE_BYTES];

		attrset(attr | (selected && !i ? (int)A_REVERSE : 0));
		put(pen, "%*.*s", columns[i].width, columns[i].width < 0 ? -columns[i].width : 99,
		    readable(cell, kind, room));
		attrset(A_NORMAL);
		put(pen, " ");
	}
	line(pen);
}

#define LEVELS 8

/* The selected device's busy time, the newest to the right; ' ' where it is not known. */
static void draw_history(const struct top_state *state, struct pen *pen,
			 const struct top_slot *slot)
{
	static const char *const bars[2][LEVELS] = {
		{ "_", ".", ":", "-", "=", "+", "*", "#" },
		{ "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588" },
	};

	put(pen, "  %s busy |", slot->device.cells[SEEN_NAME].text);
	for (uint64_t i = TOP_HISTORY; i-- > 0;) {
		const struct seen_cell *cell;
		const char *bar = " ";

		if (i >= slot->readings)
			continue;
		cell = &slot->history[(slot->readings - 1 - i) % TOP_HISTORY];
		if (cell->is)
			bar = bars[state->utf8][(int)(cell->figure * (LEVELS - 0.001))];
		if (pen->y < LINES - 1 && pen->x < COLS)
			mvaddstr(pen->y, pen->x, bar);
		pen->x++;
	}
	put(pen, "|");
	line(pen);
}

static void heading(struct pen *pen, const char *text)
{
	attrset(A_BOLD);
	put(pen, "%s", text);
	attrset(A_NORMAL);
	line(pen);
}

static void draw_devices(const struct top_state *state, struct pen *pen)
{
	const struct top_slot *slots = state->slots.list;
	/* Half of the screen at most is theirs, scrolled to the one that is selected. */
	unsigned int room = LINES > 8 ? (unsigned int)LINES / 2 - 2 : 2;
	unsigned int first = state->selected >= room ? state->selected - room + 1 : 0;

	attrset(A_BOLD);
	for (unsigned int i = 0; i < N_COLUMNS; i++)
		put(pen, "%*s ", columns[i].width, columns[i].heading);
	attrset(A_NORMAL);
	line(pen);
	for (unsigned int i = first; i < state->slots.n && i < first + room; i++)
		draw_device(state, pen, &slots[i], i == state->selected);
	if (state->slots.n)
		draw_history(state, pen, &slots[state->selected]);
	else
		put(pen, "no devices of the driver; 'tandem list' says what is missing"), line(pen);
}

static void draw_processes(const struct top_state *state, struct pen *pen)
{
	char busy[VIEW_READABLE_BYTES], used[VIEW_READABLE_BYTES];

	if (!state->now.clients.n && !state->now.hidden)
		return;
	line(pen);
	heading(pen, "    PID PROGRAM          DEVICE              BUSY     USED");
	SEEN_EACH(seen_client, client, state->now.clients)
	{
		struct seen_cell ratio = top_client_busy(&state->before, &state->now, client);

		put(pen, "%7u %-16.16s %-16.16s %7s %8s", client->pid,
		    client->program[0] ? client->program : "-", client->device,
		    readable(&ratio, VIEW_RATIO, busy),
		    readable(&client->memory, VIEW_BYTES, used));
		line(pen);
	}
	if (state->now.hidden) {
		put(pen, "%u processes of other users are not shown; run as root",
		    state->now.hidden);
		line(pen);
	}
}

/* What processes show of themselves. */
static void draw_engines(const struct top_state *state, struct pen *pen)
{
	if (!state->now.engines.n && !state->now.pools.n)
		return;
	line(pen);
	heading(pen,
		"    PID ENGINE OR KV POOL        STAGE        DONE FAILED  | IN FLIGHT  IN USE "
		"   FREE");
	SEEN_EACH(seen_engine, engine, state->now.engines)
	{
		put(pen, "%7u %-24.24s %-9.9s %7llu ", engine->pid, engine->role, engine->stage,
		    (unsigned long long)engine->done);
		attrset(attribute(state, engine->failed ? VIEW_BAD : VIEW_PLAIN));
		put(pen, "%6llu", (unsigned long long)engine->failed);
		attrset(A_NORMAL);
		line(pen);
	}
	SEEN_EACH(seen_pool, pool, state->now.pools)
	{
		put(pen, "%7u %-24.24s %-27s| %9u %7u %7u", pool->pid, pool->name, "",
		    pool->states[TDM_KV_LANDING], pool->states[TDM_KV_IN_USE],
		    pool->states[TDM_KV_FREE]);
		line(pen);
	}
}

static void draw_ports(const struct top_state *state, struct pen *pen)
{
	char sent[VIEW_READABLE_BYTES], received[VIEW_READABLE_BYTES];

	if (!state->now.ports.n)
		return;
	line(pen);
	heading(pen, "RDMA         PORT NETDEV       STATE            SENT      RECEIVED");
	SEEN_EACH(seen_port, port, state->now.ports)
	{
		struct top_port rates = top_port_rates(&state->before, &state->now, port);
		bool up = !strcmp(port->state, "active");

		put(pen, "%-12.12s %4u %-12.12s ", port->device, port->port,
		    port->netdev[0] ? port->netdev : "-");
		attrset(attribute(state, up ? VIEW_GOOD : VIEW_BAD));
		put(pen, "%-10.10s ", port->state[0] ? port->state : "-");
		attrset(A_NORMAL);
		put(pen, "%10s %13s", readable(&rates.sent, VIEW_SPEED, sent),
		    readable(&rates.received, VIEW_SPEED, received));
		line(pen);
		for (unsigned int i = 0; i < port->n_counters; i++)
			if (port->counters[i].hw && port->counters[i].value) {
				put(pen, "    %-32.32s %20llu", port->counters[i].name,
				    (unsigned long long)port->counters[i].value);
				line(pen);
			}
	}
}

static void draw_help(struct pen *pen)
{
	static const char *const lines[] = {
		"q        quit",
		"s        sort by the next: name, busy, memory, errors",
		"p        pause, and go on",
		"+ -      read more seldom, more often",
		"up down  select a device, whose history is shown",
		"?        this help, and back",
		"",
		"A '-' is what a device does not report, or no rate yet.",
	};

	for (unsigned int i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		put(pen, "%s", lines[i]);
		line(pen);
	}
}

void top_draw(const struct top_state *state)
{
	static const char *const sorts[TOP_SORTS] = { "name", "busy", "memory", "errors" };
	struct pen pen = { 0 };

	erase();
	attrset(A_BOLD);
	put(&pen, "tandem top  %u devices, %u processes  every %.2g s  by %s%s",
	    state->now.devices.n, state->now.clients.n, state->interval_s, sorts[state->sort],
	    state->paused ? "  PAUSED" : "");
	attrset(A_NORMAL);
	line(&pen);
	if (state->help) {
		draw_help(&pen);
	} else {
		draw_devices(state, &pen);
		draw_processes(state, &pen);
		draw_engines(state, &pen);
		draw_ports(state, &pen);
	}
	attrset(A_REVERSE);
	if (LINES > 0)
		mvaddnstr(LINES - 1, 0, "q quit  s sort  p pause  +/- interval  ? help", COLS);
	attrset(A_NORMAL);
	refresh();
}
