/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the tests share that need the module and nothing else: tandem-emu as a process of
 * the test's own, and what the kernel says of the driver. Only in the guest.
 */
#ifndef TESTS_GUEST_GUEST_H
#define TESTS_GUEST_GUEST_H

#include <csignal>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tandem_test
{

/* tandem-emu, until the end of the scope: then it is killed. */
class Emu
{
public:
	explicit Emu(const std::vector<std::string> &models);
	~Emu();
	Emu(const Emu &) = delete;
	Emu &operator=(const Emu &) = delete;

	/*
	 * The nodes it has said so far, in any order; waits until there are @count, or
	 * @ms have passed.
	 */
	std::vector<std::string> Nodes(size_t count, unsigned int ms = 60000);
	/* The node of its device of @model; empty when there is none in a minute. */
	std::string Node(const std::string &model);

	pid_t pid() const
	{
		return pid_;
	}
	void Signal(int sig) const
	{
		kill(pid_, sig);
	}
	/* kill -9, and waits for the end. */
	void Kill();
	/* SIGTERM. Return: its exit code, or -1 */
	int Stop();

private:
	void Read(unsigned int ms);

	pid_t pid_ = -1;
	int out_ = -1;
	std::string said_;
};

/* /sys/module/tandem/parameters/live; empty without the module. */
std::map<std::string, long> LiveObjects();
/* Return: what is still there after half a minute, as the file says it; empty for nothing */
std::string WhatIsLeft();

/* A file's text; empty when it cannot be read. */
std::string ReadText(const std::string &path);
/* Return: 0 or -errno */
int WriteText(const std::string &path, const std::string &text);
/* The text without its end of line. */
std::string ReadLine(const std::string &path);

/* The folder of the node's device in /sys, and the driver's attributes in it. */
std::string DeviceFolder(const std::string &node);
std::string Attribute(const std::string &node, const std::string &name);
/* Return: whether the attribute was @value within @ms */
bool AttributeBecomes(const std::string &node, const std::string &name, const std::string &value,
		      unsigned int ms = 60000);
/* The driver's folder of this node in debugfs. */
std::string DebugFolder(const std::string &node);
/* Coredumps that there are; each a folder of /sys/class/devcoredump. */
std::vector<std::string> Coredumps();
/* They hold memory for minutes. */
void DropCoredumps();
/* Files and folders that match. */
std::vector<std::string> Glob(const std::string &pattern);

/* A parameter of the module, set until the end of the scope. */
class Parameter
{
public:
	Parameter(const std::string &name, const std::string &value);
	~Parameter();
	Parameter(const Parameter &) = delete;
	Parameter &operator=(const Parameter &) = delete;

private:
	std::string path_, before_;
};

/* Says its seed, which TANDEM_SEED in the environment gives again. */
std::mt19937 Random();

} // namespace tandem_test

#endif /* TESTS_GUEST_GUEST_H */
