// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Faults to order, one test a kind. Those that cost the device have one of their own;
 * on nodes that is the guest's suite (tests/guest/inject_test.cc).
 */
#include <thread>

#include <tandem/inject.h>

#include "device_fixture.h"

using namespace tandem_test;

namespace
{

int Order(struct tdm_device *dev, uint32_t kind, uint32_t count = 0, uint32_t duration_ms = 0,
	  uint32_t value = 0, uint64_t seed = 0)
{
	struct drm_tandem_inject order = {};

	order.kind = kind;
	order.count = count;
	order.duration_ms = duration_ms;
	order.value = value;
	order.seed = seed;
	return tdm_device_inject(dev, &order);
}

class Inject : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		ASSERT_EQ(Order(dev_, TDM_INJECT_NONE), 0);
		injected_ = TelemetryOf(dev_).injected;
	}
	void TearDown() override
	{
		/* The device may be others', too. */
		EXPECT_EQ(Order(dev_, TDM_INJECT_NONE), 0);
		DeviceTest::TearDown();
	}
	/* That happened in this test. */
	uint64_t Injected()
	{
		return TelemetryOf(dev_).injected - injected_;
	}
	uint64_t Active()
	{
		return TelemetryOf(dev_).inject_active;
	}

private:
	uint64_t injected_ = 0;
};

} // namespace

TANDEM_ON_EVERY_DEVICE(Inject);

TEST_P(Inject, AHangEndsWhenItIsTakenBack)
{
	RawQueue queue(dev_);

	ASSERT_EQ(Order(dev_, TDM_INJECT_HANG), 0);
	queue.Submit(Nop(1));
	for (uint64_t end = Soon(); !Injected() && NowNs() < end;)
		SleepMs(1);
	EXPECT_EQ(Active(), 1u << TDM_INJECT_HANG);
	EXPECT_EQ(queue.Wait(1, NowNs() + 20 * kMs), -ETIMEDOUT);
	EXPECT_EQ(queue.cq()->completed, 0u);
	ASSERT_EQ(Order(dev_, TDM_INJECT_NONE), 0);
	EXPECT_EQ(queue.Wait(1), 0);
	EXPECT_EQ(queue.cqe(0)->status, TDM_ST_OK);
	EXPECT_EQ(Injected(), 1u);
	EXPECT_EQ(Active(), 0u);
}

TEST_P(Inject, AStallEndsWithItsTime)
{
	RawQueue queue(dev_);

	ASSERT_EQ(Order(dev_, TDM_INJECT_STALL, 0, 200), 0);
	queue.Submit(Nop(1));
	EXPECT_EQ(queue.Wait(1), 0);
	EXPECT_EQ(Active(), 0u);
	EXPECT_EQ(Injected(), 1u);
}

TEST_P(Inject, SlownessIsPerSlice)
{
	constexpr uint32_t kUs = 2000;
	RawQueue queue(dev_);
	uint64_t start = NowNs();

	ASSERT_EQ(Order(dev_, TDM_INJECT_SLOW, 3, 0, kUs), 0);
	for (uint64_t i = 0; i < 4; i++)
		queue.Put(Nop(i));
	queue.Publish();
	EXPECT_EQ(queue.Wait(4), 0);
	EXPECT_GE(NowNs() - start, 3 * kUs * 1000u);
	EXPECT_EQ(Injected(), 3u);
}

TEST_P(Inject, OneBitOfWhatWasCopiedIsWrong)
{
	Block block(dev_, 2 * page_);
	RawQueue queue(dev_);
	int bits = 0;

	ASSERT_EQ(block.rc, 0);
	for (uint64_t i = 0; i < page_ / 8; i++)
		block.words[i] = i * 0x9e3779b97f4a7c15;
	ASSERT_EQ(Order(dev_, TDM_INJECT_BITFLIP, 1, 0, 0, 42), 0);
	queue.Submit(Nop(0));
	queue.Submit(Copy(block.dva + page_, block.dva, page_));
	ASSERT_EQ(queue.Wait(2), 0);
	EXPECT_EQ(queue.cqe(1)->status, TDM_ST_OK);
	uint64_t addr = TelemetryOf(dev_).inject_addr;

	for (uint64_t i = 0; i < page_ / 8; i++) {
		uint64_t wrong = block.words[i] ^ block.words[page_ / 8 + i];

		bits += __builtin_popcountll(wrong);
		if (wrong) {
			EXPECT_EQ((addr - block.dva - page_) / 8, i);
		}
	}
	EXPECT_EQ(bits, 1);
	EXPECT_EQ(Injected(), 1u);
	/* And that was all. */
	queue.Submit(Copy(block.dva + page_, block.dva, page_));
	ASSERT_EQ(queue.Wait(3), 0);
	EXPECT_EQ(memcmp(block.words, block.words + page_ / 8, page_), 0);
}

