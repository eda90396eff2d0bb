/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Metrics in Prometheus' text format: one reading is one text.
 */
#ifndef TANDEM_METRICS_H
#define TANDEM_METRICS_H

#include <stddef.h>

#include <tandem/error.h>

/** metrics_text - read all, and say it. Return: text of *@len bytes to be freed, NULL with @err */
char *metrics_text(size_t *len, struct tdm_error *err);

/**
 * metrics_serve - over HTTP until a signal comes
 * @listen: "127.0.0.1:9400", "[::1]:9400"
 * Return: 0 or -errno with @err: -EINVAL no such address, -EADDRINUSE, -EACCES, ...
 */
int metrics_serve(const char *listen, struct tdm_error *err);

#endif /* TANDEM_METRICS_H */
