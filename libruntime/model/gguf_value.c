// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <string.h>

#include "model/gguf.h"
#include "util/quote.h"

static bool is_signed(uint32_t type)
{
	return type == TDM_GGUF_I8 || type == TDM_GGUF_I16 || type == TDM_GGUF_I32 ||
	       type == TDM_GGUF_I64;
}

static bool is_unsigned(uint32_t type)
{
	return type == TDM_GGUF_U8 || type == TDM_GGUF_U16 || type == TDM_GGUF_U32 ||
	       type == TDM_GGUF_U64;
}

/* An integer of any width, sign-extended to 64 bits */
static uint64_t load_int(const void *p, uint32_t type)
{
	size_t bytes = gguf_type_bytes(type);
	const uint8_t *b = p;
	uint64_t v = 0;

	for (size_t i = bytes; i-- > 0;)
		v = v << 8 | b[i];
	if (is_signed(type) && bytes && bytes < 8 && (v >> (bytes * 8 - 1)))
		v |= ~UINT64_C(0) << (bytes * 8);
	return v;
}

static float load_float(const void *p, uint32_t type)
{
	uint32_t word;
	uint64_t dword;
	float f;
	double d;

	if (type == TDM_GGUF_F32) {
		word = gguf_load_u32(p);
		memcpy(&f, &word, sizeof(f));
		return f;
	}
	dword = gguf_load_u64(p);
	memcpy(&d, &dword, sizeof(d));
	return (float)d;
}

/* The key, or NULL with a message and the code in @rc */
static const struct tdm_gguf_key *need(const struct tdm_gguf *g, const char *name, int *rc,
				       struct tdm_error *err)
{
	const struct tdm_gguf_key *key = tdm_gguf_find_key(g, name);

	*rc = 0;
	if (!key)
		*rc = tdm_error_set(err, -ENOENT,
				    "%s: key %s is missing; convert the model with a current "
				    "converter",
				    g->name, quote(name, strlen(name)).s);
	return key;
}

static int wrong_type(const struct tdm_gguf *g, const struct tdm_gguf_key *key, const char *wanted,
		      struct tdm_error *err)
{
	return tdm_error_set(err, -EINVAL,
			     "%s: key %s has type %s, but must be %s; convert the model with a "
			     "current converter",
			     g->name, quote(key->name.ptr, key->name.len).s,
			     tdm_gguf_type_name(key->type), wanted);
}

static int get_uint(const struct tdm_gguf *g, const char *name, uint64_t max, uint64_t *value,
		    struct tdm_error *err)
{
	int rc;
	const struct tdm_gguf_key *key = need(g, name, &rc, err);
	uint64_t v;

	if (!key)
		return rc;
	if (!is_signed(key->type) && !is_unsigned(key->type))
		return wrong_type(g, key, "an integer", err);
	v = load_int(key->value, key->type);
	if (is_signed(key->type) && (int64_t)v < 0)
		return tdm_error_set(err, -ERANGE,
				     "%s: key %s is %lld, but must not be negative; convert the "
				     "model again",
				     g->name, quote(name, strlen(name)).s, (long long)v);
	if (v > max)
		return tdm_error_set(err, -ERANGE,
				     "%s: key %s is %llu, but must not exceed %llu; convert the "
				     "model again",
				     g->name, quote(name, strlen(name)).s, (unsigned long long)v,
				     (unsigned long long)max);
	*value = v;
	return 0;
}

int tdm_gguf_get_u32(const struct tdm_gguf *g, const char *name, uint32_t *value,
		     struct tdm_error *err)
{
	uint64_t v = 0;
	int rc = get_uint(g, name, UINT32_MAX, &v, err);

	if (!rc)
		*value = (uint32_t)v;
	return rc;
}

int tdm_gguf_get_u64(const struct tdm_gguf *g, const char *name, uint64_t *value,
		     struct tdm_error *err)
{
	return get_uint(g, name, UINT64_MAX, value, err);
}

int tdm_gguf_get_f32(const struct tdm_gguf *g, const char *name, float *value,
		     struct tdm_error *err)
{
	int rc;
	const struct tdm_gguf_key *key = need(g, name, &rc, err);

	if (!key)
		return rc;
	if (key->type != TDM_GGUF_F32 && key->type != TDM_GGUF_F64)
		return wrong_type(g, key, "f32", err);
	*value = load_float(key->value, key->type);
	return 0;
}

int tdm_gguf_get_bool(const struct tdm_gguf *g, const char *name, bool *value,
		      struct tdm_error *err)
{
	int rc;
	const struct tdm_gguf_key *key = need(g, name, &rc, err);

	if (!key)
		return rc;
	if (key->type != TDM_GGUF_BOOL)
		return wrong_type(g, key, "bool", err);
	*value = *(const uint8_t *)key->value != 0;
	return 0;
}

static struct tdm_str load_str(const void *p)
{
	return (struct tdm_str){ (const char *)p + 8, (size_t)gguf_load_u64(p) };
}

int tdm_gguf_get_str(const struct tdm_gguf *g, const char *name, struct tdm_str *value,
		     struct tdm_error *err)
{
	int rc;
	const struct tdm_gguf_key *key = need(g, name, &rc, err);

	if (!key)
		return rc;
	if (key->type != TDM_GGUF_STRING)
		return wrong_type(g, key, "string", err);
	*value = load_str(key->value);
	return 0;
}

int tdm_gguf_get_array(const struct tdm_gguf *g, const char *name, int type,
		       struct tdm_gguf_array *value, struct tdm_error *err)
{
	int rc;
	const struct tdm_gguf_key *key = need(g, name, &rc, err);
	const uint8_t *p;
	uint32_t each;

	if (!key)
		return rc;
	if (key->type != TDM_GGUF_ARRAY)
		return wrong_type(g, key, "array", err);
	p = key->value;
	each = gguf_load_u32(p);
	if (type >= 0 && each != (uint32_t)type)
		return tdm_error_set(err, -EINVAL,
				     "%s: key %s is an array of %s, but must be one of %s; convert "
				     "the model with a current converter",
				     g->name, quote(name, strlen(name)).s, tdm_gguf_type_name(each),
				     tdm_gguf_type_name((uint32_t)type));
	*value = (struct tdm_gguf_array){ each, gguf_load_u64(p + 4), p + 12 };
	return 0;
}

int64_t tdm_gguf_array_i64(const struct tdm_gguf_array *array, uint64_t i)
{
	const uint8_t *p = array->data;
	uint64_t v = load_int(p + i * gguf_type_bytes(array->type), array->type);

	if (array->type == TDM_GGUF_U64 && v > INT64_MAX)
		return INT64_MAX;
	return (int64_t)v;
}

float tdm_gguf_array_f32(const struct tdm_gguf_array *array, uint64_t i)
{
	const uint8_t *p = array->data;

	return load_float(p + i * gguf_type_bytes(array->type), array->type);
}

struct tdm_str tdm_gguf_array_next_str(const struct tdm_gguf_array *array, const void **pos)
{
	struct tdm_str s = load_str(*pos ? *pos : array->data);

	*pos = s.ptr + s.len;
	return s;
}
