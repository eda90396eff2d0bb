/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What a command shows: lists and records, described once, printed as tables for
 * people or as one JSON object for scripts.
 *
 *	struct view *view = view_create("tandem.list.v1");
 *	struct view_part *devices = view_list(view, "devices", columns, N_COLUMNS);
 *	struct view_row *row = view_row(devices);
 *
 *	view_text(row, COL_NAME, name);
 *	view_count(row, COL_MEMORY, bytes);
 *	...
 *	rc = view_print(view, format, &err);
 *	view_destroy(view);
 *
 * Invariants:
 * - A cell that nobody filled is absent: "-" in a table, null in JSON, never 0.
 * - JSON has every column, also those without a heading, in the order described. Its
 *   numbers are raw, with the unit in the key (_bytes, _ns, _ratio, ...); a table's are
 *   made readable.
 * - Texts may come from other processes: what is not printable is escaped.
 * - Want of memory anywhere on the way is remembered, and view_print() says it. Parts
 *   and rows may be NULL then: all functions take that.
 */
#ifndef TANDEM_VIEW_H
#define TANDEM_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include <tandem/error.h>

struct view;
struct view_part;
struct view_row;

enum view_kind {
	VIEW_TEXT,
	VIEW_FLAG,   /* yes, no */
	VIEW_COUNT,  /* a whole number */
	VIEW_BYTES,  /* a whole number; a table says GB, powers of 1000 */
	VIEW_BITS,   /* a whole number of bits a second; a table says Gbit/s */
	VIEW_SPEED,  /* a real number of bytes a second; a table says MB/s */
	VIEW_NS,     /* a whole number of nanoseconds; a table says ms, s */
	VIEW_FIGURE, /* a real number */
	VIEW_RATIO,  /* a real number from 0 to 1; a table says % */
};

/**
 * struct view_column
 * @key: of the JSON, with the unit
 * @heading: of the table; NULL: not in tables
 * @kind: of every value in it
 */
struct view_column {
	const char *key;
	const char *heading;
	enum view_kind kind;
};

/* A colour where there is a terminal that shows it, and nothing elsewhere. */
enum view_mark {
	VIEW_PLAIN = 0,
	VIEW_GOOD,
	VIEW_WARN,
	VIEW_BAD,
};

enum view_format {
	VIEW_TABLE,
	VIEW_JSON,
	VIEW_JSON_LINE, /* for watch modes: one object a line, flushed */
};

/* @schema: "tandem.NAME.vN"; a string that lives as long as the view, as all of @columns */
struct view *view_create(const char *schema);
void view_destroy(struct view *view);

/** view_list - an array of objects; a table with a title of its own where there are several */
struct view_part *view_list(struct view *view, const char *key, const struct view_column *columns,
			    unsigned int n);

/**
 * view_record - one object; a table of two columns, names and values
 * @key: of the object; NULL: its members stand in the outermost one
 */
struct view_row *view_record(struct view *view, const char *key, const struct view_column *columns,
			     unsigned int n);

/** view_title - what stands above a part's table; NULL, the default: its key */
void view_title(struct view_part *part, const char *title);

/** view_optional - tables leave it out while there is nothing in it; JSON does not */
void view_optional(struct view_part *part);

struct view_row *view_row(struct view_part *part);
/** view_row_below - a branch of @parent in the table; in JSON a row as any other */
struct view_row *view_row_below(struct view_part *part, struct view_row *parent);

/* Fill a cell; texts are copied, and NULL is absent. */
void view_text(struct view_row *row, unsigned int column, const char *text);
void view_textf(struct view_row *row, unsigned int column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** view_word - a text that is absent where it is empty */
void view_word(struct view_row *row, unsigned int column, const char *text);
void view_count(struct view_row *row, unsigned int column, uint64_t value);
void view_figure(struct view_row *row, unsigned int column, double value);
void view_flag(struct view_row *row, unsigned int column, bool value);
void view_mark(struct view_row *row, unsigned int column, enum view_mark mark);

/** view_note - what could not be shown and what mends it: below tables, in "notes" of JSON */
void view_note(struct view *view, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * view_print - on standard output, whole
 * Return: 0 or -errno with @err
 */
int view_print(const struct view *view, enum view_format format, struct tdm_error *err);

/**
 * view_finish - print it once, unless filling it has failed, and destroy it
 * @rc: of filling it; @err is that error's then
 * Return: @rc, or as view_print()
 */
int view_finish(struct view *view, bool json, int rc, struct tdm_error *err);

#endif /* TANDEM_VIEW_H */
