// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Checks of the running kernel: what it was built with, and what it forbids.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "doctor/doctor.h"
#include "host/sysfile.h"

static void release(struct doctor *doctor)
{
	char *end;
	unsigned long major = strtoul(doctor_release(doctor), &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	if (*end != '.') {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "/proc/sys/kernel/osrelease says '%s'",
			   doctor_release(doctor));
		return;
	}
	if (major > 6 || (major == 6 && minor >= 1)) {
		doctor_say(doctor, DOCTOR_OK, NULL, "%s", doctor_release(doctor));
		return;
	}
	doctor_say(doctor, DOCTOR_WARN, NULL, "%s, older than 6.1", doctor_release(doctor));
	doctor_cure(doctor, "install a newer kernel, or use soft devices");
}

/* What of the kernel's configuration is asked for. */
static const struct option {
	const char *name;
	const char *without; /* what does not work */
} wanted[] = {
	{ "CONFIG_MODULES", "tandem.ko cannot be loaded" },
	{ "CONFIG_DRM", "tandem.ko cannot be loaded" },
	{ "CONFIG_DRM_ACCEL", "nodes are /dev/dri/renderD*, not /dev/accel/accel*" },
	{ "CONFIG_INFINIBAND", "there is no RDMA" },
	{ "CONFIG_INFINIBAND_USER_ACCESS", "programs cannot use RDMA devices" },
	{ "CONFIG_RDMA_RXE", "there is no RDMA in software over Ethernet" },
};

#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

/* y, m, or 0 where it is off or nothing is said of it */
static void read_options(gzFile file, char values[WANTED])
{
	char line[1024];

	while (gzgets(file, line, sizeof(line)))
		for (size_t i = 0; i < WANTED; i++) {
			size_t len = strlen(wanted[i].name);

			if (!strncmp(line, wanted[i].name, len) && line[len] == '=')
				values[i] = line[len + 1];
		}
}

/* Return: where it was read from, a static pattern's text in @path, or NULL */
static gzFile open_config(const struct doctor *doctor, char path[SYS_PATH_BYTES])
{
	static const char *const places[] = { "/boot/config-%s", "/lib/modules/%s/config",
					      "/proc/config.gz" };
	gzFile file = NULL;

	for (size_t i = 0; i < 3 && !file; i++) {
		char inner[512];

		/* The formats are constants of the table above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
		snprintf(inner, sizeof(inner), places[i], doctor_release(doctor));
#pragma GCC diagnostic pop
		/* It reads what is not compressed as it is. */
		file = sys_in_tree(path, "%s", inner) ? NULL : gzopen(path, "rb");
	}
	return file;
}

static void config(struct doctor *doctor)
{
	char path[SYS_PATH_BYTES], values[WANTED] = { 0 };
	gzFile file = open_config(doctor, path);
	int code = 0;

	if (!file) {
		doctor_say(doctor, DOCTOR_SKIP, NULL,
			   "neither /boot/config-%s nor /proc/config.gz can be read",
			   doctor_release(doctor));
		return;
	}
	read_options(file, values);
	gzerror(file, &code);
	gzclose_r(file);
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "%s is damaged", sys_inner(path));
		return;
	}
	for (size_t i = 0; i < WANTED; i++) {
		if (values[i] == 'y' || values[i] == 'm') {
			doctor_say(doctor, DOCTOR_OK, wanted[i].name, "%c in %s", values[i],
				   sys_inner(path));
			continue;
		}
		doctor_say(doctor, DOCTOR_WARN, wanted[i].name, "off in %s: %s", sys_inner(path),
			   wanted[i].without);
		doctor_cure(doctor, "take a kernel that has it, such as Debian's");
	}
}

static void headers(struct doctor *doctor)
{
	char line[8];
	int rc = sys_text(line, sizeof(line), "/lib/modules/%s/build/Makefile",
			  doctor_release(doctor));

	if (rc >= 0) {
		doctor_say(doctor, DOCTOR_OK, NULL, "/lib/modules/%s/build",
			   doctor_release(doctor));
		return;
	}
	doctor_say(doctor, DOCTOR_WARN, NULL, "/lib/modules/%s/build: %s", doctor_release(doctor),
		   strerror(-rc));
	doctor_cure(doctor, "sudo apt-get install linux-headers-%s", doctor_release(doctor));
}

