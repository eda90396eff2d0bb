// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stdbool.h>
#include <string.h>

#include "seen/view.h"

void seen_view_health(struct view *view, const struct seen_device *device)
{
	const char *name = device->cells[SEEN_NAME].text;
	const char *state = seen_word(device, SEEN_STATE);
	const char *order = seen_word(device, SEEN_INJECT_ACTIVE);
	/* A node asks for the administrator: of a dump he sees more. */
	const char *as = device->cells[SEEN_NODE].is ? "sudo " : "";

	if (state && strcmp(state, "ready") != 0)
		view_note(view, "%s: it is %s; %standem dump %s | tandem decode - says why", name,
			  state, as, name);
	else if (seen_is_silent(device))
		view_note(view,
			  "%s: its firmware is silent for %u s; %standem dump %s | tandem decode "
			  "- says why",
			  name,
			  (unsigned int)(device->cells[SEEN_HEARTBEAT_AGE].count / 1000000000), as,
			  name);
	if (order && strcmp(order, "none") != 0)
		view_note(view, "%s: a fault is ordered (%s); %standem inject %s none ends it",
			  name, order, as, name);
}

/* A NIC is shown with each agent on it; the first of them speaks for it. */
static bool was_told(const struct seen *seen, const struct seen_agent *agent)
{
	for (const struct seen_agent *at = seen->agents.list; at < agent; at++)
		if (at->pid == agent->pid && !strcmp(at->nic, agent->nic))
			return true;
	return false;
}

void seen_view_links(struct view *view, const struct seen *seen)
{
	SEEN_EACH(seen_agent, agent, seen->agents)
	{
		int len = (int)strcspn(agent->nic, ",");

		if (!agent->link_down || was_told(seen, agent))
			continue;
		view_note(view,
			  "%.*s@%u: its link is ordered to be down (link-down); tandem inject "
			  "%.*s@%u none ends it",
			  len, agent->nic, agent->pid, len, agent->nic, agent->pid);
	}
}
