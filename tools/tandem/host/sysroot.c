// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "host/sysroot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *root(void)
{
	const char *folder = secure_getenv("TANDEM_SYSROOT");

	return folder ? folder : "";
}

/* Return: 0 or -ENAMETOOLONG */
static int place(char path[SYS_PATH_BYTES], const char *format, va_list args)
{
	int used = snprintf(path, SYS_PATH_BYTES, "%s", root());
	int more;

	if (used < 0 || used >= SYS_PATH_BYTES)
		return -ENAMETOOLONG;
	more = vsnprintf(path + used, (size_t)(SYS_PATH_BYTES - used), format, args);
	return more < 0 || more >= SYS_PATH_BYTES - used ? -ENAMETOOLONG : 0;
}

/* The path that the caller's arguments name, in a buffer of the caller's frame. */
#define PLACE(path, format)                                                                        \
	({                                                                                         \
		va_list args_;                                                                     \
		int rc_;                                                                           \
		va_start(args_, format);                                                           \
		rc_ = place(path, format, args_);                                                  \
		va_end(args_);                                                                     \
		rc_;                                                                               \
	})

bool sys_is_host(void)
{
	return !*root();
}

int sys_in_tree(char path[SYS_PATH_BYTES], const char *format, ...)
{
	return PLACE(path, format);
}

void sys_printable(char *out, size_t room, const char *text)
{
	size_t i;

	for (i = 0; i + 1 < room && text[i]; i++)
		out[i] = (char)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	out[i] = '\0';
}

/* Return: how many bytes, or -errno. A node in place of a file is not waited for. */
static int slurp(const char *path, char *bytes, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	size_t len = 0;
	ssize_t n = 0;

	bytes[0] = '\0';
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	while (len + 1 < room) {
		n = read(fd, bytes + len, room - 1 - len);
		if (n <= 0 && !(n < 0 && errno == EINTR))
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		len = 0;
	bytes[len] = '\0';
	n = n < 0 ? -errno : (ssize_t)len;
	close(fd);
	return (int)n;
}

static int read_text(const char *path, char *text, size_t room)
{
	char bytes[4096];
	int n = slurp(path, bytes, sizeof(bytes));

	text[0] = '\0';
	if (n < 0)
		return n;
	while (n && (bytes[n - 1] == '\n' || bytes[n - 1] == ' '))
		bytes[--n] = '\0';
	sys_printable(text, room, bytes);
	return 0;
}

int sys_text(char *text, size_t room, const char *format, ...)
{
	char path[SYS_PATH_BYTES];
	int rc = PLACE(path, format);

	text[0] = '\0';
	return rc ? rc : read_text(path, text, room);
}

int sys_whole(char *bytes, size_t room, const char *format, ...)
{
	char path[SYS_PATH_BYTES];
	int rc = PLACE(path, format);

	bytes[0] = '\0';
	return rc ? rc : slurp(path, bytes, room);
}

bool sys_count(uint64_t *value, const char *format, ...)
{
	char path[SYS_PATH_BYTES], text[32], *end;

	if (PLACE(path, format) || read_text(path, text, sizeof(text)))
		return false;
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !*end && !errno;
}

bool sys_signed(int64_t *value, const char *format, ...)
{
	char path[SYS_PATH_BYTES], text[32], *end;

	if (PLACE(path, format) || read_text(path, text, sizeof(text)))
		return false;
	if (text[text[0] == '-'] < '0' || text[text[0] == '-'] > '9')
		return false;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return !*end && !errno;
}

static int read_link(const char *path, char *target, size_t room)
{
	ssize_t n = readlink(path, target, room - 1);

	target[n < 0 ? 0 : n] = '\0';
	return n < 0 ? -errno : 0;
}

int sys_link(char *text, size_t room, const char *format, ...)
{
	char path[SYS_PATH_BYTES], target[SYS_PATH_BYTES];
	const char *slash;
	int rc = PLACE(path, format);

	text[0] = '\0';
	if (!rc)
		rc = read_link(path, target, sizeof(target));
	if (rc)
		return rc;
	slash = strrchr(target, '/');
	sys_printable(text, room, slash ? slash + 1 : target);
	return 0;
}

int sys_target(char *text, size_t room, const char *format, ...)
{
	char path[SYS_PATH_BYTES], target[SYS_PATH_BYTES];
	int rc = PLACE(path, format);

	text[0] = '\0';
	if (!rc)
		rc = read_link(path, target, sizeof(target));
	if (!rc)
		sys_printable(text, room, target);
	return rc;
}

int sys_real(char path[SYS_PATH_BYTES], const char *format, ...)
{
	char given[SYS_PATH_BYTES], real[PATH_MAX], top[PATH_MAX] = "";
	int rc = PLACE(given, format);
	size_t skip;

	path[0] = '\0';
	if (rc)
		return rc;
	if (!realpath(given, real) || (*root() && !realpath(root(), top)))
		return -errno;
	skip = strcmp(top, "/") != 0 ? strlen(top) : 0;
	if (strncmp(real, top, skip) != 0)
		return -EXDEV;
	if (strlen(real + skip) >= SYS_PATH_BYTES)
		return -ENAMETOOLONG;
	memcpy(path, real + skip, strlen(real + skip) + 1);
	return 0;
}

bool sys_exists(const char *format, ...)
{
	char path[SYS_PATH_BYTES];

	return !PLACE(path, format) && !access(path, F_OK);
}

int sys_may_use(const char *format, ...)
{
	char path[SYS_PATH_BYTES];
	int rc = PLACE(path, format);

	if (!rc && faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS))
		rc = -errno;
	return rc;
}

int64_t sys_group(const char *format, ...)
{
	char path[SYS_PATH_BYTES];
	struct stat st;
	int rc = PLACE(path, format);

	if (!rc && stat(path, &st))
		rc = -errno;
	return rc ? rc : (int64_t)st.st_gid;
}

static int compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* Return: 0 or -ENOMEM */
static int keep(struct sys_names *names, const char *name)
{
	char **list = realloc(names->list, (size_t)(names->n + 2) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	names->list = list;
	list[names->n] = strdup(name);
	if (!list[names->n])
		return -ENOMEM;
	list[++names->n] = NULL;
	return 0;
}

int sys_names(struct sys_names *names, const char *prefix, const char *format, ...)
{
	char path[SYS_PATH_BYTES];
	int rc = PLACE(path, format);
	struct dirent *entry;
	DIR *dir = NULL;

	*names = (struct sys_names){ 0 };
	if (!rc) {
		dir = opendir(path);
		rc = dir ? 0 : -errno;
	}
	while (dir && !rc && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !strncmp(entry->d_name, prefix, strlen(prefix)))
			rc = keep(names, entry->d_name);
	if (dir)
		closedir(dir);
	if (rc)
		sys_names_free(names);
	else if (names->n)
		qsort(names->list, (size_t)names->n, sizeof(*names->list), compare);
	return rc;
}

void sys_names_free(struct sys_names *names)
{
	for (int i = 0; names->list && i < names->n; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct sys_names){ 0 };
}
