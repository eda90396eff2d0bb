/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A thread that uses a device until that does not answer any more.
 */
#ifndef TESTS_GUEST_CLIENT_H
#define TESTS_GUEST_CLIENT_H

#include <atomic>
#include <string>
#include <thread>

namespace guest
{

enum class Work {
	kCommands, /* long and short ones, waited for */
	kOpen,	   /* files, one after the other */
	kMap,	   /* buffers, made, mapped and destroyed */
	kQueues,   /* queues, made and destroyed */
};

class Client
{
public:
	Client(const std::string &node, Work work);
	/* Stops it where its device did not. */
	~Client();
	Client(const Client &) = delete;
	Client &operator=(const Client &) = delete;

	/* Waits until it has done @n more of its work. Return: false when it ended, or stood */
	bool Does(unsigned int n = 1) const;
	/* Waits for its end. Return: the error that ended it, 0 for none */
	int End();
	/* What was wrong beside that, "" for nothing. */
	const std::string &wrong() const
	{
		return wrong_;
	}

private:
	void Run(const std::string &node, Work work);
	void Use(const std::string &node, Work work);

	std::atomic<unsigned int> done_{ 0 };
	std::atomic<bool> stop_{ false };
	std::atomic<bool> ended_{ false };
	int error_ = 0;
	std::string wrong_;
	std::thread thread_;
};

} // namespace guest

#endif /* TESTS_GUEST_CLIENT_H */
