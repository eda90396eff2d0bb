// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem-emu where there is no driver: what it says and how it ends. Serving is
 * tested in the guest (tests/vm).
 */
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/process.h"

namespace
{

struct Said {
	Ended how;
	std::string out;
	std::string err;
};

Said emu(std::vector<std::string> args)
{
	Launch launch;
	launch.args = { TANDEM_EMU };
	launch.args.insert(launch.args.end(), args.begin(), args.end());
	Process p(launch);
	Said said;
	said.out = p.read_out();
	said.how = p.wait();
	said.err = p.err();
	return said;
}

TEST(EmuCli, UsageIsTwo)
{
	for (const std::vector<std::string> &args :
	     std::vector<std::vector<std::string>>{ {},
						    { "trn9" },
						    { "soft:trn2" },
						    { "--threads", "0", "trn2" },
						    { "--threads", "x", "trn2" },
						    { "--bound", "99", "trn2" },
						    { "--bound", "1s", "trn2" },
						    { "--fast", "trn2" },
						    std::vector<std::string>(17, "cs3") }) {
		Said said = emu(args);
		EXPECT_TRUE(said.how.exited(2)) << said.how.say() << said.err;
		EXPECT_NE(said.err.find("tandem-emu: "), std::string::npos) << said.err;
	}
	EXPECT_TRUE(emu({ "--help" }).how.exited(0));
}

TEST(EmuCli, WithoutANodeItSaysWhatToDo)
{
	Said said = emu({ "--node", "/nonexistent/tandem-emu", "trn2", "cs3" });
	EXPECT_TRUE(said.how.exited(1)) << said.how.say();
	EXPECT_EQ(said.out, "");
	EXPECT_NE(said.err.find("'/nonexistent/tandem-emu'"), std::string::npos) << said.err;
	EXPECT_NE(said.err.find("; load the driver"), std::string::npos) << said.err;
}

TEST(EmuCli, AFileThatIsNoControlNode)
{
	Said said = emu({ "--node", "/dev/null", "trn2" });
	EXPECT_TRUE(said.how.exited(1)) << said.how.say();
	EXPECT_NE(said.err.find("'/dev/null'"), std::string::npos) << said.err;
	EXPECT_NE(said.err.find("; "), std::string::npos) << said.err;
}

} // namespace
