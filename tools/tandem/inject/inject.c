// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem inject: order a fault, to see what it looks like and who notices.
 */
#include "inject/inject.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/inject.h>
#include <tandem/net.h>

#include "command.h"
#include "view/view.h"

struct inject_options {
	bool json;
	bool list;
	const char *device;
	struct inject_order order;
};

enum { OPT_COUNT = 256, OPT_FOR, OPT_VALUE, OPT_SEED };

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "Print one JSON object", 0 },
	{ "list", 'l', NULL, 0, "List the faults and what each takes", 0 },
	{ "count", OPT_COUNT, "N", 0, "So often; without: no limit", 0 },
	{ "for", OPT_FOR, "MS", 0, "So long, in milliseconds; without: until 'none' or a reset",
	  0 },
	{ "value", OPT_VALUE, "N", 0, "Of slow: microseconds", 0 },
	{ "seed", OPT_SEED, "N", 0, "Of bitflip: which bits", 0 },
	{ 0 },
};

static uint64_t number(const char *arg, uint64_t max, struct argp_state *state)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(arg, &end, 0);
	if (*arg < '0' || *arg > '9' || *end || errno || value > max)
		argp_error(state, "'%s': no number up to %" PRIu64 "; give one", arg, max);
	return value;
}

static const struct inject_fault *find(const char *name)
{
	for (unsigned int i = 0; i < inject_n_faults; i++)
		if (!strcmp(inject_faults[i].name, name))
			return &inject_faults[i];
	return NULL;
}

static void argument(struct inject_options *o, const char *arg, struct argp_state *state)
{
	if (!o->device) {
		o->device = arg;
		return;
	}
	if (o->order.fault)
		argp_error(state, "'%s': a second fault; order one at a time", arg);
	o->order.fault = find(arg);
	if (!o->order.fault)
		argp_error(state, "'%s': no such fault; tandem inject --list has them", arg);
}

