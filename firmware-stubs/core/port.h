/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the firmware needs from its attachment: memory, bells in, interrupts out
 * and a clock. One implementation per attachment (soft, emu, pci).
 *
 * The firmware has two threads, which the port starts and joins: admin and
 * compute. Each sleeps on a bell of its own.
 */
#ifndef FW_PORT_H
#define FW_PORT_H

#include <stdint.h>

#include "tandem_hw.h"

struct fw_port;
struct fw_range;

enum fw_bell { FW_BELL_ADMIN = 0, FW_BELL_COMPUTE = 1, FW_BELLS };

/**
 * struct fw_port_ops - the attachment's part
 * @bus_map: pointer to [bus, bus + len) for ring areas and admin pages, or NULL
 *	     when the address does not resolve. Undone by @bus_unmap
 * @range_map: pointer to the memory that a MAP names, contiguous over map->len,
 *	       or NULL. The port holds the memory until @range_unmap
 * @range_again: the range's own memory at its pointer once more, after something
 *		 else was put there (lost.h), or what is there stays until the
 *		 context ends, where that has no memory any more. NULL in a port
 *		 whose memory never goes away
 * @interrupt: the event ring has something new. Called by either thread; must
 *	       not call back into the firmware
 * @bell: how often the bell was rung, for @sleep
 * @ring: ring a bell of the other thread
 * @sleep: returns when the bell was rung after it read @seen, or at
 *	   @deadline_ns of @clock_ns (~0: never). May return early
 * @clock_ns: the device clock, monotonic, any thread
 * @crash: the device is gone at once, as one that was pulled out; the firmware has
 *	   stopped. May not return. NULL in a port that cannot
 */
struct fw_port_ops {
	void *(*bus_map)(struct fw_port *port, uint64_t bus, uint64_t len, unsigned int access);
	void (*bus_unmap)(struct fw_port *port, void *ptr, uint64_t len);
	void *(*range_map)(struct fw_port *port, const struct tdm_admin_map *map);
	void (*range_again)(struct fw_port *port, const struct fw_range *range);
	void (*range_unmap)(struct fw_port *port, void *ptr, uint64_t len);
	void (*interrupt)(struct fw_port *port);
	uint32_t (*bell)(struct fw_port *port, enum fw_bell bell);
	void (*ring)(struct fw_port *port, enum fw_bell bell);
	void (*sleep)(struct fw_port *port, enum fw_bell bell, uint32_t seen, uint64_t deadline_ns);
	uint64_t (*clock_ns)(struct fw_port *port);
	void (*crash)(struct fw_port *port);
};

/**
 * struct fw_port - embedded by the attachment
 * @ops: no NULL members but range_again and crash
 * @fw: register page that the firmware writes
 * @drv: register page that it reads
 */
struct fw_port {
	const struct fw_port_ops *ops;
	struct tdm_fw_regs *fw;
	const struct tdm_drv_regs *drv;
};

#endif /* FW_PORT_H */
