// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem doctor: what of this machine is in the way.
 */
#include "doctor/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "host/sysfile.h"
#include "view/view.h"

static const struct doctor_area areas[] = {
	{ "kernel", doctor_kernel }, { "driver", doctor_driver }, { "devices", doctor_devices },
	{ "rdma", doctor_rdma },     { "memory", doctor_memory }, { "host", doctor_host },
};

#define AREAS (sizeof(areas) / sizeof(areas[0]))

static const char *const result_names[DOCTOR_RESULTS] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_WARN] = "warn",
	[DOCTOR_FAIL] = "fail",
	[DOCTOR_SKIP] = "skip",
};

static const enum view_mark marks[DOCTOR_RESULTS] = {
	[DOCTOR_OK] = VIEW_GOOD,
	[DOCTOR_WARN] = VIEW_WARN,
	[DOCTOR_FAIL] = VIEW_BAD,
};

struct finding {
	const struct doctor_area *area;
	const struct doctor_check *check;
	enum doctor_result result;
	char of[64];
	char found[256];
	char cure[256];
};

struct doctor {
	const struct doctor_area *area; /* that is being looked at */
	const struct doctor_check *check;
	struct finding *findings;
	size_t n, room;
	bool failed; /* there was no memory for a finding */
	char release[128];
};

static struct finding *add(struct doctor *doctor)
{
	if (doctor->n == doctor->room) {
		size_t room = doctor->room ? doctor->room * 2 : 64;
		struct finding *grown = realloc(doctor->findings, room * sizeof(*grown));

		if (!grown) {
			doctor->failed = true;
			return NULL;
		}
		doctor->findings = grown;
		doctor->room = room;
	}
	return memset(&doctor->findings[doctor->n++], 0, sizeof(struct finding));
}

/* Names of processes and devices are somebody else's words. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void doctor_say(struct doctor *doctor, enum doctor_result result, const char *of,
		const char *format, ...)
{
	struct finding *finding = add(doctor);
	va_list args;

	if (!finding)
		return;
	finding->area = doctor->area;
	finding->check = doctor->check;
	finding->result = result;
	snprintf(finding->of, sizeof(finding->of), "%s", of ? of : "");
	va_start(args, format);
	vsnprintf(finding->found, sizeof(finding->found), format, args);
	va_end(args);
	make_printable(finding->of);
	make_printable(finding->found);
}

void doctor_cure(struct doctor *doctor, const char *format, ...)
{
	struct finding *finding = doctor->n ? &doctor->findings[doctor->n - 1] : NULL;
	va_list args;

	/* The last one may be another's then. */
	if (doctor->failed || !finding)
		return;
	va_start(args, format);
	vsnprintf(finding->cure, sizeof(finding->cure), format, args);
	va_end(args);
	make_printable(finding->cure);
}

const char *doctor_release(const struct doctor *doctor)
{
	return doctor->release;
}

/* Return: how many there are of a result */
static unsigned int count(const struct doctor *doctor, enum doctor_result result)
{
	unsigned int n = 0;

	for (size_t i = 0; i < doctor->n; i++)
		n += doctor->findings[i].result == result;
	return n;
}

static void look(struct doctor *doctor, const char *only)
{
	sys_text(doctor->release, sizeof(doctor->release), "/proc/sys/kernel/osrelease");
	for (size_t i = 0; i < AREAS; i++) {
		if (only && strcmp(only, areas[i].name) != 0)
			continue;
		doctor->area = &areas[i];
		for (doctor->check = areas[i].checks; doctor->check->name; doctor->check++)
			doctor->check->run(doctor);
	}
}

enum column { COL_RESULT, COL_AREA, COL_CHECK, COL_OF, COL_FOUND, COL_WHY, COL_CURE, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[COL_RESULT] = { "result", "RESULT", VIEW_TEXT },
	[COL_AREA] = { "area", "AREA", VIEW_TEXT },
	[COL_CHECK] = { "check", "CHECK", VIEW_TEXT },
	[COL_OF] = { "of", "OF", VIEW_TEXT },
	[COL_FOUND] = { "found", "FOUND", VIEW_TEXT },
	[COL_WHY] = { "why", NULL, VIEW_TEXT },
	[COL_CURE] = { "cure", NULL, VIEW_TEXT },
};

