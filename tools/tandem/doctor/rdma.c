// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Checks of RDMA: limits, devices, their ports, and what could stand in.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "host/sysfile.h"

#define CAP_IPC_LOCK_BIT 14
/* What systems give where nobody asked for more: no pool fits into it. */
#define MEMLOCK_DEFAULT (8ULL << 20)

bool doctor_limit(const char *name, uint64_t *soft, uint64_t *hard)
{
	char text[4096], words[2][32];
	const char *line;

	if (sys_whole(text, sizeof(text), "/proc/self/limits") < 0)
		return false;
	line = strstr(text, name);
	if (!line || sscanf(line + strlen(name), "%31s %31s", words[0], words[1]) != 2)
		return false;
	*soft = strcmp(words[0], "unlimited") ? strtoull(words[0], NULL, 10) : UINT64_MAX;
	*hard = strcmp(words[1], "unlimited") ? strtoull(words[1], NULL, 10) : UINT64_MAX;
	return true;
}

/* Root's, which no limit of locked memory holds. */
static bool may_lock_all(void)
{
	char text[4096];
	const char *line;

	if (sys_whole(text, sizeof(text), "/proc/self/status") < 0)
		return false;
	line = strstr(text, "\nCapEff:");
	return line && (strtoull(line + 8, NULL, 16) >> CAP_IPC_LOCK_BIT & 1);
}

static size_t rdma_devices(void)
{
	glob_t found;
	size_t n;

	sys_glob(&found, "/sys/class/infiniband/*");
	n = found.gl_pathc;
	globfree(&found);
	return n;
}

static void memlock(struct doctor *doctor)
{
	uint64_t soft, hard;

	if (!doctor_limit("Max locked memory", &soft, &hard)) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "/proc/self/limits cannot be read");
		return;
	}
	if (soft == UINT64_MAX) {
		doctor_say(doctor, DOCTOR_OK, NULL, "no limit");
		return;
	}
	if (may_lock_all()) {
		doctor_say(doctor, DOCTOR_OK, NULL,
			   "%" PRIu64 " bytes, which CAP_IPC_LOCK of this user is above", soft);
		return;
	}
	doctor_say(doctor, soft <= MEMLOCK_DEFAULT && rdma_devices() ? DOCTOR_FAIL : DOCTOR_WARN,
		   NULL, "%" PRIu64 " bytes: a larger pool cannot be registered", soft);
	if (hard > soft)
		doctor_cure(doctor, "ulimit -l %s (a service: LimitMEMLOCK=infinity)",
			    hard == UINT64_MAX ? "unlimited" : "$(ulimit -Hl)");
	else
		doctor_cure(doctor, "echo '* - memlock unlimited' | sudo tee "
				    "/etc/security/limits.d/rdma.conf, then log in again (a "
				    "service: LimitMEMLOCK=infinity)");
}

