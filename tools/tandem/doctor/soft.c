// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A check of soft devices, in the processes that show theirs. They are those processes'
 * own affair: what is wrong with one is a warning to everybody else.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/inject.h>
#include <tandem/observe.h>

#include "doctor/soft.h"
#include "seen/seen.h"

/* Return: whether it says anything */
static bool say_health(struct doctor *doctor, const char *name,
		       const struct tdm_observe_device *dev)
{
	uint64_t age_ms = dev->known & TDM_OBSERVE_HEART ? dev->heartbeat_age_ns / 1000000 : 0;

	if (dev->error)
		doctor_say(doctor, DOCTOR_WARN, name, "%s",
			   dev->error == -ENODEV
				   ? "it is gone"
				   : "it stood still too long and is given up; open it anew");
	else if (age_ms >= SEEN_SILENT_MS)
		doctor_say(doctor, DOCTOR_WARN, name,
			   "the last heartbeat was %" PRIu64 " ms ago: the firmware is silent",
			   age_ms);
	else
		return false;
	doctor_cure(doctor, "tandem dump %s | tandem decode -", name);
	return true;
}

/* As above. */
static bool say_order(struct doctor *doctor, const char *name, uint64_t active)
{
	for (unsigned int kind = 1; kind < TDM_INJECT_KINDS; kind++)
		if (active >> kind & 1) {
			doctor_say(doctor, DOCTOR_WARN, name, "a fault is ordered: %s",
				   tdm_inject_name(kind));
			doctor_cure(doctor, "tandem inject %s none", name);
			return true;
		}
	return false;
}

static void say_device(struct doctor *doctor, uint32_t pid, const struct tdm_observe_device *dev)
{
	char name[64];
	bool said;

	snprintf(name, sizeof(name), "%.*s@%u", (int)strcspn(dev->name, ","), dev->name, pid);
	said = say_health(doctor, name, dev);
	if (!dev->error)
		said |= say_order(doctor, name, dev->telemetry.inject_active);
	if (!said)
		doctor_say(doctor, DOCTOR_OK, name, "works");
}

/* A NIC has several agents; the first of them speaks for it. */
static bool was_told(const struct tdm_observe_agent *list, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (!strcmp(list[k].net, list[i].net))
			return true;
	return false;
}

static void say_links(struct doctor *doctor, uint32_t pid, struct tdm_observed *observed)
{
	struct tdm_error err;
	uint32_t n;
	struct tdm_observe_agent *list = tdm_observed_agents(observed, &n, &err);

	for (uint32_t i = 0; list && i < n; i++) {
		char name[64];

		if (!(list[i].net_flags & TDM_OBSERVE_LINK_DOWN) || was_told(list, i))
			continue;
		snprintf(name, sizeof(name), "%.*s@%u", (int)strcspn(list[i].net, ","), list[i].net,
			 pid);
		doctor_say(doctor, DOCTOR_WARN, name, "its link is ordered to be down: link-down");
		doctor_cure(doctor, "tandem inject %s none", name);
	}
	free(list);
}

static void say_process(struct doctor *doctor, uint32_t pid)
{
	struct tdm_error err;
	struct tdm_observed *observed = tdm_observed_connect(pid, 0, &err);
	struct tdm_observe_device *list = NULL;
	uint32_t n = 0;

	if (observed)
		list = tdm_observed_devices(observed, &n, &err);
	/* It may have ended meanwhile: that is nothing to be told. */
	if (!list && err.code != -ESRCH)
		doctor_say(doctor, DOCTOR_SKIP, NULL, "process %u: %s", pid, strerror(-err.code));
	for (uint32_t i = 0; list && i < n; i++)
		if (list[i].attachment == TDM_ATTACH_SOFT)
			say_device(doctor, pid, &list[i]);
	if (list)
		say_links(doctor, pid, observed);
	free(list);
	tdm_observed_close(observed);
}

void doctor_soft(struct doctor *doctor)
{
	struct tdm_error err;
	uint32_t n;
	struct tdm_observed_entry *list = tdm_observed_list(&n, 0, &err);

	for (uint32_t i = 0; list && i < n; i++) {
		const struct tdm_observed_entry *entry = &list[i];

		if (entry->error == -EACCES)
			doctor_say(doctor, DOCTOR_SKIP, NULL,
				   "process %u is another user's; root sees it",
				   entry->process.pid);
		else if (entry->error) {
			doctor_say(doctor, DOCTOR_WARN, NULL, "process %u: %s", entry->process.pid,
				   entry->why);
			doctor_cure(doctor, "ps -o pid,stat,wchan,cmd -p %u", entry->process.pid);
		} else
			say_process(doctor, entry->process.pid);
	}
	if (!list || !n)
		doctor_say(doctor, DOCTOR_SKIP, NULL, "no process shows a soft device");
	free(list);
}
