// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "alloc_fail.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace alloc_fail
{

namespace
{

/* More than any call makes: reaching it means that it never ends. */
constexpr unsigned int kMost = 20000;

/* What is freed behind the call's back has this long. */
constexpr unsigned int kSettleMs = 20000;

bool Write(const char *path, const char *text)
{
	std::ofstream file(path);

	file << text << std::flush;
	return file.good();
}

std::string Say(const Live &live)
{
	std::ostringstream out;

	for (const auto &kind : live)
		out << kind.first << " " << kind.second << " ";
	return out.str();
}

/* Waits for it. Return: what there is in the end */
Live Settled(const Live &wanted, bool keeps_pages = false)
{
	Live now;

	for (unsigned int ms = 0; ms < kSettleMs; ms += 5) {
		now = ReadLive();
		if (keeps_pages)
			now["pages"] = wanted.at("pages");
		if (now == wanted)
			break;
		usleep(5000);
	}
	return now;
}

/* Once nothing comes or goes any more: what closed files leave is freed later. */
Live Quiet()
{
	Live last, now = ReadLive();

	for (unsigned int ms = 0; ms < kSettleMs && now != last; ms += 200) {
		usleep(200000);
		last = now;
		now = ReadLive();
	}
	return now;
}

struct Tally {
	unsigned int failed = 0;
	unsigned int absorbed = 0;
};

/* One allocation; @start: what there was without the call. Return: whether it came */
bool FailOne(const Injector &injector, const Step &step, const Live &start, unsigned int n,
	     Tally *tally)
{
	step.prepare();
	Live before = ReadLive();

	injector.Arm(n);
	int rc = step.call();
	bool hit = injector.Disarm();

	if (rc) {
		bool known =
			rc == -ENOMEM || std::count(step.errors.begin(), step.errors.end(), rc);

		EXPECT_TRUE(hit) << "allocation " << n << ": " << strerror(-rc) << " of itself";
		EXPECT_TRUE(known) << "allocation " << n << ": " << strerror(-rc);
		EXPECT_EQ(Say(Settled(before, step.keeps_pages)), Say(before))
			<< "allocation " << n << ": left by the call that failed";
		rc = step.call();
		EXPECT_EQ(rc, 0) << "allocation " << n << ": " << strerror(-rc)
				 << " right after, when nothing failed";
		tally->failed++;
	} else if (hit) {
		tally->absorbed++;
	}
	step.clean();
	EXPECT_EQ(Say(Settled(start)), Say(start)) << "allocation " << n << ": left in the end";
	return hit;
}

thread_local sigjmp_buf bus_error;

void OnBusError(int)
{
	siglongjmp(bus_error, 1);
}

bool Stored(volatile char *ptr)
{
	if (sigsetjmp(bus_error, 1))
		return false;
	*ptr = 1;
	return true;
}

} // namespace

Injector::Injector()
{
	Add("/proc/thread-self");
	AllKinds();
}

Injector::Injector(pid_t process)
{
	std::string tasks = "/proc/" + std::to_string(process) + "/task";
	DIR *dir = opendir(tasks.c_str());

	while (struct dirent *entry = dir ? readdir(dir) : nullptr) {
		if (entry->d_name[0] != '.')
			Add(tasks + "/" + entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (fds_.empty())
		missing_ = "there is no process " + std::to_string(process);
	AllKinds();
}

Injector::~Injector()
{
	for (int fd : fds_)
		close(fd);
}

void Injector::Add(const std::string &task)
{
	int fd = open((task + "/fail-nth").c_str(), O_RDWR | O_CLOEXEC);

	if (fd < 0)
		missing_ = "this kernel has no fail-nth (CONFIG_FAULT_INJECTION)";
	else
		fds_.push_back(fd);
}

void Injector::AllKinds()
{
	static const struct {
		const char *path;
		const char *text;
	} switches[] = {
		{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/failslab/verbose", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
	};

	for (const auto &s : switches) {
		if (missing_.empty() && !Write(s.path, s.text))
			missing_ = std::string("cannot write to ") + s.path;
	}
}

void Injector::Arm(unsigned int n) const
{
	char text[16];
	auto len = static_cast<size_t>(snprintf(text, sizeof(text), "%u", n));

	/* None of this allocates: the first thing that may fail is the call's. */
	for (int fd : fds_) {
		if (write(fd, text, len) != static_cast<ssize_t>(len))
			abort();
	}
}

bool Injector::Disarm() const
{
	bool hit = false;

	for (int fd : fds_) {
		char text[16] = {};

		if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
			abort();
		hit |= strtoul(text, nullptr, 10) == 0;
	}
	Arm(0);
	return hit;
}

Live ReadLive()
{
	std::ifstream file("/sys/module/tandem/parameters/live");
	std::string kind;
	Live live;
	long n;

	while (file >> kind >> n)
		live[kind] = n;
	return live;
}

void Sweep(const Injector &injector, const Step &step)
{
	Tally tally;
	unsigned int n = 0;

	ASSERT_EQ(injector.Missing(), "");
	Live start = Quiet();
	ASSERT_FALSE(start.empty());
	/* Once as it is: what is made on first use is none of the call's. */
	step.prepare();
	ASSERT_EQ(step.call(), 0);
	step.clean();
	ASSERT_EQ(Say(Settled(start)), Say(start));
	while (++n < kMost && !::testing::Test::HasFailure()) {
		if (!FailOne(injector, step, start, n, &tally))
			break;
	}
	EXPECT_LT(n, kMost);
	printf("           %u allocations: %u failed the call, %u were done without\n", n - 1,
	       tally.failed, tally.absorbed);
	::testing::Test::RecordProperty("failed", static_cast<int>(tally.failed));
	::testing::Test::RecordProperty("absorbed", static_cast<int>(tally.absorbed));
	if (step.allocates) {
		EXPECT_GT(tally.failed, 0u) << "nothing failed";
	} else {
		EXPECT_EQ(tally.failed, 0u) << "a call that must do without does not";
	}
}

int Touch(void *ptr)
{
	struct sigaction act = {}, old;

	act.sa_handler = OnBusError;
	sigaction(SIGBUS, &act, &old);
	bool stored = Stored(static_cast<char *>(ptr));
	sigaction(SIGBUS, &old, nullptr);
	return stored ? 0 : -EFAULT;
}

} // namespace alloc_fail
