/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Buffer objects and their handles.
 *
 * A bo belongs to the device and lives while a handle, a range of a device
 * address space or a mapping of the application names it. Its bytes are charged
 * all that time.
 */
#ifndef SOFT_BO_H
#define SOFT_BO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "soft/mem.h"

struct soft_device;
struct soft_file;

/* Guarded by soft_device.lock, the constant members excepted. */
struct soft_bo {
	struct soft_bo *next;
	struct soft_bo **link; /* what points here */
	struct soft_device *dev;
	struct soft_file *owner; /* whose usage it is charged to, while that is open */
	unsigned int refs;
	uint32_t domain;
	uint64_t charged; /* 0: imported, its maker pays */
	dev_t fs;	  /* with inode: which memfd it is */
	ino_t inode;
	struct soft_mem mem;
};

/* A handle is one of these in soft_file.bos; soft_file.lock guards it. */
struct soft_handle {
	struct soft_bo *bo; /* with a reference */
	uint64_t offset;    /* of its span */
};

/*
 * Charge or give back bytes, to the device and to @file (NULL: closed by now).
 * soft_device.lock is held. Return: false when they are not there.
 */
bool soft_charge(struct soft_device *dev, struct soft_file *file, uint32_t domain, uint64_t bytes);
void soft_uncharge(struct soft_device *dev, struct soft_file *file, uint32_t domain,
		   uint64_t bytes);

/* A bo of @mem (taken) with one reference, not charged yet. NULL: see errno. */
struct soft_bo *soft_bo_alloc(struct soft_device *dev, const struct soft_mem *mem);

/* Make it known to the device; from here on soft_bo_put() ends it. Lock held. */
void soft_bo_link(struct soft_bo *bo);

/* soft_device.lock is held for get, and not for put. */
void soft_bo_get(struct soft_bo *bo);
void soft_bo_put(struct soft_bo *bo);

/* The calls; soft_file.lock is taken inside. */
int soft_bo_create(struct soft_file *file, void *arg);
int soft_bo_mmap(struct soft_file *file, void *arg);
int soft_gem_close(struct soft_file *file, void *arg);
int soft_prime_to_fd(struct soft_file *file, void *arg);
int soft_prime_to_handle(struct soft_file *file, void *arg);

/* At close: all handles; what is left is no longer charged to @file. */
void soft_bo_close_all(struct soft_file *file);

/* soft_file.lock is held; the caller's reference goes with it. Return: the handle or -errno. */
int64_t soft_handle_add(struct soft_file *file, struct soft_bo *bo);

#endif /* SOFT_BO_H */
