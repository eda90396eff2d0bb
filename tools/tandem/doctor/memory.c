// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Checks of memory: who may reach it, in which pages, and where it is shared.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "host/sysfile.h"

static void iommu(struct doctor *doctor)
{
	char type[32];
	glob_t found;

	sys_glob(&found, "/sys/kernel/iommu_groups/[0-9]*");
	if (!found.gl_pathc)
		doctor_say(doctor, DOCTOR_SKIP, NULL,
			   "no groups: off, or none here; emulated devices need none");
	else if (sys_text(type, sizeof(type), "%s/type", sys_inner(found.gl_pathv[0])))
		doctor_say(doctor, DOCTOR_OK, NULL, "%zu groups; root sees their mode",
			   found.gl_pathc);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "%zu groups, mode of the first: %s",
			   found.gl_pathc, type);
	globfree(&found);
}

static void huge_pages(struct doctor *doctor)
{
	glob_t found;

	sys_glob(&found, "/sys/kernel/mm/hugepages/hugepages-*");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = sys_inner(found.gl_pathv[i]);
		uint64_t all, free_ones;

		if (sys_count(&all, "%s/nr_hugepages", path) &&
		    sys_count(&free_ones, "%s/free_hugepages", path))
			doctor_say(doctor, DOCTOR_OK, strrchr(path, '-') + 1,
				   "%llu, of them free %llu", (unsigned long long)all,
				   (unsigned long long)free_ones);
		else
			doctor_say(doctor, DOCTOR_SKIP, strrchr(path, '-') + 1, "%s cannot be read",
				   path);
	}
	if (!found.gl_pathc)
		doctor_say(doctor, DOCTOR_SKIP, NULL, "this kernel has none");
	globfree(&found);
}

static void transparent(struct doctor *doctor)
{
	static const char *const files[] = { "enabled", "shmem_enabled" };

	for (unsigned int i = 0; i < 2; i++) {
		char text[128], *word, *end;
		int rc = sys_text(text, sizeof(text), "/sys/kernel/mm/transparent_hugepage/%s",
				  files[i]);

		word = strchr(text, '[');
		end = word ? strchr(word, ']') : NULL;
		if (rc || !end) {
			doctor_say(doctor, DOCTOR_SKIP, files[i], "%s",
				   rc ? strerror(-rc) : "no state in it");
			continue;
		}
		*end = '\0';
		doctor_say(doctor, DOCTOR_OK, files[i], "%s", word + 1);
	}
}

static void numa(struct doctor *doctor)
{
	char online[64];
	uint64_t on;

	if (!sys_count(&on, "/proc/sys/kernel/numa_balancing")) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "this kernel has no NUMA balancing");
		return;
	}
	sys_text(online, sizeof(online), "/sys/devices/system/node/online");
	if (!on || !strcmp(online, "0")) {
		doctor_say(doctor, DOCTOR_OK, NULL, "%s, nodes %s", on ? "on" : "off",
			   *online ? online : "unknown");
		return;
	}
	doctor_say(doctor, DOCTOR_WARN, NULL, "on, nodes %s", *online ? online : "unknown");
	doctor_cure(doctor, "sudo sysctl kernel.numa_balancing=0, or pin the program with "
			    "numactl");
}

static void available(struct doctor *doctor)
{
	char text[4096];
	const char *line;

	if (sys_whole(text, sizeof(text), "/proc/meminfo") < 0 ||
	    !(line = strstr(text, "MemAvailable:"))) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "/proc/meminfo does not say");
		return;
	}
	line += strlen("MemAvailable:");
	line += strspn(line, " ");
	doctor_say(doctor, DOCTOR_OK, NULL, "%.*s", (int)strcspn(line, "\n"), line);
}

static void shared(struct doctor *doctor)
{
	int rc = sys_may_use("/dev/shm");
	int fd = memfd_create("tandem-doctor", MFD_CLOEXEC);

	if (rc) {
		doctor_say(doctor, DOCTOR_WARN, "/dev/shm", "%s", strerror(-rc));
		doctor_cure(doctor, "sudo mount -t tmpfs -o mode=1777 tmpfs /dev/shm");
	} else {
		doctor_say(doctor, DOCTOR_OK, "/dev/shm", "may be written");
	}
	if (fd >= 0 && !ftruncate(fd, 4096)) {
		doctor_say(doctor, DOCTOR_OK, "memfd", "works");
	} else {
		doctor_say(doctor, DOCTOR_FAIL, "memfd", "%s", strerror(errno));
		doctor_cure(doctor, "let the sandbox of this process have memfd_create(2)");
	}
	if (fd >= 0)
		close(fd);
}

const struct doctor_check doctor_memory[] = {
	{ "iommu", "behind an IOMMU a device of hardware reaches its own memory alone", iommu },
	{ "hugepages", "a pool in large pages costs a NIC fewer translations", huge_pages },
	{ "thp", "buffers are memfds, which shmem_enabled speaks for", transparent },
	{ "numa", "balancing unmaps pages to see who uses them, under commands that run", numa },
	{ "available", "device memory in software is this machine's memory", available },
	{ "shared", "soft buffers are memfds, so that a peer process can have them", shared },
	{ 0 },
};
