// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The model of the rings, checked by spin: right on a machine that reorders, and
 * wrong as soon as any one of the contract's orderings is left out.
 */
#include <string>

#include <gtest/gtest.h>

#include "unit/spin.h"

namespace
{

TEST(RingsModel, EachEntryIsReadOnceAndWhole)
{
	std::string out = SpinVerify("rings.pml", "");
	EXPECT_NE(out.find("errors: 0"), std::string::npos) << out;
	EXPECT_EQ(out.find("max search depth too small"), std::string::npos) << out;
}

class RingsModelWithout : public testing::TestWithParam<const char *>
{
};

TEST_P(RingsModelWithout, AnEntryIsReadWrong)
{
	std::string out = SpinVerify("rings.pml", std::string("-D") + GetParam());
	EXPECT_NE(out.find("assertion violated"), std::string::npos) << out;
	EXPECT_NE(out.find("errors: 1"), std::string::npos) << out;
}

INSTANTIATE_TEST_SUITE_P(Each, RingsModelWithout,
			 testing::Values("NO_REL_TAIL", "NO_ACQ_TAIL", "NO_REL_SQ_HEAD",
					 "NO_REL_PHASE", "NO_ACQ_PHASE", "NO_REL_CQ_HEAD"),
			 [](const auto &info) { return std::string(info.param); });

} // namespace
