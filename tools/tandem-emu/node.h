/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The control node, as tandem_emu.h has it: one open file is one device.
 */
#ifndef EMU_NODE_H
#define EMU_NODE_H

#include <stddef.h>
#include <stdint.h>

#include <tandem/error.h>

#include "tandem_emu.h"

/* A device of the driver's; -1 is none. */
struct emu_node {
	int fd;
	uint32_t id;
	struct tdm_fw_regs *fw;
	const struct tdm_drv_regs *drv;
	const struct tdm_emu_bells *bells;
};

/**
 * emu_node_open - make a device
 * @path: of the control node
 * Return: 0 or -errno with @err
 */
int emu_node_open(struct emu_node *node, const char *path, struct tdm_error *err);

/* The device's end. No thread uses the node any more. */
void emu_node_close(struct emu_node *node);

/* [offset, offset + len) of the node; NULL when it does not resolve. Undone by munmap(2) */
void *emu_node_map(const struct emu_node *node, uint64_t offset, uint64_t len, int prot);

/* Return: 0, or early for any reason, or -ENODEV when the device was removed */
int emu_node_wait(const struct emu_node *node, enum tdm_emu_bell bell, uint32_t seen,
		  uint64_t deadline_ns);

void emu_node_ring(const struct emu_node *node, enum tdm_emu_bell bell);
void emu_node_raise(const struct emu_node *node);

/* Return: 0 or -errno */
int emu_node_status(const struct emu_node *node, struct tdm_emu_status *status);

#endif /* EMU_NODE_H */
