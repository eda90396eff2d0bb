// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/port.h"

#include "soft/device.h"

static struct soft_port *to_soft(struct fw_port *port)
{
	return (struct soft_port *)((char *)port - offsetof(struct soft_port, port));
}

static void *port_bus_map(struct fw_port *port, uint64_t bus, uint64_t len, unsigned int access)
{
	(void)port;
	(void)len;
	(void)access;
	return (void *)(uintptr_t)bus;
}

/* The driver keeps the memory until the firmware has answered; nothing to undo. */
static void port_unmap(struct fw_port *port, void *ptr, uint64_t len)
{
	(void)port;
	(void)ptr;
	(void)len;
}

static void *port_range_map(struct fw_port *port, const struct tdm_admin_map *map)
{
	(void)port;
	return map->n_extents ? NULL : (void *)(uintptr_t)map->bus;
}

static void port_interrupt(struct fw_port *port)
{
	struct soft_port *soft = to_soft(port);

	soft_events_drain(
		(struct soft_device *)((char *)soft - offsetof(struct soft_device, port)));
	soft_bell_ring(&soft->interrupted);
}

static uint32_t port_bell(struct fw_port *port, enum fw_bell bell)
{
	return soft_bell_read(&to_soft(port)->bells[bell].bell);
}

static void port_ring(struct fw_port *port, enum fw_bell bell)
{
	soft_port_ring(to_soft(port), bell);
}

static void port_sleep(struct fw_port *port, enum fw_bell bell, uint32_t seen, uint64_t deadline_ns)
{
	soft_bell_sleep(&to_soft(port)->bells[bell].bell, seen, deadline_ns);
}

static uint64_t port_clock_ns(struct fw_port *port)
{
	(void)port;
	return soft_clock_ns();
}

static void port_crash(struct fw_port *port)
{
	soft_device_lose(
		(struct soft_device *)((char *)to_soft(port) - offsetof(struct soft_device, port)));
}

static const struct fw_port_ops port_ops = {
	.bus_map = port_bus_map,
	.bus_unmap = port_unmap,
	.range_map = port_range_map,
	.range_unmap = port_unmap,
	.interrupt = port_interrupt,
	.bell = port_bell,
	.ring = port_ring,
	.sleep = port_sleep,
	.clock_ns = port_clock_ns,
	.crash = port_crash,
};

void soft_port_init(struct soft_port *port, struct tdm_fw_regs *fw, const struct tdm_drv_regs *drv)
{
	port->port = (struct fw_port){ .ops = &port_ops, .fw = fw, .drv = drv };
}

void soft_port_ring(struct soft_port *port, enum fw_bell bell)
{
	soft_bell_ring(&port->bells[bell].bell);
}
