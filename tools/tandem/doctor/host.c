// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Checks of the machine: processor, virtual machines, limits of processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "doctor/soft.h"
#include "host/sysfile.h"

#define FEW 1024
#define OBSERVER " @tandem/observe/"

/* Return: 0 when a machine can be made, or -errno; @version is what it says first */
static int try_kvm(int fd, int *version)
{
	int vm;

	*version = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (*version < 0)
		return -errno;
	vm = ioctl(fd, KVM_CREATE_VM, 0);
	if (vm < 0)
		return -errno;
	close(vm);
	return 0;
}

static void kvm(struct doctor *doctor)
{
	int fd = sys_open(O_RDWR, "/dev/kvm");
	int version = 0;
	int rc = fd < 0 ? fd : try_kvm(fd, &version);

	if (fd >= 0)
		close(fd);
	if (!rc) {
		doctor_say(doctor, DOCTOR_OK, NULL, "a machine can be made, version %d", version);
		return;
	}
	doctor_say(doctor, DOCTOR_WARN, NULL, "%s: %s",
		   fd < 0 ? "/dev/kvm" : "/dev/kvm is there and makes no machine", strerror(-rc));
	if (rc == -EACCES)
		doctor_cure(doctor, "sudo usermod -aG kvm \"$USER\", then log in again");
	else
		doctor_cure(doctor, "turn virtualization on in the firmware, or nesting in the "
				    "hypervisor; guests run without, slowly");
}

/* A word among the flags of the first processor. */
static bool has_flag(const char *cpuinfo, const char *flag)
{
	const char *line = strstr(cpuinfo, "\nflags");
	const char *end = line ? strchr(line + 1, '\n') : NULL;
	size_t len = strlen(flag);

	for (const char *at = line; at && (at = strstr(at + 1, flag)) && (!end || at < end);)
		if (at[-1] == ' ' && (at[len] == ' ' || at[len] == '\n' || !at[len]))
			return true;
	return false;
}

/* Return: whether all of @flags, NULL at their end, are there; else one that is not */
static const char *missing(const char *cpuinfo, const char *const *flags)
{
	for (; *flags; flags++)
		if (!has_flag(cpuinfo, *flags))
			return *flags;
	return NULL;
}

static void processor(struct doctor *doctor)
{
	static const char *const narrow[] = { "avx2", "fma", "f16c", NULL };
	static const char *const wide[] = { "avx512f", "avx512bw", "avx512dq", "avx512vl", NULL };
	char text[8192];
	const char *lacks;

	if (sys_whole(text, sizeof(text), "/proc/cpuinfo") < 0 || !strstr(text, "\nflags")) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "/proc/cpuinfo has no flags");
		return;
	}
	lacks = missing(text, narrow);
	if (lacks) {
		doctor_say(doctor, DOCTOR_WARN, NULL, "no %s: soft devices compute by scalar code",
			   lacks);
		doctor_cure(doctor, "take a processor, or a hypervisor's model of one, that has "
				    "it");
		return;
	}
	lacks = missing(text, wide);
	doctor_say(doctor, DOCTOR_OK, NULL, "%s%s%s", lacks ? "avx2 and fma; no " : "avx512",
		   lacks ? lacks : "", lacks ? ", the same results slower" : "");
}

static void governor(struct doctor *doctor)
{
	char text[64];
	int rc = sys_text(text, sizeof(text),
			  "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");

	if (rc) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "this machine does not tell");
	} else if (!strcmp(text, "performance")) {
		doctor_say(doctor, DOCTOR_OK, NULL, "%s", text);
	} else {
		doctor_say(doctor, DOCTOR_WARN, NULL, "%s", text);
		doctor_cure(doctor, "sudo cpupower frequency-set -g performance");
	}
}

static void limits(struct doctor *doctor)
{
	static const struct {
		const char *name, *of, *cure;
	} kinds[] = { { "Max open files", "files", "ulimit -n 65536" },
		      { "Max processes", "threads", "ulimit -u 16384" } };

	for (unsigned int i = 0; i < 2; i++) {
		uint64_t soft, hard;

		if (!doctor_limit(kinds[i].name, &soft, &hard)) {
			doctor_say(doctor, DOCTOR_SKIP, kinds[i].of,
				   "/proc/self/limits cannot be read");
		} else if (soft == UINT64_MAX) {
			doctor_say(doctor, DOCTOR_OK, kinds[i].of, "no limit");
		} else {
			doctor_say(doctor, soft < FEW ? DOCTOR_WARN : DOCTOR_OK, kinds[i].of,
				   "%" PRIu64, soft);
			if (soft < FEW)
				doctor_cure(doctor, "%s", kinds[i].cure);
		}
	}
}

/* Return: processes that can be looked at, or -1 */
static int count_observers(void)
{
	size_t bytes;
	int error, n = 0;
	char *text = sys_load(sys_open(O_RDONLY, "/proc/net/unix"), 64 << 20, &bytes, &error);

	if (!text)
		return -1;
	for (const char *at = text; (at = strstr(at, OBSERVER)); at++)
		n++;
	free(text);
	return n;
}

/* A name of the kernel's choice: can there be one. Return: 0 or -errno */
static int try_abstract(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int rc = fd < 0 ? -errno : 0;

	if (!rc && bind(fd, (struct sockaddr *)&at, sizeof(at.sun_family)))
		rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

static void observers(struct doctor *doctor)
{
	int rc = try_abstract();
	int n = count_observers();

	if (rc) {
		doctor_say(doctor, DOCTOR_WARN, NULL, "no abstract sockets here: %s",
			   strerror(-rc));
		doctor_cure(doctor, "let the sandbox of this process have unix sockets");
	} else if (n < 0) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "/proc/net/unix cannot be read");
	} else {
		doctor_say(doctor, DOCTOR_OK, NULL,
			   "abstract sockets work; processes that can be looked at: %d", n);
	}
}

const struct doctor_check doctor_host[] = {
	{ "kvm", "guests that try the driver out run ten times as fast with it", kvm },
	{ "processor", "soft devices compute with the widest vectors that there are", processor },
	{ "governor", "a processor that saves power answers late", governor },
	{ "limits", "each queue, buffer and connection takes descriptors, each device threads",
	  limits },
	{ "soft",
	  "an ill device or NIC of a process answers late, wrongly, in errors or not at all",
	  doctor_soft },
	{ "observers", "soft devices live in processes, which are looked at by socket", observers },
	{ 0 },
};
