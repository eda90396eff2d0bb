// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Checks of the module and of who serves emulated devices.
 */
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/doctor.h"
#include "host/sysfile.h"

bool doctor_loaded(void)
{
	return sys_exists("/sys/module/tandem");
}

/* Is the file of a line of modules.dep, "PATH: ...", called @file. */
static bool is_module(const char *line, const char *file, size_t *len)
{
	const char *name = line;

	*len = strcspn(line, ":\n");
	for (size_t i = 0; i < *len; i++)
		if (line[i] == '/')
			name = line + i + 1;
	/* ".xz", ".zst" or ".gz" may follow. */
	return !strncmp(name, file, strlen(file)) &&
	       (name[strlen(file)] == ':' || name[strlen(file)] == '.');
}

bool doctor_module_path(const struct doctor *doctor, const char *file, char *path, size_t size)
{
	size_t len, bytes;
	int error;
	int fd = sys_open(O_RDONLY, "/lib/modules/%s/modules.dep", doctor_release(doctor));
	char *text = sys_load(fd, 16 << 20, &bytes, &error);
	bool found = false;

	for (const char *line = text; line && *line && !found;) {
		found = is_module(line, file, &len);
		if (found)
			snprintf(path, size, "/lib/modules/%s/%.*s", doctor_release(doctor),
				 (int)len, line);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	free(text);
	return found;
}

/* The kernel that a module was built for. Return: its length or -errno */
static int read_vermagic(const char *path, char *room, size_t size)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_module *module = NULL;
	struct kmod_list *info = NULL, *at;
	char full[SYS_PATH_BYTES];
	int rc = ctx ? 0 : -ENOMEM;

	*room = '\0';
	if (!rc)
		kmod_set_log_priority(ctx, 0);
	if (!rc)
		rc = sys_in_tree(full, "%s", path);
	if (!rc)
		rc = kmod_module_new_from_path(ctx, full, &module);
	if (!rc)
		rc = kmod_module_get_info(module, &info);
	if (rc >= 0)
		kmod_list_foreach(at, info) if (!strcmp(kmod_module_info_get_key(at), "vermagic"))
			snprintf(room, size, "%s", kmod_module_info_get_value(at));
	kmod_module_info_free_list(info);
	kmod_module_unref(module);
	kmod_unref(ctx);
	room[strcspn(room, " ")] = '\0';
	return rc < 0 ? rc : (int)strlen(room);
}

static void say_installed(struct doctor *doctor, const char *path)
{
	char release[128];
	int rc = read_vermagic(path, release, sizeof(release));

	if (rc <= 0) {
		doctor_say(doctor, DOCTOR_FAIL, NULL, "%s is no module that can be read: %s", path,
			   rc ? strerror(-rc) : "no vermagic in it");
		doctor_cure(doctor, "sudo make modules_install");
	} else if (strcmp(release, doctor_release(doctor)) != 0) {
		doctor_say(doctor, DOCTOR_FAIL, NULL, "%s is built for %s, %s runs", path, release,
			   doctor_release(doctor));
		doctor_cure(doctor, "make clean && sudo make modules_install");
	} else {
		doctor_say(doctor, DOCTOR_WARN, NULL, "%s is installed and not loaded", path);
		doctor_cure(doctor, "sudo modprobe tandem");
	}
}

static void say_absent(struct doctor *doctor)
{
	glob_t found;

	sys_glob(&found, "/lib/modules/*/updates/dkms/tandem.ko*");
	if (!found.gl_pathc) {
		globfree(&found);
		sys_glob(&found, "/lib/modules/*/updates/tandem.ko*");
	}
	if (found.gl_pathc)
		doctor_say(doctor, DOCTOR_WARN, NULL, "installed for another kernel alone: %s",
			   sys_inner(found.gl_pathv[0]));
	else
		doctor_say(doctor, DOCTOR_WARN, NULL,
			   "not installed: there are soft devices alone");
	doctor_cure(doctor, "sudo make modules_install && sudo modprobe tandem");
	globfree(&found);
}

