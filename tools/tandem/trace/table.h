/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_TRACE_TABLE_H
#define TANDEM_TRACE_TABLE_H

#include "trace/story.h"
#include "view/view.h"

/**
 * trace_table - a trace in short, on standard output: the run, its phases, its layers
 * @record_ns: what recording one event costs here
 * Return: 0 or -errno with @err
 */
int trace_table(const struct story *story, double record_ns, enum view_format format,
		struct tdm_error *err);

#endif /* TANDEM_TRACE_TABLE_H */
