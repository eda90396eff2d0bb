// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "trace.h"

#include <sys/mount.h>
#include <unistd.h>

#include <sstream>

#include "served.h"

namespace guest
{

namespace
{

const std::string kTracing = "/sys/kernel/tracing/";

} // namespace

Trace::Trace(const std::string &event, int pid) : enable_(kTracing + "events/" + event + "/enable")
{
	if (access((kTracing + "trace").c_str(), F_OK))
		mount("tracefs", kTracing.c_str(), "tracefs", 0, nullptr);
	if (access(enable_.c_str(), F_OK))
		missing_ = enable_ + ": there is none";
	else if (!WriteFile(kTracing + "set_event_pid", pid ? std::to_string(pid) : "") ||
		 !WriteFile(kTracing + "trace", "") || !WriteFile(kTracing + "tracing_on", "1") ||
		 !WriteFile(enable_, "1"))
		missing_ = enable_ + ": cannot be switched on";
}

Trace::~Trace()
{
	WriteFile(enable_, "0");
	WriteFile(kTracing + "set_event_pid", "");
	WriteFile(kTracing + "trace", "");
}

std::string Trace::Text() const
{
	/* Off while it is read, or reading it would never come to an end. */
	WriteFile(kTracing + "tracing_on", "0");
	std::string text = ReadFile(kTracing + "trace");
	WriteFile(kTracing + "tracing_on", "1");
	return text;
}

unsigned int Trace::Count(const std::string &text) const
{
	std::istringstream lines(Text());
	unsigned int n = 0;

	for (std::string line; std::getline(lines, line);)
		n += line[0] != '#' && line.find(text) != std::string::npos;
	return n;
}

} // namespace guest
