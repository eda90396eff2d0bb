// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/gguf.h"
#include "util/quote.h"
#include "util/utf8.h"

uint32_t gguf_load_u32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

uint64_t gguf_load_u64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* "header", "key 4", "key 'llama.block_count'" */
static void say_where(const struct gguf_cursor *c, char *out, size_t size)
{
	if (c->name.len)
		snprintf(out, size, "%s %s", c->noun, quote(c->name.ptr, c->name.len).s);
	else if (strcmp(c->noun, "header") == 0)
		snprintf(out, size, "the header");
	else
		snprintf(out, size, "%s %llu", c->noun, (unsigned long long)c->index);
}

int gguf_fail(const struct gguf_cursor *c, int code, const char *fmt, ...)
{
	char where[96], what[256];
	va_list args;

	say_where(c, where, sizeof(where));
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	/* errors.sh: the cure is in what */
	return tdm_error_set(c->err, code, "%s: %s %s", c->g->name, where, what);
}

int gguf_take(struct gguf_cursor *c, uint64_t bytes, const uint8_t **data)
{
	char where[96];

	if (bytes <= c->g->size - c->pos) {
		*data = c->g->base + c->pos;
		c->pos += (size_t)bytes;
		return 0;
	}
	say_where(c, where, sizeof(where));
	tdm_error_set(c->err, -ENODATA,
		      "%s: %s needs %llu bytes at byte %zu, but the file ends at byte %zu; "
		      "it is incomplete or damaged, copy or download it again",
		      c->g->name, where, (unsigned long long)bytes, c->pos, c->g->size);
	return -ENODATA;
}

int gguf_take_u32(struct gguf_cursor *c, uint32_t *value)
{
	const uint8_t *p = NULL;
	int rc = gguf_take(c, sizeof(*value), &p);

	if (!rc)
		*value = gguf_load_u32(p);
	return rc;
}

int gguf_take_u64(struct gguf_cursor *c, uint64_t *value)
{
	const uint8_t *p = NULL;
	int rc = gguf_take(c, sizeof(*value), &p);

	if (!rc)
		*value = gguf_load_u64(p);
	return rc;
}

int gguf_take_str(struct gguf_cursor *c, struct tdm_str *value)
{
	const uint8_t *p = NULL;
	uint64_t len;
	int rc = gguf_take_u64(c, &len);

	if (!rc)
		rc = gguf_take(c, len, &p);
	if (!rc)
		*value = (struct tdm_str){ (const char *)p, (size_t)len };
	return rc;
}

int gguf_take_name(struct gguf_cursor *c, size_t max)
{
	struct tdm_str name;
	int rc = gguf_take_str(c, &name);

	if (rc)
		return rc;
	if (!name.len)
		return gguf_fail(c, -EBADMSG, "has an empty name; convert the model again");
	if (name.len > max)
		return gguf_fail(c, -EBADMSG,
				 "has a name of %zu bytes, %zu are allowed; convert the model "
				 "again",
				 name.len, max);
	c->name = name;
	if (memchr(name.ptr, '\0', name.len))
		return gguf_fail(c, -EBADMSG, "has a NUL in its name; convert the model again");
	if (utf8_valid(name.ptr, name.len) != name.len)
		return gguf_fail(c, -EBADMSG,
				 "has a name that is not UTF-8; convert the model again");
	return 0;
}
