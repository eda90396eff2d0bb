// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "host/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Return: 0 or -ENAMETOOLONG */
static int place(char path[SYS_PATH_BYTES], const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static int place(char path[SYS_PATH_BYTES], const char *format, va_list args)
{
	char inner[SYS_PATH_BYTES];
	int len = vsnprintf(inner, sizeof(inner), format, args);

	if (len < 0 || len >= SYS_PATH_BYTES)
		return -ENAMETOOLONG;
	return sys_in_tree(path, "%s", inner);
}

int sys_open(int flags, const char *format, ...)
{
	char path[SYS_PATH_BYTES];
	va_list args;
	int rc, fd;

	va_start(args, format);
	rc = place(path, format, args);
	va_end(args);
	if (rc)
		return rc;
	/* A device is asked for a context, which a signal may interrupt. */
	do {
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
	} while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int sys_stat(struct stat *st, const char *format, ...)
{
	char path[SYS_PATH_BYTES];
	va_list args;
	int rc;

	va_start(args, format);
	rc = place(path, format, args);
	va_end(args);
	if (rc)
		return rc;
	return stat(path, st) ? -errno : 0;
}

/* Return: bytes read, up to @size, or -errno */
static ssize_t read_some(int fd, char *room, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = read(fd, room + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static char *load(int fd, size_t max, size_t *len, int *error)
{
	size_t room = 0;
	char *text = NULL;

	*len = 0;
	while (*len == room && room < max) {
		size_t more = room ? room * 2 : 16384;
		char *grown;
		ssize_t n;

		room = more < max ? more : max;
		grown = realloc(text, room + 1);
		n = grown ? read_some(fd, grown + *len, room - *len) : -ENOMEM;
		if (n < 0) {
			free(grown ? grown : text);
			*error = (int)n;
			return NULL;
		}
		text = grown;
		*len += (size_t)n;
		text[*len] = '\0';
	}
	return text;
}

char *sys_load(int fd, size_t max, size_t *len, int *error)
{
	char *text;

	*len = 0;
	if (fd < 0) {
		*error = fd;
		return NULL;
	}
	text = load(fd, max, len, error);
	close(fd);
	return text;
}

void sys_glob(glob_t *found, const char *pattern)
{
	char path[SYS_PATH_BYTES];

	memset(found, 0, sizeof(*found));
	if (sys_in_tree(path, "%s", pattern) || glob(path, 0, NULL, found))
		found->gl_pathc = 0;
}

const char *sys_inner(const char *path)
{
	char root[SYS_PATH_BYTES];

	if (sys_in_tree(root, "%s", "") || strncmp(path, root, strlen(root)) != 0)
		return path;
	return path + strlen(root);
}
