/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The emu bus: devices that a process serves through the control node
 * (tandem_emu.h).
 *
 * struct emu is what an open control file and its device have in common. The
 * file refers to the device until it is released; the device to the emu until
 * its own last reference. Locks, innermost of all (device.h):
 *
 *	emu.lock		one call that creates or ends it
 *	emu_mem.lock (f)	dead; held while a page is mapped
 *	emu.mems' xa_lock (f)	who has which number
 */
#ifndef TDM_EMU_H
#define TDM_EMU_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "bus.h"
#include "tandem_emu.h"

struct address_space;
struct file;
struct platform_device;
struct vm_area_struct;

/* Memory that the driver shares; offsets of the control node name it. */
struct emu_mem {
	struct kref ref; /* the table's, and one of every mapping */
	struct mutex lock; /* dead; no page is mapped when it is set */
	bool dead;
	u32 access; /* enum tdm_access, or-ed */
	struct tdm_store *store; /* with a reference */
};

struct emu {
	struct kref ref;
	struct mutex lock; /* tdm, pdev and owner become what they are; create, end */
	struct tdm_device *tdm; /* set once; with a reference, until the file is released */
	struct platform_device *pdev; /* NULL when it has been unregistered */
	struct pid *owner; /* the process that is the device; set once, with tdm */
	bool ended; /* the process is gone, or closed it */
	u32 id;
	struct address_space *mapping; /* of the control file's mappings: the device's */
	struct xarray mems; /* struct emu_mem by number */
	struct emu_mem *bells; /* written by emu_ring() alone */
	wait_queue_head_t bell_wait[TDM_EMU_N_BELLS];
	wait_queue_head_t poll_wait;
};

int tdm_emu_init(void);
void tdm_emu_exit(void);

void emu_get(struct emu *emu);
void emu_put(struct emu *emu);

/* Rings a bell, after everything that was stored so far. Any context. */
void emu_ring(struct emu *emu, enum tdm_emu_bell bell);
u32 emu_bell_count(struct emu *emu, enum tdm_emu_bell bell);

/* bus_emu.c: the bus's part; the device comes and goes with its platform device. */
int emu_bus_init(void);
void emu_bus_exit(void);
int emu_bus_add(struct emu *emu);

/* emu_mem.c */
int emu_mem_add(struct emu *emu, struct tdm_store *store, u32 access, struct tdm_share *share);
void emu_mem_remove(struct emu *emu, struct tdm_share *share);
void emu_mem_put(struct emu_mem *mem);

/* emu_map.c: mmap(2) of the control node; the caller is the device. */
int emu_map(struct emu *emu, struct vm_area_struct *vma);
void emu_zap(struct emu *emu, u64 offset, u64 len);

#endif /* TDM_EMU_H */
