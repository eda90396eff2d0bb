/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Small files of /sys, /proc and /dev. Tests set TANDEM_SYSROOT to a folder that has
 * such trees of their own; all paths here are those of the tree, without it.
 *
 * Invariants:
 * - Nothing is opened but folders and the regular files of /sys and /proc. Nodes of
 *   /dev are asked for permission alone: to open one makes a context.
 * - Texts come out terminated, without the newline, and with nothing that a terminal
 *   could take for a command: a byte that is not printable ASCII becomes '?'.
 * - A number is the whole of its file, or it is none.
 */
#ifndef TANDEM_SYSROOT_H
#define TANDEM_SYSROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYS_PATH_BYTES 768
#define SYS_TEXT_BYTES 128

/** sys_text - what a file says, cut to @room. Return: 0 or -errno; @text is "" then */
int sys_text(char *text, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** sys_whole - a file's first @room - 1 bytes as they are. Return: how many, or -errno */
int sys_whole(char *bytes, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A file that is one whole number, and nothing else. Return: whether there is one */
bool sys_count(uint64_t *value, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool sys_signed(int64_t *value, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** sys_link - the last part of where a link leads. Return: 0 or -errno; @text is "" then */
int sys_link(char *text, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** sys_target - where a link leads, as it is written. Return: 0 or -errno; @text is "" then */
int sys_target(char *text, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** sys_real - a path without links. Return: 0 or -errno; @path is "" then */
int sys_real(char path[SYS_PATH_BYTES], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool sys_exists(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** sys_may_use - whether this user may read and write it. Return: 0 or -errno */
int sys_may_use(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** sys_group - the number of the group that owns it. Return: -errno without */
int64_t sys_group(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Names in a folder, sorted as people count: accel2 before accel10. */
struct sys_names {
	char **list; /* NULL in the end; as they are, for paths alone */
	int n;
};

/**
 * sys_names - what is in a folder, dotted names not
 * @prefix: of the names that are wanted, or ""
 * Return: 0 or -errno, with nothing in @names; -ENOENT, -ENOTDIR, -EACCES of the folder,
 * -ENOMEM
 */
int sys_names(struct sys_names *names, const char *prefix, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void sys_names_free(struct sys_names *names);

/** sys_printable - @text with '?' for what is not printable, cut to @room */
void sys_printable(char *out, size_t room, const char *text);

/** sys_is_host - whether the tree is this host's own, and its processes are here */
bool sys_is_host(void);

/** sys_in_tree - a path of the tree as the system's own. Return: 0 or -ENAMETOOLONG */
int sys_in_tree(char path[SYS_PATH_BYTES], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TANDEM_SYSROOT_H */
