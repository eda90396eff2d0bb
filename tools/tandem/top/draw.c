// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#define NCURSES_WIDECHAR 1

#include "top/draw.h"

#include <limits.h>
#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "seen/view.h"
#include "top/history.h"
#include "top/pen.h"
#include "top/section.h"

/* What is drawn of a section. */
struct place {
	const struct view_part *part;
	unsigned int rows;  /* that there are */
	unsigned int lines; /* of the screen for it, its heading included; 0: none */
	unsigned int below; /* lines wanted under the rows */
};

/* @columns: room, as long as the view. Return: NULL without memory */
static struct view *make_view(const struct top_state *state,
			      struct view_column columns[TOP_DEVICE_COLUMNS])
{
	struct view *view = view_create("tandem.top.v1");
	struct view_part *devices = top_part_devices(view, columns);

	SEEN_EACH(top_slot, slot, state->slots)
	top_add_device(devices, &slot->device, &slot->rates);
	seen_view_processes(view, &state->now, NULL, &state->before);
	top_parts_observed(view, &state->before, &state->now);
	top_part_ports(view, &state->before, &state->now);
	top_part_counters(view, &state->before, &state->now, false);
	top_notes(view, &state->now);
	return view;
}

static void draw_section(struct top_state *state, struct pen *pen, unsigned int i,
			 const struct place *place, unsigned int first)
{
	const struct top_section *section = &top_sections[i];
	/* Two lines at least are for a heading and a row. */
	unsigned int spare = place->lines > 2 ? place->lines - 2 : 0;
	unsigned int below = place->below < spare ? place->below : spare;
	struct top_range range = { .first = first, .selected = UINT_MAX };
	bool devices = !i;

	range.rows = place->lines > 1 ? place->lines - 1 - below : 0;
	/* Of devices the one that is selected is in sight. */
	if (devices && state->selected >= first + range.rows)
		range.first = state->selected + 1 - range.rows;
	else if (devices && state->selected < first)
		range.first = state->selected;
	if (devices)
		range.selected = state->selected;
	range.skip = state->skip < top_section_columns(section) ? state->skip
								: top_section_columns(section);
	top_section_draw(section, place->part, pen, &range);
	if (devices && !state->slots.n) {
		pen_put(pen, "no devices of the driver; 'tandem list' says what is missing");
		pen_line(pen);
	} else if (devices) {
		top_history_draw(state, pen, below);
	}
}

static bool wants_more(const struct place *place)
{
	return place->lines < 1 + place->rows + place->below;
}

/* One line more for each that wants one, in turn, while there are any. */
static unsigned int share(struct place *places, unsigned int left)
{
	for (bool any = true; any && left;) {
		any = false;
		for (unsigned int i = 0; i < TOP_SECTIONS && left; i++)
			if (places[i].lines && wants_more(&places[i])) {
				places[i].lines++;
				left--;
				any = true;
			}
	}
	return left;
}

static bool is_shown(const struct place *places, unsigned int i)
{
	/* That there is no device is said. */
	return !i || places[i].rows;
}

/* Return: how many sections have something and no room */
static unsigned int place_all(struct place *places, unsigned int room, unsigned int *left)
{
	unsigned int n = 0, out = 0;

	for (unsigned int i = 0; i < TOP_SECTIONS; i++)
		n += is_shown(places, i);
	/* A line for the names of those that are left out. */
	if (2 * n > room && room)
		room--;
	for (unsigned int i = 0; i < TOP_SECTIONS; i++) {
		if (!is_shown(places, i))
			continue;
		if (room < 2) {
			out++;
			continue;
		}
		places[i].lines = 2;
		room -= 2;
	}
	/* A second device and the bars come first: an engine has two devices. */
	for (; room && places[0].lines && places[0].lines < 4 && wants_more(&places[0]); room--)
		places[0].lines++;
	*left = share(places, room);
	return out;
}

static void name_left_out(struct pen *pen, const struct place *places, unsigned int n)
{
	pen_bold();
	pen_put(pen, "%u more:", n);
	for (unsigned int i = 0; i < TOP_SECTIONS; i++)
		if (is_shown(places, i) && !places[i].lines)
			pen_put(pen, " %c %s", top_sections[i].digit, top_sections[i].title);
	pen_plain();
	pen_line(pen);
}

static void draw_all(struct top_state *state, struct pen *pen, struct place *places,
		     unsigned int room)
{
	unsigned int left = 0, n = place_all(places, room, &left), shown = 0;

	for (unsigned int i = 0; i < TOP_SECTIONS; i++) {
		if (!places[i].lines)
			continue;
		/* Air between them where all of them have what they want. */
		if (shown++ && left) {
			pen_line(pen);
			left--;
		}
		draw_section(state, pen, i, &places[i], 0);
	}
	if (n && room)
		name_left_out(pen, places, n);
}

