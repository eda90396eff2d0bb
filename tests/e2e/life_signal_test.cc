// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * SIGINT and SIGTERM: the tool stops in order, says so, and ends by that signal.
 */
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <json-c/json.h>

#include "support/process.h"
#include "support/test_model.h"
#include "support/tier.h"

namespace
{

using namespace std::chrono_literals;

/* Far more work than the test has time: if it is not stopped, the watchdog sees it. */
ModelSpec endless()
{
	ModelSpec spec;
	spec.dim = 128;
	spec.layers = 8;
	spec.heads = 4;
	spec.kv_heads = 2;
	spec.ffn = 512;
	spec.ctx = 65536;
	return spec;
}

class LifeSignal : public testing::Test
{
protected:
	LifeSignal() : model_(test_model(endless()))
	{
		/* A shell that has put us in the background ignores them, and so would the tool. */
		std::signal(SIGINT, SIG_DFL);
		std::signal(SIGTERM, SIG_DFL);
	}
	Launch launch(const std::string &prompt, std::vector<std::string> more) const
	{
		Launch l;
		l.args = { TANDEM_CLI, "generate", "-m",   model_.path(),   "-p", prompt, "-n",
			   "60000",    "--net",	   "soft", "--temperature", "1" };
		l.args.insert(l.args.end(), more.begin(), more.end());
		return l;
	}
	TempFile model_;
};

/* Waits for something about a process; a run that ends before is a failure. */
bool reach(Process &p, const std::function<bool()> &there)
{
	while (!there()) {
		if (p.has_ended()) {
			ADD_FAILURE() << "ended first: " << p.wait().say() << ": " << p.err();
			return false;
		}
		std::this_thread::sleep_for(1ms);
	}
	return true;
}

/* Of the compute threads: prefill is under way, loading takes far less. */
bool computes(const Process &p)
{
	return cpu_ns_of(p.pid(), "tdm-compute") > 100000000;
}

std::string long_prompt()
{
	std::string text;
	while (text.size() < 60000)
		text += "a b c d e f g h ";
	return text;
}

size_t count(const std::string &text, char c)
{
	return static_cast<size_t>(std::count(text.begin(), text.end(), c));
}

struct Signal {
	int number;
	const char *name;
} const SIGNALS[] = { { SIGINT, "SIGINT" }, { SIGTERM, "SIGTERM" } };

TEST_F(LifeSignal, StopsDecodeWithItsTextAndOneLine)
{
	for (const Signal &s : SIGNALS) {
		Process p(launch("a b c", {}));
		std::string text = p.read_out(20);
		p.signal(s.number);
		text += p.read_out();
		Ended end = p.wait();
		EXPECT_TRUE(end.signalled(s.number)) << end.say();
		EXPECT_EQ(text.rfind("a b c", 0), 0u);
		EXPECT_EQ(text.back(), '\n');
		EXPECT_EQ(p.err().rfind(std::string("tandem: stopped by ") + s.name + " after ", 0),
			  0u)
			<< p.err();
		EXPECT_NE(p.err().find("; "), std::string::npos);
		EXPECT_EQ(count(p.err(), '\n'), 1u) << p.err();
	}
}

TEST_F(LifeSignal, StopsPrefill)
{
	for (const char *mode : { "split", "fused" }) {
		Process p(launch(long_prompt(), { "--mode", mode }));
		if (!reach(p, [&] { return computes(p); }))
			continue;
		p.signal(SIGTERM);
		EXPECT_EQ(p.read_out(), "");
		Ended end = p.wait();
		EXPECT_TRUE(end.signalled(SIGTERM)) << end.say();
		EXPECT_EQ(p.err(), "tandem: stopped by SIGTERM after 0 tokens; run it again for "
				   "the rest\n");
	}
}

/* One object, whole, whatever the moment. */
void expect_json(const std::string &text, const char *stopped)
{
	json_object *o = json_tokener_parse(text.c_str());
	ASSERT_TRUE(o) << text;
	json_object *field = nullptr;
	EXPECT_TRUE(json_object_object_get_ex(o, "stopped", &field));
	EXPECT_STREQ(json_object_get_string(field), stopped);
	for (const char *key : { "schema", "text", "tokens", "prompt_tokens", "ttft_ms" })
		EXPECT_TRUE(json_object_object_get_ex(o, key, &field)) << key;
	json_object_put(o);
	EXPECT_EQ(count(text, '\n'), 1u);
}

TEST_F(LifeSignal, JsonIsWhole)
{
	Process decode(launch("a b c", { "--json" }));
	/* It prints nothing before the end: its time tells. */
	if (reach(decode, [&] { return computes(decode); })) {
		decode.signal(SIGINT);
		expect_json(decode.read_out(), "SIGINT");
		EXPECT_TRUE(decode.wait().signalled(SIGINT));
	}
	Process prefill(launch(long_prompt(), { "--json" }));
	if (reach(prefill, [&] { return computes(prefill); })) {
		prefill.signal(SIGTERM);
		expect_json(prefill.read_out(), "SIGTERM");
		EXPECT_TRUE(prefill.wait().signalled(SIGTERM));
	}
}

/* From the moment that it catches signals: whatever it was doing, the object is whole. */
TEST_F(LifeSignal, JsonIsWholeFromTheStart)
{
	for (int i = 0; i < 10; i++) {
		Process p(launch("a b c", { "--json" }));
		if (!reach(p, [&] {
			    std::ifstream status("/proc/" + std::to_string(p.pid()) + "/status");
			    std::string line;
			    while (std::getline(status, line))
				    if (!line.compare(0, 7, "SigCgt:"))
					    return std::stoull(line.substr(7), nullptr, 16) >>
							   (SIGINT - 1) &
						   1;
			    return 0ULL;
		    }))
			continue;
		p.signal(SIGINT);
		expect_json(p.read_out(), "SIGINT");
		EXPECT_TRUE(p.wait().signalled(SIGINT));
	}
}

/* Nobody reads, so the object cannot go out: the second signal ends it all the same. */
TEST_F(LifeSignal, ASecondOneEndsAtOnce)
{
	int fds[2];
	ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
	ASSERT_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	std::vector<char> fill(4096);
	while (write(fds[1], fill.data(), fill.size()) > 0)
		;
	ASSERT_EQ(fcntl(fds[1], F_SETFL, 0), 0);
	Launch l = launch("a b c", { "--json" });
	l.out = fds[1];
	Process p(l);
	if (reach(p, [&] { return computes(p); })) {
		p.signal(SIGINT);
		/* Close together they are one, as timeout(1) sends them. */
		p.signal(SIGTERM);
		std::this_thread::sleep_for(400ms);
		EXPECT_FALSE(p.has_ended());
		p.signal(SIGTERM);
		Ended end = p.wait();
		EXPECT_TRUE(end.signalled(SIGTERM)) << end.say();
	}
	close(fds[0]);
	close(fds[1]);
}

/* As under nohup(1) and in the background of a shell without job control. */
TEST_F(LifeSignal, AnIgnoredOneStaysIgnored)
{
	auto old = std::signal(SIGINT, SIG_IGN);
	Process p(launch("a b c", {}));
	std::signal(SIGINT, old);
	EXPECT_FALSE(p.read_out(20).empty());
	p.signal(SIGINT);
	constexpr size_t MORE = by_tier(2000, 500, 100);
	EXPECT_EQ(p.read_out(MORE).size(), MORE);
	p.signal(SIGTERM);
	p.read_out();
	EXPECT_TRUE(p.wait().signalled(SIGTERM));
}

} // namespace
