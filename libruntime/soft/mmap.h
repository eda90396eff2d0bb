/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Offsets for mmap on a device, and the mappings made of them.
 *
 * As in DRM, offsets name objects, not bytes: they start beyond 4 GiB, are the
 * device's and are never given out twice; a mapping starts at its object's
 * first byte.
 */
#ifndef SOFT_MMAP_H
#define SOFT_MMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct soft_bo;
struct soft_device;
struct soft_file;

/**
 * struct soft_span - what an offset names
 * @offset: set by soft_span_add()
 * @bytes: whole system pages
 * @file: whose it is
 * @fd: memfd; outlives the span
 * @start: first byte in it
 * @bo: buffer that mappings keep, or NULL
 * @readonly: PROT_WRITE is refused
 */
struct soft_span {
	uint64_t offset;
	uint64_t bytes;
	struct soft_file *file;
	int fd;
	uint64_t start;
	struct soft_bo *bo;
	bool readonly;
};

/* All of a device, sorted by offset. Guarded by soft_device.lock. */
struct soft_spans {
	struct soft_span *spans;
	uint32_t count;
	uint32_t room;
	uint64_t next;
};

/* A mapping of the application's that keeps a buffer. */
struct soft_mapping {
	struct soft_mapping *next;
	void *ptr;
	size_t len;
	struct soft_bo *bo; /* or NULL */
};

/* Return: the offset, or 0 without memory. soft_device.lock is held. */
uint64_t soft_span_add(struct soft_device *dev, const struct soft_span *span);

/* 0 is fine. soft_device.lock is held. */
void soft_span_remove(struct soft_device *dev, uint64_t offset);

/*
 * mmap(2) on the file. Return: NULL with errno: EINVAL no such offset or longer
 * than the object, EACCES another file's or written though read only.
 */
void *soft_mmap(struct soft_file *file, size_t len, int prot, uint64_t offset);

/* Takes back one soft_mmap(), whole. Return: 0 or -EINVAL. */
int soft_munmap(struct soft_file *file, void *ptr, size_t len);

/* At close: the mappings stay, what is known of them goes. */
void soft_mappings_forget(struct soft_file *file);

#endif /* SOFT_MMAP_H */
