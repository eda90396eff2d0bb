/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * More of /sys, /proc and /dev than sysroot.h has: large files, nodes that are opened,
 * names by a pattern. TANDEM_SYSROOT stands before every path here, too; it is for
 * tests alone.
 */
#ifndef TANDEM_SYSFILE_H
#define TANDEM_SYSFILE_H

#include <glob.h>
#include <sys/stat.h>

#include "host/sysroot.h"

/** sys_open - open(2). Return: a descriptor, or -errno */
int sys_open(int flags, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** sys_stat - stat(2). Return: 0 or -errno */
int sys_stat(struct stat *st, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * sys_load - a whole file, as it is
 * @fd: to read from; it is closed here. A negative errno is passed on as the error
 * @max: bytes at most; what comes behind them is left out
 * @len: set to how many there are
 * @error: set to a negative errno where the result is NULL
 *
 * Return: its bytes with a NUL behind them, the caller's to free(), or NULL
 */
char *sys_load(int fd, size_t max, size_t *len, int *error);

/**
 * sys_glob - what matches a pattern, sorted; always to be given to globfree()
 * Without memory, or when a folder cannot be read, it finds nothing there.
 */
void sys_glob(glob_t *found, const char *pattern);

/** sys_inner - a path that sys_glob() found without the tests' folder before it */
const char *sys_inner(const char *path);

#endif /* TANDEM_SYSFILE_H */
