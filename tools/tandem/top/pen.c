// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#define NCURSES_WIDECHAR 1

#include "top/pen.h"

#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_on_screen(const struct pen *pen)
{
	return pen->y < LINES - 1 && pen->x < COLS;
}

void pen_put(struct pen *pen, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (is_on_screen(pen))
		mvaddnstr(pen->y, pen->x, text, COLS - pen->x);
	pen->x += (int)strlen(text);
}

void pen_glyph(struct pen *pen, const char *glyph)
{
	if (is_on_screen(pen))
		mvaddstr(pen->y, pen->x, glyph);
	pen->x++;
}

void pen_line(struct pen *pen)
{
	pen->y++;
	pen->x = 0;
}

void pen_cell(struct pen *pen, int width, const char *text)
{
	int len = (int)strlen(text);

	/* A part of a number would be another one. */
	if (width > 0 && pen->x + (len > width ? len : width) > COLS)
		pen->x = COLS;
	else
		pen_put(pen, "%*.*s ", width, width < 0 ? -width : 99, text);
}

void pen_mark(const struct pen *pen, enum view_mark mark)
{
	if (!mark)
		attrset(A_NORMAL);
	else if (pen->colours)
		attrset(COLOR_PAIR(mark));
	else
		attrset(mark == VIEW_GOOD ? A_NORMAL : A_BOLD);
}

void pen_bold(void)
{
	attrset(A_BOLD);
}

void pen_reverse(void)
{
	attrset(A_REVERSE);
}

void pen_plain(void)
{
	attrset(A_NORMAL);
}
