// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The arm word of a queue's waiters is the lowest sequence that any of them waits for,
 * in whatever order they come and go.
 */
#include <algorithm>
#include <thread>

#include "device_fixture.h"

using namespace tandem_test;

namespace
{

class QueueArm : public DeviceTest
{
protected:
	static bool Armed(const RawQueue &queue, uint64_t seq)
	{
		uint64_t end = Soon();

		while (tdm_load_acquire(&queue.status()->wait_seq) != seq)
			if (NowNs() > end)
				return false;
		return true;
	}
};
TANDEM_ON_EVERY_DEVICE(QueueArm);

TEST_P(QueueArm, ItIsTheLowest)
{
	std::vector<std::thread> waiters;
	RawQueue queue(dev_);
	uint64_t lowest = ~0ull;

	ASSERT_EQ(queue.rc(), 0);
	EXPECT_TRUE(Armed(queue, ~0ull));
	for (uint64_t seq : { 9, 5, 7, 2, 6 }) {
		lowest = std::min(lowest, seq);
		waiters.emplace_back(
			[&queue, seq] { EXPECT_EQ(queue.Wait(seq), seq <= 5 ? 0 : -EIO) << seq; });
		SleepMs(20); /* it may not change, so there is nothing to wait for */
		EXPECT_TRUE(Armed(queue, lowest)) << "after " << seq;
	}
	for (uint64_t i = 1; i <= 5; i++)
		queue.Submit(Nop(i));
	EXPECT_TRUE(Armed(queue, 6));
	QueueDestroy(dev_, queue.number());
	for (std::thread &waiter : waiters)
		waiter.join();
}

} // namespace
