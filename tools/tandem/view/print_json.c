// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "view/json.h"
#include "view/parts.h"

static void put_cell(struct json *j, struct json_object *o, const struct view_column *column,
		     const struct view_cell *cell)
{
	if (!cell->present) {
		json_string(j, o, column->key, NULL);
		return;
	}
	switch (column->kind) {
	case VIEW_TEXT:
		json_string(j, o, column->key, cell->text);
		break;
	case VIEW_FLAG:
		json_flag(j, o, column->key, cell->flag);
		break;
	case VIEW_COUNT:
	case VIEW_BYTES:
	case VIEW_BITS:
	case VIEW_NS:
		json_count(j, o, column->key, cell->count);
		break;
	case VIEW_FIGURE:
	case VIEW_RATIO:
	case VIEW_SPEED:
		json_figure(j, o, column->key, true, cell->figure);
		break;
	}
}

static void put_row(struct json *j, struct json_object *o, const struct view_row *row)
{
	for (unsigned int i = 0; i < row->part->n; i++)
		put_cell(j, o, &row->part->columns[i], &row->cells[i]);
}

static void put_part(struct json *j, const struct view_part *part)
{
	struct json_object *array;

	if (part->record) {
		put_row(j, part->key ? json_child(j, j->root, part->key) : j->root, part->first);
		return;
	}
	array = json_array(j, j->root, part->key);
	for (const struct view_row *row = part->first; row; row = row->next)
		put_row(j, json_array_object(j, array), row);
}

int view_print_json(const struct view *view, int flags, struct tdm_error *err)
{
	struct json j = json_start(view ? view->schema : "");
	struct json_object *notes;

	if (!view || view->failed)
		j.failed = true;
	for (const struct view_part *part = !view || j.failed ? NULL : view->first; part;
	     part = part->next)
		put_part(&j, part);
	notes = json_array(&j, j.root, "notes");
	for (const struct view_line *line = !view || j.failed ? NULL : view->notes; line;
	     line = line->next)
		json_array_string(&j, notes, line->text);
	return json_print(&j, flags, err);
}
