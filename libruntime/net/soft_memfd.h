/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Memfds that go from one process's software NIC to another's, and the target's
 * mappings of them.
 */
#ifndef NET_SOFT_MEMFD_H
#define NET_SOFT_MEMFD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/soft_wire.h"

/* Of one link; used by its thread alone. */
struct soft_maps {
	struct soft_map {
		void *base; /* of the mapping, NULL: none */
		size_t bytes;
		const char *at; /* where the region begins in it */
		uint64_t len;
	} map[SOFT_WIRE_REGIONS];
	/* Address space that all links have taken: a peer must not use it up. */
	atomic_uint_least64_t *taken;
};

/*
 * Can its bytes at [@offset, @offset + @len) be read from a mapping whatever its owner
 * does? It is a memfd sealed against shrinking (else SIGBUS), of plain pages (huge
 * ones may not be there when they are touched) and that long.
 */
bool soft_memfd_is_firm(int fd, uint64_t offset, uint64_t len);

/* Map it to read, in the place of what had that number. Return: false when it is not to be had */
bool soft_maps_add(struct soft_maps *maps, uint32_t region, int fd, uint64_t offset, uint64_t len);
void soft_maps_remove(struct soft_maps *maps, uint32_t region);
void soft_maps_fini(struct soft_maps *maps);

/* Return: those bytes, NULL: not all inside the region, or no such one */
const void *soft_maps_find(const struct soft_maps *maps, uint32_t region, uint64_t offset,
			   uint64_t len);

#endif /* NET_SOFT_MEMFD_H */
