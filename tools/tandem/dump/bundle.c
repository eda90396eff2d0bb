// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dump/dump.h"
#include "host/sysfile.h"

#define FILE_MAX (1u << 20)
#define LINE_MAX_BYTES 900

int bundle_start(struct bundle *b)
{
	memset(b, 0, sizeof(*b));
	b->out = open_memstream(&b->text, &b->len);
	if (!b->out)
		return -ENOMEM;
	fputs("tandem-bundle 1\n", b->out);
	return 0;
}

int bundle_end(struct bundle *b)
{
	bool failed = ferror(b->out);

	failed |= fclose(b->out) != 0;
	b->out = NULL;
	return failed ? -ENOMEM : 0;
}

void bundle_free(struct bundle *b)
{
	if (b->out)
		fclose(b->out);
	free(b->text);
}

static struct bundle_part *add_part(struct bundle *b, const char *name)
{
	/* The last one is there twice then: more than a device can have. */
	struct bundle_part *part = &b->parts[b->n < BUNDLE_SECTIONS ? b->n++ : b->n - 1];

	memset(part, 0, sizeof(*part));
	snprintf(part->name, sizeof(part->name), "%s", name);
	return part;
}

void bundle_section(struct bundle *b, const char *name, const char *where)
{
	struct bundle_part *part = add_part(b, name);

	sys_printable(part->where, sizeof(part->where), where);
	fprintf(b->out, "section %s %s\n", name, part->where);
}

static void put_line(struct bundle *b, const char *text, size_t len)
{
	char line[LINE_MAX_BYTES];
	size_t n = len < sizeof(line) ? len : sizeof(line) - 1;

	for (size_t i = 0; i < n; i++) {
		line[i] = text[i];
		if (text[i] == '\t')
			line[i] = ' ';
		else if (text[i] < ' ' || text[i] > '~')
			line[i] = '?';
	}
	fprintf(b->out, " %.*s\n", (int)n, line);
	b->parts[b->n - 1].bytes += n + 1;
}

void bundle_text(struct bundle *b, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = stop ? (size_t)(stop - text) : (size_t)(end - text);

		put_line(b, text, n);
		text += n + 1;
	}
}

void bundle_line(struct bundle *b, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put_line(b, line, strlen(line));
}

void bundle_missing(struct bundle *b, const char *name, int error, const char *cure)
{
	struct bundle_part *part = add_part(b, name);
	bool permission = error == -EACCES || error == -EPERM;

	snprintf(part->why, sizeof(part->why), "%s%s%s", strerror(-error),
		 cure && permission ? "; " : "", cure && permission ? cure : "");
	fprintf(b->out, "missing %s %s\n", name, part->why);
}

void bundle_file(struct bundle *b, const char *name, const char *path, const char *cure)
{
	size_t len;
	int error;
	char *text = sys_load(sys_open(O_RDONLY | O_NONBLOCK, "%s", path), FILE_MAX, &len, &error);

	if (!text) {
		bundle_missing(b, name, error, cure);
		return;
	}
	bundle_section(b, name, path);
	bundle_text(b, text, len);
	free(text);
}
