/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The control node /dev/tandem-emu: how a process is a device.
 *
 * It is what a PCI function is to hardware: registers, memory that the driver
 * shares, doorbells in and interrupts out, for the contract of tandem_hw.h. A
 * "bus address" in that contract is here the offset at which the control node
 * maps it.
 *
 * Life of a device:
 *
 *	open, TDM_EMU_CREATE	the device is there, and boots
 *	map the registers	TDM_EMU_FW_REGS, _DRV_REGS, _BELLS
 *	boot the firmware	it stores TDM_HW_MAGIC last, then TDM_EMU_RAISE
 *	(the driver sends IDENTIFY, then there is a node: TDM_EMU_STATUS)
 *	serve			until the file is closed
 *	close, or die		surprise removal; a new file is a new device
 *
 * Invariants:
 *
 *  - Who opened the file has CAP_SYS_ADMIN in the initial user namespace, or it
 *    is EPERM; the opener counts, so a descriptor may be passed on and rights
 *    be dropped. The process that calls TDM_EMU_CREATE is the device: calls and
 *    mappings of any other are EPERM (a forked child inherits no mapping), and
 *    its exit is the device's removal, whoever else has a descriptor. So is
 *    its close() of any descriptor of this file: duplicates are not counted.
 *  - Mappings are MAP_SHARED, not executable. One that may be written and is
 *    for reading only is EACCES; mprotect() cannot change that.
 *  - A mapping belongs to the object that the offset named when it was made. When
 *    the driver takes the object back the pages go from all mappings of it, at
 *    once, and touching them is SIGBUS for ever, also when the same offset names
 *    something new by then. So is an address of a context at which nothing is
 *    mapped, a write where it is mapped for reading, and a page for which there
 *    is no memory. The driver waits for the device to drain before it takes
 *    anything back, except when the device missed a bound.
 *  - Pages of a context come on first touch, one by one.
 *  - The process must not open its own device node: EDEADLK.
 *  - All calls may be made by several threads at once. None waits for anything
 *    but TDM_EMU_BELL_WAIT.
 */
#ifndef _UAPI_TANDEM_EMU_H
#define _UAPI_TANDEM_EMU_H

#include <linux/ioctl.h>

#include "tandem_hw.h"