TEST_P(Inject, FailedCommandsHaveTheDevicesStatus)
{
	Block block(dev_, page_);
	RawQueue queue(dev_);

	ASSERT_EQ(block.rc, 0);
	ASSERT_EQ(Order(dev_, TDM_INJECT_FAIL_CMD, 2), 0);
	for (uint64_t i = 0; i < 3; i++)
		queue.Put(Fill(block.Word(i), 8, ~0ull));
	queue.Publish();
	ASSERT_EQ(queue.Wait(3), 0);
	EXPECT_EQ(queue.cqe(0)->status, TDM_ST_DEVICE);
	EXPECT_EQ(queue.cqe(1)->status, TDM_ST_DEVICE);
	EXPECT_EQ(queue.cqe(2)->status, TDM_ST_OK);
	EXPECT_EQ(block.words[0], 0u);
	EXPECT_EQ(block.words[1], 0u);
	EXPECT_EQ(block.words[2], ~0ull);
	EXPECT_EQ(queue.cq()->errors, 2u);
	EXPECT_EQ(Injected(), 2u);
}

/* Nobody is told, so somebody has to look: waiters and calls end all the same. */
TEST_P(Inject, NobodyIsLostWithAnInterrupt)
{
	RawQueue queue(dev_);
	uint64_t deadline = Soon();

	/* The waiter arms first, so that its event is raised, and dropped. */
	std::thread waiter([&] { EXPECT_EQ(queue.Wait(1, deadline), 0); });
	while (tdm_load_relaxed(&queue.status()->wait_seq) != 1 && NowNs() < deadline)
		SleepMs(1);
	ASSERT_EQ(Order(dev_, TDM_INJECT_DROP_IRQ, 1), 0);
	queue.Submit(Nop(1));
	waiter.join();
	EXPECT_LT(NowNs(), deadline);
	/* That was the event's, or on a node another client's. */
	ASSERT_EQ(Order(dev_, TDM_INJECT_DROP_IRQ, 1), 0);
	EXPECT_GE(Injected(), 1u);
	EXPECT_EQ(Active(), 0u);
}

TEST_P(Inject, NamesAndKindsAreEachOthers)
{
	for (unsigned int kind = 0; kind < TDM_INJECT_KINDS; kind++)
		EXPECT_EQ(tdm_inject_kind(tdm_inject_name(kind)), static_cast<int>(kind));
	EXPECT_STREQ(tdm_inject_name(TDM_INJECT_DROP_IRQ), "drop-irq");
	EXPECT_STREQ(tdm_inject_name(TDM_INJECT_KINDS), "unknown");
	EXPECT_EQ(tdm_inject_kind("unknown"), -EINVAL);
	EXPECT_EQ(tdm_inject_kind(""), -EINVAL);
}

namespace
{

/* A soft device that is given up soon. */
class InjectSoft : public ::testing::Test
{
protected:
	void SetUp() override
	{
		dev_ = tdm_device_open("soft:trn2,bound=300ms", &err_);
		ASSERT_NE(dev_, nullptr) << err_.msg;
		queue_ = std::make_unique<RawQueue>(dev_);
		block_ = std::make_unique<Block>(dev_, 4096);
		ASSERT_EQ(block_->rc, 0);
		block_->words[0] = 77;
	}
	void TearDown() override
	{
		queue_->Forget();
		queue_.reset();
		block_.reset();
		tdm_device_close(dev_);
	}
	/* The end is for good, and the application keeps its memory. */
	void IsOver(uint32_t state, int error)
	{
		uint32_t handle;

		EXPECT_EQ(queue_->Wait(1), error);
		EXPECT_EQ(queue_->state(), state);
		EXPECT_EQ(queue_->status()->error, error);
		EXPECT_EQ(queue_->cq()->completed, 0u);
		EXPECT_EQ(BoCreate(dev_, TDM_DOMAIN_HOST, 4096, &handle), error);
		EXPECT_EQ(tdm_device_reopen(dev_, &err_), nullptr);
		EXPECT_EQ(err_.code, error);
		EXPECT_EQ(block_->words[0], 77u);
		block_->words[0]++;
	}

	struct tdm_device *dev_ = nullptr;
	struct tdm_error err_ = {};
	std::unique_ptr<RawQueue> queue_;
	std::unique_ptr<Block> block_;
};

} // namespace

TEST_F(InjectSoft, AHangIsFoundByTheWatchdog)
{
	ASSERT_EQ(Order(dev_, TDM_INJECT_HANG), 0);
	queue_->Submit(Nop(1));
	IsOver(TDM_QUEUE_RESET, -EIO);
}

TEST_F(InjectSoft, AStallIsFoundByTheWatchdog)
{
	ASSERT_EQ(Order(dev_, TDM_INJECT_STALL), 0);
	queue_->Submit(Nop(1));
	IsOver(TDM_QUEUE_RESET, -EIO);
}

TEST_F(InjectSoft, ACrashIsASurpriseRemoval)
{
	EXPECT_EQ(Order(dev_, TDM_INJECT_CRASH), -ENODEV);
	IsOver(TDM_QUEUE_GONE, -ENODEV);
}

TEST_F(InjectSoft, AClosedDeviceThatHangsIsGivenUpToo)
{
	ASSERT_EQ(Order(dev_, TDM_INJECT_HANG), 0);
	queue_->Submit(Nop(1));
	/* TearDown() closes it. */
}

/* Long, but not hung: it waits for memory, and answers in between. */
TEST_F(InjectSoft, WhoWaitsIsNotHung)
{
	queue_->Submit(WaitNonZero(block_->Word(1)));
	SleepMs(1500);
	EXPECT_EQ(queue_->state(), TDM_QUEUE_RUNNING);
	block_->Release(1);
	EXPECT_EQ(queue_->Wait(1), 0);
}
