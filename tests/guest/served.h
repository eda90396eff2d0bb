/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A tandem-emu of the test's own, the files in which the kernel tells of its
 * devices, and the driver's count of what there is.
 */
#ifndef TESTS_GUEST_SERVED_H
#define TESTS_GUEST_SERVED_H

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.h"

namespace guest
{

/* One tandem-emu with one device. */
class Served
{
public:
	explicit Served(const std::string &model = "cs3");

	/* Waits for its node. Return: false when it ended before */
	bool Ready();
	/* "/dev/accel/accel0"; after Ready() */
	const std::string &node() const
	{
		return node_;
	}
	void Signal(int sig) const
	{
		process_.signal(sig);
	}
	/* kill -9, and waits. */
	void Kill();
	pid_t pid() const
	{
		return process_.pid();
	}

private:
	Process process_;
	std::string node_;
};

/* The whole file; "" when there is none. */
std::string ReadFile(const std::string &path);
bool WriteFile(const std::string &path, const std::string &text);

/* The folder of the device behind a node in /sys. */
std::string SysFolder(const std::string &node);
/* One attribute, without its newline. */
std::string Attribute(const std::string &node, const std::string &name);

/* What the driver has, by kind; "" when the module is not there. */
std::string Live();
/* Waits until it has nothing at all. Return: false when something stays */
bool NothingLives();

/* Waits for @done, up to 20 s. */
template <typename F>
bool Until(F done);

uint64_t NowNs();
void SleepUs(uint64_t us);

template <typename F>
bool Until(F done)
{
	for (uint64_t limit = NowNs() + 20000000000u; !done(); SleepUs(1000))
		if (NowNs() > limit)
			return false;
	return true;
}

} // namespace guest

#endif /* TESTS_GUEST_SERVED_H */