static void draw_alone(struct top_state *state, struct pen *pen, struct place *places,
		       unsigned int room)
{
	unsigned int i = state->section - 1;
	struct place *place = &places[i];

	if (!i)
		place->below = TOP_HISTORIES;
	place->lines = room;
	if (state->skip > top_section_columns(&top_sections[i]))
		state->skip = top_section_columns(&top_sections[i]);
	state->page = room > 1 ? room - 1 : 0;
	if (state->first + state->page > place->rows)
		state->first = place->rows > state->page ? place->rows - state->page : 0;
	draw_section(state, pen, i, place, state->first);
	if (!place->rows && i)
		pen_put(pen, "none"), pen_line(pen);
}

static void draw_help(struct pen *pen)
{
	static const char *const lines[] = {
		"q         quit",
		"1 ... 0   a section for itself, and back; Tab: the next one; a: all of them",
		"up down   select a device, whose history is shown; move down in a section",
		"PgUp PgDn Home End  move a page, to the ends",
		"left right  see columns that have no room",
		"s         sort devices by the next: name, busy, memory, errors",
		"p         pause, and go on",
		"+ -       read more seldom, more often",
		"?         this help, and back",
		"",
		"A '-' is what nobody reports, or no rate yet.",
	};

	for (unsigned int i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		pen_put(pen, "%s", lines[i]);
		pen_line(pen);
	}
}

static void draw_title(const struct top_state *state, struct pen *pen)
{
	static const char *const sorts[TOP_SORTS] = { "name", "busy", "memory", "errors" };

	pen_bold();
	pen_put(pen, "tandem top  %u devices, %u processes  every %.2g s  by %s%s",
		state->now.devices.n, state->now.clients.n, state->interval_s, sorts[state->sort],
		state->paused ? "  PAUSED" : "");
	pen_plain();
	pen_line(pen);
}

/* @wraps: over two lines, between words. Return: how many lines */
static unsigned int draw_note(struct pen *pen, const char *text, bool wraps)
{
	size_t cut = strlen(text);

	if (wraps) {
		cut = (size_t)COLS;
		while (cut && text[cut] != ' ')
			cut--;
	}
	/* One word that is wider than the screen is cut by that. */
	if (!cut) {
		wraps = false;
		cut = strlen(text);
	}
	pen_put(pen, "%.*s", (int)cut, text);
	pen_line(pen);
	if (!wraps)
		return 1;
	pen_put(pen, " %s", text + cut);
	pen_line(pen);
	return 2;
}

/* What a person is to know besides. Return: lines that it takes */
static unsigned int draw_notes(const struct view *view, struct pen *pen)
{
	unsigned int n = 0, room = LINES < 16 ? 1 : 4, taken = 0, at = 0, spare;

	for (const struct view_line *note = view ? view->notes : NULL; note; note = note->next)
		n++;
	/* What they leave of their room is for those that are longer than a line. */
	spare = n < room ? room - n : 0;
	for (const struct view_line *note = view ? view->notes : NULL; note && at < room;
	     note = note->next, at++) {
		bool wraps = spare && COLS > 0 && strlen(note->text) > (size_t)COLS;

		spare -= wraps;
		if (at + 1 == room && n > room)
			pen_put(pen, "(%u more) ", n - room);
		taken += draw_note(pen, note->text, wraps);
	}
	return taken;
}

static void draw_sections(struct top_state *state, struct pen *pen)
{
	struct view_column columns[TOP_DEVICE_COLUMNS];
	struct view *view = make_view(state, columns);
	struct place places[TOP_SECTIONS] = { { .below = state->slots.n ? 1 : 0 } };
	/* The title and the keys; a section that is looked at has the rest for itself. */
	unsigned int taken = 2 + (state->section ? 0 : draw_notes(view, pen));
	unsigned int room = (unsigned int)LINES > taken ? (unsigned int)LINES - taken : 0;

	for (unsigned int i = 0; i < TOP_SECTIONS; i++) {
		places[i].part = top_section_part(&top_sections[i], view);
		places[i].rows = top_section_rows(places[i].part);
	}
	if (state->section)
		draw_alone(state, pen, places, room);
	else
		draw_all(state, pen, places, room);
	view_destroy(view);
}

void top_draw(struct top_state *state)
{
	struct pen pen = { .colours = state->colours };

	erase();
	draw_title(state, &pen);
	if (state->help)
		draw_help(&pen);
	else
		draw_sections(state, &pen);
	attrset(A_REVERSE);
	if (LINES > 0)
		mvaddnstr(
			LINES - 1, 0,
			"q quit  1-0 a section  a all  arrows move  s sort  p pause  +/- interval  "
			"? help",
			COLS);
	attrset(A_NORMAL);
	refresh();
}
