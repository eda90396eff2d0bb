// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Who has nodes of the driver open, from /proc/PID/fdinfo.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seen.h"

#include "tandem_accel.h"

/* The value of a key: "drm-engine-compute:\t123 ns". Return: NULL when it is not there */
static const char *value_of(const char *info, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = info; line && *line;) {
		if (!strncmp(line, key, len) && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return NULL;
}

static bool number_of(uint64_t *value, const char *info, const char *key, const char *unit)
{
	const char *text = value_of(info, key);
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno || strncmp(end, unit, strlen(unit)) != 0)
		return false;
	end += strlen(unit);
	return !*end || *end == '\n';
}

static void size_of(struct seen_cell *cell, const char *info, const char *key)
{
	uint64_t kib;

	if (number_of(&kib, info, key, " KiB") && kib <= UINT64_MAX / 1024)
		seen_count(cell, kib * 1024);
}

/* A file that is open twice in a process, or passed on within it, is one client. */
static bool is_known(const struct seen *seen, uint32_t pid, const char *device, uint64_t id)
{
	SEEN_EACH(seen_client, client, seen->clients)
	if (client->pid == pid && client->id == id && !strcmp(client->device, device))
		return true;
	return false;
}

static int add(struct seen *seen, uint32_t pid, const char *device, const char *info)
{
	const char *driver = value_of(info, "drm-driver");
	struct seen_client *client;
	char status[2048];
	uint64_t n;

	if (!driver || strncmp(driver, TDM_DRIVER_NAME "\n", sizeof(TDM_DRIVER_NAME)) != 0 ||
	    !number_of(&n, info, "drm-client-id", "") || is_known(seen, pid, device, n))
		return 0;
	client = seen_add(&seen->clients, sizeof(*client));
	if (!client)
		return -ENOMEM;
	client->pid = pid;
	client->id = n;
	snprintf(client->device, sizeof(client->device), "%s", device);
	sys_text(client->program, sizeof(client->program), "/proc/%u/comm", pid);
	if (number_of(&n, info, "drm-engine-compute", " ns"))
		seen_count(&client->busy_ns, n);
	size_of(&client->memory, info, "drm-memory-device");
	size_of(&client->host_memory, info, "drm-memory-host");
	if (sys_whole(status, sizeof(status), "/proc/%u/status", pid) > 0) {
		const char *uid = value_of(status, "Uid");

		if (uid && *uid >= '0' && *uid <= '9')
			seen_count(&client->uid, strtoul(uid, NULL, 10));
	}
	return 0;
}

static int read_process(struct seen *seen, const char *pid)
{
	struct sys_names names;
	int rc = sys_names(&names, "", "/proc/%s/fd", pid);

	if (rc == -EACCES || rc == -EPERM)
		seen->hidden++;
	if (rc)
		return rc == -ENOMEM ? rc : 0;
	for (int i = 0; i < names.n && !rc; i++) {
		char node[SYS_TEXT_BYTES], info[2048];

		/* Most files of a machine are something else, and stay unread. */
		if (sys_target(node, sizeof(node), "/proc/%s/fd/%s", pid, names.list[i]) ||
		    (strncmp(node, "/dev/accel/", 11) != 0 && strncmp(node, "/dev/dri/", 9) != 0))
			continue;
		if (sys_whole(info, sizeof(info), "/proc/%s/fdinfo/%s", pid, names.list[i]) > 0)
			rc = add(seen, (uint32_t)strtoul(pid, NULL, 10), strrchr(node, '/') + 1,
				 info);
	}
	sys_names_free(&names);
	return rc;
}

int seen_clients(struct seen *seen)
{
	struct sys_names names;
	int rc = sys_names(&names, "", "/proc");

	if (rc != -ENOMEM)
		rc = 0;
	/* Nobody has anything open on a device that is not there. */
	for (int i = 0; seen->devices.n && i < names.n && !rc; i++)
		if (strspn(names.list[i], "0123456789") == strlen(names.list[i]))
			rc = read_process(seen, names.list[i]);
	sys_names_free(&names);
	return rc;
}
