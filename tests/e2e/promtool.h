/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Metrics, as Prometheus' own tool reads them.
 */
#ifndef TESTS_E2E_PROMTOOL_H
#define TESTS_E2E_PROMTOOL_H

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "support/process.h"

inline bool has_promtool()
{
	return !system("command -v promtool >/dev/null 2>&1");
}

/* What it finds in a text; empty: nothing. */
inline std::string promtool(const std::string &text)
{
	std::string file = testing::TempDir() + "metrics-XXXXXX";
	int fd = mkstemp(file.data());
	EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
	close(fd);
	Launch launch;
	launch.args = { "/bin/sh", "-c", "promtool check metrics <" + file + " 2>&1" };
	Process p(launch);
	std::string said = p.read_out();
	bool fine = p.wait().exited(0);
	unlink(file.c_str());
	return fine ? said : "promtool fails: " + said;
}

#endif /* TESTS_E2E_PROMTOOL_H */
