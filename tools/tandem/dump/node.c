// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What the kernel says of a device of the driver.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump/dump.h"
#include "host/fdinfo.h"
#include "host/sysfile.h"

#define AS_ROOT "as root: sudo tandem dump"
#define COREDUMP_MAX (4u << 20)

/* Whether a coredump is of this device: both are links to it. */
static bool is_of(const char *coredump, const struct node *node)
{
	char failing[SYS_PATH_BYTES], device[SYS_PATH_BYTES];

	return !sys_real(failing, "%s/failing_device", coredump) &&
	       !sys_real(device, "%s", node->sys) && !strcmp(failing, device);
}

/* Whatever is written to it has the kernel forget it. */
static void take_away(struct bundle *b, const char *path)
{
	int fd = sys_open(O_WRONLY, "%s", path);

	if (fd < 0 || write(fd, "1", 1) != 1)
		bundle_missing(b, "take", fd < 0 ? fd : -errno, AS_ROOT " --take");
	if (fd >= 0)
		close(fd);
}

static void one_coredump(struct bundle *b, const char *folder, bool take)
{
	char path[SYS_PATH_BYTES];
	size_t len;
	int error;
	char *text = sys_load(sys_open(O_RDONLY, "%s/data", folder), COREDUMP_MAX, &len, &error);

	snprintf(path, sizeof(path), "%.700s/data", folder);
	if (!text) {
		bundle_missing(b, "coredump", error, AS_ROOT);
		return;
	}
	bundle_section(b, "coredump", path);
	bundle_text(b, text, len);
	free(text);
	if (take)
		take_away(b, path);
}

/* Without a reset of its own, what lies there is of an earlier device of that name. */
static bool may_have_coredump(const struct node *node)
{
	char resets[SYS_TEXT_BYTES], state[SYS_TEXT_BYTES];

	return node_attribute(node, "reset_count", resets, sizeof(resets)) ||
	       node_attribute(node, "state", state, sizeof(state)) || strcmp(resets, "0") != 0 ||
	       strcmp(state, "ready") != 0;
}

/* The kernel counts them up. */
static unsigned long number_of(const char *coredump)
{
	const char *name = strrchr(coredump, '/');

	return strtoul(name + strlen("/devcd"), NULL, 10);
}

void dump_coredumps(struct bundle *b, const struct node *node, bool take)
{
	const char *newest = NULL;
	glob_t found;

	sys_glob(&found, "/sys/class/devcoredump/devcd[0-9]*");
	for (size_t i = 0; may_have_coredump(node) && i < found.gl_pathc; i++) {
		const char *path = sys_inner(found.gl_pathv[i]);

		if (is_of(path, node) && (!newest || number_of(path) > number_of(newest)))
			newest = path;
	}
	if (newest)
		one_coredump(b, newest, take);
	else
		bundle_missing(b, "coredump", -ENOENT, NULL);
	globfree(&found);
}

/* A folder of attributes, one a line: "NAME VALUE". Attributes that say why not are told. */
static void attributes(struct bundle *b, const char *name, const char *folder)
{
	struct sys_names names;
	int rc = sys_names(&names, "", "%s", folder);

	if (rc) {
		bundle_missing(b, name, rc == -ENOENT ? -ENODEV : rc, NULL);
		return;
	}
	bundle_section(b, name, folder);
	for (int i = 0; i < names.n; i++) {
		char text[SYS_TEXT_BYTES];

		rc = sys_text(text, sizeof(text), "%s/%s", folder, names.list[i]);
		/* A folder is not an attribute. */
		if (!rc)
			bundle_line(b, "%s %s", names.list[i], text);
		else if (rc != -EINVAL && rc != -EISDIR)
			bundle_line(b, "%s: %s", names.list[i], strerror(-rc));
	}
	sys_names_free(&names);
}

static void sensors(struct bundle *b, const struct node *node)
{
	char pattern[SYS_PATH_BYTES];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/hwmon/hwmon[0-9]*/*_input", node->sys);
	sys_glob(&found, pattern);
	if (!found.gl_pathc)
		bundle_missing(b, "sensors", -ENOENT, NULL);
	else
		bundle_section(b, "sensors", node->sys);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = sys_inner(found.gl_pathv[i]);
		char text[SYS_TEXT_BYTES];
		int rc = sys_text(text, sizeof(text), "%s", path);

		bundle_line(b, "%s %s", strrchr(path, '/') + 1, rc ? strerror(-rc) : text);
	}
	globfree(&found);
}

/* The driver's folder in debugfs: it goes by the device's name, on older kernels by the node's number. */
static void debug_folder(const struct node *node, char *folder, size_t size)
{
	bool accel = !strncmp(node->name, "accel", 5);
	const char *number = node->name + strlen(accel ? "accel" : "renderD");
	char device[SYS_TEXT_BYTES];

	snprintf(folder, size, "/sys/kernel/debug/%s/%s/tandem", accel ? "accel" : "dri", number);
	if (sys_exists("%s", folder) || sys_link(device, sizeof(device), "%s", node->sys))
		return;
	snprintf(folder, size, "/sys/kernel/debug/%s/%s/tandem", accel ? "accel" : "dri", device);
}

static void debug_files(struct bundle *b, const struct node *node)
{
	static const char *const files[] = { "registers", "rings",  "contexts",
					     "queues",	  "faults", "maps" };
	char folder[256];

	debug_folder(node, folder, sizeof(folder));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[300];

		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		bundle_file(b, files[i], path, AS_ROOT);
	}
}

static void clients(struct bundle *b, const struct node *node)
{
	char proc[SYS_PATH_BYTES];
	struct tdm_error err = { 0 };
	struct fdinfo_list list = { 0 };

	if (!sys_in_tree(proc, "/proc"))
		list = fdinfo_scan(proc, &err);
	if (!list.list) {
		bundle_missing(b, "clients", err.code ? err.code : -ENOENT, NULL);
		return;
	}
	bundle_section(b, "clients", "/proc/*/fdinfo");
	for (uint32_t i = 0; i < list.n; i++) {
		const struct fdinfo *f = &list.list[i];

		if (!strcmp(f->node, node->path))
			bundle_line(b,
				    "pid %u client %" PRIu64 " busy_ns %" PRIu64
				    " device_bytes %" PRIu64 " host_bytes %" PRIu64 " program %s",
				    f->pid, f->client, f->busy_ns, f->device_bytes, f->host_bytes,
				    f->program);
	}
	if (list.hidden)
		bundle_line(b, "hidden %u processes of other users; " AS_ROOT, list.hidden);
	free(list.list);
}

void dump_node(struct bundle *b, const struct node *node)
{
	char folder[160];

	snprintf(folder, sizeof(folder), "%s/tandem", node->sys);
	attributes(b, "device", folder);
	sensors(b, node);
	debug_files(b, node);
	clients(b, node);
}

void dump_system(struct bundle *b)
{
	attributes(b, "module", "/sys/module/tandem");
	attributes(b, "parameters", "/sys/module/tandem/parameters");
	bundle_file(b, "cmdline", "/proc/cmdline", NULL);
	bundle_file(b, "meminfo", "/proc/meminfo", NULL);
	bundle_file(b, "limits", "/proc/self/limits", NULL);
}