static const struct view_column counts[DOCTOR_RESULTS] = {
	[DOCTOR_OK] = { "ok", "ok", VIEW_COUNT },
	[DOCTOR_WARN] = { "warn", "warn", VIEW_COUNT },
	[DOCTOR_FAIL] = { "fail", "fail", VIEW_COUNT },
	[DOCTOR_SKIP] = { "skip", "skip", VIEW_COUNT },
};

static void show(struct view_part *part, const struct finding *finding)
{
	struct view_row *row = view_row(part);

	view_text(row, COL_RESULT, result_names[finding->result]);
	view_mark(row, COL_RESULT, marks[finding->result]);
	view_text(row, COL_AREA, finding->area->name);
	view_text(row, COL_CHECK, finding->check->name);
	view_text(row, COL_OF, *finding->of ? finding->of : NULL);
	view_text(row, COL_FOUND, finding->found);
	view_text(row, COL_WHY, finding->check->why);
	view_text(row, COL_CURE, *finding->cure ? finding->cure : NULL);
}

/* Below the table: what is not as it should be, why that matters, what mends it. */
static void advise(const struct doctor *doctor)
{
	static const enum doctor_result order[] = { DOCTOR_FAIL, DOCTOR_WARN };

	for (unsigned int k = 0; k < 2; k++)
		for (size_t i = 0; i < doctor->n; i++) {
			const struct finding *f = &doctor->findings[i];

			if (f->result != order[k])
				continue;
			printf("\n%s: %s %s%s%s: %s\n    why:  %s\n", result_names[f->result],
			       f->area->name, f->check->name, *f->of ? " " : "", f->of, f->found,
			       f->check->why);
			if (*f->cure)
				printf("    cure: %s\n", f->cure);
		}
}

static int print(const struct doctor *doctor, bool json, struct tdm_error *err)
{
	struct view *view = view_create("tandem.doctor.v1");
	struct view_part *checks = view_list(view, "checks", columns, COLUMNS);
	struct view_row *sums = view_record(view, "counts", counts, DOCTOR_RESULTS);
	int rc;

	for (size_t i = 0; i < doctor->n; i++)
		show(checks, &doctor->findings[i]);
	for (unsigned int i = 0; i < DOCTOR_RESULTS; i++)
		view_count(sums, i, count(doctor, i));
	rc = view_print(view, json ? VIEW_JSON : VIEW_TABLE, err);
	view_destroy(view);
	if (!rc && !json)
		advise(doctor);
	return rc;
}

struct doctor_options {
	bool json;
	const char *area;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ "area", 'a', "AREA", 0, "Only this: kernel, driver, devices, rdma, memory or host", 0 },
	{ 0 },
};

static bool is_area(const char *name)
{
	for (size_t i = 0; i < AREAS; i++)
		if (!strcmp(areas[i].name, name))
			return true;
	return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct doctor_options *o = state->input;

	switch (key) {
	case 'j':
		o->json = true;
		return 0;
	case 'a':
		if (!is_area(arg))
			argp_error(state,
				   "'%s': no such area; take kernel, driver, devices, rdma, "
				   "memory or host",
				   arg);
		o->area = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; --area AREA takes a part alone", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp doctor_argp = {
	.options = options,
	.parser = parse,
	.doc = "Say what of this machine is in the way of devices, driver and RDMA, why it "
	       "matters, and what mends it.\v"
	       "Each check is ok, warn (missing or slow, and soft devices work without), fail "
	       "(what is set up does not work) or skip (it could not be told, and why). Exit "
	       "code 1: something failed. It needs no root, and says where root would see more.",
};

int command_doctor(int argc, char **argv)
{
	struct doctor_options o = { 0 };
	struct doctor doctor = { 0 };
	struct tdm_error err;
	int rc;

	if (command_parse(&doctor_argp, argc, argv, &o, &err))
		return command_could_not(&err);
	look(&doctor, o.area);
	if (doctor.failed)
		rc = tdm_error_set(&err, -ENOMEM, "findings: out of memory; free some");
	else
		rc = print(&doctor, o.json, &err);
	if (rc)
		rc = command_could_not(&err);
	else
		rc = count(&doctor, DOCTOR_FAIL) ? EXIT_FAILED : EXIT_DONE;
	free(doctor.findings);
	return rc;
}
