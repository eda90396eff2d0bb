// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "drm/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tandem_accel.h"

/* Where nodes are, and their numbers: DRM gives each kind 64 of them. */
static const struct {
	const char *path;
	unsigned int first;
} kinds[] = {
	{ "/dev/accel/accel%u", 0 },
	{ "/dev/dri/renderD%u", 128 },
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))
#define NODES 64U

static bool is_ours(int fd)
{
	char name[sizeof(TDM_DRIVER_NAME)] = "";
	struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };

	int rc;

	do {
		rc = ioctl(fd, DRM_IOCTL_VERSION, &version);
	} while (rc && errno == EINTR);
	if (rc)
		return false;
	/* The kernel gives the whole length back, whatever it wrote. */
	return version.name_len == sizeof(name) - 1 && !strcmp(name, TDM_DRIVER_NAME);
}

int drm_node_open(const char *name)
{
	int fd;

	/* The device is asked for a context, which a signal may interrupt. */
	do {
		fd = open(name, O_RDWR | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return errno == ENOENT || errno == ENXIO ? -ENODEV : -errno;
	if (is_ours(fd))
		return fd;
	close(fd);
	return -ENODEV;
}

bool drm_node_at(unsigned int index, char name[NODE_NAME_BYTES])
{
	for (unsigned int i = 0; i < N_KINDS * NODES; i++) {
		int fd;

		/* The format is a constant of the table above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(name, NODE_NAME_BYTES, kinds[i / NODES].path,
			 kinds[i / NODES].first + i % NODES);
#pragma GCC diagnostic pop
		fd = drm_node_open(name);
		if (fd < 0)
			continue;
		close(fd);
		if (!index--)
			return true;
	}
	return false;
}
