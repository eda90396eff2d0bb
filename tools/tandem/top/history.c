// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Bars of what a device did lately, the newest to the right; ' ' where that is not known.
 */
#define NCURSES_WIDECHAR 1

#include "top/history.h"

#include <ncurses.h>

#include "view/parts.h"

#define LEVELS 8

/* @whole: what a full bar is; 0: the most that was seen */
static const struct {
	enum top_rate rate;
	const char *name;
	enum view_kind kind;
	double whole;
} histories[TOP_HISTORIES] = {
	{ TOP_BUSY, "busy", VIEW_RATIO, 1 },
	{ TOP_PREFILL, "prefill/s", VIEW_FIGURE, 0 },
	{ TOP_DECODE, "decode/s", VIEW_FIGURE, 0 },
	{ TOP_MOVED, "moved/s", VIEW_SPEED, 0 },
};

/* The bar of the reading @ago; negative: not known */
static double bar_of(const struct top_slot *slot, enum top_rate rate, uint64_t ago)
{
	if (ago >= slot->readings || ago >= TOP_HISTORY)
		return -1;
	return slot->history[rate][(slot->readings - 1 - ago) % TOP_HISTORY];
}

static double most_of(const struct top_slot *slot, enum top_rate rate)
{
	double most = 0;

	for (uint64_t i = 0; i < TOP_HISTORY; i++)
		if (bar_of(slot, rate, i) > most)
			most = bar_of(slot, rate, i);
	return most;
}

static void draw_bars(const struct top_state *state, struct pen *pen, const struct top_slot *slot,
		      unsigned int n, double whole)
{
	static const char *const bars[2][LEVELS] = {
		{ "_", ".", ":", "-", "=", "+", "*", "#" },
		{ "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588" },
	};
	/* As many as fit, with what stands around them. */
	int left = COLS - pen->x - 16;

	for (uint64_t i = left < 8	       ? 8
			  : left < TOP_HISTORY ? (uint64_t)left
					       : TOP_HISTORY;
	     i-- > 0;) {
		double value = bar_of(slot, histories[n].rate, i);
		int level = whole > 0 ? (int)(value / whole * (LEVELS - 0.001)) : 0;

		pen_glyph(pen, value < 0 ? " " : bars[state->utf8][level]);
	}
}

void top_history_draw(const struct top_state *state, struct pen *pen, unsigned int lines)
{
	const struct top_slot *slot = (struct top_slot *)state->slots.list + state->selected;

	for (unsigned int i = 0; i < lines && i < TOP_HISTORIES; i++) {
		double most = most_of(slot, histories[i].rate);
		struct view_cell full = { .present = true };
		char room[VIEW_READABLE_BYTES];

		full.figure = histories[i].whole > 0 ? histories[i].whole : most;
		pen_put(pen, "  %s %s |", slot->device.cells[SEEN_NAME].text, histories[i].name);
		draw_bars(state, pen, slot, i, full.figure);
		pen_put(pen, "|");
		if (histories[i].whole <= 0 && most > 0)
			pen_put(pen, " %s", view_readable(&full, histories[i].kind, room));
		pen_line(pen);
	}
}
