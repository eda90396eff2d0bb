// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "support/alarm.h"

/* Far beyond what any of them takes, on any machine. */
static constexpr auto WATCHDOG = std::chrono::seconds(120);

bool Ended::exited(int code) const
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

bool Ended::signalled(int sig) const
{
	return WIFSIGNALED(status) && WTERMSIG(status) == sig;
}

std::string Ended::say() const
{
	if (WIFEXITED(status))
		return "exit code " + std::to_string(WEXITSTATUS(status));
	return "signal " + std::to_string(WTERMSIG(status));
}

static std::vector<char *> pointers(std::vector<std::string> &words)
{
	std::vector<char *> list;

	for (auto &w : words)
		list.push_back(w.data());
	list.push_back(nullptr);
	return list;
}

Process::Process(const Launch &launch)
{
	std::vector<std::string> args = launch.args, env = launch.env;
	int pipe_fds[2] = { -1, -1 };

	for (char **e = environ; *e; e++)
		env.push_back(*e);
	if (launch.out < 0 && pipe2(pipe_fds, O_CLOEXEC))
		throw std::runtime_error("pipe2");
	err_ = memfd_create("stderr", MFD_CLOEXEC);
	std::vector<char *> argv = pointers(args), envp = pointers(env);
	pid_ = fork();
	if (!pid_) {
		setpgid(0, 0);
		dup2(launch.out < 0 ? pipe_fds[1] : launch.out, 1);
		dup2(err_, 2);
		if (!launch.cwd || !chdir(launch.cwd))
			execve(argv[0], argv.data(), envp.data());
		_exit(127);
	}
	setpgid(pid_, pid_); /* whoever comes first */
	if (pipe_fds[1] >= 0)
		close(pipe_fds[1]);
	out_ = pipe_fds[0];
}

Process::~Process()
{
	if (!ended_) {
		kill(-pid_, SIGKILL);
		waitpid(pid_, &how_.status, 0);
	}
	close_out();
	close(err_);
}

void Process::signal(int sig) const
{
	kill(pid_, sig);
}

std::string Process::read_out(size_t bytes)
{
	std::string text;
	char buf[4096];

	while (text.size() < bytes) {
		ssize_t n = read(out_, buf, std::min(sizeof(buf), bytes - text.size()));
		if (n <= 0)
			break;
		text.append(buf, static_cast<size_t>(n));
	}
	return text;
}

void Process::close_out()
{
	if (out_ >= 0)
		close(out_);
	out_ = -1;
}

bool Process::has_ended()
{
	if (!ended_)
		ended_ = waitpid(pid_, &how_.status, WNOHANG) == pid_;
	return ended_;
}

Ended Process::wait()
{
	auto until = std::chrono::steady_clock::now() + WATCHDOG;

	while (!has_ended()) {
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
		if (std::chrono::steady_clock::now() > until)
			kill(-pid_, SIGKILL);
	}
	return how_;
}

std::string Process::err()
{
	std::string text;
	char buf[4096];

	lseek(err_, 0, SEEK_SET);
	for (ssize_t n; (n = read(err_, buf, sizeof(buf))) > 0;)
		text.append(buf, static_cast<size_t>(n));
	return text;
}

std::string in_child(unsigned int seconds, const std::function<std::string()> &fn)
{
	int fds[2];
	std::string said;
	char buf[4096];
	Ended end;

	if (pipe2(fds, O_CLOEXEC))
		return "no pipe";
	pid_t pid = fork();
	if (!pid) {
		close(fds[0]);
		alarm_storm_end();
		alarm(seconds);
		std::string wrong = fn();
		if (write(fds[1], wrong.data(), wrong.size()) < 0)
			_exit(1);
		_exit(0);
	}
	close(fds[1]);
	for (ssize_t n; (n = read(fds[0], buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR);)
		said.append(buf, n > 0 ? static_cast<size_t>(n) : 0);
	close(fds[0]);
	while (waitpid(pid, &end.status, 0) < 0 && errno == EINTR)
		;
	if (end.signalled(SIGALRM))
		said += "it hung and was killed\n";
	else if (!end.exited(0))
		said += "it ended by " + end.say() + "\n";
	return said;
}

static std::vector<std::string> names_in(const std::string &folder)
{
	std::vector<std::string> names;

	if (DIR *dir = opendir(folder.c_str())) {
		while (const dirent *e = readdir(dir))
			if (e->d_name[0] != '.')
				names.emplace_back(e->d_name);
		closedir(dir);
	}
	return names;
}

/* The words behind the name of /proc/PID/stat, which may hold anything. */
static std::vector<std::string> stat_words(const std::string &path)
{
	std::ifstream file(path);
	std::string text, word;
	std::vector<std::string> words;

	std::getline(file, text);
	std::istringstream rest(text.substr(std::min(text.size(), text.rfind(')') + 1)));
	while (rest >> word)
		words.push_back(word);
	return words;
}

std::vector<ThreadUse> threads_of(pid_t pid)
{
	std::string folder = "/proc/" + std::to_string(pid) + "/task/";
	std::vector<ThreadUse> all;

	for (const std::string &tid : names_in(folder)) {
		ThreadUse use{ static_cast<pid_t>(std::stol(tid)), "", 0, 0 };
		std::ifstream comm(folder + tid + "/comm"), sched(folder + tid + "/schedstat"),
			status(folder + tid + "/status");
		std::string line;

		std::getline(comm, use.name);
		sched >> use.cpu_ns;
		while (std::getline(status, line))
			if (line.find("ctxt_switches:") != std::string::npos)
				use.switches += std::stoull(line.substr(line.find(':') + 1));
		all.push_back(use);
	}
	return all;
}

uint64_t cpu_ns_of(pid_t pid, const std::string &name)
{
	uint64_t sum = 0;

	for (const ThreadUse &t : threads_of(pid))
		if (!t.name.compare(0, name.size(), name))
			sum += t.cpu_ns;
	return sum;
}

size_t thread_count(size_t wanted)
{
	size_t n = threads_of(getpid()).size();

	for (int i = 0; i < 2000 && n > wanted; i++) {
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
		n = threads_of(getpid()).size();
	}
	return n;
}

size_t open_fds()
{
	return names_in("/proc/self/fd").size();
}

size_t mappings()
{
	std::ifstream maps("/proc/self/maps");

	return static_cast<size_t>(std::count(std::istreambuf_iterator<char>(maps), {}, '\n'));
}

size_t resident_bytes()
{
	std::ifstream statm("/proc/self/statm");
	size_t total = 0, resident = 0;

	statm >> total >> resident;
	return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

size_t group_size(pid_t pgid)
{
	size_t n = 0;

	for (const std::string &name : names_in("/proc")) {
		if (name.find_first_not_of("0123456789") != std::string::npos)
			continue;
		/* Behind the name: state, parent, group. */
		std::vector<std::string> words = stat_words("/proc/" + name + "/stat");
		if (words.size() > 2 && words[0] != "Z" && words[2] == std::to_string(pgid))
			n++;
	}
	return n;
}
