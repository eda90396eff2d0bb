// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem top: once, in watch mode, and on a pseudo-terminal.
 */
#include <csignal>
#include <sstream>

#include <gtest/gtest.h>

#include "e2e/top_screen.h"
#include "see_rig.h"

using namespace see;

namespace
{

#define EXPECT_SAYS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)

/* A number that is another one each time becomes 0. */
std::string without(std::string text, const std::string &key)
{
	size_t at = text.find("\"" + key + "\":");

	if (at == std::string::npos)
		return text + " (no " + key + ")";
	at += key.size() + 3;
	return text.replace(at, text.find_first_of(",\n", at) - at, "0");
}

/* What debugfs has of accel0: two queues, of which one has a command open. */
void queues(SysTree &tree, const std::string &busy_ns = "4000")
{
	const std::string dir = "/sys/kernel/debug/accel/tandem-emu.0/tandem";
	tree.write(
		dir + "/queues",
		"queue context 3 number 1 id 7 state 1 error 0 sq_entries 64 cq_entries 64 "
		"limit_ms 0 tail 12 sq_head 11 cq_head 10 completed 10 slices 4 need_wake 0 "
		"still_ms 0 event_seq 0 wait_seq 0 busy_ns " +
			busy_ns +
			" errors 0 tokens_prefill 0 tokens_decode 0\n"
			"command context 3 queue 1 index 10 fetched 1 opcode 19 flags 0x0 reserved "
			"0x0 "
			"cookie 0x1 word0 0x0 word1 0x0 word2 0x0 word3 0x0 word4 0x0 word5 0x0\n"
			"queue context 3 number 2 id 8 state 2 error -5 sq_entries 32 cq_entries "
			"32 "
			"limit_ms 0 tail 4294967295 sq_head 4294967295 cq_head 0 completed "
			"18446744073709551615 slices 4 need_wake 0 still_ms 0 event_seq 0 wait_seq "
			"0 "
			"busy_ns 0 errors 0 tokens_prefill 0 tokens_decode 0\n"
			"queue context 4 number x\n"
			"command context 3 queue 1 index 10 fetched 1 opcode 2 flags 0x0\n"
			"queue context 9 number 1 id 9 state 1");
	tree.write(dir + "/contexts",
		   "context id 3 client 9 error 0 closing 0 pid 4321 comm an llm\n");
}

TEST(TopCli, OnceAsJson)
{
	SysTree tree;
	host(tree);
	queues(tree);
	Ran r = tandem(tree, { "top", "--once", "--json", "--interval", "0.05" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	expect_golden(TANDEM_GOLDEN, "top.json",
		      without(without(r.out, "time_unix_s"), "interval_ns"));
}

TEST(TopCli, OnceAsTables)
{
	SysTree tree;
	host(tree);
	queues(tree);
	Ran r = tandem(tree, { "top", "--once", "--interval", "0.05" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	expect_golden(TANDEM_GOLDEN, "top.txt", r.out);
}

/* Each line is there before the next reading, and whole. */
TEST(TopCli, WatchModeIsALineAReading)
{
	SysTree tree;
	host(tree);
	Launch launch;
	launch.args = { TANDEM_CLI, "top", "--json", "--interval", "0.05", "--count", "3" };
	launch.env = { tree.env() };
	Process p(launch);
	std::istringstream lines(p.read_out());
	EXPECT_TRUE(p.wait().exited(0)) << p.err();
	std::string line;
	int n = 0;
	for (; std::getline(lines, line); n++)
		EXPECT_TRUE(is_json(line)) << line;
	EXPECT_EQ(n, 3);
}

std::string read_line(Process &p)
{
	std::string line;
	for (std::string c; (c = p.read_out(1)) != "" && c != "\n";)
		line += c;
	return line;
}

/* Counters that go on give rates; those that begin anew, or end, give none. */
TEST(TopCli, RatesAreOfCountersThatGoOn)
{
	const std::string dir = "/sys/devices/platform/tandem-emu.0/tandem";
	SysTree tree;
	host(tree);
	Launch launch;
	launch.args = { TANDEM_CLI, "top", "--json", "--interval", "0.05" };
	launch.env = { tree.env() };
	Process p(launch);
	auto next = [&](const char *file, const char *text, const char *wanted) {
		tree.write(dir + "/" + file, text);
		/* The reading that saw it is one of the next; how many that is no test says. */
		for (std::string line; (line = read_line(p)) != "";)
			if (line.find(wanted) != std::string::npos)
				return true;
		return false;
	};
	/* 1e18 tokens in no time at all: the rate is not 0. */
	EXPECT_SAYS(read_line(p), "\"decode_tokens_per_s\":0.0");
	EXPECT_TRUE(next("tokens_decode", "900000000000000000\n", "\"decode_tokens_per_s\":0.0"));
	EXPECT_TRUE(next("tokens_decode", "5\n", "\"decode_tokens_per_s\":null"));
	EXPECT_TRUE(next("tokens_decode", "x\n", "\"tokens_decode\":null"));
	EXPECT_TRUE(next("errors", "1000\n", "\"new_errors\":997.0"));
	tree.remove("/sys/class/accel/accel0");
	for (std::string line; (line = read_line(p)) != "";)
		if (line.find("accel0\",\"class") == std::string::npos)
			break;
	p.signal(SIGTERM);
	p.read_out();
	EXPECT_TRUE(p.wait().signalled(SIGTERM));
}

/* Those of the driver, from debugfs, whose files may be read in the middle of a write. */
TEST(TopCli, QueuesOfTheDriver)
{
	SysTree tree;
	host(tree);
	queues(tree);
	Launch launch;
	launch.args = { TANDEM_CLI, "top", "--json", "--interval", "0.05" };
	launch.env = { tree.env() };
	Process p(launch);
	auto until = [&](const std::string &wanted) {
		for (std::string line; (line = read_line(p)) != "";)
			if (line.find("\"DECODE\",\"still_ns\":0,\"busy_ratio\":" + wanted) !=
			    std::string::npos)
				return true;
		return false;
	};
	EXPECT_TRUE(until("0.0"));
	queues(tree, "9000000000000000000");
	EXPECT_TRUE(until("1.0"));
	/* Less than before is another queue of that number. */
	queues(tree, "1");
	EXPECT_TRUE(until("null"));
	tree.remove("/sys/kernel/debug");
	for (std::string line; (line = read_line(p)) != "";)
		if (line.find("\"queues\":[]") != std::string::npos)
			break;
	p.signal(SIGTERM);
	p.read_out();
	EXPECT_TRUE(p.wait().signalled(SIGTERM));
}

TEST(TopCli, UsageAndNoTerminal)
{
	SysTree tree;
	Ran r = tandem(tree, { "top" });
	EXPECT_TRUE(r.end.exited(5)) << r.end.say();
	EXPECT_SAYS(r.err, "--once");
	for (std::vector<std::string> words : { std::vector<std::string>{ "-i", "0" },
						{ "-i", "nan" },
						{ "-i", "-1" },
						{ "-i", "1e9" },
						{ "-i", "1x" },
						{ "-n", "0" },
						{ "-n", "-1" },
						{ "-n", "2.5" },
						{ "--once", "-n", "2" },
						{ "accel0" } }) {
		words.insert(words.begin(), "top");
		EXPECT_TRUE(tandem(tree, words).end.exited(2));
	}
}

constexpr char LEAVE[] = "\x1b[?1049l"; /* xterm's own screen is left */

TEST(TopScreen, DrawsAndQuits)
{
	SysTree tree;
	host(tree);
	Screen screen(tree.root(), "xterm");
	ASSERT_TRUE(screen.shows("accel0")) << screen.text;
	ASSERT_TRUE(screen.shows("failed"));
	ASSERT_TRUE(screen.shows("llm"));
	ASSERT_TRUE(screen.shows("mlx5_0"));
	ASSERT_TRUE(screen.shows("sent_pkts"));
	EXPECT_SAYS(screen.text, "\x1b[31m");
	screen.type("q");
	int status = screen.end();
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
	EXPECT_SAYS(screen.text, LEAVE);
}

TEST(TopScreen, Keys)
{
	SysTree tree;
	host(tree);
	Screen screen(tree.root(), "xterm");
	ASSERT_TRUE(screen.shows("by name")) << screen.text;
	screen.press("s");
	ASSERT_TRUE(screen.shows("by busy"));
	screen.press("p");
	ASSERT_TRUE(screen.shows("PAUSED"));
	screen.press("?");
	ASSERT_TRUE(screen.shows("this help"));
	screen.press("?");
	ASSERT_TRUE(screen.shows("accel0 busy"));
	screen.press("\x1bOB");
	ASSERT_TRUE(screen.shows("accel1 busy"));
	screen.press("\x1bOA");
	ASSERT_TRUE(screen.shows("accel0 busy"));
	screen.press("+");
	ASSERT_TRUE(screen.shows("every 0.2 s"));
	screen.press("---\x1bOA\x1bOA");
	ASSERT_TRUE(screen.shows("every 0.1 s"));
	screen.type("q");
	EXPECT_EQ(screen.end(), 0);
}

/* Down to nothing, and up again. */
TEST(TopScreen, Resizes)
{
	SysTree tree;
	host(tree);
	Screen screen(tree.root(), "xterm");
	ASSERT_TRUE(screen.shows("mlx5_0")) << screen.text;
	for (unsigned short size : { 1, 2, 3, 8, 60 }) {
		screen.resize(size, static_cast<unsigned short>(2 * size));
		screen.press("");
		/* The line of keys is drawn at every size, as far as it fits. */
		ASSERT_TRUE(screen.shows(std::string("q quit").substr(0, 2 * size - 1))) << size;
	}
	screen.resize(40, 140);
	screen.press("");
	ASSERT_TRUE(screen.shows("mlx5_0"));
	screen.type("q");
	EXPECT_EQ(screen.end(), 0);
}

TEST(TopScreen, ADeviceThatVanishesIsGone)
{
	SysTree tree;
	host(tree);
	Screen screen(tree.root(), "xterm");
	ASSERT_TRUE(screen.shows("ready")) << screen.text;
	tree.remove("/sys/class/accel/accel0");
	ASSERT_TRUE(screen.shows("gone"));
	tree.remove("/sys/class/accel/accel1");
	ASSERT_TRUE(screen.shows("gone"));
	screen.type("q");
	EXPECT_EQ(screen.end(), 0);
}

TEST(TopScreen, SignalsRestoreTheTerminal)
{
	for (int sig : { SIGINT, SIGTERM }) {
		SysTree tree;
		host(tree);
		Screen screen(tree.root(), "xterm");
		ASSERT_TRUE(screen.shows("mlx5_0")) << screen.text;
		EXPECT_FALSE(screen.is_restored());
		screen.signal(sig);
		int status = screen.end();
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == sig) << status;
		EXPECT_SAYS(screen.text, LEAVE);
		EXPECT_TRUE(screen.is_restored());
	}
}

TEST(TopScreen, NoColourWhereNoneIsWanted)
{
	SysTree tree;
	host(tree);
	Screen screen(tree.root(), "xterm", false);
	ASSERT_TRUE(screen.shows("sent_pkts")) << screen.text;
	EXPECT_EQ(screen.text.find("\x1b[31m"), std::string::npos);
	screen.type("q");
	EXPECT_EQ(screen.end(), 0);
}

TEST(TopScreen, AnUnknownTerminalNamesTheWayOut)
{
	SysTree tree;
	for (const char *term : { "", "no-such-terminal" }) {
		Screen screen(tree.root(), term);
		EXPECT_TRUE(screen.shows("--once")) << screen.text;
		int status = screen.end();
		EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 5) << status;
	}
}

TEST(TopScreen, TextsThatATerminalWouldObey)
{
	SysTree tree;
	tree.module();
	tree.device("accel0", "platform/tandem-emu.0",
		    { { "state", "\x1b]0;owned\x07" }, { "inject_active", "\x1b[5m" } });
	tree.client(77, "\x1b]0;owned\x07", "/dev/accel/accel0", 1, "5");
	tree.rdma("nic0", "", "\x1b]0;owned\x07");
	queues(tree);
	tree.write("/sys/kernel/debug/accel/tandem-emu.0/tandem/contexts",
		   "context id 3 client 9 error 0 closing 0 pid 7 comm \x1b]0;owned\x07\n");
	Screen screen(tree.root(), "xterm");
	ASSERT_TRUE(screen.shows("nic0")) << screen.text;
	screen.press("3");
	ASSERT_TRUE(screen.shows("DECODE"));
	screen.press("\x1bOC\x1bOC\x1bOC\x1bOC\x1bOC\x1bOC\x1bOC");
	ASSERT_TRUE(screen.shows("owned"));
	screen.type("q");
	EXPECT_EQ(screen.end(), 0);
	EXPECT_EQ(screen.text.find("\x1b]0;"), std::string::npos);
	EXPECT_EQ(screen.text.find("\x1b[5m"), std::string::npos);
}

} // namespace