/* Return: GIDs of a port that are not zero */
static unsigned int count_gids(const char *port)
{
	char pattern[SYS_PATH_BYTES];
	unsigned int n = 0;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/gids/*", port);
	sys_glob(&found, pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char gid[64];

		if (!sys_text(gid, sizeof(gid), "%s", sys_inner(found.gl_pathv[i])) &&
		    strspn(gid, "0:") != strlen(gid))
			n++;
	}
	globfree(&found);
	return n;
}

/* "mlx5_0/1" of ".../mlx5_0/ports/1" */
static void port_name(const char *port, char name[64])
{
	const char *device = port + strlen("/sys/class/infiniband/");
	const char *number = strrchr(port, '/') + 1;

	snprintf(name, 64, "%.*s/%s", (int)strcspn(device, "/"), device, number);
}

static void look_at_port(struct doctor *doctor, const char *port)
{
	char state[32], link[32], netdev[32], mtu[16], name[64];
	unsigned int gids = count_gids(port);
	int rc = sys_text(state, sizeof(state), "%s/state", port);

	port_name(port, name);
	sys_text(link, sizeof(link), "%s/link_layer", port);
	sys_text(netdev, sizeof(netdev), "%s/gid_attrs/ndevs/0", port);
	sys_text(mtu, sizeof(mtu), "/sys/class/net/%s/mtu", *netdev ? netdev : "-");
	if (rc) {
		doctor_say(doctor, DOCTOR_SKIP, name, "%s/state: %s", port, strerror(-rc));
	} else if (!strstr(state, "ACTIVE")) {
		doctor_say(doctor, DOCTOR_FAIL, name, "%s, state %s", link, state);
		if (*netdev)
			doctor_cure(doctor, "sudo ip link set %s up", netdev);
		else
			doctor_cure(doctor, "rdma link show; then bring its network interface up");
	} else if (!gids) {
		doctor_say(doctor, DOCTOR_FAIL, name, "%s, %s, no GID", link, state);
		doctor_cure(doctor,
			    "give its network interface an address: sudo ip addr add "
			    "ADDRESS/24 dev %s",
			    *netdev ? netdev : "NETDEV");
	} else {
		doctor_say(doctor, DOCTOR_OK, name, "%s, %s, %u GIDs%s%s%s%s", link, state, gids,
			   *netdev ? ", on " : "", netdev, *mtu ? ", MTU " : "", mtu);
	}
}

static void ports(struct doctor *doctor)
{
	glob_t found;

	sys_glob(&found, "/sys/class/infiniband/*/ports/[0-9]*");
	for (size_t i = 0; i < found.gl_pathc; i++)
		look_at_port(doctor, sys_inner(found.gl_pathv[i]));
	if (!found.gl_pathc)
		doctor_say(doctor, DOCTOR_SKIP, NULL,
			   "no RDMA device: the software NIC stands in within a host");
	globfree(&found);
}

static void verbs_nodes(struct doctor *doctor)
{
	glob_t found;

	sys_glob(&found, "/dev/infiniband/uverbs[0-9]*");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = sys_inner(found.gl_pathv[i]);
		int fd = sys_open(O_RDWR, "%s", path);

		if (fd >= 0) {
			close(fd);
			doctor_say(doctor, DOCTOR_OK, NULL, "%s can be opened", path);
			continue;
		}
		doctor_say(doctor, DOCTOR_FAIL, NULL, "%s: %s", path, strerror(-fd));
		doctor_cure(doctor, "sudo apt-get install rdma-core, whose udev rules open it");
	}
	if (!found.gl_pathc && rdma_devices()) {
		doctor_say(doctor, DOCTOR_FAIL, NULL, "an RDMA device, and no /dev/infiniband");
		doctor_cure(doctor, "sudo modprobe ib_uverbs");
	} else if (!found.gl_pathc) {
		doctor_say(doctor, DOCTOR_SKIP, NULL, "no RDMA device");
	}
	globfree(&found);
}

/* The first interface that is no loopback; "" without */
static void first_netdev(char name[32])
{
	glob_t found;

	*name = '\0';
	sys_glob(&found, "/sys/class/net/*");
	for (size_t i = 0; i < found.gl_pathc && !*name; i++) {
		const char *at = strrchr(found.gl_pathv[i], '/') + 1;

		if (strcmp(at, "lo") != 0 && strlen(at) < 32)
			sys_printable(name, 32, at);
	}
	globfree(&found);
}

/* RDMA in software: what the kernel brings along. */
static void software(struct doctor *doctor)
{
	static const struct {
		const char *file, *module, *type;
	} kinds[] = { { "rdma_rxe.ko", "rdma_rxe", "rxe" }, { "siw.ko", "siw", "siw" } };
	char path[512], netdev[32];

	first_netdev(netdev);
	for (unsigned int i = 0; i < 2; i++) {
		bool loaded = sys_exists("/sys/module/%s", kinds[i].module);

		if (!loaded && !doctor_module_path(doctor, kinds[i].file, path, sizeof(path))) {
			doctor_say(doctor, DOCTOR_SKIP, kinds[i].type,
				   "this kernel has no module %s", kinds[i].module);
			continue;
		}
		if (rdma_devices()) {
			doctor_say(doctor, DOCTOR_OK, kinds[i].type, "%s, and not needed",
				   loaded ? "loaded" : "there");
			continue;
		}
		doctor_say(doctor, DOCTOR_WARN, kinds[i].type, "%s, and no device made with it",
			   loaded ? "loaded" : "there");
		doctor_cure(doctor, "sudo modprobe %s && sudo rdma link add %s0 type %s netdev %s",
			    kinds[i].module, kinds[i].type, kinds[i].type,
			    *netdev ? netdev : "NETDEV");
	}
}

const struct doctor_check doctor_rdma[] = {
	{ "memlock", "memory that a NIC reaches is locked, pools of KV pages whole", memlock },
	{ "ports", "a transfer goes through a port that is active and has an address", ports },
	{ "verbs", "libibverbs reaches devices through these nodes", verbs_nodes },
	{ "software", "without a NIC the kernel can do RDMA over any Ethernet", software },
	{ 0 },
};
