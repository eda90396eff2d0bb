/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Memory that the device and the application map apart: a sealed memfd.
 *
 * Sealed, because whoever is handed the descriptor could otherwise shrink the
 * file under the firmware, which would be SIGBUS in the host application.
 */
#ifndef SOFT_MEM_H
#define SOFT_MEM_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct soft_mem - one memfd
 * @fd: -1: none
 * @bytes: its length, whole system pages
 * @ptr: the device's own mapping, or NULL
 */
struct soft_mem {
	int fd;
	uint64_t bytes;
	void *ptr;
};

/* Reads as zero, takes no room until it is touched. Return: 0 or -errno. */
int soft_mem_create(struct soft_mem *mem, uint64_t bytes);

/*
 * A memfd that soft_mem_create() made here or in another process, as a
 * duplicate of @fd. Return: 0, -EBADF, -EOPNOTSUPP when it is something else.
 */
int soft_mem_import(struct soft_mem *mem, int fd);

/*
 * A descriptor for whoever else maps it, as PRIME_HANDLE_TO_FD's: @flags are
 * DRM_CLOEXEC and DRM_RDWR. Return: it, or -errno.
 */
int soft_mem_export(const struct soft_mem *mem, uint32_t flags);

/* Map it for the device; a second call is fine. Return: 0 or -errno. */
int soft_mem_map(struct soft_mem *mem);

/* No mapping made after this can write, nor be made to. Return: 0 or -errno. */
int soft_mem_write_protect(struct soft_mem *mem);

/* Mappings made elsewhere stay. */
void soft_mem_fini(struct soft_mem *mem);

/*
 * What every mapping of device memory is: shared, without swap reserved, and
 * not inherited by fork (VM_DONTCOPY in the kernel). Return: NULL with errno.
 */
void *soft_mem_mmap(int fd, uint64_t bytes, int prot, uint64_t offset);

#endif /* SOFT_MEM_H */
