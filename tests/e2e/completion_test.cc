// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The completion script, by bash itself: what it offers is what --help says.
 */
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/process.h"

namespace
{

/* What bash would offer for the last of @words. */
std::string offered(const std::vector<std::string> &words)
{
	std::string script = "source <(" TANDEM_CLI " completion bash); COMP_WORDS=(";
	for (const std::string &word : words)
		script += "'" + word + "' ";
	script += "); COMP_CWORD=" + std::to_string(words.size() - 1) +
		  "; _tandem; echo \"${COMPREPLY[*]}\"";
	Launch launch;
	launch.args = { "/bin/bash", "-c", script };
	Process p(launch);
	std::string out = p.read_out();
	EXPECT_TRUE(p.wait().exited(0)) << p.err();
	return out;
}

std::string help(const std::string &subcommand)
{
	Launch launch;
	launch.args = { TANDEM_CLI, subcommand, "--help" };
	Process p(launch);
	std::string out = p.read_out();
	EXPECT_TRUE(p.wait().exited(0));
	return out;
}

TEST(Completion, OffersSubcommands)
{
	EXPECT_EQ(offered({ "tandem", "gen" }), "generate\n");
	EXPECT_EQ(offered({ "tandem", "nothing" }), "\n");
}

TEST(Completion, OffersTheOptionsThatHelpLists)
{
	std::istringstream all(offered({ "tandem", "generate", "--" }));
	std::string text = help("generate"), option;
	unsigned int n = 0;
	while (all >> option) {
		EXPECT_NE(text.find(option), std::string::npos) << option;
		n++;
	}
	EXPECT_GT(n, 10u);
	EXPECT_EQ(offered({ "tandem", "generate", "--mod" }), "--model= --mode=\n");
}

TEST(Completion, OffersAnArgumentsWords)
{
	EXPECT_EQ(offered({ "tandem", "completion", "z" }), "zsh\n");
}

TEST(Completion, ShellsThatAreNoneAreRefused)
{
	for (const std::vector<std::string> &args :
	     { std::vector<std::string>{ TANDEM_CLI, "completion" },
	       { TANDEM_CLI, "completion", "fish" } }) {
		Launch launch;
		launch.args = args;
		Process p(launch);
		EXPECT_EQ(p.read_out(), "");
		EXPECT_TRUE(p.wait().exited(2));
		EXPECT_NE(p.err().find("bash or zsh"), std::string::npos) << p.err();
	}
}

} // namespace
