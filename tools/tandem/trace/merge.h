/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Traces of several processes of one host, as one: their clock is the same. A page that
 * one of them sent and another took gets an arrow from there to there.
 */
#ifndef TANDEM_TRACE_MERGE_H
#define TANDEM_TRACE_MERGE_H

#include <stdio.h>

#include <tandem/error.h>

/**
 * trace_merge - read files that trace_json() wrote, and write one
 * @n: how many @paths
 * Return: 0, or -errno with @err; -EINVAL for a file that is none of those
 */
int trace_merge(char *const *paths, int n, FILE *out, struct tdm_error *err);

#endif /* TANDEM_TRACE_MERGE_H */
