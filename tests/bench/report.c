// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "report.h"

#include <errno.h>
#include <json-c/json.h>
#include <libsmartcols.h>
#include <math.h>
#include <stdio.h>

#include "pin.h"

static const struct {
	const char *key; /* value_KEY, peer_KEY */
	const char *shown;
	double scale;
} units[] = {
	[UNIT_NS] = { "ns", "ns", 1 },
	[UNIT_PER_S] = { "per_s", "M/s", 1e-6 },
	[UNIT_BYTES_PER_S] = { "bytes_per_s", "GB/s", 1e-9 },
	[UNIT_TOKENS_PER_S] = { "tokens_per_s", "tokens/s", 1 },
	[UNIT_MS] = { "ms", "ms", 1 },
	[UNIT_CALLS] = { "calls", "calls", 1 },
	[UNIT_BYTES] = { "bytes", "MB", 1e-6 },
	[UNIT_SWITCHES] = { "switches", "switches", 1 },
};

/* null, never 0, for what was not measured. */
static void add_number(struct json_object *o, const char *prefix, const char *key, double value)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%s", prefix, key);
	json_object_object_add(o, name, isnan(value) ? NULL : json_object_new_double(value));
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, text && *text ? json_object_new_string(text) : NULL);
}

static struct json_object *figure(const struct figure *f)
{
	struct json_object *o = json_object_new_object();

	add_text(o, "name", f->name);
	add_text(o, "what", f->what);
	add_number(o, "value_", units[f->unit].key, f->value);
	add_text(o, "peer", f->peer);
	add_number(o, "peer_", units[f->unit].key, f->peer_value);
	add_number(o, "best_", units[f->unit].key, f->best);
	add_number(o, "peer_best_", units[f->unit].key, f->peer_best);
	add_number(o, "ratio", "", f->ratio);
	add_text(o, "note", f->note);
	return o;
}

int report_json(const struct bench *b)
{
	struct json_object *root = json_object_new_object();
	struct json_object *figures = json_object_new_array();
	int rc;

	add_text(root, "schema", "tandem.bench.v1");
	json_object_object_add(root, "cpus", json_object_new_int(pin_count()));
	json_object_object_add(root, "pinned",
			       b->pinned < 0 ? NULL : json_object_new_boolean(b->pinned));
	add_number(root, "load_average", "", b->load);
	json_object_object_add(root, "runs", json_object_new_int((int)b->runs));
	json_object_object_add(root, "quick", json_object_new_boolean(b->quick));
	json_object_object_add(root, "emulated", json_object_new_boolean(true));
	json_object_object_add(root, "figures", figures);
	for (unsigned int i = 0; i < b->n_figures; i++)
		json_object_array_add(figures, figure(&b->figures[i]));
	rc = puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
	return rc < 0 || fflush(stdout) ? -EIO : 0;
}

enum column {
	COL_NAME,
	COL_WHAT,
	COL_VALUE,
	COL_BEST,
	COL_PEER,
	COL_PEER_VALUE,
	COL_RATIO,
	COLUMNS
};

/* What is counted is not rounded to 0. */
static int digits(double shown, enum unit unit)
{
	if (unit == UNIT_CALLS || unit == UNIT_SWITCHES)
		return 5;
	return fabs(shown) < 100 ? 2 : 0;
}

static void set_number(struct libscols_line *line, enum column column, double value, enum unit unit)
{
	double shown = value * units[unit].scale;
	char text[48] = "";

	if (!isnan(value))
		snprintf(text, sizeof(text), "%.*f %s", digits(shown, unit), shown,
			 units[unit].shown);
	scols_line_set_data(line, column, text);
}

static int add_line(struct libscols_table *table, const struct figure *f)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	char ratio[16] = "";

	if (!line)
		return -ENOMEM;
	scols_line_set_data(line, COL_NAME, f->name);
	scols_line_set_data(line, COL_WHAT, f->what);
	set_number(line, COL_VALUE, f->value, f->unit);
	set_number(line, COL_BEST, f->best, f->unit);
	scols_line_set_data(line, COL_PEER, f->peer ? f->peer : "");
	set_number(line, COL_PEER_VALUE, f->peer_value, f->unit);
	if (!isnan(f->ratio))
		snprintf(ratio, sizeof(ratio), "%.3f", f->ratio);
	scols_line_set_data(line, COL_RATIO, ratio);
	return 0;
}

int report_table(const struct bench *b)
{
	static const struct {
		const char *name;
		int flags;
	} columns[COLUMNS] = {
		[COL_NAME] = { "FIGURE", 0 },
		[COL_WHAT] = { "WHAT", 0 },
		[COL_VALUE] = { "VALUE", SCOLS_FL_RIGHT },
		[COL_BEST] = { "BEST", SCOLS_FL_RIGHT },
		[COL_PEER] = { "BESIDE", 0 },
		[COL_PEER_VALUE] = { "ITS VALUE", SCOLS_FL_RIGHT },
		[COL_RATIO] = { "RATIO", SCOLS_FL_RIGHT },
	};
	struct libscols_table *table = scols_new_table();
	int rc = table ? 0 : -ENOMEM;

	for (int i = 0; !rc && i < COLUMNS; i++)
		if (!scols_table_new_column(table, columns[i].name, 0, columns[i].flags))
			rc = -ENOMEM;
	for (unsigned int i = 0; !rc && i < b->n_figures; i++)
		rc = add_line(table, &b->figures[i]);
	if (!rc)
		rc = scols_print_table(table);
	putchar('\n');
	for (unsigned int i = 0; i < b->n_figures; i++)
		if (b->figures[i].note[0])
			printf("%s, %s: %s\n", b->figures[i].name, b->figures[i].what,
			       b->figures[i].note);
	printf("Medians of %u runs; a ratio is the median of the runs' own. %d processors, load "
	       "average %.2f at the start. The devices are software.\n",
	       b->runs, pin_count(), b->load);
	if (b->pinned >= 0)
		printf("NOP: caller and firmware were %spinned to a processor each.\n",
		       b->pinned ? "" : "NOT ");
	scols_unref_table(table);
	return rc || fflush(stdout) ? -EIO : 0;
}
