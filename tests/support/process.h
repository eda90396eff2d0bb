/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Processes of a test: the tool run as a person runs it, a function run in a
 * child, and what the kernel says of a process. Nothing of them outlives the test:
 * each has a watchdog.
 */
#ifndef TESTS_SUPPORT_PROCESS_H
#define TESTS_SUPPORT_PROCESS_H

#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

/* How a process ended, as waitpid() has it. */
struct Ended {
	int status = 0;

	bool exited(int code) const;
	bool signalled(int sig) const;
	std::string say() const;
};

/**
 * A program that runs in a process group of its own.
 * @out: standard output goes there; -1: to a pipe that read_out() reads
 * @cwd: or nullptr
 * @env: "NAME=VALUE" in addition
 */
struct Launch {
	std::vector<std::string> args;
	int out = -1;
	const char *cwd = nullptr;
	std::vector<std::string> env;
};

class Process
{
public:
	explicit Process(const Launch &launch);
	~Process(); /* kills what is left */
	Process(const Process &) = delete;
	Process &operator=(const Process &) = delete;

	pid_t pid() const
	{
		return pid_;
	}
	void signal(int sig) const;

	/* At most @bytes, fewer only at the end. */
	std::string read_out(size_t bytes = SIZE_MAX);
	/* As head(1) does: nobody reads any more. */
	void close_out();

	/* Return: true when it has ended */
	bool has_ended();
	/* Waits; a process that hangs is killed, and says so. */
	Ended wait();
	/* What it wrote to standard error; after wait() */
	std::string err();

private:
	pid_t pid_ = -1;
	int out_ = -1;
	int err_ = -1;
	bool ended_ = false;
	Ended how_;
};

/**
 * in_child - run a function in a fork of this process
 * @seconds: it is killed then
 * @fn: returns what is wrong, empty for nothing
 *
 * Return: what is wrong, the end of the child included
 */
std::string in_child(unsigned int seconds, const std::function<std::string()> &fn);

/* One thread, from /proc. */
struct ThreadUse {
	pid_t tid;
	std::string name;
	uint64_t cpu_ns;
	uint64_t switches; /* voluntary and not */
};
std::vector<ThreadUse> threads_of(pid_t pid);

/* CPU time of all threads of a process whose name begins with @name, ns. */
uint64_t cpu_ns_of(pid_t pid, const std::string &name);

/*
 * Threads of this process, once they are @wanted at most, or after two seconds: a
 * thread that was joined may be in /proc a little longer.
 */
size_t thread_count(size_t wanted);

/* Of this process. */
size_t open_fds();
size_t mappings();
size_t resident_bytes();

/* Members of a process group, zombies not counted. */
size_t group_size(pid_t pgid);

#endif /* TESTS_SUPPORT_PROCESS_H */
