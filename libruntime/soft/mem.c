// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "soft/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <libdrm/drm.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEM_NAME "tandem-soft"
#define MEM_LINK "/memfd:" MEM_NAME
#define MEM_SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

int soft_mem_create(struct soft_mem *mem, uint64_t bytes)
{
	int rc;

	*mem = (struct soft_mem){ .fd = -1, .bytes = bytes };
	if (bytes > INT64_MAX)
		return -EFBIG;
	mem->fd = memfd_create(MEM_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (mem->fd < 0)
		return -errno;
	if (ftruncate(mem->fd, (off_t)bytes) || fcntl(mem->fd, F_ADD_SEALS, MEM_SEALS)) {
		rc = -errno;
		soft_mem_fini(mem);
		return rc;
	}
	return 0;
}

/* The name tells whose it is; the seals that its length will stay. */
static bool is_ours(int fd)
{
	char path[32];
	char link[64];
	ssize_t n;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals != (MEM_SEALS | F_SEAL_SEAL))
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return false;
	link[n] = '\0';
	return !strncmp(link, MEM_LINK, strlen(MEM_LINK));
}

int soft_mem_import(struct soft_mem *mem, int fd)
{
	struct stat st;

	*mem = (struct soft_mem){ .fd = -1 };
	if (fstat(fd, &st))
		return -errno;
	if (!is_ours(fd))
		return -EOPNOTSUPP;
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR)
		return -EACCES;
	mem->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (mem->fd < 0)
		return -errno;
	mem->bytes = (uint64_t)st.st_size;
	return 0;
}

int soft_mem_export(const struct soft_mem *mem, uint32_t flags)
{
	char path[32];
	int seals = fcntl(mem->fd, F_GET_SEALS);
	int fd;

	if (seals < 0 || (!(seals & F_SEAL_SEAL) && fcntl(mem->fd, F_ADD_SEALS, F_SEAL_SEAL)))
		return -errno;
	if (flags & DRM_RDWR) {
		fd = fcntl(mem->fd, flags & DRM_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
	} else {
		/* A duplicate would share the open file, and with it the right to write. */
		snprintf(path, sizeof(path), "/proc/self/fd/%d", mem->fd);
		fd = open(path, O_RDONLY | (flags & DRM_CLOEXEC ? O_CLOEXEC : 0));
	}
	return fd < 0 ? -errno : fd;
}

int soft_mem_map(struct soft_mem *mem)
{
	if (!mem->ptr)
		mem->ptr = soft_mem_mmap(mem->fd, mem->bytes, PROT_READ | PROT_WRITE, 0);
	return mem->ptr ? 0 : -errno;
}

int soft_mem_write_protect(struct soft_mem *mem)
{
	return fcntl(mem->fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) ? -errno : 0;
}

void soft_mem_fini(struct soft_mem *mem)
{
	if (mem->ptr)
		munmap(mem->ptr, mem->bytes);
	if (mem->fd >= 0)
		close(mem->fd);
	*mem = (struct soft_mem){ .fd = -1 };
}

void *soft_mem_mmap(int fd, uint64_t bytes, int prot, uint64_t offset)
{
	void *ptr = mmap(NULL, bytes, prot, MAP_SHARED | MAP_NORESERVE, fd, (off_t)offset);

	if (ptr == MAP_FAILED)
		return NULL;
	if (madvise(ptr, bytes, MADV_DONTFORK)) {
		int saved = errno;

		munmap(ptr, bytes);
		errno = saved;
		return NULL;
	}
	return ptr;
}
