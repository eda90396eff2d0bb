// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "core/vm.h"

#include "port.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static struct emu_node *node_of(struct fw_port *port)
{
	return ((struct emu_port *)((char *)port - offsetof(struct emu_port, port)))->node;
}

static int prot(unsigned int access)
{
	return access & TDM_ACCESS_WRITE ? PROT_READ | PROT_WRITE : PROT_READ;
}

static void *port_bus_map(struct fw_port *port, uint64_t bus, uint64_t len, unsigned int access)
{
	/* Whoever sends a plain number for an offset gets no registers. */
	if ((bus & TDM_EMU_KIND_MASK) != TDM_EMU_MEM)
		return NULL;
	return emu_node_map(node_of(port), bus, len, prot(access));
}

static void *port_range_map(struct fw_port *port, const struct tdm_admin_map *map)
{
	if (map->n_extents || (map->bus & TDM_EMU_KIND_MASK) != TDM_EMU_DVA)
		return NULL;
	return emu_node_map(node_of(port), map->bus, map->len, prot(map->access));
}

/*
 * One mapping in place of another needs nothing that could be missing. Where the
 * driver has given up the context (EINVAL) or the device (ENODEV), zeroes stay: a
 * reset or the end takes the range, and until then nobody sees what is in it.
 */
static void port_range_again(struct fw_port *port, const struct fw_range *range)
{
	if (mmap(range->ptr, range->len, prot(range->access), MAP_SHARED | MAP_FIXED,
		 node_of(port)->fd, (off_t)range->bus) != MAP_FAILED ||
	    errno == EINVAL || errno == ENODEV)
		return;
	/* Rather no device than one whose memory is not its clients'. */
	fputs("tandem-emu: memory of a client cannot be mapped again; its devices are removed, "
	      "start it again\n",
	      stderr);
	abort();
}

static void port_unmap(struct fw_port *port, void *ptr, uint64_t len)
{
	(void)port;
	munmap(ptr, len);
}

static void port_interrupt(struct fw_port *port)
{
	emu_node_raise(node_of(port));
}

static enum tdm_emu_bell bell_of(enum fw_bell bell)
{
	return bell == FW_BELL_ADMIN ? TDM_EMU_BELL_ADMIN : TDM_EMU_BELL_COMPUTE;
}

static uint32_t port_bell(struct fw_port *port, enum fw_bell bell)
{
	return tdm_load_acquire(&node_of(port)->bells->bell[bell_of(bell)].count);
}

static void port_ring(struct fw_port *port, enum fw_bell bell)
{
	emu_node_ring(node_of(port), bell_of(bell));
}

/* So that a removed device, whose bells nobody rings any more, is no busy loop. */
static void nap(void)
{
	usleep(10000);
}

static void port_sleep(struct fw_port *port, enum fw_bell bell, uint32_t seen, uint64_t deadline_ns)
{
	if (emu_node_wait(node_of(port), bell_of(bell), seen, deadline_ns))
		nap();
}

/* The clock of the driver's deadlines. */
static uint64_t port_clock_ns(struct fw_port *port)
{
	struct timespec ts;

	(void)port;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

/* As a device that was pulled out: the driver sees this process end. */
static void port_crash(struct fw_port *port)
{
	(void)port;
	fputs("tandem-emu: ordered to crash (TDM_INJECT_CRASH); start it again\n", stderr);
	abort();
}

static const struct fw_port_ops port_ops = {
	.bus_map = port_bus_map,
	.bus_unmap = port_unmap,
	.range_map = port_range_map,
	.range_again = port_range_again,
	.range_unmap = port_unmap,
	.interrupt = port_interrupt,
	.bell = port_bell,
	.ring = port_ring,
	.sleep = port_sleep,
	.clock_ns = port_clock_ns,
	.crash = port_crash,
};

void emu_port_init(struct emu_port *port, struct emu_node *node)
{
	port->node = node;
	port->port = (struct fw_port){ .ops = &port_ops, .fw = node->fw, .drv = node->drv };
}
