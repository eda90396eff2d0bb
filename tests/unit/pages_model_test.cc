// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The model of pages between two devices, checked by spin: whatever goes wrong,
 * no write lands in another's page, none is lost and every request ends; and
 * wrong as soon as any one of the rules is left out.
 */
#include <string>

#include <gtest/gtest.h>

#include "unit/spin.h"

namespace
{

class PagesModel : public testing::TestWithParam<const char *>
{
};

TEST_P(PagesModel, NothingIsOverwrittenLostOrStuck)
{
	std::string out = SpinVerify("pages.pml", GetParam());
	EXPECT_NE(out.find("errors: 0"), std::string::npos) << out;
	EXPECT_EQ(out.find("max search depth too small"), std::string::npos) << out;
}

INSTANTIATE_TEST_SUITE_P(Each, PagesModel,
			 testing::Values("", "-DSRD", "-DPAGES=2 -DFAULTS=2",
					 "-DPAGES=2 -DFAULTS=2 -DSRD"));

class PagesModelWithout : public testing::TestWithParam<const char *>
{
};

TEST_P(PagesModelWithout, APageIsOverwrittenUsedTooEarlyOrLost)
{
	std::string out = SpinFalsify("pages.pml", std::string("-DPAGES=2 -D") + GetParam());
	EXPECT_NE(out.find("assertion violated"), std::string::npos) << out;
	EXPECT_NE(out.find("errors: 1"), std::string::npos) << out;
}

INSTANTIATE_TEST_SUITE_P(Each, PagesModelWithout,
			 testing::Values("NO_QUARANTINE", "NO_WAIT", "NO_FENCE", "COMMIT_AT_POST",
					 "NO_EPOCH", "NO_PAGE", "NO_LEASE"),
			 [](const auto &info) { return std::string(info.param); });

} // namespace
