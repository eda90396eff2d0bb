/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_REPORT_H
#define TANDEM_REPORT_H

#include <tandem/engine.h>

#include "writer.h"

/* What a run was, for its report. */
struct report {
	const struct tdm_engine *engine;
	const struct writer *writer;
	const struct tdm_result *result;
	enum tdm_mode mode;
	uint32_t n_prompt;
};

/* One object on standard output. Return: exit code */
int report_json(const struct report *r);

/* One line on standard error. */
void report_line(const struct report *r);

#endif /* TANDEM_REPORT_H */
