// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Output that cannot go out, and the exit codes.
 */
#include <algorithm>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "support/process.h"
#include "support/test_model.h"

namespace
{

const std::string TALES = TANDEM_MODELS "/tales.gguf";

Launch tandem(std::vector<std::string> words)
{
	Launch l;

	l.args = { TANDEM_CLI };
	l.args.insert(l.args.end(), words.begin(), words.end());
	return l;
}

/* All that prints: each kind of text that the tool has. */
const std::vector<std::vector<std::string>> PRINTING = {
	{ "generate", "-m", TALES, "-p", "Once", "-n", "200" },
	{ "generate", "-m", TALES, "-p", "Once", "-n", "200", "--json" },
	{ "list" },
	{ "list", "--json" },
	{ "--help" },
	{ "--version" },
	{ "generate", "--help" },
	{ "generate", "--usage" },
};

std::string joined(const std::vector<std::string> &words)
{
	std::string text;

	for (const auto &w : words)
		text += w + " ";
	return text;
}

void expect_one_line(Process &p, const char *says)
{
	std::string err = p.err();

	EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
	EXPECT_EQ(err.rfind("tandem: standard output: ", 0), 0u) << err;
	EXPECT_NE(err.find("; "), std::string::npos) << err;
	EXPECT_NE(err.find(says), std::string::npos) << err;
}

TEST(LifeOutput, AFullDiskIsAnErrorThatNamesTheOutput)
{
	for (const auto &words : PRINTING) {
		SCOPED_TRACE(joined(words));
		Launch l = tandem(words);
		l.out = open("/dev/full", O_WRONLY | O_CLOEXEC);
		ASSERT_GE(l.out, 0);
		Process p(l);
		Ended end = p.wait();
		close(l.out);
		EXPECT_TRUE(end.exited(1)) << end.say();
		expect_one_line(p, "No space left on device");
	}
}

TEST(LifeOutput, AClosedPipeIsOneErrorAndNoStorm)
{
	for (const auto &words : PRINTING) {
		SCOPED_TRACE(joined(words));
		int fds[2];
		ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
		close(fds[0]);
		Launch l = tandem(words);
		l.out = fds[1];
		Process p(l);
		close(fds[1]);
		Ended end = p.wait();
		EXPECT_TRUE(end.exited(1)) << end.say();
		expect_one_line(p, "Broken pipe");
	}
}

/* As head(1) does it: some of the text is read, then nobody is there. */
TEST(LifeOutput, AReaderThatLeavesEndsALongRun)
{
	ModelSpec spec;
	spec.ctx = 65536;
	TempFile model(test_model(spec));
	Process p(tandem({ "generate", "-m", model.path(), "-p", "a b", "-n", "60000",
			   "--temperature", "1" }));
	EXPECT_EQ(p.read_out(10).size(), 10u);
	p.close_out();
	Ended end = p.wait();
	EXPECT_TRUE(end.exited(1)) << end.say();
	expect_one_line(p, "Broken pipe");
}

TEST(LifeOutput, AClosedOutputIsAnError)
{
	/* Closed by the shell: "tandem list >&-". */
	Launch l;
	l.args = { "/bin/sh", "-c", "exec \"$0\" list >&-", TANDEM_CLI };
	Process p(l);
	Ended end = p.wait();
	EXPECT_TRUE(end.exited(1)) << end.say();
	expect_one_line(p, "Bad file descriptor");
}

/* One of each kind: 0 done, 1 failed, 2 usage; cli_test.cc has the many. */
TEST(LifeOutput, ExitCodes)
{
	struct {
		std::vector<std::string> words;
		int code;
	} const cases[] = {
		{ { "generate", "-m", TALES, "-p", "Once", "-n", "1" }, 0 },
		{ { "generate", "-m", TALES, "-p", "Once", "-n", "1", "--json" }, 0 },
		{ { "list" }, 0 },
		{ { "--version" }, 0 },
		{ { "generate", "-m", "/nonexistent", "-p", "Once" }, 1 },
		{ { "generate", "-m", TALES, "-p", "Once", "--net", "none" }, 3 },
		{ { "generate", "-m", TALES, "-p", "Once", "--decode", "soft:none" }, 3 },
		{ {}, 2 },
		{ { "none" }, 2 },
		{ { "list", "--none" }, 2 },
		{ { "generate", "-m", TALES }, 2 },
		{ { "generate", "-n", "none" }, 2 },
	};
	for (const auto &c : cases) {
		SCOPED_TRACE(joined(c.words));
		Process p(tandem(c.words));
		p.read_out();
		Ended end = p.wait();
		EXPECT_TRUE(end.exited(c.code)) << end.say();
		/* Whoever fails says why. */
		if (c.code) {
			EXPECT_NE(p.err(), "");
		}
	}
}

} // namespace
