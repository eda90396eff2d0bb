/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * One JSON object on standard output. Want of memory anywhere on the way is
 * remembered, and json_print() says it.
 */
#ifndef TANDEM_JSON_H
#define TANDEM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>
#include <tandem/error.h>

struct json {
	struct json_object *root;
	bool failed;
};

struct json json_start(const char *schema);

/* Members of @o, an object of @j. A string that is NULL is null. */
void json_string(struct json *j, struct json_object *o, const char *key, const char *value);
void json_text(struct json *j, struct json_object *o, const char *key, const char *text,
	       size_t len);
void json_count(struct json *j, struct json_object *o, const char *key, uint64_t value);
void json_flag(struct json *j, struct json_object *o, const char *key, bool value);

/* A figure that was not measured is null, never 0. */
void json_figure(struct json *j, struct json_object *o, const char *key, bool measured,
		 double value);

/* An object in @o. */
struct json_object *json_child(struct json *j, struct json_object *o, const char *key);

/* An array in @o; objects, numbers and strings at its end. */
struct json_object *json_array(struct json *j, struct json_object *o, const char *key);
struct json_object *json_array_object(struct json *j, struct json_object *array);
void json_array_count(struct json *j, struct json_object *array, uint64_t value);
void json_array_string(struct json *j, struct json_object *array, const char *value);

/**
 * json_print - write it, whole, and free it
 * @flags: JSON_C_TO_STRING_*
 * Return: 0 or -errno with @err
 */
int json_print(struct json *j, int flags, struct tdm_error *err);

#endif /* TANDEM_JSON_H */
