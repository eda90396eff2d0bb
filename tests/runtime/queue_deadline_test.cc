// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Waits with every kind of deadline and sequence, for what has come, will come, and
 * never comes.
 */
#include <atomic>
#include <thread>

#include "device_fixture.h"

using namespace tandem_test;

class QueueDeadline : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		block_ = std::make_unique<Block>(dev_, page_);
		ASSERT_EQ(block_->rc, 0);
	}
	void TearDown() override
	{
		block_.reset();
		DeviceTest::TearDown();
	}

	/* Beyond what a signed clock can say, and up to it. */
	const std::vector<uint64_t> far_ = { ~0ull,
					     ~0ull - 1,
					     1ull << 63,
					     (1ull << 63) - 1,
					     (1ull << 63) + 1,
					     1ull << 62,
					     (1ull << 63) - 1000000000 };
	std::unique_ptr<Block> block_;
};
TANDEM_ON_EVERY_DEVICE(QueueDeadline);

TEST_P(QueueDeadline, WhatHasComeNeedsNone)
{
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	queue.Submit(Nop(1));
	ASSERT_EQ(queue.Wait(1), 0);
	for (uint64_t seq : { 0, 1 }) {
		for (uint64_t deadline : { uint64_t{ 0 }, uint64_t{ 1 }, NowNs() - kMs, NowNs() })
			EXPECT_EQ(queue.Wait(seq, deadline), 0) << seq << " by " << deadline;
		for (uint64_t deadline : far_)
			EXPECT_EQ(queue.Wait(seq, deadline), 0) << seq << " by " << deadline;
	}
}

TEST_P(QueueDeadline, ThePastIsOver)
{
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	for (uint64_t seq : { uint64_t{ 1 }, uint64_t{ 2 }, uint64_t{ 1 } << 32,
			      uint64_t{ 1 } << 63, ~uint64_t{ 0 } })
		for (uint64_t deadline : { uint64_t{ 0 }, uint64_t{ 1 }, uint64_t{ 1000000000 },
					   NowNs() - 1000 * kMs, NowNs() - 1, NowNs() })
			EXPECT_EQ(queue.Wait(seq, deadline), -ETIMEDOUT)
				<< seq << " by " << deadline;
}

TEST_P(QueueDeadline, TheNearIsWaitedFor)
{
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	for (uint64_t ahead : { uint64_t{ 1 }, uint64_t{ 1000 }, uint64_t{ 50000 }, kMs, 7 * kMs })
		for (uint64_t seq : { uint64_t{ 1 }, ~uint64_t{ 0 } }) {
			uint64_t deadline = NowNs() + ahead;

			EXPECT_EQ(queue.Wait(seq, deadline), -ETIMEDOUT);
			EXPECT_GE(NowNs(), deadline);
		}
}

/* The far and the impossible are as long as it takes, and end with what comes. */
TEST_P(QueueDeadline, TheFarEndsWithACompletion)
{
	RawQueue queue(dev_);
	uint64_t seq = 0;

	ASSERT_EQ(queue.rc(), 0);
	for (uint64_t deadline : far_) {
		std::atomic<bool> begun{ false };
		std::atomic<int> answer{ 1 };

		block_->words[0] = 0;
		queue.Submit(WaitNonZero(block_->Word(0)));
		seq++;
		std::thread waiter([&] {
			begun = true;
			answer = queue.Wait(seq, deadline);
		});
		while (!begun)
			std::this_thread::yield();
		SleepMs(3);
		EXPECT_EQ(answer, 1) << deadline;
		block_->Release(0);
		waiter.join();
		EXPECT_EQ(answer, 0) << deadline;
		tdm_store_release(&queue.sq()->cq_head, static_cast<uint32_t>(seq));
	}
}

/* And with the queue itself: destroyed, or broken by its owner. */
TEST_P(QueueDeadline, TheFarEndsWithTheQueue)
{
	for (uint64_t deadline : far_)
		for (bool corrupt : { false, true }) {
			RawQueue queue(dev_);
			std::atomic<bool> begun{ false };
			std::atomic<int> answer{ 1 };

			ASSERT_EQ(queue.rc(), 0);
			std::thread waiter([&] {
				begun = true;
				answer = queue.Wait(~0ull, deadline);
			});
			while (!begun)
				std::this_thread::yield();
			SleepMs(1);
			if (corrupt) {
				queue.SetTail(100);
			} else {
				EXPECT_EQ(queue.Destroy(), 0);
			}
			waiter.join();
			/* Destroyed before the call had looked it up: then there is none. */
			EXPECT_TRUE(answer == -EIO || (!corrupt && answer == -ENOENT)) << answer;
		}
}

/* Deadlines at the moment of the completion: the answer is one or the other. */
TEST_P(QueueDeadline, ARaceHasOneOfTwoAnswers)
{
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	for (uint64_t i = 1; i <= 300; i++) {
		queue.Submit(Nop(i));
		int rc = queue.Wait(i, NowNs() + i * 300);

		ASSERT_TRUE(rc == 0 || rc == -ETIMEDOUT) << rc;
		/* A wait that gave up takes nothing from the next. */
		ASSERT_EQ(queue.Wait(i), 0);
		tdm_store_release(&queue.sq()->cq_head, static_cast<uint32_t>(i));
	}
}
