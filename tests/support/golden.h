/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Texts that a test expects whole, in files of their own: tests/e2e/golden/NAME. With
 * TANDEM_GOLDEN=write in the environment they are written anew, and the test fails.
 */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include <string>

void expect_golden(const std::string &folder, const std::string &name, const std::string &text);

#endif /* TESTS_SUPPORT_GOLDEN_H */
