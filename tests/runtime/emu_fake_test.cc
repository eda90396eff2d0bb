// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A device that lies, stands still or dies: what it does costs itself, and its clients
 * get an answer. Only where there is a control node that may be opened.
 */
#include <memory>
#include <new>
#include <thread>

#include "device_fixture.h"
#include "emu_fake.h"

using namespace tandem_test;

namespace
{

std::vector<std::string> ControlNodes()
{
	if (access(TDM_EMU_NODE, R_OK | W_OK))
		return {};
	return { TDM_EMU_NODE };
}

class EmuFake : public ::testing::TestWithParam<std::string>
{
protected:
	void SetUp() override
	{
		void *shared = mmap(nullptr, sizeof(Orders), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		char node[64] = "";

		ASSERT_NE(shared, MAP_FAILED);
		orders_ = new (shared) Orders();
		child_ = std::make_unique<Child>(
			[this](int sock) { return Fake(orders_, sock).Run(); });
		ASSERT_TRUE(PollIn(child_->sock(), 60000));
		ASSERT_GT(read(child_->sock(), node, sizeof(node) - 1), 0);
		node_ = node;
		dev_ = tdm_device_open(node, &err_);
		ASSERT_NE(dev_, nullptr) << err_.msg;
		ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, 4096, &handle_), 0);
	}
	void TearDown() override
	{
		if (dev_)
			tdm_device_close(dev_);
		if (child_)
			child_->Kill();
		munmap(orders_, sizeof(*orders_));
	}

	int Ask(enum Ask what)
	{
		orders_->ask = what;
		for (uint64_t end = Soon(); orders_->ask && NowNs() < end;)
			SleepMs(1);
		EXPECT_EQ(orders_->ask, kNothing);
		return orders_->result;
	}
	int MapOne(uint64_t *dva, uint32_t access = TDM_ACCESS_READ | TDM_ACCESS_WRITE)
	{
		*dva = 0;
		return VmMap(dev_, handle_, 0, 4096, dva, access);
	}

	Orders *orders_ = nullptr;
	std::unique_ptr<Child> child_;
	std::string node_;
	struct tdm_device *dev_ = nullptr;
	struct tdm_error err_ = {};
	uint32_t handle_ = 0;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EmuFake);
INSTANTIATE_TEST_SUITE_P(Emu, EmuFake, ::testing::ValuesIn(ControlNodes()), DeviceTestName);

TEST_P(EmuFake, LateAnswersAreDropped)
{
	uint64_t dva;

	orders_->stale = true;
	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(MapOne(&dva), 0) << i;
		ASSERT_EQ(VmUnmap(dev_, dva, 4096), 0) << i;
	}
}

TEST_P(EmuFake, OnlyErrorsAreErrors)
{
	uint64_t dva;

	for (int answer : { 1, 512, -512, -4096, 0x7fffffff }) {
		orders_->answer = answer;
		EXPECT_EQ(MapOne(&dva), -EIO) << answer;
	}
	orders_->answer = -ENOMEM;
	EXPECT_EQ(MapOne(&dva), -ENOMEM);
	orders_->answer = 0;
	EXPECT_EQ(MapOne(&dva), 0);
}

TEST_P(EmuFake, WhatWasUnmappedIsOutOfReach)
{
	uint64_t dva;

	ASSERT_EQ(MapOne(&dva), 0);
	EXPECT_EQ(Ask(kWrite), 0);
	ASSERT_EQ(VmUnmap(dev_, dva, 4096), 0);
	EXPECT_EQ(Ask(kRead), -EFAULT);
	/* Nor is what a context had that is gone, which the next one's query waits for. */
	ASSERT_EQ(MapOne(&dva), 0);
	EXPECT_EQ(Ask(kRead), 0);
	tdm_device_close(dev_);
	dev_ = tdm_device_open(node_.c_str(), &err_);
	ASSERT_NE(dev_, nullptr) << err_.msg;
	struct tdm_query_memory memory;
	ASSERT_EQ(tdm_device_memory(dev_, &memory), 0);
	EXPECT_EQ(memory.device_used, 0u);
	EXPECT_EQ(Ask(kRead), -EFAULT);
}

