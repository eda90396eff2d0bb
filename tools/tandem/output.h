/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Standard output: what could not be written is an error, and said once.
 */
#ifndef TANDEM_OUTPUT_H
#define TANDEM_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <tandem/error.h>

/**
 * output_write - write bytes now, behind whatever stdio holds
 * @whole: a signal does not cut it: for what is of no use in part
 * Return: 0 or -errno, -EINTR for a signal.
 */
int output_write(const char *bytes, size_t len, bool whole);

/* The error of a write that failed with @code, a negative errno. Return: @code */
int output_error(int code, struct tdm_error *err);

/* Drops what stdio holds: after an error that was said. */
void output_drop(void);

/*
 * Flush at exit, also where argp calls exit(): a failure becomes the exit code.
 * Return: 0 or -ENOMEM
 */
int output_check_at_exit(void);

#endif /* TANDEM_OUTPUT_H */