/* Lockdown's word in brackets is the one that holds. */
static void lockdown(struct doctor *doctor)
{
	char line[128], *word, *end;
	int rc = sys_text(line, sizeof(line), "/sys/kernel/security/lockdown");

	word = strchr(line, '[');
	end = word ? strchr(word, ']') : NULL;
	if (rc < 0 || !end) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "/sys/kernel/security/lockdown: %s",
			   rc < 0 ? strerror(-rc) : "no state in it");
		return;
	}
	*end = '\0';
	if (!strcmp(word + 1, "none")) {
		doctor_say(doctor, DOCTOR_OK, NULL, "none");
		return;
	}
	doctor_say(doctor, DOCTOR_WARN, NULL, "%s: unsigned modules are refused, debugfs is shut",
		   word + 1);
	doctor_cure(doctor, "sign tandem.ko with a key that 'mokutil --import' enrolled");
}

static void signatures(struct doctor *doctor)
{
	char line[8];
	int rc = sys_text(line, sizeof(line), "/sys/module/module/parameters/sig_enforce");

	if (rc < 0)
		doctor_say(doctor, DOCTOR_SKIP, NULL,
			   "/sys/module/module/parameters/sig_enforce: %s", strerror(-rc));
	else if (*line != 'Y')
		doctor_say(doctor, DOCTOR_OK, NULL, "unsigned modules may be loaded");
	else {
		doctor_say(doctor, DOCTOR_WARN, NULL, "unsigned modules are refused");
		doctor_cure(doctor, "sign tandem.ko with a key that 'mokutil --import' enrolled");
	}
}

/* Bits of /proc/sys/kernel/tainted that say that something went wrong. */
static const struct taint {
	unsigned int bit;
	const char *what;
	enum doctor_result result;
} taints[] = {
	{ 7, "it has oopsed since it booted", DOCTOR_FAIL },
	{ 9, "it has warned since it booted", DOCTOR_WARN },
	{ 14, "a lock was held too long since it booted", DOCTOR_WARN },
	{ 4, "a machine check happened", DOCTOR_FAIL },
	{ 5, "a bad page was found", DOCTOR_FAIL },
};

static void taint(struct doctor *doctor)
{
	char line[32];
	int rc = sys_text(line, sizeof(line), "/proc/sys/kernel/tainted");
	unsigned long long mask = strtoull(line, NULL, 10);
	bool said = false;

	if (rc < 0) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "/proc/sys/kernel/tainted: %s",
			   strerror(-rc));
		return;
	}
	for (size_t i = 0; i < sizeof(taints) / sizeof(taints[0]); i++) {
		if (!(mask >> taints[i].bit & 1))
			continue;
		doctor_say(doctor, taints[i].result, NULL, "%s", taints[i].what);
		doctor_cure(doctor, "sudo dmesg --level=err,warn; then reboot");
		said = true;
	}
	if (!said)
		doctor_say(doctor, DOCTOR_OK, NULL, "%llu: nothing went wrong", mask);
}

static void clock_source(struct doctor *doctor)
{
	static const char *const slow[] = { "hpet", "acpi_pm", "jiffies", "refined-jiffies" };
	char line[64];
	int rc = sys_text(line, sizeof(line),
			  "/sys/devices/system/clocksource/clocksource0/current_clocksource");

	if (rc < 0) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "current_clocksource: %s", strerror(-rc));
		return;
	}
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++)
		if (!strcmp(line, slow[i])) {
			doctor_say(doctor, DOCTOR_WARN, NULL, "%s: reading it is a system call",
				   line);
			doctor_cure(doctor, "boot with clocksource=tsc where the processor's is "
					    "stable");
			return;
		}
	doctor_say(doctor, DOCTOR_OK, NULL, "%s", line);
}

const struct doctor_check doctor_kernel[] = {
	{ "release", "the driver is written for Linux 6.1 and newer", release },
	{ "config", "driver and RDMA need parts that not every kernel is built with", config },
	{ "headers", "tandem.ko is built against the running kernel's headers", headers },
	{ "lockdown", "a locked kernel refuses modules that nobody signed", lockdown },
	{ "signatures", "a kernel that insists on signatures refuses a module without",
	  signatures },
	{ "taint", "after an oops nothing that the kernel says can be relied on", taint },
	{ "clock", "queues and transfers read the clock for each time limit", clock_source },
	{ 0 },
};
