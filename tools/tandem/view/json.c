// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "view/json.h"

#include <errno.h>
#include <string.h>

#include "output.h"

struct json json_start(const char *schema)
{
	struct json j = { .root = json_object_new_object() };

	json_string(&j, j.root, "schema", schema);
	return j;
}

/*
 * Keys are literals, and stay where they are: json-c 0.16 does not look whether its
 * copy of one could be made.
 */
static int put(struct json_object *o, const char *key, struct json_object *value)
{
	return json_object_object_add_ex(o, key, value, JSON_C_OBJECT_KEY_IS_CONSTANT);
}

/* Takes @value; NULL: there was no memory for it. */
static void add(struct json *j, struct json_object *o, const char *key, struct json_object *value)
{
	if (o && value && !put(o, key, value))
		return;
	json_object_put(value);
	j->failed = true;
}

static void add_null(struct json *j, struct json_object *o, const char *key)
{
	if (!o || put(o, key, NULL))
		j->failed = true;
}

void json_string(struct json *j, struct json_object *o, const char *key, const char *value)
{
	if (value)
		add(j, o, key, json_object_new_string(value));
	else
		add_null(j, o, key);
}

void json_text(struct json *j, struct json_object *o, const char *key, const char *text, size_t len)
{
	add(j, o, key, json_object_new_string_len(text, (int)len));
}

void json_count(struct json *j, struct json_object *o, const char *key, uint64_t value)
{
	add(j, o, key, json_object_new_uint64(value));
}

void json_flag(struct json *j, struct json_object *o, const char *key, bool value)
{
	add(j, o, key, json_object_new_boolean(value));
}

void json_figure(struct json *j, struct json_object *o, const char *key, bool measured,
		 double value)
{
	if (measured)
		add(j, o, key, json_object_new_double(value));
	else
		add_null(j, o, key);
}

struct json_object *json_child(struct json *j, struct json_object *o, const char *key)
{
	struct json_object *object = json_object_new_object();

	add(j, o, key, object);
	return j->failed ? NULL : object;
}

struct json_object *json_array(struct json *j, struct json_object *o, const char *key)
{
	struct json_object *array = json_object_new_array();

	add(j, o, key, array);
	return j->failed ? NULL : array;
}

static bool append(struct json *j, struct json_object *array, struct json_object *value)
{
	if (array && value && !json_object_array_add(array, value))
		return true;
	json_object_put(value);
	j->failed = true;
	return false;
}

struct json_object *json_array_object(struct json *j, struct json_object *array)
{
	struct json_object *o = json_object_new_object();

	return append(j, array, o) ? o : NULL;
}

void json_array_count(struct json *j, struct json_object *array, uint64_t value)
{
	append(j, array, json_object_new_uint64(value));
}

void json_array_string(struct json *j, struct json_object *array, const char *value)
{
	append(j, array, json_object_new_string(value));
}

int json_print(struct json *j, int flags, struct tdm_error *err)
{
	const char *text = NULL;
	size_t len = 0;
	int rc;

	/* The serializer leaves out what it has no memory for, and returns the rest. */
	errno = 0;
	if (j->root && !j->failed)
		text = json_object_to_json_string_length(
			j->root, flags | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (!text || errno == ENOMEM) {
		rc = output_error(-ENOMEM, err);
	} else {
		rc = output_write(text, len, true);
		if (!rc)
			rc = output_write("\n", 1, true);
		if (rc)
			output_error(rc, err);
	}
	json_object_put(j->root);
	return rc;
}
