// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "selftest/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "view/view.h"

struct entry {
	struct entry *next;
	const struct selftest *test;
	struct selftest_outcome outcome;
	uint64_t took_ns;
	bool ran;
};

struct selftest_report {
	const char *device;
	struct entry *first, *last;
	unsigned int counts[SELFTEST_RESULTS];
	unsigned int n;
	bool failed; /* for want of memory */
};

static const char *const result_names[SELFTEST_RESULTS] = {
	[SELFTEST_PASS] = "pass",   [SELFTEST_WARN] = "warn", [SELFTEST_FAIL] = "fail",
	[SELFTEST_ERROR] = "error", [SELFTEST_SKIP] = "skip",
};

static const enum view_mark marks[SELFTEST_RESULTS] = {
	[SELFTEST_PASS] = VIEW_GOOD, [SELFTEST_WARN] = VIEW_WARN,  [SELFTEST_FAIL] = VIEW_BAD,
	[SELFTEST_ERROR] = VIEW_BAD, [SELFTEST_SKIP] = VIEW_PLAIN,
};

struct selftest_report *selftest_report_create(const char *device)
{
	struct selftest_report *report = calloc(1, sizeof(*report));

	if (report)
		report->device = device;
	return report;
}

void selftest_report_destroy(struct selftest_report *report)
{
	for (struct entry *e = report ? report->first : NULL, *next; e; e = next) {
		next = e->next;
		free(e);
	}
	free(report);
}

void selftest_report_add(struct selftest_report *report, const struct selftest *test,
			 const struct selftest_outcome *outcome, uint64_t took_ns)
{
	struct entry *e = report ? calloc(1, sizeof(*e)) : NULL;

	if (!e) {
		if (report)
			report->failed = true;
		return;
	}
	e->test = test;
	e->took_ns = took_ns;
	if (outcome) {
		e->outcome = *outcome;
		e->ran = true;
		report->counts[outcome->result]++;
	}
	report->n++;
	if (report->last)
		report->last->next = e;
	else
		report->first = e;
	report->last = e;
}

enum column { COL_AREA, COL_NAME, COL_RESULT, COL_TOOK, COL_REASON, COL_WHAT, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[COL_AREA] = { "area", "AREA", VIEW_TEXT },
	[COL_NAME] = { "name", "TEST", VIEW_TEXT },
	[COL_RESULT] = { "result", "RESULT", VIEW_TEXT },
	[COL_TOOK] = { "took_ns", "TIME", VIEW_NS },
	[COL_REASON] = { "reason", "REASON", VIEW_TEXT },
	[COL_WHAT] = { "what", NULL, VIEW_TEXT },
};

static const struct view_column list_columns[COLUMNS] = {
	[COL_AREA] = { "area", "AREA", VIEW_TEXT },
	[COL_NAME] = { "name", "TEST", VIEW_TEXT },
	[COL_RESULT] = { "level", "LEVEL", VIEW_TEXT },
	[COL_TOOK] = { "took_ns", NULL, VIEW_NS },
	[COL_REASON] = { "reason", NULL, VIEW_TEXT },
	[COL_WHAT] = { "what", "WHAT IT LOOKS AT", VIEW_TEXT },
};

enum total { TOTAL_DEVICE, TOTAL_RESULTS, TOTALS = TOTAL_RESULTS + SELFTEST_RESULTS };

static const struct view_column totals[TOTALS] = {
	[TOTAL_DEVICE] = { "device", "device", VIEW_TEXT },
	[TOTAL_RESULTS + SELFTEST_PASS] = { "passed", "passed", VIEW_COUNT },
	[TOTAL_RESULTS + SELFTEST_WARN] = { "warned", "warned", VIEW_COUNT },
	[TOTAL_RESULTS + SELFTEST_FAIL] = { "failed", "failed", VIEW_COUNT },
	[TOTAL_RESULTS + SELFTEST_ERROR] = { "errors", "errors", VIEW_COUNT },
	[TOTAL_RESULTS + SELFTEST_SKIP] = { "skipped", "skipped", VIEW_COUNT },
};

