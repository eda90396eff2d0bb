/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the picture's parts are drawn with: a window of time and a pen.
 */
#ifndef TANDEM_TRACE_SVG_PART_H
#define TANDEM_TRACE_SVG_PART_H

#include <stdio.h>

#include "trace/story.h"

#define SVG_WIDTH 1200
#define SVG_LEFT 136
#define SVG_RIGHT 1176

struct svg {
	FILE *out;
	const struct story *s;
	const uint32_t *row; /* of each page on the wire */
	uint32_t rows;
	uint64_t request;
	uint64_t start_ns; /* left edge */
	uint64_t end_ns;   /* right edge */
};

/* Where a moment lies; the edges for those outside. */
double svg_x(const struct svg *v, uint64_t at_ns);

/* Milliseconds from the left edge. */
double svg_ms(const struct svg *v, uint64_t at_ns);

/* Text of others, fit for XML. */
void svg_escape(FILE *out, const char *text);

__attribute__((format(printf, 5, 6))) void svg_text(const struct svg *v, double x, double y,
						    const char *class, const char *format, ...);

/* A box that begins a group with its tooltip, which svg_end() ends. */
void svg_box(const struct svg *v, const char *class, uint64_t from_ns, uint64_t to_ns, double y,
	     double height);
__attribute__((format(printf, 2, 3))) void svg_tip(const struct svg *v, const char *format, ...);

/* Lanes, each from @y on, and their heights. */
#define SVG_PREFILL 58
#define SVG_EXPORT 26
#define SVG_IMPORT 26
#define SVG_DECODE 34
double svg_wire_height(const struct svg *v);

void svg_prefill(const struct svg *v, double y);
void svg_export(const struct svg *v, double y);
void svg_wire(const struct svg *v, double y);
void svg_import(const struct svg *v, double y);
/* With a line of text below, where steps are left out. */
void svg_decode(const struct svg *v, double y);

#endif /* TANDEM_TRACE_SVG_PART_H */
