/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The firmware's port on the control node: a bus address is an offset of it.
 */
#ifndef EMU_PORT_H
#define EMU_PORT_H

#include "core/port.h"

#include "node.h"

struct emu_port {
	struct fw_port port;
	struct emu_node *node;
};

/* @node must outlive @port. */
void emu_port_init(struct emu_port *port, struct emu_node *node);

#endif /* EMU_PORT_H */
