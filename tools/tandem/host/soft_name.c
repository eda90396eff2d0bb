// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "host/soft_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool soft_name_parse(const char *text, struct soft_name *name)
{
	const char *at = strrchr(text, '@');
	unsigned long pid;
	char *end;

	if (!at || at == text || at - text >= (long)sizeof(name->device) || at[1] < '0' ||
	    at[1] > '9')
		return false;
	errno = 0;
	pid = strtoul(at + 1, &end, 10);
	if (errno || *end || !pid || pid > INT32_MAX)
		return false;
	memset(name, 0, sizeof(*name));
	memcpy(name->device, text, (size_t)(at - text));
	name->pid = (uint32_t)pid;
	return true;
}

/* "soft:trn2" is "soft:trn2,threads=1", too. */
static bool is_it(const char *opened, const char *sought)
{
	size_t len = strlen(sought);

	return !strncmp(opened, sought, len) && (!opened[len] || opened[len] == ',');
}

/* Return: 0 or -errno with @err */
static int find(struct tdm_observed *observed, const struct soft_name *name,
		struct tdm_observe_device *dev, struct tdm_error *err)
{
	uint32_t n;
	struct tdm_observe_device *list = tdm_observed_devices(observed, &n, err);
	bool found = false;

	if (!list)
		return err->code;
	for (uint32_t i = 0; i < n && !found; i++)
		if (is_it(list[i].name, name->device)) {
			*dev = list[i];
			found = true;
		}
	free(list);
	if (found)
		return 0;
	return tdm_error_set(err, -ENODEV,
			     "process %u: it shows no device '%s'; tandem ps lists what it has",
			     name->pid, name->device);
}

struct tdm_observed *soft_name_connect(const char *text, struct soft_name *name,
				       struct tdm_observe_device *dev, struct tdm_error *err)
{
	struct tdm_observed *observed;

	if (!soft_name_parse(text, name)) {
		tdm_error_set(err, -ENODEV,
			      "device '%s': no device and process; take soft:MODEL@PID as tandem "
			      "ps lists them",
			      text);
		return NULL;
	}
	observed = tdm_observed_connect(name->pid, 0, err);
	if (!observed) {
		/* Its process is what such a device is. */
		if (err->code == -ESRCH)
			err->code = -ENODEV;
		return NULL;
	}
	if (find(observed, name, dev, err)) {
		tdm_observed_close(observed);
		return NULL;
	}
	return observed;
}

bool soft_name_find_net(struct tdm_observed *observed, const struct soft_name *name,
			char target[64])
{
	struct tdm_error err;
	uint32_t n;
	struct tdm_observe_agent *agents = tdm_observed_agents(observed, &n, &err);
	bool found = false;

	for (uint32_t i = 0; agents && i < n && !found; i++)
		if (is_it(agents[i].net, name->device)) {
			snprintf(target, 64, "%.63s", agents[i].net);
			found = true;
		}
	free(agents);
	return found;
}

/* 0 works, -ENODEV: gone */
const char *soft_state_name(int error)
{
	if (!error)
		return "ready";
	return error == -ENODEV ? "gone" : "failed";
}
