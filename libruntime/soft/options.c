// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/firmware.h"
#include "device/attach.h"

#define MODEL_MAX 32
#define THREADS_MAX 256
#define BOUND_MIN_MS 100
#define BOUND_MAX_MS 120000

/* A positive decimal number with K, M, G or T behind it (powers of 1024); 0 on error. */
static uint64_t parse_bytes(const char *text, size_t len)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	uint64_t value;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return 0;
	if (end < text + len && (unit = strchr(units, *end))) {
		unsigned int shift = 10 * (unsigned int)(unit - units + 1);

		if (value > UINT64_MAX >> shift)
			return 0;
		value <<= shift;
		end++;
	}
	return end == text + len ? value : 0;
}

/* A number with ms or s behind it; 0 on error. */
static uint32_t parse_ms(const char *text, size_t len)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return 0;
	value = strtoul(text, &end, 10);
	if (value > BOUND_MAX_MS)
		return 0;
	if (end + 2 == text + len && !strncmp(end, "ms", 2))
		return (uint32_t)value;
	return end + 1 == text + len && *end == 's' ? (uint32_t)value * 1000 : 0;
}

static bool has_key(const char *text, size_t len, const char *key)
{
	return len >= strlen(key) && !strncmp(text, key, strlen(key));
}

static int parse_option(struct soft_options *options, const char *text, size_t len)
{
	if (has_key(text, len, "memory=")) {
		options->memory_bytes = parse_bytes(text + 7, len - 7);
		return options->memory_bytes ? 0 : -EINVAL;
	}
	if (has_key(text, len, "threads=")) {
		uint64_t threads = parse_bytes(text + 8, len - 8);

		if (threads > THREADS_MAX)
			return -EINVAL;
		options->threads = (unsigned int)threads;
		return threads ? 0 : -EINVAL;
	}
	if (has_key(text, len, "bound=")) {
		options->bound_ms = parse_ms(text + 6, len - 6);
		return options->bound_ms < BOUND_MIN_MS || options->bound_ms > BOUND_MAX_MS
			       ? -EINVAL
			       : 0;
	}
	if (has_key(text, len, "isa=") && len > 4 && len - 4 < sizeof(options->isa)) {
		memcpy(options->isa, text + 4, len - 4);
		options->isa[len - 4] = '\0';
		return 0;
	}
	return -EINVAL;
}

int soft_options_parse(struct soft_options *options, const char *name, struct tdm_error *err)
{
	const char *text = strchr(name, ':') + 1;
	size_t len = strcspn(text, ",");
	char model[MODEL_MAX];

	*options = (struct soft_options){ 0 };
	if (len < sizeof(model)) {
		memcpy(model, text, len);
		model[len] = '\0';
		options->profile = fw_profile_find(model);
	}
	if (!options->profile)
		return device_unknown(name, err);
	for (text += len; *text == ','; text += len) {
		text++;
		len = strcspn(text, ",");
		if (parse_option(options, text, len))
			return tdm_error_set(err, -EINVAL,
					     "device '%s': bad option '%.*s'; use memory=BYTES "
					     "(K, M, G and T may follow), threads=1 to %u, "
					     "isa=scalar, avx2, avx512 or bound=100ms to 120s",
					     name, (int)len, text, THREADS_MAX);
	}
	return 0;
}
