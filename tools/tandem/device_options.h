/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Options of commands that work on one device that is named.
 */
#ifndef TANDEM_DEVICE_OPTIONS_H
#define TANDEM_DEVICE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

/* Of theirs; commands' own keys are smaller. */
#define DEVICE_KEY_NET 1000

/* In a table of options. @doc: what the network is for */
#define DEVICE_OPTION_NET(doc)                                                                     \
	{                                                                                          \
		"net", DEVICE_KEY_NET, "NET", 0,                                                   \
			doc " (default: the first RDMA device, else the software NIC)", 1          \
	}
#define DEVICE_OPTION_JSON                                                                         \
	{                                                                                          \
		"json", 'j', NULL, 0, "Print one JSON object", 2                                   \
	}

struct device_options {
	const char *device; /* NULL: none was named, which 'optional' allows */
	const char *net;    /* NULL: the default */
	bool json;
	bool optional;
};

/* What a parser of argp does with a key that is not its own. */
error_t device_option(struct device_options *o, int key, char *arg, struct argp_state *state);

#endif /* TANDEM_DEVICE_OPTIONS_H */
