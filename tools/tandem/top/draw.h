/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The screen of tandem top: what is on it, and how it is drawn. Of the terminal only
 * top_screen.c knows more.
 */
#ifndef TANDEM_TOP_DRAW_H
#define TANDEM_TOP_DRAW_H

#include "top/top.h"

#define TOP_HISTORY 64

enum top_sort {
	TOP_BY_NAME,
	TOP_BY_BUSY,
	TOP_BY_MEMORY,
	TOP_BY_ERRORS,
	TOP_SORTS,
};

/*
 * A device as long as the screen lives: one that vanished stays, as gone, until it
 * comes back.
 */
struct top_slot {
	struct seen_device device;
	struct top_rates rates;
	struct seen_cell history[TOP_HISTORY]; /* busy ratios, @readings of them ever */
	uint64_t readings;
	bool gone;
};

struct top_state {
	struct seen before, now;
	struct seen_list slots; /* struct top_slot */
	enum top_sort sort;
	unsigned int selected; /* of the slots as sorted */
	double interval_s;
	bool paused, help;
	bool colours, utf8;
};

/** top_update - take the slots from the newest reading. Return: 0 or -ENOMEM */
int top_update(struct top_state *state);

void top_draw(const struct top_state *state);

#endif /* TANDEM_TOP_DRAW_H */
