// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stdbool.h>

#include "command.h"
#include "seen/seen.h"
#include "seen/view.h"
#include "view/view.h"

struct request {
	const char *device;
	bool json;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 'j':
		request->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (request->device)
			argp_error(state, "'%s': one device at a time; leave it out", arg);
		request->device = arg;
		return 0;
	case ARGP_KEY_END:
		if (!request->device)
			argp_error(state, "no device; name one that 'tandem list' has");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int print(const struct seen *seen, const struct seen_device *device, bool json,
		 struct tdm_error *err)
{
	struct view *view = view_create("tandem.info.v1");
	struct view_column columns[SEEN_FIELDS];
	enum seen_field fields[SEEN_FIELDS];

	for (unsigned int i = 0; i < SEEN_FIELDS; i++)
		fields[i] = (enum seen_field)i;
	seen_columns(fields, SEEN_FIELDS, columns);
	seen_show_fields(view_record(view, "device", columns, SEEN_FIELDS), 0, fields, SEEN_FIELDS,
			 device);
	seen_view_processes(view, seen, device, NULL);
	seen_view_paths(view, seen, device);
	seen_view_health(view, seen, device);
	seen_view_hidden(view, seen);
	return view_finish(view, json, 0, err);
}

const struct argp info_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "DEVICE",
	.doc = "Print all that is known of a device: accel0, /dev/accel/accel0, or a soft model.",
};

int command_info(int argc, char **argv)
{
	struct request request = { 0 };
	const struct seen_device *device;
	struct tdm_error err;
	struct seen seen;
	int rc;

	if (command_parse(&info_argp, argc, argv, &request, &err))
		return command_failed(&err);
	if (seen_take(&seen,
		      SEEN_KERNEL | SEEN_OBSERVED | SEEN_MODELS | SEEN_PROCESSES | SEEN_RDMA_PORTS,
		      &err)) {
		seen_free(&seen);
		return command_failed(&err);
	}
	device = seen_find(&seen, request.device);
	if (!device) {
		seen_unknown(&seen, request.device, &err);
		rc = command_could_not(&err);
	} else {
		rc = print(&seen, device, request.json, &err) ? command_failed(&err) : EXIT_DONE;
	}
	seen_free(&seen);
	return rc;
}