static void module(struct doctor *doctor)
{
	char path[512], taint[16], version[64];

	if (!doctor_loaded()) {
		if (doctor_module_path(doctor, "tandem.ko", path, sizeof(path)))
			say_installed(doctor, path);
		else
			say_absent(doctor);
		return;
	}
	sys_text(taint, sizeof(taint), "/sys/module/tandem/taint");
	sys_text(version, sizeof(version), "/sys/module/tandem/srcversion");
	doctor_say(doctor, DOCTOR_OK, NULL, "loaded%s%s%s%s", *version ? ", source " : "", version,
		   *taint ? ", taints " : "", taint);
}

static void allow_inject(struct doctor *doctor)
{
	char line[8];
	int rc = sys_text(line, sizeof(line), "/sys/module/tandem/parameters/allow_inject");

	if (rc < 0)
		doctor_say(doctor, DOCTOR_SKIP, NULL,
			   doctor_loaded() ? "this driver has no such parameter"
					   : "the driver is not loaded");
	else if (*line != 'Y')
		doctor_say(doctor, DOCTOR_OK, NULL,
			   "faults can be ordered of emulated devices "
			   "alone");
	else {
		doctor_say(doctor, DOCTOR_WARN, NULL, "root may order faults of hardware");
		doctor_cure(doctor, "echo N | sudo tee /sys/module/tandem/parameters/allow_inject");
	}
}

static void control_node(struct doctor *doctor)
{
	struct stat st;
	int rc = sys_stat(&st, "/dev/tandem-emu");

	if (rc) {
		enum doctor_result result = doctor_loaded() ? DOCTOR_FAIL : DOCTOR_SKIP;

		doctor_say(doctor, result, NULL, "/dev/tandem-emu: %s", strerror(-rc));
		if (result == DOCTOR_FAIL)
			doctor_cure(doctor, "sudo udevadm trigger --subsystem-match=misc");
		return;
	}
	if ((st.st_mode & 077) || st.st_uid) {
		doctor_say(doctor, DOCTOR_FAIL, NULL, "/dev/tandem-emu has mode %04o, user %u",
			   st.st_mode & 07777U, st.st_uid);
		doctor_cure(doctor, "sudo chown root:root /dev/tandem-emu && sudo chmod 0600 "
				    "/dev/tandem-emu");
		return;
	}
	doctor_say(doctor, DOCTOR_OK, NULL, "/dev/tandem-emu is root's alone");
}

/* Return: how many processes are called @name; the first one's number in @pid */
static unsigned int processes(const char *name, char pid[16])
{
	unsigned int n = 0;
	glob_t found;

	sys_glob(&found, "/proc/[0-9]*/comm");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = sys_inner(found.gl_pathv[i]);
		char comm[32];

		/* One that has ended meanwhile has an empty name. */
		sys_text(comm, sizeof(comm), "%s", path);
		if (strcmp(comm, name) != 0)
			continue;
		if (!n++)
			snprintf(pid, 16, "%.*s", (int)strcspn(path + 6, "/"), path + 6);
	}
	globfree(&found);
	return n;
}

static void server(struct doctor *doctor)
{
	char pid[16];
	unsigned int n = processes("tandem-emu", pid);

	if (n) {
		doctor_say(doctor, DOCTOR_OK, NULL, "%u running, the first is process %s", n, pid);
	} else if (!doctor_loaded()) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "the driver is not loaded");
	} else {
		doctor_say(doctor, DOCTOR_WARN, NULL, "tandem-emu does not run");
		doctor_cure(doctor, "sudo systemctl start tandem-emu, or: sudo tandem-emu trn2 "
				    "cs3 &");
	}
}

const struct doctor_check doctor_driver[] = {
	{ "module", "devices outside of a program are reached through tandem.ko", module },
	{ "inject", "an ordered fault hits everybody who uses the device", allow_inject },
	{ "control", "who holds the control node sees the memory of all clients", control_node },
	{ "tandem-emu", "an emulated device lives as long as the process that serves it", server },
	{ 0 },
};
