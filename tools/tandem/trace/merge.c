// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "trace/merge.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "trace/file.h"

/* Process numbers of a file are moved by this much from those of the one before. */
#define PIDS 1000

struct merge {
	FILE *out;
	bool more; /* an event is written: a comma comes first */
	bool failed;
	struct json_object *sent; /* "REQUEST.PAGE" to the event of its flight */
	unsigned int links;
};

static struct json_object *member(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *value = NULL;

	if (json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &value) &&
	    json_object_is_type(value, type))
		return value;
	return NULL;
}

static const char *text(struct json_object *o, const char *key)
{
	struct json_object *value = member(o, key, json_type_string);

	return value ? json_object_get_string(value) : "";
}

static void emit(struct merge *m, struct json_object *o)
{
	const char *line = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);

	if (line)
		fprintf(m->out, "%s\n%s", m->more ? "," : "", line);
	else
		m->failed = true;
	m->more = true;
}

/* Takes @value. */
static void put(struct merge *m, struct json_object *o, const char *key, struct json_object *value)
{
	if (o && value && !json_object_object_add(o, key, value))
		return;
	json_object_put(value);
	m->failed = true;
}

/* Flows of two files do not mix, and processes say whose they are. */
static void keep_apart(struct merge *m, struct json_object *e, int file, const char *path)
{
	struct json_object *args = member(e, "args", json_type_object);
	char name[320];

	put(m, e, "pid",
	    json_object_new_int64(json_object_get_int64(member(e, "pid", json_type_int)) +
				  (int64_t)PIDS * file));
	if (member(e, "id", json_type_string)) {
		snprintf(name, sizeof(name), "%d:%s", file, text(e, "id"));
		put(m, e, "id", json_object_new_string(name));
	}
	if (!strcmp(text(e, "name"), "process_name")) {
		snprintf(name, sizeof(name), "%s (%s)", text(args, "name"), path);
		put(m, args, "name", json_object_new_string(name));
	}
}

static void link_end(struct merge *m, const char *phase, struct json_object *flight)
{
	struct json_object *e = json_object_new_object();
	static const char *const same[] = { "pid", "tid", "ts" };
	char id[32];

	snprintf(id, sizeof(id), "link.%u", m->links);
	put(m, e, "name", json_object_new_string("page"));
	put(m, e, "cat", json_object_new_string("kv"));
	put(m, e, "ph", json_object_new_string(phase));
	put(m, e, "id", json_object_new_string(id));
	put(m, e, "bp", json_object_new_string("e"));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		put(m, e, same[i], json_object_get(json_object_object_get(flight, same[i])));
	emit(m, e);
	json_object_put(e);
}

/* A flight that one file began and this one, or the other way round, ends. */
static void link_flight(struct merge *m, struct json_object *e)
{
	struct json_object *args = member(e, "args", json_type_object), *other = NULL;
	bool sends = member(args, "pushed_us", json_type_double);
	char key[64];

	if (!sends && !member(args, "landed_us", json_type_double))
		return;
	snprintf(key, sizeof(key), "%" PRIu64 ".%" PRIu64,
		 json_object_get_uint64(member(args, "request", json_type_int)),
		 json_object_get_uint64(member(args, "page", json_type_int)));
	/* Both ends in one process: the arrows are there. */
	if (sends && member(args, "landed_us", json_type_double))
		return;
	if (!json_object_object_get_ex(m->sent, key, &other)) {
		put(m, m->sent, key, json_object_get(e));
		return;
	}
	if (sends ==
	    !!member(member(other, "args", json_type_object), "pushed_us", json_type_double))
		return;
	link_end(m, "s", sends ? e : other);
	link_end(m, "f", sends ? other : e);
	m->links++;
}

static int add_file(struct merge *m, const char *path, int file, struct tdm_error *err)
{
	struct json_object *root = json_object_from_file(path);
	struct json_object *all = member(root, "traceEvents", json_type_array);
	bool ours = !strcmp(text(member(root, "otherData", json_type_object), "schema"),
			    "tandem.trace.v1");

	for (size_t i = 0; ours && all && i < json_object_array_length(all); i++) {
		struct json_object *e = json_object_array_get_idx(all, i);

		if (!json_object_is_type(e, json_type_object))
			continue;
		keep_apart(m, e, file, trace_file_base(path));
		emit(m, e);
		if (!strcmp(text(e, "ph"), "X") && !strcmp(text(e, "cat"), "page"))
			link_flight(m, e);
	}
	json_object_put(root);
	if (ours && all)
		return 0;
	return tdm_error_set(err, -EINVAL,
			     "%s: it cannot be read, or is no trace of tandem; give files of "
			     "'tandem trace -o' or 'tandem worker --trace'",
			     path);
}

int trace_merge(char *const *paths, int n, FILE *out, struct tdm_error *err)
{
	struct merge m = { .out = out, .sent = json_object_new_object() };
	int rc = 0;

	m.failed = !m.sent;
	fputs("{\"displayTimeUnit\":\"ms\",\n\"traceEvents\":[", out);
	for (int i = 0; i < n && !rc && !m.failed; i++)
		rc = add_file(&m, paths[i], i, err);
	fputs("\n],\n\"otherData\":{\"schema\":\"tandem.trace.v1\",\"clock\":\"CLOCK_MONOTONIC\"}}"
	      "\n",
	      out);
	json_object_put(m.sent);
	if (!rc && m.failed)
		rc = tdm_error_set(err, -ENOMEM, "trace: out of memory; merge fewer files");
	return rc;
}
