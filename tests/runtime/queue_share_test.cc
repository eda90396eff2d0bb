// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Clients that want all of the device: rings without end, and work without end. No
 * other client waits longer than its turn. Turns are counted; the clock is not asked.
 */
#include <atomic>
#include <memory>
#include <thread>

#include "device_fixture.h"

using namespace tandem_test;

class QueueShare : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		greedy_ = tdm_device_reopen(dev_, &err_);
		ASSERT_NE(greedy_, nullptr) << err_.msg;
	}
	void TearDown() override
	{
		tdm_device_close(greedy_);
		DeviceTest::TearDown();
	}

	struct tdm_device *greedy_ = nullptr;
};
TANDEM_ON_EVERY_DEVICE(QueueShare);

/* Threads that ring all the time: who sleeps and is woken between does get on. */
TEST_P(QueueShare, AStormOfDoorbells)
{
	std::atomic<bool> stop{ false };
	std::atomic<uint64_t> rings{ 0 };
	std::vector<std::thread> threads;
	struct tdm_queue *mine = Queue(8);

	ASSERT_NE(mine, nullptr);
	for (int t = 0; t < 2; t++)
		threads.emplace_back([&] {
			RawQueue queue(greedy_);

			ASSERT_EQ(queue.rc(), 0);
			while (!stop) {
				ASSERT_EQ(queue.Wake(), 0);
				rings++;
			}
		});
	while (!rings)
		std::this_thread::yield();
	for (uint64_t i = 0; i < 200; i++) {
		struct tdm_cmd nop = Nop(i);
		struct tdm_cqe cqe;

		ASSERT_EQ(tdm_queue_run(mine, &nop, Soon(), &cqe), 0) << i;
		ASSERT_EQ(cqe.cookie, i);
		/* Calls that the driver passes on to the device go through, too. */
		if (i % 20 == 0) {
			struct tdm_buffer *buf = Buffer(page_);

			ASSERT_NE(buf, nullptr);
			tdm_buffer_destroy(buf);
		}
	}
	stop = true;
	for (std::thread &thread : threads)
		thread.join();
	EXPECT_GT(rings, 200u);
	tdm_queue_destroy(mine);
}

/* As above with a tail that moves by one each time, and an event for each command. */
TEST_P(QueueShare, AStormOfEvents)
{
	std::atomic<bool> stop{ false };
	struct tdm_queue *mine = Queue(8);
	std::atomic<uint64_t> done{ 0 };

	ASSERT_NE(mine, nullptr);
	std::thread storm([&] {
		RawQueue queue(greedy_, 16);

		ASSERT_EQ(queue.rc(), 0);
		for (uint64_t seq = 1; !stop; seq++) {
			tdm_store_release(&queue.sq()->event_seq, seq);
			queue.Submit(Nop(seq));
			ASSERT_EQ(queue.Wait(seq), 0);
			tdm_store_release(&queue.sq()->cq_head, static_cast<uint32_t>(seq));
			done = seq;
		}
	});
	for (uint64_t i = 0; i < 200 || !done; i++) {
		struct tdm_cmd nop = Nop(i);
		struct tdm_cqe cqe;

		ASSERT_EQ(tdm_queue_run(mine, &nop, Soon(), &cqe), 0) << i;
	}
	stop = true;
	storm.join();
	tdm_queue_destroy(mine);
}

/*
 * Several queues of long commands against one: by the device's own clock, no other
 * queue ends more commands of the same length between two of mine than one and a few.
 */
TEST_P(QueueShare, TurnsAreTakenInTurn)
{
	constexpr unsigned int kOthers = 2, kMine = 4, kTheirs = 8;
	constexpr uint64_t kBytes = 17 << 20; /* two turns each */
	std::vector<std::unique_ptr<RawQueue>> others;
	struct tdm_buffer *theirs = tdm_buffer_create(greedy_, TDM_DOMAIN_DEVICE, kBytes,
						      TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err_);
	struct tdm_buffer *buf = Buffer(kBytes);
	RawQueue mine(dev_, 32);

	ASSERT_TRUE(theirs && buf);
	ASSERT_EQ(mine.rc(), 0);
	/* All pages are there before: the first touch of one costs more than a fill. */
	memset(tdm_buffer_ptr(theirs), 1, kBytes);
	memset(tdm_buffer_ptr(buf), 1, kBytes);
	for (unsigned int i = 0; i < kOthers; i++) {
		others.push_back(std::make_unique<RawQueue>(greedy_, 32));
		ASSERT_EQ(others.back()->rc(), 0);
		for (unsigned int k = 0; k < kTheirs; k++)
			others.back()->Submit(Fill(tdm_buffer_dva(theirs), kBytes, k));
	}
	for (unsigned int k = 0; k < kMine; k++)
		mine.Submit(Fill(tdm_buffer_dva(buf), kBytes, k));
	ASSERT_EQ(mine.Wait(kMine, NowNs() + 120000 * kMs), 0);
	for (auto &other : others)
		ASSERT_EQ(other->Wait(kTheirs, NowNs() + 120000 * kMs), 0);
	for (unsigned int k = 1; k < kMine; k++) {
		uint64_t from = mine.cqe(k - 1)->end_ns, to = mine.cqe(k)->end_ns;

		for (auto &other : others) {
			unsigned int between = 0;

			for (unsigned int i = 0; i < kTheirs; i++)
				between +=
					other->cqe(i)->end_ns > from && other->cqe(i)->end_ns <= to;
			EXPECT_LE(between, 2u) << "command " << k;
		}
	}
	tdm_buffer_destroy(buf);
	tdm_buffer_destroy(theirs);
}

/* Commands that are short go between those that are long: none waits for all of them. */
TEST_P(QueueShare, AShortCommandGoesBetweenLongOnes)
{
	constexpr unsigned int kLong = 4;
	constexpr uint64_t kBytes = 33 << 20;
	Block theirs(greedy_, kBytes), word(dev_, page_);
	RawQueue busy(greedy_, 16), mine(dev_);

	ASSERT_EQ(theirs.rc, 0);
	ASSERT_EQ(word.rc, 0);
	ASSERT_EQ(busy.rc(), 0);
	ASSERT_EQ(mine.rc(), 0);
	memset(theirs.words + 1, 1, kBytes - 8);
	/* Both begin behind a gate, mine first. */
	busy.Submit(WaitNonZero(theirs.Word(0)));
	for (unsigned int k = 0; k < kLong; k++)
		busy.Submit(Fill(theirs.Word(1), kBytes - 8, k));
	mine.Submit(WaitNonZero(word.Word(0)));
	mine.Submit(Nop(1));
	word.Release(0);
	theirs.Release(0);
	ASSERT_EQ(mine.Wait(2), 0);
	ASSERT_EQ(busy.Wait(1 + kLong, NowNs() + 120000 * kMs), 0);
	EXPECT_LT(mine.cqe(1)->end_ns, busy.cqe(2)->end_ns);
}
