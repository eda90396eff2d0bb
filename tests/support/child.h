/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A function in a process of its own that runs beside the test, with a socket
 * between the two.
 */
#ifndef TESTS_SUPPORT_CHILD_H
#define TESTS_SUPPORT_CHILD_H

#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>

class Child
{
public:
	/*
	 * @fn: gets its end of the socket; returns what is wrong, empty for nothing.
	 * A child that hangs is killed by its own alarm(2).
	 */
	explicit Child(const std::function<std::string(int)> &fn);
	~Child(); /* kills what is left */
	Child(const Child &) = delete;
	Child &operator=(const Child &) = delete;

	/* The test's end of the socket. */
	int sock() const
	{
		return sock_;
	}
	pid_t pid() const
	{
		return pid_;
	}
	/* Waits. Return: what is wrong, its end included */
	std::string End();
	/* kill -9, and waits. Return: whether that was what ended it */
	bool Kill();

private:
	pid_t pid_ = -1;
	int sock_ = -1;
	int said_ = -1;
};

/* What goes over the socket. Receive: false when the other side is gone. */
bool send_word(int sock, uint64_t word);
bool receive_word(int sock, uint64_t *word);
bool send_fd(int sock, int fd);
int receive_fd(int sock); /* -1 on error */

/* In a child: what did not hold, as its return value. */
#define WANT(what)                                                                                 \
	do {                                                                                       \
		if (!(what))                                                                       \
			return std::string(__FILE__) + ":" + std::to_string(__LINE__) +            \
			       ": not true: " #what " (errno " + std::to_string(errno) + ")\n";    \
	} while (0)

#endif /* TESTS_SUPPORT_CHILD_H */
