/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A pen that goes down the screen line by line.
 *
 * Invariant: it writes nothing on the last line, which is the keys', nor beside the
 * screen, however small that is.
 */
#ifndef TANDEM_TOP_PEN_H
#define TANDEM_TOP_PEN_H

#include <stdbool.h>

#include "view/view.h"

struct pen {
	int y, x;
	bool colours;
};

void pen_put(struct pen *pen, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** pen_glyph - one character, of several bytes maybe */
void pen_glyph(struct pen *pen, const char *glyph);

void pen_line(struct pen *pen);

/**
 * pen_cell - a column's worth of text and a space
 * @width: negative: to the left, and cut; else nothing from where it does not fit on
 */
void pen_cell(struct pen *pen, int width, const char *text);

/* Until the next of them. */
void pen_mark(const struct pen *pen, enum view_mark mark);
void pen_bold(void);
void pen_reverse(void);
void pen_plain(void);

#endif /* TANDEM_TOP_PEN_H */
