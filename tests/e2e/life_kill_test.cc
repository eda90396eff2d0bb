// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * kill -9 at random moments of many runs: nothing of them stays, in memory, on disk
 * or among the processes.
 */
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/process.h"
#include "support/tier.h"

namespace
{

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/* A start under a sanitizer takes 20 times as long; what is left behind is the same. */
constexpr int RUNS = by_tier(200, 20, 8);

std::set<std::string> names_in(const fs::path &folder)
{
	std::set<std::string> names;

	for (const auto &e : fs::directory_iterator(folder))
		names.insert(e.path().filename());
	return names;
}

/* Sockets that have a name, abstract ones too. */
std::set<std::string> unix_sockets()
{
	std::ifstream file("/proc/net/unix");
	std::set<std::string> names;
	std::string line;

	while (std::getline(file, line)) {
		size_t at = line.find_last_of(' ');
		if (at != std::string::npos && (line[at + 1] == '/' || line[at + 1] == '@'))
			names.insert(line.substr(at + 1));
	}
	return names;
}

/* A folder for everything that a run might leave. */
class Scratch
{
public:
	Scratch()
	{
		std::string name = fs::temp_directory_path() / "tandem-life-XXXXXX";
		if (!mkdtemp(name.data()))
			ADD_FAILURE() << "no folder " << name;
		path_ = name;
	}
	~Scratch()
	{
		fs::remove_all(path_);
	}
	Launch launch() const
	{
		Launch l;
		l.args = { TANDEM_CLI, "generate", "-m", TANDEM_MODELS "/tales.gguf",
			   "-p",       prompt(),   "-n", "40",
			   "--net",    "soft" };
		l.cwd = path_.c_str();
		for (const char *name : { "TMPDIR", "XDG_RUNTIME_DIR", "HOME" })
			l.env.push_back(std::string(name) + "=" + path_.string());
		return l;
	}
	bool is_empty() const
	{
		return fs::is_empty(path_);
	}

private:
	/* Long, so that prefill and transfer have their share of the moments. */
	static std::string prompt()
	{
		std::string text;
		while (text.size() < by_tier<size_t>(600, 600, 100))
			text += "Once upon a time there was a little pig named Luna. ";
		return text;
	}
	fs::path path_;
};

/* Return: how long a run takes that nobody ends */
Clock::duration measure(const Scratch &scratch)
{
	auto start = Clock::now();
	Process p(scratch.launch());
	p.read_out();
	Ended end = p.wait();
	EXPECT_TRUE(end.exited(0)) << end.say() << ": " << p.err();
	return Clock::now() - start;
}

uint64_t seed()
{
	const char *given = getenv("TANDEM_SEED");

	return given ? strtoull(given, nullptr, 10) : std::random_device{}();
}

struct Moments {
	int killed = 0;	  /* before its end */
	int spoke = 0;	  /* of these, with text out: decode had begun */
	int too_late = 0; /* it was over */
};

void kill_one(const Scratch &scratch, Clock::duration after, Moments &moments)
{
	Process p(scratch.launch());
	std::this_thread::sleep_until(Clock::now() + after);
	p.signal(SIGKILL);
	std::string text = p.read_out();
	Ended end = p.wait();
	if (end.signalled(SIGKILL)) {
		moments.killed++;
		moments.spoke += !text.empty();
	} else {
		EXPECT_TRUE(end.exited(0)) << end.say() << ": " << p.err();
		moments.too_late++;
	}
	EXPECT_EQ(group_size(p.pid()), 0u);
	EXPECT_TRUE(scratch.is_empty());
}

TEST(LifeKill, LeavesNothing)
{
	std::set<std::string> shm = names_in("/dev/shm"), sockets = unix_sockets();
	Scratch scratch;
	/* The median of three: one may be slow for the machine's own reasons. */
	std::vector<Clock::duration> times = { measure(scratch), measure(scratch),
					       measure(scratch) };
	std::sort(times.begin(), times.end());
	uint64_t s = seed();
	std::mt19937_64 random(s);
	std::uniform_real_distribution<double> share(0, 1);
	Moments moments;

	std::cout << "seed " << s << " (TANDEM_SEED repeats it)\n";
	double whole = std::chrono::duration<double>(times[1]).count();
	for (int tries = 0; moments.killed < RUNS && tries < 4 * RUNS && !HasFailure(); tries++) {
		int late = moments.too_late;
		std::chrono::duration<double> after(share(random) * whole);
		kill_one(scratch, std::chrono::duration_cast<Clock::duration>(after), moments);
		/* The machine became faster than it was when the time was taken. */
		if (moments.too_late > late)
			whole *= 0.97;
	}
	std::cout << moments.killed << " killed, " << moments.spoke << " of them in decode, "
		  << moments.too_late << " too late\n";
	EXPECT_EQ(moments.killed, RUNS);
	if (RUNS >= 100) {
		EXPECT_GT(moments.spoke, 0);
		EXPECT_GT(moments.killed, moments.spoke);
	}
	EXPECT_EQ(names_in("/dev/shm"), shm);
	EXPECT_EQ(unix_sockets(), sockets);
}

} // namespace
