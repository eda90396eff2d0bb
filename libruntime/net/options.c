// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* "7" and "0x7", no sign, no blank, no rest. */
static int number(const char *text, size_t len, uint64_t *value)
{
	char digits[24];
	char *end;

	if (!len || len >= sizeof(digits) || !isdigit((unsigned char)text[0]))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	errno = 0;
	*value = strtoull(digits, &end, 0);
	return errno || *end ? -EINVAL : 0;
}

static int one_option(const char *prefix, const char *text, size_t len,
		      const struct net_option *options, size_t n, struct tdm_error *err)
{
	const char *equal = memchr(text, '=', len);
	size_t key = equal ? (size_t)(equal - text) : len;
	const struct net_option *o = NULL;
	uint64_t value;

	for (size_t i = 0; i < n; i++) {
		if (strlen(options[i].key) == key && !memcmp(options[i].key, text, key))
			o = &options[i];
	}
	if (!o)
		return tdm_error_set(err, -EINVAL,
				     "network device '%s': unknown option '%.*s'; "
				     "leave it out",
				     prefix, (int)key, text);
	if (!equal || number(equal + 1, len - key - 1, &value) || value < o->min || value > o->max)
		return tdm_error_set(err, -EINVAL,
				     "network device '%s': bad value in '%.*s'; "
				     "give a number from %llu to %llu",
				     prefix, (int)len, text, (unsigned long long)o->min,
				     (unsigned long long)o->max);
	*o->value = value;
	return 0;
}

int net_options_parse(const char *prefix, const char *args, char *word, size_t room,
		      const struct net_option *options, size_t n, struct tdm_error *err)
{
	size_t len;
	int rc;

	word[0] = '\0';
	if (*args == ':') {
		args++;
		len = strcspn(args, ",");
		if (!len || len >= room)
			return tdm_error_set(err, -EINVAL,
					     "network device '%s:%.*s': no such name; "
					     "give a shorter one or none",
					     prefix, (int)len, args);
		memcpy(word, args, len);
		word[len] = '\0';
		args += len;
	}
	while (*args == ',') {
		args++;
		len = strcspn(args, ",");
		rc = one_option(prefix, args, len, options, n, err);
		if (rc)
			return rc;
		args += len;
	}
	return 0;
}
