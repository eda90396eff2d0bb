// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGS_BYTES TDM_HW_PAGE_BYTES

static int no_node(const char *path, int code, struct tdm_error *err)
{
	switch (code) {
	case -ENOENT:
	case -ENXIO:
		return tdm_error_set(err, code,
				     "control node '%s': there is none; load the driver (modprobe "
				     "tandem)",
				     path);
	case -EACCES:
	case -EPERM:
		return tdm_error_set(err, code,
				     "control node '%s': no permission; run as root: who holds it "
				     "sees the memory of all clients",
				     path);
	default:
		return tdm_error_set(err, code,
				     "control node '%s': it cannot be opened: %s; look at the "
				     "kernel's log",
				     path, strerror(-code));
	}
}

static int create(struct emu_node *node, const char *path, struct tdm_error *err)
{
	struct tdm_emu_create create = { .size = sizeof(create), .abi = TDM_EMU_ABI };

	if (ioctl(node->fd, TDM_EMU_CREATE, &create))
		return tdm_error_set(err, -errno,
				     "control node '%s': no device was made: %s; use a driver and "
				     "a tandem-emu of one version",
				     path, strerror(errno));
	node->id = create.id;
	return 0;
}

static int map_pages(struct emu_node *node, const char *path, struct tdm_error *err)
{
	node->fw = emu_node_map(node, TDM_EMU_FW_REGS, REGS_BYTES, PROT_READ | PROT_WRITE);
	node->drv = emu_node_map(node, TDM_EMU_DRV_REGS, REGS_BYTES, PROT_READ);
	node->bells = emu_node_map(node, TDM_EMU_BELLS, REGS_BYTES, PROT_READ);
	if (node->fw && node->drv && node->bells)
		return 0;
	return tdm_error_set(err, -errno,
			     "control node '%s': its registers cannot be mapped: %s; use a driver "
			     "and a tandem-emu of one version",
			     path, strerror(errno));
}

int emu_node_open(struct emu_node *node, const char *path, struct tdm_error *err)
{
	int rc;

	*node = (struct emu_node){ .fd = open(path, O_RDWR | O_CLOEXEC) };
	if (node->fd < 0)
		return no_node(path, -errno, err);
	rc = create(node, path, err);
	if (!rc)
		rc = map_pages(node, path, err);
	if (rc)
		emu_node_close(node);
	return rc;
}

static void unmap(const void *page)
{
	if (page)
		munmap((void *)(uintptr_t)page, REGS_BYTES);
}

void emu_node_close(struct emu_node *node)
{
	unmap(node->fw);
	unmap(node->drv);
	unmap(node->bells);
	if (node->fd >= 0)
		close(node->fd);
	*node = (struct emu_node){ .fd = -1 };
}

void *emu_node_map(const struct emu_node *node, uint64_t offset, uint64_t len, int prot)
{
	void *ptr = mmap(NULL, len, prot, MAP_SHARED, node->fd, (off_t)offset);

	return ptr == MAP_FAILED ? NULL : ptr;
}

int emu_node_wait(const struct emu_node *node, enum tdm_emu_bell bell, uint32_t seen,
		  uint64_t deadline_ns)
{
	struct tdm_emu_bell_wait wait = {
		.size = sizeof(wait),
		.bell = bell,
		.seen = seen,
		.deadline_ns = deadline_ns,
	};

	return ioctl(node->fd, TDM_EMU_BELL_WAIT, &wait) && errno == ENODEV ? -ENODEV : 0;
}

void emu_node_ring(const struct emu_node *node, enum tdm_emu_bell bell)
{
	struct tdm_emu_bell_ring ring = { .size = sizeof(ring), .bell = bell };

	/* Fails only for a device that is gone, where nobody is left to be woken. */
	(void)ioctl(node->fd, TDM_EMU_BELL_RING, &ring);
}

void emu_node_raise(const struct emu_node *node)
{
	(void)ioctl(node->fd, TDM_EMU_RAISE);
}

int emu_node_status(const struct emu_node *node, struct tdm_emu_status *status)
{
	*status = (struct tdm_emu_status){ .size = sizeof(*status) };
	return ioctl(node->fd, TDM_EMU_STATUS, status) ? -errno : 0;
}
