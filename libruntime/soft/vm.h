/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A context's device address space, driver's side: what is mapped where. The
 * firmware keeps the translation itself.
 */
#ifndef SOFT_VM_H
#define SOFT_VM_H

#include <stdbool.h>
#include <stdint.h>

struct soft_bo;
struct soft_file;

struct soft_range {
	uint64_t dva;
	uint64_t len;
	struct soft_bo *bo; /* with a reference */
};

/* Sorted by address. Guarded by soft_file.lock. */
struct soft_vm {
	struct soft_range *ranges;
	uint32_t count;
	uint32_t room;
	uint64_t next; /* where the kernel's choice looks first */
};

/* The calls; soft_file.lock is taken inside. */
int soft_vm_map(struct soft_file *file, void *arg);
int soft_vm_unmap(struct soft_file *file, void *arg);

/* All ranges of a buffer; soft_file.lock is held. */
void soft_vm_unmap_bo(struct soft_file *file, const struct soft_bo *bo);

/* After CTX_DESTROY. @drained is false when it was not answered. */
void soft_vm_fini(struct soft_file *file, bool drained);

#endif /* SOFT_VM_H */