#if defined(__cplusplus)
extern "C" {
#endif

#define TDM_EMU_NODE "/dev/tandem-emu"
#define TDM_EMU_ABI 1

/*
 * Offsets. Bits 60 and 61 say which kind:
 *
 *  - memory that the driver shares: registers, rings, queue areas. Bits 32 to 59
 *    number it, the lower ones are the byte in it. Only the three below are
 *    known beforehand; the others are the bus addresses of admin commands, to be
 *    mapped whole or from a page in them on.
 *  - addresses of a context: bits 47 to 59 are the context's number, the lower
 *    ones the device address. Such an offset is struct tdm_admin_map.bus, whose
 *    n_extents is 0. Any part of a context may be mapped, ranges and gaps; what
 *    is there is looked at on touch.
 */
#define TDM_EMU_MEM (1ULL << 60)
#define TDM_EMU_MEM_SHIFT 32
#define TDM_EMU_DVA (2ULL << 60)
#define TDM_EMU_DVA_SHIFT 47
#define TDM_EMU_KIND_MASK (3ULL << 60)

#define TDM_EMU_CTX_MAX 8192 /* what bits 47 to 59 hold */

#define TDM_EMU_BELLS (TDM_EMU_MEM | 1ULL << TDM_EMU_MEM_SHIFT)	   /* one page, read only */
#define TDM_EMU_FW_REGS (TDM_EMU_MEM | 2ULL << TDM_EMU_MEM_SHIFT)  /* one page, written */
#define TDM_EMU_DRV_REGS (TDM_EMU_MEM | 3ULL << TDM_EMU_MEM_SHIFT) /* one page, read only */

enum tdm_emu_bell {
	TDM_EMU_BELL_ADMIN = 0,	  /* tdm_drv_regs has news: enable, reset, admin tail, event head */
	TDM_EMU_BELL_COMPUTE = 1, /* DRM_IOCTL_TANDEM_QUEUE_WAKE of any queue */
	TDM_EMU_BELL_STATUS = 2,  /* TDM_EMU_STATUS has news; removal too */
	TDM_EMU_N_BELLS = 3,
};

/**
 * struct tdm_emu_bells - the doorbells' page; written by the kernel
 * @count: how often each was rung so far, modulo 2^32
 *
 * A bell is counted after what it announces was stored, so who loads its count
 * (acquire) sees that. Each has a cache line of its own.
 */
struct tdm_emu_bells {
	struct {
		__u32 count;
		__u32 reserved[15];
	} bell[TDM_EMU_N_BELLS];
};

/**
 * struct tdm_emu_create - make this file a device
 * @size: sizeof(struct tdm_emu_create)
 * @abi: TDM_EMU_ABI; another: EOPNOTSUPP
 * @flags: 0
 * @id: out: number of the device: its parent is the platform device tandem-emu.ID
 *
 * EBUSY when it is one already.
 */
struct tdm_emu_create {
	__u32 size;
	__u32 abi;
	__u32 flags;
	__u32 id;
};

enum tdm_emu_state {
	TDM_EMU_BOOTING = 1, /* until the firmware is ready and identified */
	TDM_EMU_READY = 2,   /* there is a node */
	TDM_EMU_RESETTING = 3,
	TDM_EMU_FAILED = 4, /* given up: error says why; close the file */
	TDM_EMU_GONE = 5,   /* removed; calls are ENODEV */
};

/**
 * struct tdm_emu_status - how the device does
 * @size: sizeof(struct tdm_emu_status)
 * @state: out: enum tdm_emu_state
 * @error: out: negative errno that belongs to @state, or 0
 * @clients: out: open contexts
 * @node: out: name of the node below /dev once READY, "accel/accel0"; NUL terminated
 */
struct tdm_emu_status {
	__u32 size;
	__u32 state;
	__s32 error;
	__u32 clients;
	char node[32];
};

/**
 * struct tdm_emu_bell_wait - sleep until a bell was rung
 * @size: sizeof(struct tdm_emu_bell_wait)
 * @bell: enum tdm_emu_bell
 * @seen: returns at once when the count differs from this
 * @flags: 0
 * @deadline_ns: absolute, CLOCK_MONOTONIC; ~0: none. ETIMEDOUT when it has passed
 *
 * EINTR on a signal; ENODEV when the device was removed from the driver's side.
 */
struct tdm_emu_bell_wait {
	__u32 size;
	__u32 bell;
	__u32 seen;
	__u32 flags;
	__u64 deadline_ns;
};

/*
 * For who prefers one thread: poll() says POLLIN when the admin bell, POLLPRI
 * when the compute or the status bell was rung since the last read(), which gives
 * __u32[TDM_EMU_N_BELLS], the counts, and never waits.
 */

/**
 * struct tdm_emu_bell_ring - ring one's own bell, to wake another thread
 * @size: sizeof(struct tdm_emu_bell_ring)
 * @bell: enum tdm_emu_bell
 *
 * Counted as a ring of the driver's is.
 */
struct tdm_emu_bell_ring {
	__u32 size;
	__u32 bell;
};

#define TDM_EMU_IOC 0xe7

#define TDM_EMU_CREATE _IOWR(TDM_EMU_IOC, 0x00, struct tdm_emu_create)
#define TDM_EMU_STATUS _IOWR(TDM_EMU_IOC, 0x01, struct tdm_emu_status)
#define TDM_EMU_BELL_WAIT _IOWR(TDM_EMU_IOC, 0x02, struct tdm_emu_bell_wait)
/* The interrupt: the registers or the event ring have news for the driver. */
#define TDM_EMU_RAISE _IO(TDM_EMU_IOC, 0x03)
#define TDM_EMU_BELL_RING _IOWR(TDM_EMU_IOC, 0x04, struct tdm_emu_bell_ring)

TDM_STATIC_ASSERT(sizeof(struct tdm_emu_bells) == 192, "tdm_emu_bells");
TDM_STATIC_ASSERT(sizeof(struct tdm_emu_create) == 16, "tdm_emu_create");
TDM_STATIC_ASSERT(sizeof(struct tdm_emu_status) == 48, "tdm_emu_status");
TDM_STATIC_ASSERT(sizeof(struct tdm_emu_bell_wait) == 24, "tdm_emu_bell_wait");
TDM_STATIC_ASSERT(sizeof(struct tdm_emu_bell_ring) == 8, "tdm_emu_bell_ring");

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_TANDEM_EMU_H */
