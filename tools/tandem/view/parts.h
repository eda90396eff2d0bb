/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Inside of a view, for the two that print it.
 */
#ifndef TANDEM_VIEW_PARTS_H
#define TANDEM_VIEW_PARTS_H

#include "view/view.h"

struct view_cell {
	bool present;
	enum view_mark mark;
	union {
		char *text; /* owned */
		uint64_t count;
		double figure;
		bool flag;
	};
};

struct view_row {
	struct view_row *next;
	struct view_row *parent; /* of the same part, or NULL */
	struct view_part *part;
	struct view_cell cells[]; /* part->n */
};

struct view_part {
	struct view_part *next;
	struct view *view;
	const char *key;
	const char *title;
	const struct view_column *columns;
	unsigned int n;
	bool optional;
	bool record; /* one row, that is */
	struct view_row *first, *last;
};

struct view_line {
	struct view_line *next;
	char text[];
};

struct view {
	const char *schema;
	struct view_part *first, *last;
	struct view_line *notes, *last_note;
	bool failed; /* there was no memory for something */
};

/**
 * view_readable - a value as a table shows it
 * @room: for all kinds but VIEW_TEXT
 * Return: @room or the cell's text
 */
#define VIEW_READABLE_BYTES 32
const char *view_readable(const struct view_cell *cell, enum view_kind kind,
			  char room[VIEW_READABLE_BYTES]);

int view_print_tables(const struct view *view, struct tdm_error *err);
int view_print_json(const struct view *view, int flags, struct tdm_error *err);

#endif /* TANDEM_VIEW_PARTS_H */
