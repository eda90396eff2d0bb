// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Faults that were ordered of the device: which, and what they do.
 */
#include <stdio.h>
#include <string.h>

#include <tandem/inject.h>

#include "decode/decode.h"
#include "inject/inject.h"

static void add(char *out, size_t size, const char *before, const char *text)
{
	size_t used = strlen(out);

	snprintf(out + used, size - used, "%s%s", used ? before : "", text);
}

const char *decode_orders(const struct decode *d, char *out, size_t size)
{
	*out = '\0';
	/* The device's own words are the later ones. */
	if (*d->now_injected && strcmp(d->now_injected, "none") != 0)
		add(out, size, "", d->now_injected);
	for (unsigned int kind = 1; !*d->now_injected && kind < TDM_INJECT_KINDS; kind++)
		if (d->inject_active >> kind & 1)
			add(out, size, " ", tdm_inject_name(kind));
	return out;
}

bool decode_is_ordered(const struct decode *d)
{
	char names[DECODE_TEXT];

	return *decode_orders(d, names, sizeof(names));
}

static const char *what_of(const char *name)
{
	for (unsigned int i = 0; i < inject_n_faults; i++)
		if (!inject_faults[i].net && !strcmp(inject_faults[i].name, name))
			return inject_faults[i].what;
	return "this tool does not know it";
}

const char *decode_orders_text(const struct decode *d, char *out, size_t size)
{
	char names[DECODE_TEXT], *save = NULL;

	decode_orders(d, names, sizeof(names));
	*out = '\0';
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		char one[2 * DECODE_TEXT];

		snprintf(one, sizeof(one), "%s (%s)", name, what_of(name));
		add(out, size, ", ", one);
	}
	return out;
}
