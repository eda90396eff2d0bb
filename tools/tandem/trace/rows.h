/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_TRACE_ROWS_H
#define TANDEM_TRACE_ROWS_H

#include "trace/story.h"

/**
 * trace_rows - pages whose flights overlap, in rows where none do
 * @rows: how many there are
 * Return: the row of each page, to be freed, or NULL without memory
 */
uint32_t *trace_rows(const struct story *story, uint32_t *rows);

#endif /* TANDEM_TRACE_ROWS_H */
