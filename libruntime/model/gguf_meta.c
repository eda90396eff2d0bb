// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/gguf.h"

/* A name (length and one byte), a type and a value of one byte: the least that a key takes */
#define KEY_MIN_BYTES (8 + 1 + 4 + 1)

static int wrong_magic(const struct gguf_cursor *c, const uint8_t *magic)
{
	const char *name = c->g->name;
	const char *cure = "give a model in GGUF format, or convert it to GGUF";

	if (memcmp(magic, "FUGG", 4) == 0)
		return tdm_error_set(c->err, -EPROTO,
				     "%s: is a big-endian GGUF file; convert it to little-endian",
				     name);
	if (memcmp(magic, "vers", 4) == 0)
		cure = "it looks like a Git LFS pointer: fetch the file itself with git lfs pull";
	else if (memcmp(magic, "lmgg", 4) == 0 || memcmp(magic, "tjgg", 4) == 0 ||
		 memcmp(magic, "fmgg", 4) == 0 || memcmp(magic, "algg", 4) == 0)
		cure = "it looks like a GGML file from before GGUF: convert it to GGUF";
	else if (memcmp(magic, "PK\3\4", 4) == 0)
		cure = "it looks like a PyTorch checkpoint or a zip archive: convert it to GGUF";
	return tdm_error_set(c->err, -EPROTO,
			     "%s: is not a GGUF file (it starts with %02x %02x %02x %02x); "
			     "%s",
			     name, magic[0], magic[1], magic[2], magic[3], cure);
}

static int read_header(struct tdm_gguf *g, struct gguf_cursor *c)
{
	const uint8_t *magic;
	uint64_t n_keys;
	int rc = gguf_take(c, 4, &magic);

	if (rc)
		return rc;
	if (memcmp(magic, "GGUF", 4) != 0)
		return wrong_magic(c, magic);
	rc = gguf_take_u32(c, &g->version);
	if (rc)
		return rc;
	/* Writers of big-endian files leave the magic as it is and swap the rest */
	if (g->version && !(g->version & 0xffff))
		return tdm_error_set(c->err, -EPROTO,
				     "%s: is a big-endian GGUF file; convert it to little-endian",
				     g->name);
	if (g->version != 2 && g->version != 3)
		return tdm_error_set(c->err, -EPROTO,
				     "%s: is GGUF version %u, versions 2 and 3 are read; convert "
				     "the model again",
				     g->name, g->version);
	rc = gguf_take_u64(c, &g->n_tensors_told);
	if (!rc)
		rc = gguf_take_u64(c, &n_keys);
	if (rc)
		return rc;
	if (n_keys > (g->size - c->pos) / KEY_MIN_BYTES)
		return gguf_fail(c, -EBADMSG,
				 "claims %llu keys, more than fit into the %zu bytes of the file; "
				 "it is incomplete or damaged, copy or download it again",
				 (unsigned long long)n_keys, g->size);
	g->n_keys = (size_t)n_keys;
	return 0;
}

static int check_bools(const struct gguf_cursor *c, const uint8_t *values, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (values[i] > 1)
			return gguf_fail(c, -EBADMSG,
					 "has a bool with the value %u; convert the model again",
					 values[i]);
	return 0;
}

static int skip_strings(struct gguf_cursor *c, uint64_t count)
{
	struct tdm_str s;

	/* Ends early in any case: each string takes at least its length's 8 bytes */
	for (uint64_t i = 0; i < count; i++) {
		int rc = gguf_take_str(c, &s);

		if (rc)
			return rc;
	}
	return 0;
}

static int skip_array(struct gguf_cursor *c)
{
	const uint8_t *values;
	uint64_t count;
	uint32_t type;
	size_t each;
	int rc = gguf_take_u32(c, &type);

	if (!rc)
		rc = gguf_take_u64(c, &count);
	if (rc)
		return rc;
	if (type == TDM_GGUF_STRING)
		return skip_strings(c, count);
	if (type == TDM_GGUF_ARRAY)
		return gguf_fail(c, -EBADMSG,
				 "is an array of arrays, which no model needs; convert it again");
	each = gguf_type_bytes(type);
	if (!each)
		return gguf_fail(c, -EBADMSG,
				 "is an array of unknown type %u; it is damaged, or newer than "
				 "this program: copy it again or convert it again",
				 type);
	/* Divide, never multiply: the product of two numbers of the file can wrap */
	if (count > (c->g->size - c->pos) / each)
		return gguf_fail(c, -ENODATA,
				 "claims %llu values of type %s, but the file ends at byte %zu; it "
				 "is incomplete or damaged, copy or download it again",
				 (unsigned long long)count, tdm_gguf_type_name(type), c->g->size);
	rc = gguf_take(c, count * each, &values);
	if (!rc && type == TDM_GGUF_BOOL)
		rc = check_bools(c, values, count);
	return rc;
}

static int skip_value(struct gguf_cursor *c, uint32_t type)
{
	const uint8_t *value;
	struct tdm_str s;
	size_t bytes;
	int rc;

	if (type == TDM_GGUF_STRING)
		return gguf_take_str(c, &s);
	if (type == TDM_GGUF_ARRAY)
		return skip_array(c);
	bytes = gguf_type_bytes(type);
	if (!bytes)
		return gguf_fail(c, -EBADMSG,
				 "has unknown type %u; it is damaged, or newer than this program: "
				 "copy it again or convert it again",
				 type);
	rc = gguf_take(c, bytes, &value);
	if (!rc && type == TDM_GGUF_BOOL)
		rc = check_bools(c, value, 1);
	return rc;
}

int gguf_read_meta(struct tdm_gguf *g, struct gguf_cursor *c)
{
	const struct tdm_str *twice;
	int rc;

	c->noun = "header";
	rc = read_header(g, c);
	if (rc)
		return rc;
	g->keys = calloc(g->n_keys + 1, sizeof(*g->keys));
	if (!g->keys)
		return tdm_error_set(c->err, -ENOMEM, "%s: no memory for %zu keys; free some",
				     g->name, g->n_keys);
	c->noun = "key";
	for (size_t i = 0; i < g->n_keys; i++) {
		struct tdm_gguf_key *key = &g->keys[i];

		c->index = i;
		c->name.len = 0;
		rc = gguf_take_name(c, GGUF_MAX_KEY);
		if (!rc)
			rc = gguf_take_u32(c, &key->type);
		if (rc)
			return rc;
		key->name = c->name;
		key->value = g->base + c->pos;
		rc = skip_value(c, key->type);
		if (rc)
			return rc;
	}
	g->keys_by_name = gguf_index(g->keys, g->n_keys, sizeof(*g->keys));
	if (!g->keys_by_name)
		return tdm_error_set(c->err, -ENOMEM, "%s: no memory for %zu keys; free some",
				     g->name, g->n_keys);
	twice = gguf_index_twice(g->keys_by_name, g->n_keys);
	if (twice) {
		c->name = *twice;
		return gguf_fail(c, -EBADMSG, "occurs twice; convert the model again");
	}
	return 0;
}
