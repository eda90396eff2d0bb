// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/fail_nth.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef TANDEM_SANITIZED
#define COUNT_BLOCKS 0
#else
#define COUNT_BLOCKS 1
#endif

static atomic_bool armed;
static atomic_long calls;
static atomic_long nth;
static atomic_long blocks;
static _Atomic(const char *) failed;

/*
 * A sanitizer allocates by the C library when a thread starts, and does not bear that
 * it fails: under one only what others ask for counts, the C library itself excepted.
 */
static bool counts(const void *caller)
{
	static const char *const others[] = { "/libc.so", "/libasan.so", "/libtsan.so",
					      "/libubsan.so" };
	Dl_info info;

	if (COUNT_BLOCKS || !dladdr(caller, &info) || !info.dli_fname)
		return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strstr(info.dli_fname, others[i]))
			return false;
	return true;
}

/* Return: true when this call is the one */
static bool is_nth_from(const char *what, const void *caller)
{
	if (!atomic_load_explicit(&armed, memory_order_relaxed) || !counts(caller))
		return false;
	if (atomic_fetch_add(&calls, 1) + 1 != atomic_load(&nth))
		return false;
	atomic_store(&failed, what);
	return true;
}

void fail_nth_arm(long n)
{
	atomic_store(&failed, NULL);
	atomic_store(&calls, 0);
	atomic_store(&nth, n);
	atomic_store(&armed, true);
}

long fail_nth_disarm(void)
{
	atomic_store(&armed, false);
	return atomic_load(&calls);
}

const char *fail_nth_what(void)
{
	return atomic_load(&failed);
}

long fail_nth_blocks(void)
{
	return atomic_load(&blocks);
}

/*
 * Where the dynamic linker is: its blocks are threads' local storage, which stays with
 * the stacks that the C library keeps, now more and now fewer.
 */
static uintptr_t linker, linker_end;

static int find_linker(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	if (!strstr(info->dlpi_name, "/ld-linux"))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t end =
			info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;

		if (info->dlpi_phdr[i].p_type == PT_LOAD && end > linker_end)
			linker_end = end;
	}
	linker = info->dlpi_addr;
	return 1;
}

static void count(long more, const void *caller)
{
	if (COUNT_BLOCKS && ((uintptr_t)caller < linker || (uintptr_t)caller >= linker_end))
		atomic_fetch_add_explicit(&blocks, more, memory_order_relaxed);
}

static void *block_from(void *ptr, const void *caller)
{
	if (ptr)
		count(1, caller);
	return ptr;
}

#define block(ptr) block_from(ptr, __builtin_return_address(0))

/* The next definition: a sanitizer's or the C library's. */
static void *next(const char *name)
{
	void *fn = dlsym(RTLD_NEXT, name);

	if (!fn)
		abort();
	return fn;
}

#define is_nth(what) is_nth_from(what, __builtin_return_address(0))

#define REAL(type, name, ...)                                                                      \
	static type (*real)(__VA_ARGS__);                                                          \
	type (*fn)(__VA_ARGS__) = __atomic_load_n(&real, __ATOMIC_RELAXED);                        \
	if (!fn) {                                                                                 \
		*(void **)&fn = next(#name);                                                       \
		__atomic_store_n(&real, fn, __ATOMIC_RELAXED);                                     \
	}

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	REAL(void *, malloc, size_t)

	return is_nth("malloc") ? no_memory() : block(fn(size));
}

void *calloc(size_t members, size_t size)
{
	REAL(void *, calloc, size_t, size_t)

	return is_nth("calloc") ? no_memory() : block(fn(members, size));
}

static void *reallocate(void *ptr, size_t size, const void *caller)
{
	REAL(void *, realloc, void *, size_t)
	void *fresh = fn(ptr, size);

	if (!ptr)
		return block_from(fresh, caller);
	/* Of size 0: freed. */
	if (!fresh && !size)
		count(-1, caller);
	return fresh;
}

void *realloc(void *ptr, size_t size)
{
	return is_nth("realloc") ? no_memory() : reallocate(ptr, size, __builtin_return_address(0));
}

void *reallocarray(void *ptr, size_t members, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(members, size, &bytes))
		return no_memory();
	/* Not realloc(): its caller would be this file. */
	return is_nth("reallocarray") ? no_memory()
				      : reallocate(ptr, bytes, __builtin_return_address(0));
}

void *aligned_alloc(size_t align, size_t size)
{
	REAL(void *, aligned_alloc, size_t, size_t)

	return is_nth("aligned_alloc") ? no_memory() : block(fn(align, size));
}

int posix_memalign(void **out, size_t align, size_t size)
{
	REAL(int, posix_memalign, void **, size_t, size_t)
	int rc;

	if (is_nth("posix_memalign"))
		return ENOMEM;
	rc = fn(out, align, size);
	if (!rc)
		block(*out);
	return rc;
}

#if COUNT_BLOCKS
void free(void *ptr)
{
	REAL(void, free, void *)

	if (ptr)
		count(-1, __builtin_return_address(0));
	fn(ptr);
}
#endif

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	REAL(void *, mmap, void *, size_t, int, int, int, off_t)

	if (is_nth("mmap")) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return fn(addr, len, prot, flags, fd, offset);
}

int memfd_create(const char *name, unsigned int flags)
{
	REAL(int, memfd_create, const char *, unsigned int)

	if (is_nth("memfd_create")) {
		errno = ENOMEM;
		return -1;
	}
	return fn(name, flags);
}

int ftruncate(int fd, off_t len)
{
	REAL(int, ftruncate, int, off_t)

	if (is_nth("ftruncate")) {
		errno = ENOMEM;
		return -1;
	}
	return fn(fd, len);
}

int eventfd(unsigned int value, int flags)
{
	REAL(int, eventfd, unsigned int, int)

	if (is_nth("eventfd")) {
		errno = ENOMEM;
		return -1;
	}
	return fn(value, flags);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	REAL(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)

	/* As pthread_create(3) has it, and fork(2) for want of memory. */
	if (is_nth("pthread_create"))
		return EAGAIN;
	return fn(thread, attr, start, arg);
}

/* Preloaded: told by the environment. Libraries' constructors have run by main(). */
__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("TANDEM_FAIL_NTH");

	dl_iterate_phdr(find_linker, NULL);
	if (n)
		fail_nth_arm(strtol(n, NULL, 10));
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("TANDEM_FAIL_LOG");
	long count = fail_nth_disarm();
	char line[64];
	int fd, len;

	if (!path)
		return;
	len = snprintf(line, sizeof(line), "%ld %s\n", count, failed ? failed : "-");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, (size_t)len) != len)
		abort();
	close(fd);
}
