// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "observe/scan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observe/wire.h"

#define TABLE "/proc/net/unix"
/* Flags of a socket that takes connections, in that table. */
#define LISTENS 0x10000UL

struct places {
	struct observe_place *list;
	int n;
	int room;
};

static bool number(const char **at, char end, uint32_t *value)
{
	char *stop;
	unsigned long n;

	if (**at < '0' || **at > '9')
		return false;
	n = strtoul(*at, &stop, 10);
	*value = (uint32_t)n;
	if (n > UINT32_MAX || *stop != end)
		return false;
	*at = stop + 1;
	return true;
}

/* The line from the @n-th word on, counted from 0. */
static const char *column(const char *line, int n)
{
	for (; n; n--) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	return line;
}

/* "ffff...: 00000002 00000000 00010000 0005 01 12345 @tandem/observe/77/5\n" */
static bool parse(const char *line, struct observe_place *place)
{
	const char *at = strstr(line, " @" OBSERVE_PREFIX);

	if (!at || !(strtoul(column(line, 3), NULL, 16) & LISTENS))
		return false;
	at += strlen(" @" OBSERVE_PREFIX);
	return number(&at, '/', &place->pid) && number(&at, '\n', &place->n) && place->pid;
}

static int keep(struct places *p, const struct observe_place *place)
{
	if (p->n == p->room) {
		int room = p->room ? 2 * p->room : 16;
		struct observe_place *list = realloc(p->list, (size_t)room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		p->list = list;
		p->room = room;
	}
	p->list[p->n++] = *place;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct observe_place *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->n > y->n) - (x->n < y->n);
}

static int read_all(FILE *file, uint32_t pid, struct places *p)
{
	struct observe_place place;
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	while (!rc && getline(&line, &room, file) > 0)
		if (parse(line, &place) && (!pid || place.pid == pid))
			rc = keep(p, &place);
	if (!rc && ferror(file))
		rc = -EIO;
	free(line);
	return rc;
}

struct observe_place *observe_scan(uint32_t pid, int *count)
{
	FILE *file = fopen(TABLE, "re");
	struct places p = { .list = malloc(sizeof(*p.list)), .room = 1 };

	*count = file ? p.list ? 0 : -ENOMEM : -errno;
	if (!*count)
		*count = read_all(file, pid, &p);
	if (file)
		fclose(file);
	if (*count) {
		free(p.list);
		return NULL;
	}
	qsort(p.list, (size_t)p.n, sizeof(*p.list), compare);
	*count = p.n;
	return p.list;
}
