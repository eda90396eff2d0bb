/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
#ifndef TESTS_SUPPORT_SKIP_H
#define TESTS_SUPPORT_SKIP_H

#include <gtest/gtest.h>

/* Skips, and says why in the report as well: googletest 1.12 prints it only. */
#define TANDEM_SKIP(why)                                                                           \
	do {                                                                                       \
		::testing::Test::RecordProperty("reason", why);                                    \
		GTEST_SKIP() << (why);                                                             \
	} while (0)

#endif /* TESTS_SUPPORT_SKIP_H */
