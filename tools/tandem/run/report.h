/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TANDEM_REPORT_H
#define TANDEM_REPORT_H

#include <tandem/engine.h>

#include "run/writer.h"

/* What a run was, for its report. */
struct report {
	/* NULL when the run did not come that far. */
	const char *prefill_device;
	const char *decode_device;
	const char *net;
	const struct writer *writer;
	const struct tdm_result *result;
	const char *stopped; /* the signal that ended it, or NULL */
	enum tdm_mode mode;
	uint32_t n_prompt; /* 0: not known */
};

/* One object on standard output. Return: 0 or -errno with @err */
int report_json(const struct report *r, struct tdm_error *err);

/* One line on standard error. */
void report_line(const struct report *r);

/* That it was stopped, as one line on standard error. */
void report_stopped(const struct report *r);

#endif /* TANDEM_REPORT_H */
