// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "device_options.h"

error_t device_option(struct device_options *o, int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case DEVICE_KEY_NET:
		o->net = arg;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->device)
			argp_error(state, "'%s': a second device; name one at a time", arg);
		o->device = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->device && !o->optional)
			argp_error(state, "no device; name one, such as accel0 or soft:cs3");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
