// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "guest/guest.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <glob.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/device_file.h"

namespace tandem_test
{

static constexpr const char *kModule = "/sys/module/tandem/parameters/";

/* Where the guest has it; the build's own beside a test that is run by hand. */
static const char *Program()
{
	return access("/sbin/tandem-emu", X_OK) ? TANDEM_EMU : "/sbin/tandem-emu";
}

Emu::Emu(const std::vector<std::string> &models)
{
	std::vector<char *> argv = { const_cast<char *>("tandem-emu") };
	int fds[2];

	for (const std::string &model : models)
		argv.push_back(const_cast<char *>(model.c_str()));
	argv.push_back(nullptr);
	if (pipe2(fds, O_CLOEXEC))
		throw std::runtime_error("no pipe");
	pid_ = fork();
	if (pid_ < 0)
		throw std::runtime_error("no process");
	if (!pid_) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fds[1], STDOUT_FILENO);
		execv(Program(), argv.data());
		_exit(127);
	}
	close(fds[1]);
	out_ = fds[0];
}

Emu::~Emu()
{
	Kill();
	close(out_);
}

void Emu::Kill()
{
	if (pid_ < 0)
		return;
	kill(pid_, SIGKILL);
	while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
		;
	pid_ = -1;
}

int Emu::Stop()
{
	int status = 0;

	kill(pid_, SIGTERM);
	while (waitpid(pid_, &status, 0) < 0 && errno == EINTR)
		;
	pid_ = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Emu::Read(unsigned int ms)
{
	struct pollfd ready = { out_, POLLIN, 0 };
	char text[512];

	if (poll(&ready, 1, static_cast<int>(ms)) != 1)
		return;
	ssize_t n = read(out_, text, sizeof(text));
	if (n > 0)
		said_.append(text, static_cast<size_t>(n));
	else
		usleep(1000); /* it has ended, and its end of the pipe with it */
}

std::vector<std::string> Emu::Nodes(size_t count, unsigned int ms)
{
	uint64_t end = NowNs() + ms * kMs;
	std::vector<std::string> nodes;

	for (;;) {
		std::istringstream lines(said_.substr(0, said_.rfind('\n') + 1));
		std::string line;

		nodes.clear();
		while (std::getline(lines, line))
			if (line.find(" at /dev/") != std::string::npos)
				nodes.push_back(line.substr(line.find("/dev/")));
		if (nodes.size() >= count || NowNs() >= end)
			return nodes;
		Read(10);
	}
}

std::string Emu::Node(const std::string &model)
{
	uint64_t end = NowNs() + 60000 * kMs;
	std::string mark = model + " at ";

	while (NowNs() < end) {
		size_t at = said_.find(mark);
		size_t stop = at == std::string::npos ? at : said_.find('\n', at);

		if (stop != std::string::npos)
			return said_.substr(at + mark.size(), stop - at - mark.size());
		Read(100);
	}
	return "";
}

std::map<std::string, long> LiveObjects()
{
	std::istringstream words(ReadText(std::string(kModule) + "live"));
	std::map<std::string, long> live;
	std::string name;
	long count;

	while (words >> name >> count)
		live[name] = count;
	return live;
}

std::string WhatIsLeft()
{
	uint64_t end = NowNs() + 30000 * kMs;
	std::string left;

	do {
		std::map<std::string, long> live = LiveObjects();

		left = live.empty() ? "no module" : "";
		for (const auto &kind : live)
			if (kind.second)
				left += kind.first + " " + std::to_string(kind.second) + " ";
		if (left.empty())
			return left;
		usleep(10000);
	} while (NowNs() < end);
	return left;
}

std::string ReadText(const std::string &path)
{
	std::ifstream file(path);
	std::ostringstream text;

	text << file.rdbuf();
	return text.str();
}

int WriteText(const std::string &path, const std::string &text)
{
	int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text.data(), text.size()) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

std::string ReadLine(const std::string &path)
{
	std::string text = ReadText(path);

	while (!text.empty() && text.back() == '\n')
		text.pop_back();
	return text;
}

std::string DeviceFolder(const std::string &node)
{
	std::string name = node.substr(node.rfind('/') + 1);
	std::string link = "/sys/class/" +
			   std::string(name.compare(0, 5, "accel") ? "drm/" : "accel/") + name +
			   "/device";
	char path[PATH_MAX];

	return realpath(link.c_str(), path) ? path : "";
}

std::string Attribute(const std::string &node, const std::string &name)
{
	return ReadLine(DeviceFolder(node) + "/tandem/" + name);
}

bool AttributeBecomes(const std::string &node, const std::string &name, const std::string &value,
		      unsigned int ms)
{
	uint64_t end = NowNs() + ms * kMs;

	do {
		if (Attribute(node, name) == value)
			return true;
		usleep(5000);
	} while (NowNs() < end);
	return false;
}

std::string DebugFolder(const std::string &node)
{
	std::string name = node.substr(node.rfind('/') + 1);
	bool accel = !name.compare(0, 5, "accel");
	std::string folder = "/sys/kernel/debug/" + std::string(accel ? "accel/" : "dri/") +
			     name.substr(accel ? 5 : 7) + "/tandem/";

	return access(folder.c_str(), F_OK) ? "" : folder;
}

std::vector<std::string> Glob(const std::string &pattern)
{
	std::vector<std::string> names;
	glob_t found;

	if (!glob(pattern.c_str(), 0, nullptr, &found))
		names.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
	globfree(&found);
	return names;
}

std::vector<std::string> Coredumps()
{
	return Glob("/sys/class/devcoredump/devcd*");
}

void DropCoredumps()
{
	for (const std::string &dump : Coredumps())
		WriteText(dump + "/data", "0");
}

Parameter::Parameter(const std::string &name, const std::string &value) : path_(kModule + name)
{
	before_ = ReadLine(path_);
	EXPECT_EQ(WriteText(path_, value), 0) << path_;
}

Parameter::~Parameter()
{
	WriteText(path_, before_);
}

std::mt19937 Random()
{
	const char *given = getenv("TANDEM_SEED");
	unsigned long seed = given ? strtoul(given, nullptr, 10) : NowNs() / 1000 & 0x7fffffff;

	printf("TANDEM_SEED=%lu\n", seed);
	fflush(stdout);
	return std::mt19937(static_cast<unsigned int>(seed));
}

} // namespace tandem_test
