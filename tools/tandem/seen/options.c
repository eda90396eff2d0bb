// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "seen/options.h"

#include <stdbool.h>

const struct argp_option seen_options[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ 0 },
};

error_t seen_parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	switch (key) {
	case 'j':
		*json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': not an option; 'tandem info' shows one device", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
