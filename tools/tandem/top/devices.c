// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "top/top.h"
#include "view/view.h"

static const enum seen_field fields[] = {
	SEEN_NAME,	     SEEN_CLASS,	 SEEN_STATE,	   SEEN_MEMORY_USED,
	SEEN_MEMORY,	     SEEN_TEMPERATURE,	 SEEN_POWER,	   SEEN_CLIENTS,
	SEEN_ERRORS,	     SEEN_FAULTS,	 SEEN_RESETS,	   SEEN_INJECT_ACTIVE,
	SEEN_HEARTBEAT_AGE,  SEEN_TELEMETRY_AGE, SEEN_MODEL,	   SEEN_HOST_USED,
	SEEN_TOKENS_PREFILL, SEEN_TOKENS_DECODE, SEEN_BYTES_MOVED, SEEN_COMMANDS,
	SEEN_BUSY,	     SEEN_RESET_REASON,	 SEEN_INJECTED,
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))
#define N_HEADED 12

static const struct view_column rate_columns[TOP_RATES] = {
	[TOP_BUSY] = { "busy_ratio", "BUSY", VIEW_RATIO },
	[TOP_PREFILL] = { "prefill_tokens_per_s", "PREFILL/S", VIEW_FIGURE },
	[TOP_DECODE] = { "decode_tokens_per_s", "DECODE/S", VIEW_FIGURE },
	[TOP_MOVED] = { "moved_bytes_per_s", "MOVED", VIEW_SPEED },
	[TOP_ERRORS] = { "new_errors", NULL, VIEW_FIGURE },
};

/* Rates stand behind name, class and state. */
#define FIRST_RATE 3
#define N_COLUMNS (N_FIELDS + TOP_RATES)

struct view_part *top_part_devices(struct view *view,
				   struct view_column columns[TOP_DEVICE_COLUMNS])
{
	_Static_assert(N_COLUMNS == TOP_DEVICE_COLUMNS, "columns of a device");
	seen_columns(fields, FIRST_RATE, columns);
	seen_columns(fields + FIRST_RATE, N_FIELDS - FIRST_RATE, columns + FIRST_RATE + TOP_RATES);
	for (unsigned int i = 0; i < TOP_RATES; i++)
		columns[FIRST_RATE + i] = rate_columns[i];
	for (unsigned int i = N_HEADED + TOP_RATES; i < N_COLUMNS; i++)
		columns[i].heading = NULL;
	return view_list(view, "devices", columns, N_COLUMNS);
}

void top_add_device(struct view_part *part, const struct seen_device *device,
		    const struct top_rates *rates)
{
	struct view_row *row = view_row(part);

	seen_show_fields(row, 0, fields, FIRST_RATE, device);
	seen_show_fields(row, FIRST_RATE + TOP_RATES, fields + FIRST_RATE, N_FIELDS - FIRST_RATE,
			 device);
	for (unsigned int i = 0; i < TOP_RATES; i++)
		seen_show(row, FIRST_RATE + i, &rates->cells[i], rate_columns[i].kind);
}
