// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The model of going to sleep, checked by spin: no lost wake-up with the fences,
 * and one without them, which shows that the model can tell.
 */
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace
{

/* What the verifier prints, or "" when it could not be made. */
std::string verify(const std::string &defines)
{
	std::string script = "set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT; cd $d; "
			     "spin -a " +
			     defines +
			     " " TANDEM_SPIN "/doorbell.pml >&2; "
			     "gcc -O2 -DSAFETY -w -o pan pan.c; ./pan -m100000";
	std::string out;
	char line[512];
	FILE *p = popen(script.c_str(), "r");
	while (fgets(line, sizeof(line), p))
		out += line;
	return pclose(p) ? "" : out;
}

TEST(DoorbellModel, NobodySleepsForEver)
{
	std::string out = verify("");
	EXPECT_NE(out.find("errors: 0"), std::string::npos) << out;
	EXPECT_EQ(out.find("max search depth too small"), std::string::npos) << out;
}

TEST(DoorbellModel, WithoutFencesSomebodyDoes)
{
	std::string out = verify("-DNO_FENCE");
	EXPECT_NE(out.find("invalid end state"), std::string::npos) << out;
	EXPECT_NE(out.find("errors: 1"), std::string::npos) << out;
}

} // namespace
