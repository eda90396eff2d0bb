// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The NICs of agents: the library's own software, or RDMA devices by what it did on them.
 */
#include "top/top.h"
#include "view/view.h"

enum {
	NIC_PID,
	NIC_AGENT,
	NIC_NIC,
	NIC_SOFTWARE,
	NIC_LINK,
	NIC_BYTES_RATE,
	NIC_RATE,
	NIC_FAILED_RATE,
	NIC_FAILED,
	NIC_MRS,
	NIC_DEPTH,
	NIC_SLEEPS_RATE,
	NIC_WAKES_RATE,
	NIC_MRS_EVER,
	NIC_DONE,
	NIC_BYTES,
	NIC_SLEEPS,
	NIC_WAKES,
	NIC_COLUMNS,
};

static const struct view_column nic_columns[NIC_COLUMNS] = {
	[NIC_PID] = { "pid", "PID", VIEW_COUNT },
	[NIC_AGENT] = { "agent", "AGENT", VIEW_COUNT },
	[NIC_NIC] = { "nic", "NIC", VIEW_TEXT },
	[NIC_SOFTWARE] = { "software", NULL, VIEW_FLAG },
	[NIC_LINK] = { "link", "LINK", VIEW_TEXT },
	[NIC_BYTES_RATE] = { "bytes_per_s", "MOVED", VIEW_SPEED },
	[NIC_RATE] = { "operations_per_s", "OPS/S", VIEW_FIGURE },
	[NIC_FAILED_RATE] = { "operations_failed_per_s", NULL, VIEW_FIGURE },
	[NIC_FAILED] = { "operations_failed", "FAILED", VIEW_COUNT },
	[NIC_MRS] = { "memory_regions", "MRS", VIEW_COUNT },
	[NIC_DEPTH] = { "endpoint_depth", "DEPTH", VIEW_COUNT },
	[NIC_SLEEPS_RATE] = { "sleeps_per_s", "SLEEPS/S", VIEW_FIGURE },
	[NIC_WAKES_RATE] = { "wakes_per_s", "WAKES/S", VIEW_FIGURE },
	[NIC_MRS_EVER] = { "memory_regions_ever", NULL, VIEW_COUNT },
	[NIC_DONE] = { "operations", "OPS", VIEW_COUNT },
	[NIC_BYTES] = { "bytes", "BYTES", VIEW_BYTES },
	[NIC_SLEEPS] = { "sleeps", NULL, VIEW_COUNT },
	[NIC_WAKES] = { "wakes", NULL, VIEW_COUNT },
};

void top_part_nics(struct view *view, const struct seen *before, const struct seen *now)
{
	struct view_part *part = view_list(view, "nics", nic_columns, NIC_COLUMNS);

	view_title(part, "NICs of agents");
	view_optional(part);
	SEEN_EACH(seen_agent, agent, now->agents)
	{
		struct top_agent rates = top_agent_rates(before, now, agent);
		struct view_row *row = view_row(part);

		view_count(row, NIC_PID, agent->pid);
		view_count(row, NIC_AGENT, agent->number);
		view_text(row, NIC_NIC, agent->nic);
		view_flag(row, NIC_SOFTWARE, agent->is_software);
		/* That of a device has its ports' state. */
		if (agent->is_software)
			view_text(row, NIC_LINK, agent->link_down ? "down" : "up");
		view_mark(row, NIC_LINK, agent->link_down ? VIEW_BAD : VIEW_PLAIN);
		seen_show(row, NIC_BYTES_RATE, &rates.bytes, VIEW_SPEED);
		seen_show(row, NIC_RATE, &rates.operations, VIEW_FIGURE);
		seen_show(row, NIC_FAILED_RATE, &rates.failed, VIEW_FIGURE);
		top_trouble(row, NIC_FAILED, agent->failed, VIEW_BAD);
		view_count(row, NIC_MRS, agent->mr_live);
		view_count(row, NIC_DEPTH, agent->depth);
		seen_show(row, NIC_SLEEPS_RATE, &rates.sleeps, VIEW_FIGURE);
		seen_show(row, NIC_WAKES_RATE, &rates.wakes, VIEW_FIGURE);
		view_count(row, NIC_MRS_EVER, agent->mr_total);
		view_count(row, NIC_DONE, agent->done);
		view_count(row, NIC_BYTES, agent->bytes);
		seen_show(row, NIC_SLEEPS, &agent->sleeps, VIEW_COUNT);
		seen_show(row, NIC_WAKES, &agent->wakes, VIEW_COUNT);
	}
}
