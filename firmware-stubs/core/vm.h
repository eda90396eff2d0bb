/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A context's device address space: ranges, sorted by address, never
 * overlapping. Belongs to the compute thread (device.h).
 */
#ifndef FW_VM_H
#define FW_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "tandem_queue.h"

struct fw_range {
	uint64_t dva;
	uint64_t len;
	unsigned int access; /* enum tdm_access, or-ed */
	bool lost;	     /* under the running command (lost.h) */
	char *ptr;	     /* the port's, contiguous over len */
	uint64_t bus;	     /* as MAP named it */
};

struct fw_vm {
	struct fw_range *ranges;
	unsigned int count;
	unsigned int room;
	unsigned int last; /* where the last look-up hit */
};

/* What a look-up found: @len bytes at @ptr, or why not (ptr == NULL). */
struct fw_span {
	char *ptr;
	uint64_t len;
	uint64_t bad_addr;
	enum tdm_fault_reason reason;
};

void fw_vm_fini(struct fw_vm *vm);

/* Return: 0, -EINVAL (bad range), -EEXIST (overlap), -ENOMEM. Takes @range. */
int fw_vm_add(struct fw_vm *vm, const struct fw_range *range);

/* Takes the range that was added with just this address and length; ptr NULL: none. */
struct fw_range fw_vm_take(struct fw_vm *vm, uint64_t dva, uint64_t len);

/**
 * fw_vm_span - the longest piece of [dva, dva + len) that lies in one range
 * @len: not 0
 */
struct fw_span fw_vm_span(struct fw_vm *vm, uint64_t dva, uint64_t len, unsigned int access);

/**
 * fw_vm_whole - [dva, dva + len) in one range, or a fault
 * @align: power of two that @dva must be a multiple of
 */
struct fw_span fw_vm_whole(struct fw_vm *vm, uint64_t dva, uint64_t len, unsigned int access,
			   uint64_t align);

#endif /* FW_VM_H */
