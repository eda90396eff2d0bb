// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/alarm.h"

#include <csignal>
#include <cstdlib>
#include <sys/time.h>
#include <unistd.h>

#include <gtest/gtest.h>

/* The process with the timer: fork(2) does not take it along. */
static pid_t stormy;

bool alarm_storm()
{
	return stormy == getpid();
}

void alarm_storm_end()
{
	if (stormy)
		signal(SIGALRM, SIG_DFL);
}

namespace
{

void nothing(int)
{
}

class Storm : public testing::Environment
{
public:
	void SetUp() override
	{
		const char *text = getenv("TANDEM_TEST_ALARM_US");
		char *end = nullptr;
		long us = text ? strtol(text, &end, 10) : 0;

		if (!text)
			return;
		ASSERT_TRUE(us > 0 && us < 1000000 && !*end)
			<< "TANDEM_TEST_ALARM_US=" << text << ": give it 1 to 999999";
		struct sigaction action = {};
		action.sa_handler = nothing;
		struct itimerval timer = { { 0, us }, { 0, us } };
		ASSERT_EQ(sigaction(SIGALRM, &action, nullptr), 0);
		ASSERT_EQ(setitimer(ITIMER_REAL, &timer, nullptr), 0);
		stormy = getpid();
	}
	void TearDown() override
	{
		struct itimerval off = {};

		if (alarm_storm())
			setitimer(ITIMER_REAL, &off, nullptr);
	}
};

/* gtest owns it. */
testing::Environment *const storm = testing::AddGlobalTestEnvironment(new Storm);

} // namespace
