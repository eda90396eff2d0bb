// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Checks of each device of the driver.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "host/nodes.h"
#include "host/sysfile.h"
#include "seen/seen.h"

/* It stands still while an admin command runs. */
#define HEART_FAIL_MS 60000

typedef void check_node(struct doctor *doctor, const struct node *node);

static void each(struct doctor *doctor, check_node *check)
{
	struct node nodes[NODES_MAX];
	unsigned int n = nodes_list(nodes);

	for (unsigned int i = 0; i < n; i++)
		check(doctor, &nodes[i]);
	if (!n)
		doctor_say(doctor, DOCTOR_SKIP, NULL, "the driver has no devices");
}

/* Who may open it, by its own mode: its group, or nobody but root. */
static void cure_permission(struct doctor *doctor, const struct node *node)
{
	char room[1024];
	struct group group, *found = NULL;
	struct stat st;

	if (!sys_stat(&st, "%s", node->path) && (st.st_mode & 060) == 060)
		getgrgid_r(st.st_gid, &group, room, sizeof(room), &found);
	if (found && st.st_gid)
		doctor_cure(doctor, "sudo usermod -aG %s \"$USER\", then log in again",
			    found->gr_name);
	else
		doctor_cure(doctor,
			    "sudo make modules_install brings the udev rule; then: sudo "
			    "udevadm trigger %s",
			    node->path);
}

/* Milliseconds, or 0 where the driver does not say. */
static unsigned long long heartbeat_age(const struct node *node)
{
	char text[32];

	return node_attribute(node, "heartbeat_age_ms", text, sizeof(text)) < 0
		       ? 0
		       : strtoull(text, NULL, 10);
}

static void open_node(struct doctor *doctor, const struct node *node)
{
	int fd;

	/* The firmware has a part in an open, and it may be long until it is given up. */
	if (heartbeat_age(node) >= SEEN_SILENT_MS) {
		doctor_say(doctor, DOCTOR_SKIP, node->name, "not tried: its firmware is silent");
		return;
	}
	fd = sys_open(O_RDWR, "%s", node->path);
	if (fd >= 0) {
		close(fd);
		doctor_say(doctor, DOCTOR_OK, node->name, "%s can be opened", node->path);
		return;
	}
	doctor_say(doctor, DOCTOR_FAIL, node->name, "%s: %s", node->path, strerror(-fd));
	if (fd == -EACCES || fd == -EPERM)
		cure_permission(doctor, node);
	else
		doctor_cure(doctor, "tandem dump %s | tandem decode -", node->name);
}

static void opens(struct doctor *doctor)
{
	each(doctor, open_node);
}

static void state_of(struct doctor *doctor, const struct node *node)
{
	char state[32], reason[128];
	int rc = node_attribute(node, "state", state, sizeof(state));

	node_attribute(node, "reset_reason", reason, sizeof(reason));
	if (rc < 0) {
		doctor_say(doctor, DOCTOR_SKIP, node->name, "state: %s", strerror(-rc));
	} else if (!strcmp(state, "ready")) {
		doctor_say(doctor, DOCTOR_OK, node->name, "ready");
	} else if (!strcmp(state, "booting") || !strcmp(state, "resetting")) {
		doctor_say(doctor, DOCTOR_WARN, node->name, "%s, reset reason: %s", state, reason);
		doctor_cure(doctor, "wait; where it stays so: tandem dump %s | tandem decode -",
			    node->name);
	} else {
		doctor_say(doctor, DOCTOR_FAIL, node->name, "%s, reset reason: %s", state, reason);
		doctor_cure(doctor,
			    "tandem dump %s | tandem decode -; then restart its firmware: "
			    "sudo systemctl restart tandem-emu",
			    node->name);
	}
}

static void states(struct doctor *doctor)
{
	each(doctor, state_of);
}

static void resets_of(struct doctor *doctor, const struct node *node)
{
	char count[32], reason[128];
	int rc = node_attribute(node, "reset_count", count, sizeof(count));

	node_attribute(node, "reset_reason", reason, sizeof(reason));
	if (rc < 0) {
		doctor_say(doctor, DOCTOR_SKIP, node->name, "reset_count: %s", strerror(-rc));
	} else if (!strcmp(count, "0")) {
		doctor_say(doctor, DOCTOR_OK, node->name, "never");
	} else {
		doctor_say(doctor, DOCTOR_WARN, node->name, "%s times, the last for: %s", count,
			   reason);
		doctor_cure(doctor, "tandem dump %s | tandem decode -", node->name);
	}
}

static void resets(struct doctor *doctor)
{
	each(doctor, resets_of);
}

static void heart_of(struct doctor *doctor, const struct node *node)
{
	char text[32];
	int rc = node_attribute(node, "heartbeat_age_ms", text, sizeof(text));
	unsigned long long age = strtoull(text, NULL, 10);

	if (rc < 0) {
		doctor_say(doctor, DOCTOR_SKIP, node->name, "heartbeat_age_ms: %s", strerror(-rc));
		return;
	}
	if (age < SEEN_SILENT_MS) {
		doctor_say(doctor, DOCTOR_OK, node->name, "%llu ms ago", age);
		return;
	}
	doctor_say(doctor, age < HEART_FAIL_MS ? DOCTOR_WARN : DOCTOR_FAIL, node->name,
		   "%llu ms ago: the firmware is silent", age);
	doctor_cure(doctor, "tandem dump %s | tandem decode -", node->name);
}

static void hearts(struct doctor *doctor)
{
	each(doctor, heart_of);
}

static void injected_of(struct doctor *doctor, const struct node *node)
{
	char text[64];
	int rc = node_attribute(node, "inject_active", text, sizeof(text));

	if (rc < 0) {
		doctor_say(doctor, DOCTOR_SKIP, node->name, "inject_active: %s", strerror(-rc));
		return;
	}
	if (!*text || !strcmp(text, "none") || (strspn(text, "0x") == strlen(text))) {
		doctor_say(doctor, DOCTOR_OK, node->name, "none");
		return;
	}
	doctor_say(doctor, DOCTOR_WARN, node->name, "ordered: %s", text);
	doctor_cure(doctor, "sudo tandem inject %s none", node->name);
}

static void injected(struct doctor *doctor)
{
	each(doctor, injected_of);
}

static void coredumps(struct doctor *doctor)
{
	glob_t found;

	sys_glob(&found, "/sys/class/devcoredump/devcd[0-9]*/data");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = sys_inner(found.gl_pathv[i]);

		doctor_say(doctor, DOCTOR_WARN, NULL, "one waits in %s", path);
		doctor_cure(doctor, "sudo tandem decode %s", path);
	}
	if (!found.gl_pathc)
		doctor_say(doctor, DOCTOR_OK, NULL, "none waits");
	globfree(&found);
}

const struct doctor_check doctor_devices[] = {
	{ "open", "who may use a device is what open(2) says, not what groups say", opens },
	{ "state", "a device that is not ready runs no commands", states },
	{ "resets", "each reset has ended all contexts of the device", resets },
	{ "heartbeat", "firmware that is alive beats once a second", hearts },
	{ "inject", "an ordered fault looks like a real one", injected },
	{ "coredump", "the kernel drops a coredump after some minutes", coredumps },
	{ 0 },
};
