/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A file that a trace goes to at the end. It is opened at the start, so that a run is
 * not for nothing where it cannot be written.
 */
#ifndef TANDEM_TRACE_FILE_H
#define TANDEM_TRACE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include <tandem/error.h>

#include "trace/story.h"

/* Records that a trace has room for, unless told otherwise: 16 MiB. */
#define TRACE_FILE_EVENTS 262144

struct trace_file {
	const char *path;
	FILE *out;   /* NULL: not open */
	bool is_new; /* we made it */
};

int trace_file_open(struct trace_file *file, const char *path, struct tdm_error *err);

/* It is complete: close it. @rc: of writing, negative errnos. Return: 0 or -errno with @err */
int trace_file_end(struct trace_file *file, int rc, struct tdm_error *err);

/* @write: into the file, which is complete and closed then. Return: 0 or -errno with @err */
int trace_file_write(struct trace_file *file, int (*write)(const struct story *story, FILE *out),
		     const struct story *story, struct tdm_error *err);

/* One that was not written is removed if it is new, and stays empty otherwise. */
void trace_file_close(struct trace_file *file);

/* The last part of a path. */
const char *trace_file_base(const char *path);

#endif /* TANDEM_TRACE_FILE_H */
