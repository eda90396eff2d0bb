// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The model of going to sleep, checked by spin: no lost wake-up with the fences,
 * and one without them, which shows that the model can tell.
 */
#include <string>

#include <gtest/gtest.h>

#include "unit/spin.h"

namespace
{

TEST(DoorbellModel, NobodySleepsForEver)
{
	std::string out = SpinVerify("doorbell.pml", "");
	EXPECT_NE(out.find("errors: 0"), std::string::npos) << out;
	EXPECT_EQ(out.find("max search depth too small"), std::string::npos) << out;
}

TEST(DoorbellModel, WithoutFencesSomebodyDoes)
{
	std::string out = SpinVerify("doorbell.pml", "-DNO_FENCE");
	EXPECT_NE(out.find("invalid end state"), std::string::npos) << out;
	EXPECT_NE(out.find("errors: 1"), std::string::npos) << out;
}

} // namespace
