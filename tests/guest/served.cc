// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "served.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include <fstream>
#include <sstream>

namespace guest
{

namespace
{

Launch ServeOne(const std::string &model)
{
	Launch launch;

	launch.args = { "/sbin/tandem-emu", "--threads", "1", model };
	return launch;
}

} // namespace

Served::Served(const std::string &model) : process_(ServeOne(model))
{
}

bool Served::Ready()
{
	std::string line, byte;

	/* "cs3 at /dev/accel/accel0" */
	while ((byte = process_.read_out(1)) != "\n") {
		if (byte.empty())
			return false;
		line += byte;
	}
	node_ = line.substr(line.rfind(' ') + 1);
	return true;
}

void Served::Kill()
{
	process_.signal(SIGKILL);
	/* One that is stopped ends, too. */
	process_.wait();
}

std::string ReadFile(const std::string &path)
{
	std::ifstream file(path);
	std::stringstream text;

	text << file.rdbuf();
	return text.str();
}

bool WriteFile(const std::string &path, const std::string &text)
{
	std::ofstream file(path);

	file << text;
	file.flush();
	return file.good();
}

std::string SysFolder(const std::string &node)
{
	struct stat st;

	if (stat(node.c_str(), &st))
		return "";
	return "/sys/dev/char/" + std::to_string(major(st.st_rdev)) + ":" +
	       std::to_string(minor(st.st_rdev)) + "/device/";
}

std::string Attribute(const std::string &node, const std::string &name)
{
	std::string text = ReadFile(SysFolder(node) + "tandem/" + name);

	return text.substr(0, text.find('\n'));
}

std::string Live()
{
	return ReadFile("/sys/module/tandem/parameters/live");
}

bool NothingLives()
{
	return Until([] {
		std::string live = Live();

		return !live.empty() && live.find_first_of("123456789") == std::string::npos;
	});
}

uint64_t NowNs()
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return static_cast<uint64_t>(ts.tv_sec) * 1000000000u + static_cast<uint64_t>(ts.tv_nsec);
}

void SleepUs(uint64_t us)
{
	struct timespec ts = { static_cast<time_t>(us / 1000000),
			       static_cast<long>(us % 1000000 * 1000) };

	nanosleep(&ts, nullptr);
}

} // namespace guest
