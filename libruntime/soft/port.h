/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The firmware's port: a bus address is a pointer, a bell is a counter, an
 * interrupt is a call.
 */
#ifndef SOFT_PORT_H
#define SOFT_PORT_H

#include "core/port.h"
#include "soft/bell.h"

/* Each bell has a cache line of its own: one is rung while the other is read. */
struct soft_port {
	struct fw_port port;
	struct {
		struct soft_bell bell __attribute__((aligned(64)));
	} bells[FW_BELLS];
	struct soft_bell interrupted; /* rung by every interrupt */
};

/* @port is a member of struct soft_device. */
void soft_port_init(struct soft_port *port, struct tdm_fw_regs *fw, const struct tdm_drv_regs *drv);

void soft_port_ring(struct soft_port *port, enum fw_bell bell);

#endif /* SOFT_PORT_H */