/* What was asked for is what the fault takes. */
static void check(const struct inject_options *o, struct argp_state *state)
{
	static const char *const names[] = { "--count", "--for", "--value", "--seed" };
	const struct inject_order *order = &o->order;

	if (o->list)
		return;
	if (!order->fault) {
		argp_error(state, "no %s; say DEVICE FAULT, or --list",
			   o->device ? "fault" : "device");
		return;
	}
	for (unsigned int i = 0; i < 4; i++)
		if (order->members & ~order->fault->members & 1u << i)
			argp_error(state, "%s: not of the fault '%s'; leave it out", names[i],
				   order->fault->name);
	if ((order->fault->members & INJECT_VALUE) && !order->value)
		argp_error(state, "%s: --value is missing; give microseconds", order->fault->name);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct inject_options *o = state->input;
	struct inject_order *order = &o->order;

	switch (key) {
	case 'j':
		o->json = true;
		return 0;
	case 'l':
		o->list = true;
		return 0;
	case OPT_COUNT:
		order->members |= INJECT_COUNT;
		order->count = (uint32_t)number(arg, UINT32_MAX, state);
		return 0;
	case OPT_FOR:
		order->members |= INJECT_FOR;
		order->duration_ms = (uint32_t)number(arg, UINT32_MAX, state);
		return 0;
	case OPT_VALUE:
		order->members |= INJECT_VALUE;
		order->value = (uint32_t)number(arg, TDM_INJECT_SLOW_MAX, state);
		return 0;
	case OPT_SEED:
		order->members |= INJECT_SEED;
		order->seed = number(arg, UINT64_MAX, state);
		return 0;
	case ARGP_KEY_ARG:
		argument(o, arg, state);
		return 0;
	case ARGP_KEY_END:
		check(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp inject_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "DEVICE FAULT\n--list",
	.doc = "Order a fault of a device or of a software NIC, to see what it looks like and who "
	       "notices.\v"
	       "DEVICE is accel0 or its path (for root; the fault hits everybody who uses it), "
	       "soft:MODEL@PID, or soft:rc@PID for the NIC of a process. 'tandem inject DEVICE "
	       "none' ends it. A device of hardware takes orders only while the module's "
	       "parameter allow_inject is on.",
};

enum { COL_NAME, COL_TARGET, COL_COUNT, COL_FOR, COL_VALUE, COL_SEED, COL_WHAT, COLUMNS };

static const struct view_column fault_columns[COLUMNS] = {
	[COL_NAME] = { "name", "FAULT", VIEW_TEXT },
	[COL_TARGET] = { "of", "OF", VIEW_TEXT },
	[COL_COUNT] = { "takes_count", "COUNT", VIEW_FLAG },
	[COL_FOR] = { "takes_for", "FOR", VIEW_FLAG },
	[COL_VALUE] = { "takes_value", "VALUE", VIEW_FLAG },
	[COL_SEED] = { "takes_seed", "SEED", VIEW_FLAG },
	[COL_WHAT] = { "what", "WHAT", VIEW_TEXT },
};

static void show_list(struct view *view)
{
	struct view_part *part = view_list(view, "faults", fault_columns, COLUMNS);

	for (unsigned int i = 0; i < inject_n_faults; i++) {
		const struct inject_fault *fault = &inject_faults[i];
		struct view_row *row = view_row(part);

		view_text(row, COL_NAME, fault->name);
		view_text(row, COL_TARGET, fault->net ? "NIC" : "device");
		view_flag(row, COL_COUNT, fault->members & INJECT_COUNT);
		view_flag(row, COL_FOR, fault->members & INJECT_FOR);
		view_flag(row, COL_VALUE, fault->members & INJECT_VALUE);
		view_flag(row, COL_SEED, fault->members & INJECT_SEED);
		view_text(row, COL_WHAT, fault->what);
	}
}

enum { ORDER_DEVICE, ORDER_FAULT, ORDER_COUNT, ORDER_FOR, ORDER_VALUE, ORDER_SEED, ORDER };

static const struct view_column order_columns[ORDER] = {
	[ORDER_DEVICE] = { "device", "device", VIEW_TEXT },
	[ORDER_FAULT] = { "fault", "fault", VIEW_TEXT },
	[ORDER_COUNT] = { "count", "count", VIEW_COUNT },
	[ORDER_FOR] = { "duration_ns", "for", VIEW_NS },
	[ORDER_VALUE] = { "value", "value", VIEW_COUNT },
	[ORDER_SEED] = { "seed", "seed", VIEW_COUNT },
};

static void show_order(struct view *view, const struct inject_options *o)
{
	struct view_row *row = view_record(view, "order", order_columns, ORDER);
	const struct inject_order *order = &o->order;

	view_text(row, ORDER_DEVICE, o->device);
	view_text(row, ORDER_FAULT, order->fault->name);
	if (order->members & INJECT_COUNT)
		view_count(row, ORDER_COUNT, order->count);
	if (order->members & INJECT_FOR)
		view_count(row, ORDER_FOR, order->duration_ms * 1000000ull);
	if (order->members & INJECT_VALUE)
		view_count(row, ORDER_VALUE, order->value);
	if (order->members & INJECT_SEED)
		view_count(row, ORDER_SEED, order->seed);
}

static int show(const struct inject_options *o, struct tdm_error *err)
{
	struct view *view = view_create("tandem.inject.v1");
	int rc;

	if (o->list)
		show_list(view);
	else
		show_order(view, o);
	rc = view_print(view, o->json ? VIEW_JSON : VIEW_TABLE, err);
	view_destroy(view);
	return rc;
}

int command_inject(int argc, char **argv)
{
	struct inject_options o = { 0 };
	struct tdm_error err;
	int rc = 0;

	if (command_parse(&inject_argp, argc, argv, &o, &err))
		return command_could_not(&err);
	if (!o.list)
		rc = strchr(o.device, '@') ? inject_process(o.device, &o.order, &err)
					   : inject_device(o.device, &o.order, &err);
	if (!rc)
		rc = show(&o, &err);
	return rc ? command_could_not(&err) : EXIT_DONE;
}