TEST_P(EmuFake, WhatIsToBeReadCannotBeWritten)
{
	uint64_t dva;

	ASSERT_EQ(MapOne(&dva, TDM_ACCESS_READ), 0);
	EXPECT_EQ(Ask(kWrite), -EFAULT);
	EXPECT_EQ(Ask(kRead), 0);
	EXPECT_EQ(Ask(kWrite), -EFAULT) << "after it was read";
	EXPECT_EQ(Ask(kMapDriverRegs), -EACCES);
}

TEST_P(EmuFake, OnlyTheProcessItselfIsTheDevice)
{
	uint64_t dva;

	EXPECT_EQ(Ask(kRaiseInChild), -EPERM);
	EXPECT_EQ(Ask(kOpenItself), -EDEADLK);
	EXPECT_EQ(MapOne(&dva), 0);
}

TEST_P(EmuFake, AFatalErrorEndsItsContextsAndTheDeviceComesBack)
{
	struct tdm_device *fresh;
	RawQueue queue(dev_);
	uint64_t dva;

	ASSERT_EQ(queue.rc(), 0);
	ASSERT_EQ(MapOne(&dva), 0);
	EXPECT_EQ(Ask(kRead), 0);
	std::thread waiter([&] { EXPECT_EQ(queue.Wait(1), -EIO); });
	SleepMs(50);
	Ask(kFatal);
	waiter.join();
	EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_RESET));
	EXPECT_EQ(MapOne(&dva), -EIO);
	fresh = tdm_device_open(node_.c_str(), &err_);
	ASSERT_NE(fresh, nullptr) << err_.msg;
	EXPECT_EQ(Ask(kRead), -EFAULT) << "the old context's memory";
	EXPECT_EQ(BoCreate(fresh, TDM_DOMAIN_DEVICE, 4096, &handle_), 0);
	dva = 0;
	EXPECT_EQ(VmMap(fresh, handle_, 0, 4096, &dva), 0);
	tdm_device_close(fresh);
}

/*
 * What completes while one waiter's sequence is armed may have its event still to come
 * when another moves the arm word: who moves it looks, and wakes the first.
 */
TEST_P(EmuFake, MovingTheArmWordNoticesWhatItPassed)
{
	std::atomic<bool> done{ false };
	RawQueue queue(dev_, 16);

	ASSERT_EQ(queue.rc(), 0);
	std::thread first([&] {
		EXPECT_EQ(queue.Wait(5, NowNs() + 60000 * kMs), 0);
		done = true;
	});
	while (tdm_load_acquire(&queue.status()->wait_seq) != 5)
		SleepMs(1);
	SleepMs(50);
	Ask(kComplete);
	EXPECT_EQ(queue.Wait(10, NowNs() + 100 * kMs), -ETIMEDOUT);
	for (uint64_t end = NowNs() + 30000 * kMs; !done && NowNs() < end;)
		SleepMs(1);
	EXPECT_TRUE(done);
	first.join();
}

TEST_P(EmuFake, ADeviceThatDiesEndsEveryCall)
{
	std::atomic<int> rc{ 1 };
	RawQueue queue(dev_);

	ASSERT_EQ(queue.rc(), 0);
	orders_->silent = true;
	std::thread waiter([&] { EXPECT_EQ(queue.Wait(1), -ENODEV); });
	std::thread mapper([&] {
		uint64_t dva;

		rc = MapOne(&dva);
	});
	while (!orders_->maps)
		SleepMs(1);
	SleepMs(200); /* past the time in which only a kill ends the wait */
	EXPECT_EQ(rc, 1);
	EXPECT_TRUE(child_->Kill());
	mapper.join();
	waiter.join();
	EXPECT_EQ(rc, -ENODEV);
	EXPECT_EQ(queue.state(), static_cast<uint32_t>(TDM_QUEUE_GONE));
}

} // namespace
