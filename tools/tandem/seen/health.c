// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <stdbool.h>
#include <string.h>

#include "seen/view.h"

/* To wait is what a WAIT does. */
static bool stands(const struct seen_queue *queue, const char *device)
{
	return !strcmp(queue->device, device) &&
	       queue->still_ns >= (uint64_t)SEEN_SILENT_MS * 1000000 && queue->oldest &&
	       strcmp(queue->oldest, "WAIT") != 0;
}

static void note_queues(struct view *view, const struct seen *seen, const char *name,
			const char *as)
{
	SEEN_EACH(seen_queue, queue, seen->queues)
	{
		if (!stands(queue, name))
			continue;
		view_note(view,
			  "%s: its queue %u stands still for %u s (%s); %standem dump %s | tandem "
			  "decode - says why",
			  name, queue->queue, (unsigned int)(queue->still_ns / 1000000000),
			  queue->oldest, as, name);
		return;
	}
}

void seen_view_health(struct view *view, const struct seen *seen, const struct seen_device *device)
{
	const char *name = device->cells[SEEN_NAME].text;
	const char *state = seen_word(device, SEEN_STATE);
	const char *order = seen_word(device, SEEN_INJECT_ACTIVE);
	/* A node asks for the administrator: of a dump he sees more. */
	const char *as = device->cells[SEEN_NODE].is ? "sudo " : "";
	bool works = !state || !strcmp(state, "ready");

	if (!works)
		view_note(view, "%s: it is %s; %standem dump %s | tandem decode - says why", name,
			  state, as, name);
	else if (seen_is_silent(device))
		view_note(view,
			  "%s: its firmware is silent for %u s; %standem dump %s | tandem decode "
			  "- says why",
			  name,
			  (unsigned int)(device->cells[SEEN_HEARTBEAT_AGE].count / 1000000000), as,
			  name);
	else
		note_queues(view, seen, name, as);
	if (!order || !strcmp(order, "none"))
		return;
	if (works)
		view_note(view, "%s: a fault is ordered (%s); %standem inject %s none ends it",
			  name, order, as, name);
	else
		view_note(view, "%s: a fault was ordered (%s)", name, order);
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
