// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "net/soft_memfd.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Of the 2^47 bytes of a process. */
#define MAPPED_AT_MOST (1ULL << 44)

bool soft_memfd_is_firm(int fd, uint64_t offset, uint64_t len)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct statfs fs;
	struct stat file;

	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstatfs(fd, &fs) || fstat(fd, &file))
		return false;
	return fs.f_type == TMPFS_MAGIC && len && len <= (uint64_t)file.st_size &&
	       offset <= (uint64_t)file.st_size - len;
}

bool soft_maps_add(struct soft_maps *maps, uint32_t region, int fd, uint64_t offset, uint64_t len)
{
	const uint64_t skew = offset & ((uint64_t)sysconf(_SC_PAGESIZE) - 1);
	struct soft_map *map = &maps->map[region];
	void *base = MAP_FAILED;

	soft_maps_remove(maps, region);
	if (!soft_memfd_is_firm(fd, offset, len) || len > MAPPED_AT_MOST)
		return false;
	if (atomic_fetch_add(maps->taken, len + skew) + len + skew <= MAPPED_AT_MOST)
		base = mmap(NULL, len + skew, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd,
			    (off_t)(offset - skew));
	if (base == MAP_FAILED) {
		atomic_fetch_sub(maps->taken, len + skew);
		return false;
	}
	/* It is the peer's: neither a child's nor a core file's business. */
	(void)madvise(base, len + skew, MADV_DONTFORK);
	(void)madvise(base, len + skew, MADV_DONTDUMP);
	*map = (struct soft_map){
		.base = base,
		.bytes = len + skew,
		.at = (const char *)base + skew,
		.len = len,
	};
	return true;
}

void soft_maps_remove(struct soft_maps *maps, uint32_t region)
{
	struct soft_map *map = &maps->map[region];

	if (!map->base)
		return;
	munmap(map->base, map->bytes);
	atomic_fetch_sub(maps->taken, map->bytes);
	*map = (struct soft_map){ 0 };
}

void soft_maps_fini(struct soft_maps *maps)
{
	for (uint32_t i = 0; i < SOFT_WIRE_REGIONS; i++)
		soft_maps_remove(maps, i);
}

const void *soft_maps_find(const struct soft_maps *maps, uint32_t region, uint64_t offset,
			   uint64_t len)
{
	const struct soft_map *map = region < SOFT_WIRE_REGIONS ? &maps->map[region] : NULL;

	if (!map || !map->base || len > map->len || offset > map->len - len)
		return NULL;
	return map->at + offset;
}
