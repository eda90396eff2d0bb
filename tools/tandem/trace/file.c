// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "trace/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int fail(const struct trace_file *file, int code, struct tdm_error *err)
{
	return tdm_error_set(err, code, "%s: %s; write the trace elsewhere", file->path,
			     strerror(-code));
}

int trace_file_open(struct trace_file *file, const char *path, struct tdm_error *err)
{
	file->path = path;
	file->out = fopen(path, "wxe");
	file->is_new = file->out;
	if (!file->out && errno == EEXIST)
		file->out = fopen(path, "we");
	return file->out ? 0 : fail(file, -errno, err);
}

/* A part of a trace is none. */
static void forget(const struct trace_file *file)
{
	if (file->is_new)
		unlink(file->path);
}

int trace_file_end(struct trace_file *file, int rc, struct tdm_error *err)
{
	FILE *out = file->out;

	file->out = NULL;
	errno = 0;
	if (!rc && (fflush(out) || ferror(out)))
		rc = errno ? -errno : -EIO;
	if (fclose(out) && !rc)
		rc = -errno;
	if (!rc)
		return 0;
	forget(file);
	return fail(file, rc, err);
}

int trace_file_write(struct trace_file *file, int (*write)(const struct story *story, FILE *out),
		     const struct story *story, struct tdm_error *err)
{
	int rc = write(story, file->out);

	if (rc == -ENODATA)
		return tdm_error_set(err, rc, "%s: no request is in the trace; run one",
				     file->path);
	return trace_file_end(file, rc, err);
}

void trace_file_close(struct trace_file *file)
{
	if (file->out) {
		fclose(file->out);
		forget(file);
	}
	file->out = NULL;
}

const char *trace_file_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