static void show(struct view_part *part, const struct entry *e)
{
	static const char *const levels[] = { "quick", "full", "stress" };
	struct view_row *row = view_row(part);

	view_text(row, COL_AREA, e->test->area);
	view_text(row, COL_NAME, e->test->name);
	view_text(row, COL_WHAT, e->test->what);
	if (!e->ran) {
		view_text(row, COL_RESULT, levels[e->test->level]);
		return;
	}
	view_text(row, COL_RESULT, result_names[e->outcome.result]);
	view_mark(row, COL_RESULT, marks[e->outcome.result]);
	view_count(row, COL_TOOK, e->took_ns);
	if (*e->outcome.reason)
		view_text(row, COL_REASON, e->outcome.reason);
}

static void show_totals(struct view *view, const struct selftest_report *report)
{
	struct view_row *row = view_record(view, NULL, totals, TOTALS);

	view_text(row, TOTAL_DEVICE, report->device);
	for (unsigned int i = 0; i < SELFTEST_RESULTS; i++)
		view_count(row, TOTAL_RESULTS + i, report->counts[i]);
}

int selftest_report_print(struct selftest_report *report, bool json, struct tdm_error *err)
{
	struct view *view = view_create("tandem.selftest.v1");
	bool list = report && !report->device;
	struct view_part *part;
	int rc;

	part = view_list(view, "tests", list ? list_columns : columns, COLUMNS);
	for (const struct entry *e = report ? report->first : NULL; e; e = e->next)
		show(part, e);
	if (report && !list)
		show_totals(view, report);
	if (!report || report->failed)
		rc = tdm_error_set(err, -ENOMEM, "results: out of memory; free some");
	else
		rc = view_print(view, json ? VIEW_JSON : VIEW_TABLE, err);
	view_destroy(view);
	return rc;
}

/* XML 1.0 has no way to write most control characters: they become "?". */
static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc((unsigned char)*text < ' ' ? '?' : *text, out);
		}
	}
}

static void put_case(FILE *out, const struct selftest_report *report, const struct entry *e)
{
	static const char *const tags[SELFTEST_RESULTS] = {
		[SELFTEST_FAIL] = "failure",
		[SELFTEST_ERROR] = "error",
		[SELFTEST_SKIP] = "skipped",
		[SELFTEST_WARN] = "system-out",
	};
	const char *tag = tags[e->outcome.result];

	fputs("  <testcase classname=\"", out);
	put_escaped(out, report->device);
	fprintf(out, ".%s\" name=\"%s\" time=\"%.6f\"", e->test->area, e->test->name,
		(double)e->took_ns / 1e9);
	if (!tag) {
		fputs("/>\n", out);
		return;
	}
	if (e->outcome.result == SELFTEST_WARN)
		fprintf(out, ">\n    <%s>", tag);
	else
		fprintf(out, ">\n    <%s message=\"", tag);
	put_escaped(out, e->outcome.reason);
	if (e->outcome.result == SELFTEST_WARN)
		fprintf(out, "</%s>\n  </testcase>\n", tag);
	else
		fputs("\"/>\n  </testcase>\n", out);
}

int selftest_report_junit(struct selftest_report *report, const char *path, struct tdm_error *err)
{
	FILE *out = fopen(path, "we");
	int rc = 0;

	if (out) {
		fprintf(out,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<testsuite name=\"tandem selftest\" tests=\"%u\" failures=\"%u\" "
			"errors=\"%u\" skipped=\"%u\">\n",
			report->n, report->counts[SELFTEST_FAIL], report->counts[SELFTEST_ERROR],
			report->counts[SELFTEST_SKIP]);
		for (const struct entry *e = report->first; e; e = e->next)
			put_case(out, report, e);
		fputs("</testsuite>\n", out);
		if (ferror(out))
			rc = -EIO;
	}
	if (!out || fclose(out))
		rc = -errno;
	return rc ? tdm_error_set(err, rc, "--junit '%s': %s; name a file that can be written",
				  path, strerror(-rc))
		  : 0;
}

int selftest_report_exit_code(const struct selftest_report *report)
{
	if (!report->device)
		return EXIT_DONE;
	if (report->counts[SELFTEST_FAIL])
		return EXIT_FAILED;
	return report->counts[SELFTEST_ERROR] ? EXIT_COULD_NOT : EXIT_DONE;
}
