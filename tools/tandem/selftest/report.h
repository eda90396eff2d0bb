/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What came of the tests: a table, JSON, and JUnit XML.
 */
#ifndef TANDEM_SELFTEST_REPORT_H
#define TANDEM_SELFTEST_REPORT_H

#include "selftest/selftest.h"

struct selftest_report;

/* @device: NULL: a list of tests that were not run. NULL without memory; all take that */
struct selftest_report *selftest_report_create(const char *device);
void selftest_report_destroy(struct selftest_report *report);

/* @outcome: NULL: it was not run */
void selftest_report_add(struct selftest_report *report, const struct selftest *test,
			 const struct selftest_outcome *outcome, uint64_t took_ns);

int selftest_report_print(struct selftest_report *report, bool json, struct tdm_error *err);
int selftest_report_junit(struct selftest_report *report, const char *path, struct tdm_error *err);

/* enum exit_code: a test failed, or could not tell, or all is fine */
int selftest_report_exit_code(const struct selftest_report *report);

#endif /* TANDEM_SELFTEST_REPORT_H */
