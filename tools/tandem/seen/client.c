// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Who has nodes of the driver open.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/fdinfo.h"
#include "seen/seen.h"

static void read_uid(struct seen_client *client)
{
	char status[2048];
	const char *uid;

	if (sys_whole(status, sizeof(status), "/proc/%u/status", client->pid) <= 0)
		return;
	uid = strstr(status, "\nUid:\t");
	if (uid && uid[6] >= '0' && uid[6] <= '9')
		seen_count(&client->uid, strtoul(uid + 6, NULL, 10));
}

static int add(struct seen *seen, const struct fdinfo *info)
{
	struct seen_client *client = seen_add(&seen->clients, sizeof(*client));

	if (!client)
		return -ENOMEM;
	client->pid = info->pid;
	client->id = info->client;
	sys_printable(client->program, sizeof(client->program), info->program);
	sys_printable(client->device, sizeof(client->device), strrchr(info->node, '/') + 1);
	if (info->has_busy)
		seen_count(&client->busy_ns, info->busy_ns);
	if (info->has_device)
		seen_count(&client->memory, info->device_bytes);
	if (info->has_host)
		seen_count(&client->host_memory, info->host_bytes);
	read_uid(client);
	return 0;
}

int seen_clients(struct seen *seen)
{
	char proc[SYS_PATH_BYTES];
	struct fdinfo_list found;
	struct tdm_error err;
	int rc = 0;

	/* Nobody has anything open on a device that is not there. */
	if (!seen->devices.n || sys_in_tree(proc, "/proc"))
		return 0;
	found = fdinfo_scan(proc, &err);
	if (!found.list)
		return err.code == -ENOMEM ? err.code : 0;
	seen->hidden = found.hidden;
	for (uint32_t i = 0; i < found.n && !rc; i++)
		rc = add(seen, &found.list[i]);
	free(found.list);
	return rc;
}
