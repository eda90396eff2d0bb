// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "seen/view.h"
#include "top/top.h"
#include "view/view.h"

enum {
	SAMPLE_TIME,
	SAMPLE_INTERVAL,
	SAMPLE_COLUMNS,
};

static const struct view_column sample_columns[SAMPLE_COLUMNS] = {
	[SAMPLE_TIME] = { "time_unix_s", NULL, VIEW_FIGURE },
	[SAMPLE_INTERVAL] = { "interval_ns", NULL, VIEW_NS },
};

void top_notes(struct view *view, const struct seen *now)
{
	SEEN_EACH(seen_device, device, now->devices)
	seen_view_health(view, now, device);
	seen_view_links(view, now);
	seen_view_hidden(view, now);
}

int top_print(const struct seen *before, const struct seen *now, enum view_format format,
	      struct tdm_error *err)
{
	struct view *view = view_create("tandem.top.v1");
	struct view_column columns[TOP_DEVICE_COLUMNS];
	struct view_part *devices = top_part_devices(view, columns);
	int rc;

	SEEN_EACH(seen_device, device, now->devices)
	{
		struct top_rates rates = top_rates(before, now, device);

		top_add_device(devices, device, &rates);
	}
	seen_view_processes(view, now, NULL, before);
	top_part_ports(view, before, now);
	top_parts_observed(view, before, now);
	if (format != VIEW_TABLE) {
		struct view_row *row = view_record(view, NULL, sample_columns, SAMPLE_COLUMNS);

		view_figure(row, SAMPLE_TIME, now->unix_s);
		if (before->taken_ns)
			view_count(row, SAMPLE_INTERVAL, now->taken_ns - before->taken_ns);
	}
	top_part_counters(view, before, now, format != VIEW_TABLE);
	top_notes(view, now);
	if (!now->devices.n)
		view_note(view, "devices: the driver has none; 'tandem list' says what is missing");
	rc = view_print(view, format, err);
	view_destroy(view);
	return rc;
}
