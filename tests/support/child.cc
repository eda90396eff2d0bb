// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/child.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/alarm.h"
#include "support/process.h"

/* Far beyond what any of them takes, on any machine. */
static constexpr unsigned int WATCHDOG_S = 120;

[[noreturn]] static void run(const std::function<std::string(int)> &fn, int sock, int said)
{
	alarm_storm_end();
	alarm(WATCHDOG_S);
	std::string wrong = fn(sock);
	if (write(said, wrong.data(), wrong.size()) < 0)
		_exit(1);
	_exit(0);
}

Child::Child(const std::function<std::string(int)> &fn)
{
	int socks[2], pipe_fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks) || pipe2(pipe_fds, O_CLOEXEC))
		throw std::runtime_error("no socket");
	pid_ = fork();
	if (pid_ < 0)
		throw std::runtime_error("no process");
	if (!pid_) {
		close(socks[0]);
		close(pipe_fds[0]);
		run(fn, socks[1], pipe_fds[1]);
	}
	close(socks[1]);
	close(pipe_fds[1]);
	sock_ = socks[0];
	said_ = pipe_fds[0];
}

Child::~Child()
{
	Kill();
	close(sock_);
	close(said_);
}

static Ended reap(pid_t pid)
{
	Ended end;

	while (waitpid(pid, &end.status, 0) < 0 && errno == EINTR)
		;
	return end;
}

std::string Child::End()
{
	std::string wrong;
	char buf[1024];
	ssize_t n;

	/* A child of the child may keep the pipe: its end alone is waited for. */
	Ended end = reap(pid_);
	pid_ = -1;
	fcntl(said_, F_SETFL, O_NONBLOCK);
	while ((n = read(said_, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR))
		wrong.append(buf, n > 0 ? static_cast<size_t>(n) : 0);
	if (end.signalled(SIGALRM))
		wrong += "it hung and was killed\n";
	else if (!end.exited(0))
		wrong += "it ended by " + end.say() + "\n";
	return wrong;
}

bool Child::Kill()
{
	if (pid_ < 0)
		return false;
	kill(pid_, SIGKILL);
	bool killed = reap(pid_).signalled(SIGKILL);
	pid_ = -1;
	return killed;
}

bool send_word(int sock, uint64_t word)
{
	ssize_t n;

	do {
		n = send(sock, &word, sizeof(word), MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == sizeof(word);
}

bool receive_word(int sock, uint64_t *word)
{
	ssize_t n;

	do {
		n = recv(sock, word, sizeof(*word), MSG_WAITALL);
	} while (n < 0 && errno == EINTR);
	return n == sizeof(*word);
}

/* One descriptor beside one byte (unix(7)). */
struct Letter {
	char byte = 'f';
	struct iovec part = { &byte, 1 };
	alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int))] = {};
	struct msghdr head = {};

	Letter()
	{
		head.msg_iov = &part;
		head.msg_iovlen = 1;
		head.msg_control = room;
		head.msg_controllen = sizeof(room);
	}
};

bool send_fd(int sock, int fd)
{
	Letter letter;
	struct cmsghdr *c = CMSG_FIRSTHDR(&letter.head);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &letter.head, MSG_NOSIGNAL) == 1;
}

int receive_fd(int sock)
{
	Letter letter;
	ssize_t n;
	int fd = -1;

	do {
		n = recvmsg(sock, &letter.head, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	struct cmsghdr *c = CMSG_FIRSTHDR(&letter.head);
	if (n == 1 && c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}
