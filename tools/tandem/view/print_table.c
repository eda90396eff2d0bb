// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "view/parts.h"

static const char *colour(enum view_mark mark)
{
	switch (mark) {
	case VIEW_GOOD:
		return "green";
	case VIEW_WARN:
		return "yellow";
	case VIEW_BAD:
		return "red";
	default:
		return NULL;
	}
}

static bool shows_colours(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}

static bool is_number(enum view_kind kind)
{
	return kind != VIEW_TEXT && kind != VIEW_FLAG;
}

static int fill_cell(struct libscols_line *line, size_t at, const struct view_cell *cell,
		     enum view_kind kind)
{
	char room[VIEW_READABLE_BYTES];
	int rc = scols_line_set_data(line, at, view_readable(cell, kind, room));

	if (!rc && cell->mark)
		rc = scols_cell_set_color(scols_line_get_cell(line, at), colour(cell->mark));
	return rc;
}

/* Lines of the rows so far, to find a parent's. */
struct lines {
	const struct view_row *row;
	struct libscols_line *line;
};

static struct libscols_line *line_of(const struct lines *lines, const struct view_row *row)
{
	if (!row)
		return NULL;
	while (lines->row != row)
		lines++;
	return lines->line;
}

static int fill_list(struct libscols_table *table, const struct view_part *part,
		     struct lines *lines)
{
	bool tree = false;
	unsigned int n = 0;

	for (const struct view_row *row = part->first; row; row = row->next)
		tree |= row->parent != NULL;
	for (unsigned int i = 0, first = 1; i < part->n; i++) {
		int flags = (is_number(part->columns[i].kind) ? SCOLS_FL_RIGHT : 0) |
			    (tree && first ? SCOLS_FL_TREE : 0);

		if (!part->columns[i].heading)
			continue;
		first = 0;
		if (!scols_table_new_column(table, part->columns[i].heading, 0, flags))
			return -1;
	}
	for (const struct view_row *row = part->first; row; row = row->next) {
		struct libscols_line *line =
			scols_table_new_line(table, line_of(lines, row->parent));
		size_t at = 0;

		if (!line)
			return -1;
		lines[n].row = row;
		lines[n++].line = line;
		for (unsigned int i = 0; i < part->n; i++)
			if (part->columns[i].heading &&
			    fill_cell(line, at++, &row->cells[i], part->columns[i].kind))
				return -1;
	}
	return 0;
}

static int fill_record(struct libscols_table *table, const struct view_part *part)
{
	if (!scols_table_new_column(table, "name", 0, 0) ||
	    !scols_table_new_column(table, "value", 0, 0) ||
	    scols_table_enable_noheadings(table, 1))
		return -1;
	for (unsigned int i = 0; part->first && i < part->n; i++) {
		struct libscols_line *line;

		if (!part->columns[i].heading)
			continue;
		line = scols_table_new_line(table, NULL);
		if (!line || scols_line_set_data(line, 0, part->columns[i].heading) ||
		    fill_cell(line, 1, &part->first->cells[i], part->columns[i].kind))
			return -1;
	}
	return 0;
}

/* Return: text to be freed, or NULL without memory */
static char *part_text(const struct view_part *part)
{
	struct libscols_table *table = scols_new_table();
	struct lines *lines;
	size_t n = 1;
	char *text = NULL;
	int rc = -1;

	for (const struct view_row *row = part->first; row; row = row->next)
		n++;
	lines = calloc(n, sizeof(*lines));
	/* Where memory is short a table may come out narrower, or none, and be called good. */
	errno = 0;
	if (table && lines) {
		scols_table_enable_colors(table, shows_colours());
		rc = part->record ? fill_record(table, part) : fill_list(table, part, lines);
	}
	if (rc || scols_print_table_to_string(table, &text) || errno == ENOMEM) {
		free(text);
		text = NULL;
	}
	free(lines);
	scols_unref_table(table);
	return text;
}

static int write_line(const char *text)
{
	int rc = output_write(text, strlen(text), true);

	return rc ? rc : output_write("\n", 1, true);
}

static int print_part(const struct view_part *part, bool titled)
{
	const char *title = part->title ? part->title : part->key;
	char *text = part_text(part);
	int rc = text ? 0 : -ENOMEM;

	if (!rc && titled && title)
		rc = write_line(title);
	/* A table without lines is no text at all. */
	if (!rc)
		rc = write_line(*text ? text : "none");
	free(text);
	return rc;
}

int view_print_tables(const struct view *view, struct tdm_error *err)
{
	int rc = !view || view->failed ? -ENOMEM : 0;
	bool titled = !rc && view->first != view->last;

	for (const struct view_part *part = rc ? NULL : view->first; part && !rc;
	     part = part->next) {
		if (part->optional && !part->first)
			continue;
		if (part != view->first)
			rc = output_write("\n", 1, true);
		if (!rc)
			rc = print_part(part, titled);
	}
	if (!rc && view->notes && view->first)
		rc = output_write("\n", 1, true);
	for (const struct view_line *line = rc ? NULL : view->notes; line && !rc; line = line->next)
		rc = write_line(line->text);
	return rc ? output_error(rc, err) : 0;
}
