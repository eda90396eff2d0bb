// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "seen/view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "top/top.h"

enum {
	PROC_PID,
	PROC_PROGRAM,
	PROC_UID,
	PROC_DEVICE,
	PROC_CLIENT,
	PROC_MEMORY,
	PROC_HOST,
	PROC_BUSY,
	PROC_RATIO, /* with an earlier reading alone */
	PROC_COLUMNS,
};

static const struct view_column processes[PROC_COLUMNS] = {
	[PROC_PID] = { "pid", "PID", VIEW_COUNT },
	[PROC_PROGRAM] = { "program", "PROGRAM", VIEW_TEXT },
	[PROC_UID] = { "uid", "UID", VIEW_COUNT },
	[PROC_DEVICE] = { "device", "DEVICE", VIEW_TEXT },
	[PROC_CLIENT] = { "client", "CLIENT", VIEW_COUNT },
	[PROC_MEMORY] = { "memory_used_bytes", "USED", VIEW_BYTES },
	[PROC_HOST] = { "host_memory_used_bytes", "HOST USED", VIEW_BYTES },
	[PROC_BUSY] = { "busy_ns", "BUSY TIME", VIEW_NS },
	[PROC_RATIO] = { "busy_ratio", "BUSY", VIEW_RATIO },
};

void seen_view_processes(struct view *view, const struct seen *seen,
			 const struct seen_device *device, const struct seen *before)
{
	struct view_part *part =
		view_list(view, "processes", processes, before ? PROC_COLUMNS : PROC_RATIO);

	SEEN_EACH(seen_client, client, seen->clients)
	{
		struct view_row *row;

		if (device && strcmp(client->device, device->cells[SEEN_NAME].text) != 0)
			continue;
		row = view_row(part);
		view_count(row, PROC_PID, client->pid);
		view_text(row, PROC_PROGRAM, client->program[0] ? client->program : NULL);
		seen_show(row, PROC_UID, &client->uid, VIEW_COUNT);
		view_text(row, PROC_DEVICE, client->device);
		view_count(row, PROC_CLIENT, client->id);
		seen_show(row, PROC_MEMORY, &client->memory, VIEW_BYTES);
		seen_show(row, PROC_HOST, &client->host_memory, VIEW_BYTES);
		seen_show(row, PROC_BUSY, &client->busy_ns, VIEW_NS);
		if (before) {
			struct seen_cell busy = top_client_busy(before, seen, client);

			seen_show(row, PROC_RATIO, &busy, VIEW_RATIO);
		}
	}
}

void seen_view_hidden(struct view *view, const struct seen *seen)
{
	if (seen->hidden)
		view_note(view,
			  "processes: what %u of other users have open is not shown; ask as root",
			  seen->hidden);
	if (seen->silent)
		view_note(view,
			  "processes: %u that show their devices did not answer; 'tandem ps' says "
			  "why",
			  seen->silent);
}

enum {
	PATH_DEVICE,
	PATH_RDMA,
	PATH_PORT,
	PATH_RELATION,
	PATH_COLUMNS,
};

static const struct view_column paths[PATH_COLUMNS] = {
	[PATH_DEVICE] = { "device", "DEVICE", VIEW_TEXT },
	[PATH_RDMA] = { "rdma_device", "RDMA", VIEW_TEXT },
	[PATH_PORT] = { "port", "PORT", VIEW_COUNT },
	[PATH_RELATION] = { "path", "PATH", VIEW_TEXT },
};

static void add_paths(struct view_part *part, const struct seen *seen,
		      const struct seen_device *device)
{
	SEEN_EACH(seen_port, port, seen->ports)
	{
		enum seen_relation relation = seen_relation(device, port);
		struct view_row *row = view_row(part);

		view_text(row, PATH_DEVICE, device->cells[SEEN_NAME].text);
		view_text(row, PATH_RDMA, port->device);
		view_count(row, PATH_PORT, port->port);
		view_text(row, PATH_RELATION, seen_relation_name(relation));
		view_mark(row, PATH_RELATION,
			  relation == SEEN_ACROSS_NODES ? VIEW_WARN : VIEW_PLAIN);
	}
}

void seen_view_paths(struct view *view, const struct seen *seen, const struct seen_device *device)
{
	struct view_part *part = view_list(view, "paths", paths, PATH_COLUMNS);

	view_optional(part);
	if (device)
		add_paths(part, seen, device);
	else
		SEEN_EACH(seen_device, each, seen->devices)
	add_paths(part, seen, each);
}

/* Whether @name is that of a process's software NIC: soft:rc@PID. */
static bool is_nic(const struct seen *seen, const char *name)
{
	SEEN_EACH(seen_agent, agent, seen->agents)
	{
		char nic[96];

		snprintf(nic, sizeof(nic), "%.*s@%u", (int)strcspn(agent->nic, ","), agent->nic,
			 agent->pid);
		if (agent->is_software && !strcmp(nic, name))
			return true;
	}
	return false;
}

int seen_unknown(const struct seen *seen, const char *name, struct tdm_error *err)
{
	const char *why = "there is none of that name", *as = "";
	char known[320] = "", shown[SYS_TEXT_BYTES];
	size_t used = 0;

	sys_printable(shown, 64, name);
	if (is_nic(seen, name))
		return tdm_error_set(err, -ENODEV,
				     "device '%s': it is a NIC; 'tandem dump %s | tandem decode -' "
				     "tells of it",
				     shown, shown);
	if (seen->hidden && strchr(name, '@')) {
		why = "none of that name is seen, it may be another user's";
		as = "ask as root, or ";
	}
	SEEN_EACH(seen_device, device, seen->devices)
	{
		int n = snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "",
				 device->cells[SEEN_NAME].text);

		if (n < 0 || (size_t)n >= sizeof(known) - used) {
			known[used] = '\0';
			break;
		}
		used += (size_t)n;
	}
	return tdm_error_set(err, -ENODEV, "device '%s': %s; %stake one of %s", shown, why, as,
			     known);
}
