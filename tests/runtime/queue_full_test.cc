// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Full rings at the level of the uapi: to the entry, for every size of both.
 */
#include <algorithm>

#include "device_fixture.h"

using namespace tandem_test;

class QueueFull : public DeviceTest
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
	static void Until(const std::function<bool()> &what)
	{
		for (uint64_t end = Soon(); !what() && NowNs() < end;)
			SleepMs(1);
		ASSERT_TRUE(what());
	}

	std::unique_ptr<Block> block_;
};
TANDEM_ON_EVERY_DEVICE(QueueFull);

/* A whole ring behind a command that waits is no error; one entry more is. */
TEST_P(QueueFull, OneMoreIsOneTooMany)
{
	for (uint32_t entries : { 2u, 4u, 16u, 128u })
		for (uint32_t more : { 0u, 1u }) {
			RawQueue queue(dev_, entries);

			ASSERT_EQ(queue.rc(), 0);
			block_->words[0] = 0;
			queue.Submit(WaitNonZero(block_->Word(0)));
			Until([&] { return tdm_load_acquire(&queue.cq()->sq_head) == 1; });
			for (uint64_t i = 0; i < entries; i++)
				queue.Submit(Nop(i));
			EXPECT_EQ(queue.Wait(1, NowNs() + 3 * kMs), -ETIMEDOUT);
			EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_RUNNING));
			EXPECT_EQ(tdm_load_acquire(&queue.cq()->sq_head), 1u);
			if (more)
				queue.SetTail(1 + entries + 1);
			block_->Release(0);
			/* The tail is looked at again when the waiting command has ended. */
			if (more) {
				EXPECT_EQ(queue.Wait(1 + entries), -EIO);
				EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_ERROR));
				continue;
			}
			/* As many as there are slots for; the last once one is taken. */
			EXPECT_EQ(queue.Wait(entries), 0);
			EXPECT_EQ(queue.Wait(1 + entries, NowNs() + 3 * kMs), -ETIMEDOUT);
			EXPECT_EQ(queue.cqe(0)->status, TDM_ST_OK);
			EXPECT_EQ(queue.cqe(0)->result, 1u);
			tdm_store_release(&queue.sq()->cq_head, 1u);
			queue.SetTail(1 + entries);
			EXPECT_EQ(queue.Wait(1 + entries), 0);
			EXPECT_EQ(queue.cqe(entries)->cookie, entries - 1);
			EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_RUNNING));
		}
}

/* A completion that was not taken is never written over, however many wait for its slot. */
TEST_P(QueueFull, UntakenCompletionsStay)
{
	for (uint32_t entries : { 2u, 8u, 64u }) {
		RawQueue queue(dev_, entries);

		ASSERT_EQ(queue.rc(), 0);
		for (uint64_t i = 0; i < entries; i++)
			queue.Submit(Nop(1000 + i));
		ASSERT_EQ(queue.Wait(entries), 0);
		for (uint64_t i = 0; i < entries; i++)
			queue.Submit(Nop(2000 + i));
		EXPECT_EQ(queue.Wait(entries + 1, NowNs() + 3 * kMs), -ETIMEDOUT);
		EXPECT_EQ(queue.cq()->completed, entries);
		EXPECT_EQ(tdm_load_acquire(&queue.cq()->sq_head), entries);
		for (uint32_t i = 0; i < entries; i++) {
			EXPECT_EQ(queue.cqe(i)->cookie, 1000 + i);
			EXPECT_EQ(queue.cqe(i)->flags, TDM_CQE_PHASE);
		}
		/* Slot by slot, no further than was made room for. */
		for (uint32_t taken = 1; taken <= entries; taken++) {
			tdm_store_release(&queue.sq()->cq_head, taken);
			queue.SetTail(2 * entries);
			ASSERT_EQ(queue.Wait(entries + taken), 0);
			EXPECT_EQ(queue.cqe(entries + taken - 1)->cookie, 2000 + taken - 1);
			EXPECT_EQ(queue.cqe(entries + taken - 1)->flags, 0);
			EXPECT_EQ(queue.cq()->completed, entries + taken);
		}
	}
}

/* The completion ring may be the larger one: then it is the submit ring that stalls. */
TEST_P(QueueFull, SizesOfTheirOwn)
{
	uint32_t max = tdm_device_info(dev_)->identify.max_entries;

	for (uint32_t sq = 2; sq <= max; sq *= 8)
		for (uint32_t cq = sq; cq <= std::min(max, 64 * sq); cq *= 4) {
			RawQueue queue(dev_, sq, cq);
			uint64_t sent = 0;

			ASSERT_EQ(queue.rc(), 0);
			EXPECT_GE(queue.info().sq_bytes,
				  TDM_QUEUE_HDR_BYTES + sq * sizeof(struct tdm_cmd));
			EXPECT_GE(queue.info().cq_bytes,
				  TDM_QUEUE_HDR_BYTES + cq * sizeof(struct tdm_cqe));
			/* To the last slot, without taking any. */
			while (sent < cq) {
				for (uint32_t i = 0; i < sq; i++)
					queue.Put(Nop(sent++));
				queue.Publish();
				ASSERT_EQ(queue.Wait(sent), 0);
			}
			for (uint32_t i = 0; i < cq; i++)
				ASSERT_EQ(queue.cqe(i)->cookie, i);
			queue.Submit(Nop(sent));
			EXPECT_EQ(queue.Wait(sent + 1, NowNs() + kMs), -ETIMEDOUT);
			tdm_store_release(&queue.sq()->cq_head, 1u);
			queue.Publish();
			EXPECT_EQ(queue.Wait(sent + 1), 0);
		}
}
