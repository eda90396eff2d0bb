// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "view/view.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/parts.h"

struct view *view_create(const char *schema)
{
	struct view *view = calloc(1, sizeof(*view));

	if (view)
		view->schema = schema;
	return view;
}

static void free_row(struct view_row *row)
{
	for (unsigned int i = 0; i < row->part->n; i++)
		if (row->part->columns[i].kind == VIEW_TEXT)
			free(row->cells[i].text);
	free(row);
}

static void free_part(struct view_part *part)
{
	for (struct view_row *row = part->first, *next; row; row = next) {
		next = row->next;
		free_row(row);
	}
	free(part);
}

void view_destroy(struct view *view)
{
	if (!view)
		return;
	for (struct view_part *part = view->first, *next; part; part = next) {
		next = part->next;
		free_part(part);
	}
	for (struct view_line *line = view->notes, *next; line; line = next) {
		next = line->next;
		free(line);
	}
	free(view);
}

static struct view_part *add_part(struct view *view, const char *key,
				  const struct view_column *columns, unsigned int n)
{
	struct view_part *part = view ? calloc(1, sizeof(*part)) : NULL;

	if (!part) {
		if (view)
			view->failed = true;
		return NULL;
	}
	part->view = view;
	part->key = key;
	part->columns = columns;
	part->n = n;
	if (view->last)
		view->last->next = part;
	else
		view->first = part;
	view->last = part;
	return part;
}

struct view_part *view_list(struct view *view, const char *key, const struct view_column *columns,
			    unsigned int n)
{
	return add_part(view, key, columns, n);
}

struct view_row *view_record(struct view *view, const char *key, const struct view_column *columns,
			     unsigned int n)
{
	struct view_part *part = add_part(view, key, columns, n);

	if (part)
		part->record = true;
	return view_row(part);
}

void view_title(struct view_part *part, const char *title)
{
	if (part)
		part->title = title;
}

void view_optional(struct view_part *part)
{
	if (part)
		part->optional = true;
}

struct view_row *view_row(struct view_part *part)
{
	return view_row_below(part, NULL);
}

struct view_row *view_row_below(struct view_part *part, struct view_row *parent)
{
	struct view_row *row;

	if (!part)
		return NULL;
	row = calloc(1, sizeof(*row) + part->n * sizeof(row->cells[0]));
	if (!row) {
		part->view->failed = true;
		return NULL;
	}
	row->part = part;
	row->parent = parent;
	if (part->last)
		part->last->next = row;
	else
		part->first = row;
	part->last = row;
	return row;
}

static struct view_cell *fill(struct view_row *row, unsigned int column)
{
	struct view_cell *cell = &row->cells[column];

	cell->present = true;
	return cell;
}

/* Takes @text; NULL: there was no memory for it. */
static void put_text(struct view_row *row, unsigned int column, char *text)
{
	if (!text) {
		row->part->view->failed = true;
		return;
	}
	free(row->cells[column].text);
	fill(row, column)->text = text;
}

void view_text(struct view_row *row, unsigned int column, const char *text)
{
	if (row && text)
		put_text(row, column, strdup(text));
}

void view_word(struct view_row *row, unsigned int column, const char *text)
{
	view_text(row, column, *text ? text : NULL);
}

void view_textf(struct view_row *row, unsigned int column, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	if (!row)
		return;
	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	put_text(row, column, n < 0 ? NULL : text);
}

void view_count(struct view_row *row, unsigned int column, uint64_t value)
{
	if (row)
		fill(row, column)->count = value;
}

void view_figure(struct view_row *row, unsigned int column, double value)
{
	if (row)
		fill(row, column)->figure = value;
}

void view_flag(struct view_row *row, unsigned int column, bool value)
{
	if (row)
		fill(row, column)->flag = value;
}

void view_mark(struct view_row *row, unsigned int column, enum view_mark mark)
{
	if (row)
		row->cells[column].mark = mark;
}

void view_note(struct view *view, const char *format, ...)
{
	struct view_line *line;
	char text[512];
	va_list args;
	size_t len;

	if (!view)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	len = strlen(text) + 1;
	line = calloc(1, sizeof(*line) + len);
	if (!line) {
		view->failed = true;
		return;
	}
	memcpy(line->text, text, len);
	if (view->last_note)
		view->last_note->next = line;
	else
		view->notes = line;
	view->last_note = line;
}

int view_print(const struct view *view, enum view_format format, struct tdm_error *err)
{
	if (format == VIEW_TABLE)
		return view_print_tables(view, err);
	return view_print_json(
		view, format == VIEW_JSON ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN, err);
}

int view_finish(struct view *view, bool json, int rc, struct tdm_error *err)
{
	if (!rc)
		rc = view_print(view, json ? VIEW_JSON : VIEW_TABLE, err);
	view_destroy(view);
	return rc;
}
