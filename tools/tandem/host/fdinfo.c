// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "host/fdinfo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/node_kind.h"

#include "tandem_accel.h"

/* "drm-total-device:\t12 KiB" */
static uint64_t scaled(const char *value)
{
	char *unit;
	uint64_t n = strtoull(value, &unit, 10);

	if (!strcmp(unit, " KiB"))
		return n << 10;
	return strcmp(unit, " MiB") ? n : n << 20;
}

static void take(struct fdinfo *info, const char *key, const char *value, bool *ours)
{
	if (!strcmp(key, "drm-driver"))
		*ours = !strcmp(value, TDM_DRIVER_NAME);
	else if (!strcmp(key, "drm-client-id"))
		info->client = scaled(value);
	else if (!strcmp(key, "drm-engine-compute"))
		info->busy_ns = scaled(value), info->has_busy = true;
	else if (!strcmp(key, "drm-total-device"))
		info->device_bytes = scaled(value), info->has_device = true;
	else if (!strcmp(key, "drm-total-host"))
		info->host_bytes = scaled(value), info->has_host = true;
}

bool fdinfo_parse(const char *text, struct fdinfo *info)
{
	bool ours = false;

	while (*text) {
		char key[32], value[64];

		/* A line of another form is of no use here. */
		if (sscanf(text, "%31[a-z-]:%*[ \t]%63[^\n]", key, value) == 2)
			take(info, key, value, &ours);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return ours;
}

static bool read_text(int dir, const char *name, char *text, size_t room)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return false;
	while (n > 0 && len < room - 1) {
		n = read(fd, text + len, room - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	close(fd);
	return n >= 0;
}

static bool is_number(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name);
}

/* Cheap first: most descriptors are no nodes. */
static bool is_node(int dir, const char *fd, char *node, size_t room)
{
	char path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "fd/%.20s", fd);
	n = readlinkat(dir, path, node, room - 1);
	if (n <= 0)
		return false;
	node[n] = '\0';
	return node_kind_has(node);
}

static bool is_known(const struct fdinfo_list *l, const struct fdinfo *info)
{
	for (uint32_t i = l->n; i-- > 0 && l->list[i].pid == info->pid;)
		if (l->list[i].client == info->client && !strcmp(l->list[i].node, info->node))
			return true;
	return false;
}

static int keep(struct fdinfo_list *l, const struct fdinfo *info)
{
	struct fdinfo *list = realloc(l->list, (l->n + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	l->list = list;
	l->list[l->n++] = *info;
	return 0;
}

static int look_at(struct fdinfo_list *l, int dir, const char *fd, uint32_t pid)
{
	struct fdinfo info = { .pid = pid };
	char text[4096], path[32];

	if (!is_node(dir, fd, info.node, sizeof(info.node)))
		return 0;
	snprintf(path, sizeof(path), "fdinfo/%.20s", fd);
	if (!read_text(dir, path, text, sizeof(text)) || !fdinfo_parse(text, &info) ||
	    is_known(l, &info))
		return 0;
	if (read_text(dir, "comm", info.program, sizeof(info.program)))
		info.program[strcspn(info.program, "\n")] = '\0';
	return keep(l, &info);
}

/* A process may end at any moment: then it has none. */
static int scan_process(struct fdinfo_list *l, int proc, const char *name)
{
	int dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fds = dir < 0 ? -1 : openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fds < 0 ? NULL : fdopendir(fds);
	struct dirent *entry;
	int rc = 0;

	if (!list) {
		l->hidden += errno == EACCES || errno == EPERM;
		if (fds >= 0)
			close(fds);
	}
	while (list && !rc && (entry = readdir(list)))
		if (is_number(entry->d_name))
			rc = look_at(l, dir, entry->d_name, (uint32_t)strtoul(name, NULL, 10));
	if (list)
		closedir(list);
	if (dir >= 0)
		close(dir);
	return rc;
}

struct fdinfo_list fdinfo_scan(const char *proc, struct tdm_error *err)
{
	struct fdinfo_list l = { .list = malloc(sizeof(*l.list)) };
	DIR *all = opendir(proc);
	struct dirent *entry;
	int rc = l.list ? all ? 0 : -errno : -ENOMEM;

	while (all && !rc && (entry = readdir(all)))
		if (is_number(entry->d_name))
			rc = scan_process(&l, dirfd(all), entry->d_name);
	if (all)
		closedir(all);
	if (!rc)
		return l;
	tdm_error_set(err, rc, "%s: it cannot be read: %s; mount it, or free some memory", proc,
		      strerror(-rc));
	free(l.list);
	return (struct fdinfo_list){ .list = NULL };
}
