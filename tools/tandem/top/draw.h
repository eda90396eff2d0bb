/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The screen of tandem top: what is on it, and how it is drawn. Of the terminal only
 * screen.c knows more.
 *
 * All sections share the screen, each with as many lines as there are for it, or one has
 * it for itself. A heading says which of how many rows stand below it; what has no room
 * even for that is named in the end.
 */
#ifndef TANDEM_TOP_DRAW_H
#define TANDEM_TOP_DRAW_H

#include "top/top.h"

#define TOP_HISTORY 64
#define TOP_SECTIONS 10

enum top_sort {
	TOP_BY_NAME,
	TOP_BY_BUSY,
	TOP_BY_MEMORY,
	TOP_BY_ERRORS,
	TOP_SORTS,
};

/* Readings for which a process's device that vanished is still shown. */
#define TOP_GONE 10

/*
 * A device as long as the screen lives: one that vanished stays, as gone, until it
 * comes back. One of a process does not come back, and goes after a while.
 */
struct top_slot {
	struct seen_device device;
	struct top_rates rates;
	double history[TOP_RATES][TOP_HISTORY]; /* negative: not known; @readings of them ever */
	uint64_t readings;
	unsigned int gone; /* readings without it */
	bool of_process;
};

struct top_state {
	struct seen before, now;
	struct seen_list slots; /* struct top_slot */
	enum top_sort sort;
	unsigned int selected; /* of the slots as sorted */
	unsigned int section;  /* that is shown alone, from 1 on; 0: all of them */
	unsigned int first;    /* of its rows that is shown */
	unsigned int page;     /* rows of it that have room, as last drawn */
	unsigned int skip;     /* columns that are moved out to the left */
	double interval_s;
	bool paused, help;
	bool colours, utf8;
};

/** top_update - take the slots from the newest reading. Return: 0 or -ENOMEM */
int top_update(struct top_state *state);

/** top_draw - all of it; keeps what is scrolled within what there is */
void top_draw(struct top_state *state);

/** top_key - what a key changes, for the next top_draw(). Return: true: it ends the screen */
bool top_key(struct top_state *state, int code);

#endif /* TANDEM_TOP_DRAW_H */
