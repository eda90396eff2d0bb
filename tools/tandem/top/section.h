/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The sections of the screen: parts of the view that --once prints, with those of their
 * columns that matter first. A terminal of 80 columns has room for the first ones; the
 * others are reached by moving sideways.
 */
#ifndef TANDEM_TOP_SECTION_H
#define TANDEM_TOP_SECTION_H

#include "top/draw.h"
#include "top/pen.h"
#include "view/parts.h"

/* @key: of the part's column; @width: negative: to the left */
struct top_column {
	const char *key, *heading;
	int width;
};

/* @columns: end with one that has no key; the first one's heading is the title */
struct top_section {
	char digit;
	const char *title;
	const char *part; /* its key in the view */
	const struct top_column *columns;
};

extern const struct top_section top_sections[TOP_SECTIONS];

/**
 * top_section_draw - a heading and rows
 * @part: of the section, NULL: nothing of it is known
 */
struct top_range {
	unsigned int first, rows; /* which of its rows */
	unsigned int selected;	  /* the row that is marked, or UINT_MAX */
	unsigned int skip;	  /* columns behind the first one that are left out */
};
void top_section_draw(const struct top_section *section, const struct view_part *part,
		      struct pen *pen, const struct top_range *range);

/** top_section_columns - how many can be left out: all but the first and the last */
unsigned int top_section_columns(const struct top_section *section);

/** top_section_part - of a view; NULL without memory */
const struct view_part *top_section_part(const struct top_section *section,
					 const struct view *view);

/** top_section_rows - how many rows a part has */
unsigned int top_section_rows(const struct view_part *part);

#endif /* TANDEM_TOP_SECTION_H */
