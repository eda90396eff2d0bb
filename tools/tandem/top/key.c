// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What keys do.
 */
#define NCURSES_WIDECHAR 1

#include <ncurses.h>

#include "top/draw.h"

#define MIN_S 0.1
#define MAX_S 60.0
#define MAX_SKIP 16 /* no section has more columns that do not fit */

static void set_interval(struct top_state *state, double factor)
{
	state->interval_s *= factor;
	if (state->interval_s < MIN_S)
		state->interval_s = MIN_S;
	if (state->interval_s > MAX_S)
		state->interval_s = MAX_S;
}

/* @section: from 1 on, 0 all of them */
static void show(struct top_state *state, unsigned int section)
{
	state->section = section;
	state->first = 0;
	state->skip = 0;
	state->help = false;
}

/* By @n rows; top_draw() sees to the end. */
static void move_by(struct top_state *state, long n)
{
	/* Devices are selected, and the screen follows. */
	unsigned int *at = state->section > 1 ? &state->first : &state->selected;
	long to = (long)*at + n, last = (long)state->slots.n - 1;

	if (at == &state->selected && to > last)
		to = last;
	*at = to > 0 ? (unsigned int)to : 0;
}

/* Return: whether it was one of these */
static bool move_key(struct top_state *state, int code)
{
	const long page = state->page > 1 ? (long)state->page : 1, all = 1L << 30;

	switch (code) {
	case KEY_UP:
	case KEY_DOWN:
		move_by(state, code == KEY_UP ? -1 : 1);
		return true;
	case KEY_PPAGE:
	case KEY_NPAGE:
		move_by(state, code == KEY_PPAGE ? -page : page);
		return true;
	case KEY_HOME:
	case KEY_FIND: /* where some terminals have Home and End */
		move_by(state, -all);
		return true;
	case KEY_END:
	case KEY_SELECT:
		move_by(state, all);
		return true;
	case KEY_LEFT:
		state->skip -= state->skip > 0;
		return true;
	case KEY_RIGHT:
		state->skip += state->skip < MAX_SKIP;
		return true;
	case '\t':
	case KEY_BTAB:
		show(state,
		     (state->section + (code == '\t' ? 1 : TOP_SECTIONS)) % (TOP_SECTIONS + 1));
		return true;
	default:
		return false;
	}
}

bool top_key(struct top_state *state, int code)
{
	if (move_key(state, code))
		return false;
	if (code >= '0' && code <= '9') {
		unsigned int section = code == '0' ? TOP_SECTIONS : (unsigned int)(code - '0');

		show(state, section == state->section ? 0 : section);
		return false;
	}
	switch (code) {
	case 'q':
	case 'Q':
		return true;
	case 'a':
		show(state, 0);
		break;
	case 's':
		state->sort = (enum top_sort)((state->sort + 1) % TOP_SORTS);
		break;
	case 'p':
	case ' ':
		state->paused = !state->paused;
		break;
	case '+':
		set_interval(state, 2);
		break;
	case '-':
		set_interval(state, 0.5);
		break;
	case '?':
	case 'h':
		state->help = !state->help;
		break;
	case 'L' & 0x1f: /* Ctrl-L: somebody else wrote on the terminal */
	case KEY_RESIZE: /* what was drawn for another size may stand anywhere */
		clearok(curscr, TRUE);
		break;
	default: /* drawn anew either way */
		break;
	}
	return false;
}
