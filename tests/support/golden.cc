// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/golden.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

void expect_golden(const std::string &folder, const std::string &name, const std::string &text)
{
	const std::string path = folder + "/" + name;
	const char *mode = std::getenv("TANDEM_GOLDEN");

	if (mode && std::string(mode) == "write") {
		std::ofstream(path, std::ios::binary) << text;
		ADD_FAILURE() << path << " is written; look at it, and run the test without";
		return;
	}
	std::stringstream whole;
	whole << std::ifstream(path, std::ios::binary).rdbuf();
	EXPECT_EQ(text, whole.str()) << path;
}
