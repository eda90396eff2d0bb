// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem dump: a bundle of all that can be read of a device.
 */
#include "dump/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "dump/log.h"
#include "output.h"
#include "view/view.h"

struct dump_options {
	bool json;
	bool take;
	const char *device;
	const char *file;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object: what is in it, and the text without -o",
	  0 },
	{ "output", 'o', "FILE", 0, "Write the bundle to FILE and list what is in it", 0 },
	{ "take", 't', NULL, 0, "Take a coredump that waits away from the kernel, as root", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct dump_options *o = state->input;

	switch (key) {
	case 'j':
		o->json = true;
		return 0;
	case 'o':
		o->file = arg;
		return 0;
	case 't':
		o->take = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->device)
			argp_error(state, "'%s': a second device; give one", arg);
		o->device = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->device)
			argp_error(state, "no device; give accel0, its path, or soft:MODEL@PID");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp dump_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "DEVICE",
	.doc = "Write all that can be read of a device into one text, for 'tandem decode' and for "
	       "whoever is to help.\v"
	       "DEVICE is accel0, /dev/accel/accel0, soft:MODEL@PID, or a NIC of that process, "
	       "soft:rc@PID, with its agents alone. What this user may not "
	       "read is in the bundle with the reason: root adds registers, rings, queues, "
	       "mappings, faults, a coredump that waits and the kernel's log. No memory of "
	       "clients is in it.",
};

/* Return: 0 or -errno with @err */
static int collect(struct bundle *b, const struct dump_options *o, struct tdm_error *err)
{
	struct node node;

	dump_about(b, o->device);
	if (!nodes_find(o->device, &node)) {
		dump_coredumps(b, &node, o->take);
		dump_node(b, &node);
		dump_system(b);
		dump_log(b);
		return 0;
	}
	if (strchr(o->device, '@'))
		return dump_process(b, o->device, err);
	return tdm_error_set(err, -ENODEV,
			     "device '%s': the driver has none of that name; tandem doctor says "
			     "what is in the way, soft:MODEL@PID names a soft device",
			     o->device);
}

/* Who may read it is its owner's affair: names of processes are in it. */
static int write_file(const char *name, const char *text, size_t len, struct tdm_error *err)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = fd < 0 ? -errno : 0;

	while (!rc && len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			rc = -errno;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0 && close(fd) && !rc)
		rc = -errno;
	if (!rc)
		return 0;
	return tdm_error_set(err, rc == -ENOENT ? -EIO : rc,
			     "%s: it cannot be written: %s; name another file", name,
			     strerror(-rc));
}

enum { COL_NAME, COL_BYTES, COL_WHERE, COL_WHY, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[COL_NAME] = { "name", "SECTION", VIEW_TEXT },
	[COL_BYTES] = { "bytes", "BYTES", VIEW_COUNT },
	[COL_WHERE] = { "where", "READ FROM", VIEW_TEXT },
	[COL_WHY] = { "missing", "MISSING BECAUSE", VIEW_TEXT },
};

static const struct view_column whole[] = { { "file", NULL, VIEW_TEXT },
					    { "text", NULL, VIEW_TEXT } };

static void show_part(struct view_part *part, const struct bundle_part *of)
{
	struct view_row *row = view_row(part);

	view_text(row, COL_NAME, of->name);
	if (*of->why) {
		view_text(row, COL_WHY, of->why);
		return;
	}
	view_count(row, COL_BYTES, of->bytes);
	view_text(row, COL_WHERE, of->where);
}

static int show(const struct bundle *b, const struct dump_options *o, struct tdm_error *err)
{
	struct view *view = view_create("tandem.dump.v1");
	struct view_part *sections = view_list(view, "sections", columns, COLUMNS);
	int rc;

	for (unsigned int i = 0; i < b->n; i++)
		show_part(sections, &b->parts[i]);
	if (o->json) {
		struct view_row *row = view_record(view, NULL, whole, 2);

		view_text(row, 0, o->file);
		view_text(row, 1, o->file ? NULL : b->text);
	}
	rc = view_print(view, o->json ? VIEW_JSON : VIEW_TABLE, err);
	view_destroy(view);
	return rc;
}

static int give(const struct bundle *b, const struct dump_options *o, struct tdm_error *err)
{
	int rc = o->file ? write_file(o->file, b->text, b->len, err) : 0;

	if (rc)
		return rc;
	if (o->file || o->json)
		return show(b, o, err);
	rc = output_write(b->text, b->len, true);
	return rc ? output_error(rc, err) : 0;
}

int command_dump(int argc, char **argv)
{
	struct dump_options o = { 0 };
	struct tdm_error err;
	struct bundle b;
	int rc;

	if (command_parse(&dump_argp, argc, argv, &o, &err))
		return command_could_not(&err);
	rc = bundle_start(&b);
	if (!rc) {
		rc = collect(&b, &o, &err);
		if (!rc && bundle_end(&b))
			rc = tdm_error_set(&err, -ENOMEM, "bundle: out of memory; free some");
	} else {
		tdm_error_set(&err, rc, "bundle: out of memory; free some");
	}
	if (!rc)
		rc = give(&b, &o, &err);
	bundle_free(&b);
	return rc ? command_could_not(&err) : EXIT_DONE;
}
