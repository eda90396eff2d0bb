// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Device address spaces: what may be mapped where, and what unmapping promises.
 */
#include <atomic>
#include <thread>

#include "device_fixture.h"

using namespace tandem_test;

class DeviceVm : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, 16 * page_, &handle_), 0);
	}
	/* The wanted address, or the error. */
	int MapAt(uint64_t dva, uint64_t pages)
	{
		uint64_t out = dva;
		int rc = VmMap(dev_, handle_, 0, pages * page_, &out);

		EXPECT_EQ(out, dva);
		return rc;
	}

	uint32_t handle_ = 0;
};
TANDEM_ON_EVERY_DEVICE(DeviceVm);

TEST_P(DeviceVm, OverlapIsRefusedAndChangesNothing)
{
	const uint64_t base = 0x40000000;

	ASSERT_EQ(MapAt(base + 4 * page_, 4), 0);
	for (int first = 1; first < 8; first++)
		EXPECT_EQ(MapAt(base + static_cast<uint64_t>(first) * page_, 4), -EEXIST) << first;
	EXPECT_EQ(MapAt(base, 16), -EEXIST);
	EXPECT_EQ(MapAt(base + 5 * page_, 1), -EEXIST);
	EXPECT_EQ(MapAt(base, 4), 0);
	EXPECT_EQ(MapAt(base + 8 * page_, 4), 0);
	EXPECT_EQ(VmUnmap(dev_, base + 4 * page_, 4 * page_), 0);
	EXPECT_EQ(MapAt(base + 4 * page_, 5), -EEXIST);
	EXPECT_EQ(MapAt(base + 4 * page_, 4), 0);
}

TEST_P(DeviceVm, TheWholeSpaceIsUsableAndItsEdgesHold)
{
	EXPECT_EQ(MapAt(TDM_DVA_MIN, 1), 0);
	EXPECT_EQ(MapAt(TDM_DVA_END - page_, 1), 0);
	EXPECT_EQ(MapAt(TDM_DVA_END - 2 * page_, 4), -EINVAL);
	EXPECT_EQ(MapAt(TDM_DVA_END, 1), -EINVAL);
	EXPECT_EQ(MapAt(~0ull - page_ + 1, 1), -EINVAL);
}

TEST_P(DeviceVm, TheKernelsChoiceLeavesGaps)
{
	/* One range that the application has chosen, in the way of the others. */
	const uint64_t chosen = 0x100100000;
	std::vector<std::pair<uint64_t, uint64_t>> ranges{ { chosen, 16 * page_ } };

	ASSERT_EQ(MapAt(chosen, 16), 0);
	for (uint64_t i = 0; i < 100; i++) {
		uint64_t len = (i % 16 + 1) * page_, dva = 0;

		/* Exact multiples of any granule, too. */
		if (i >= 50)
			len = 16 * page_;
		ASSERT_EQ(VmMap(dev_, handle_, 0, len, &dva), 0);
		EXPECT_NE(dva, 0u);
		for (auto [start, bytes] : ranges)
			EXPECT_TRUE(dva >= start + bytes + page_ || dva + len + page_ <= start)
				<< std::hex << dva << " + " << len << " by " << start;
		ranges.push_back({ dva, len });
	}
	EXPECT_EQ(GemClose(dev_, handle_), 0);
}

TEST_P(DeviceVm, UnmapTakesWholeMappings)
{
	const uint64_t base = 0x50000000;

	ASSERT_EQ(MapAt(base, 8), 0);
	EXPECT_EQ(VmUnmap(dev_, base, 4 * page_), -EINVAL);
	EXPECT_EQ(VmUnmap(dev_, base, 9 * page_), -EINVAL);
	EXPECT_EQ(VmUnmap(dev_, base + page_, 7 * page_), -ENOENT);
	EXPECT_EQ(VmUnmap(dev_, base, 8 * page_), 0);
	EXPECT_EQ(VmUnmap(dev_, base, 8 * page_), -ENOENT);
}

TEST_P(DeviceVm, GemCloseUnmapsAll)
{
	struct tdm_queue *queue = Queue(4);
	const uint64_t base = 0x60000000;
	struct tdm_cqe cqe;

	for (uint64_t i = 0; i < 5; i++)
		ASSERT_EQ(MapAt(base + i * 32 * page_, 16), 0);
	EXPECT_EQ(GemClose(dev_, handle_), 0);
	EXPECT_EQ(Memory().device_used, 0u);
	for (uint64_t i = 0; i < 5; i++) {
		struct tdm_cmd fill = Fill(base + i * 32 * page_, 8, 0);

		ASSERT_EQ(tdm_queue_run(queue, &fill, Soon(), &cqe), 0);
		EXPECT_EQ(cqe.status, TDM_ST_FAULT);
		EXPECT_EQ(VmUnmap(dev_, base + i * 32 * page_, 16 * page_), -ENOENT);
	}
	tdm_queue_destroy(queue);
}

TEST_P(DeviceVm, MappingsOfPartsSeeTheParts)
{
	struct tdm_queue *queue = Queue(4);
	uint64_t offset, dva = 0;
	struct tdm_cqe cqe;

	ASSERT_EQ(BoOffset(dev_, handle_, &offset), 0);
	auto *p = static_cast<uint64_t *>(
		tdm_device_mmap(dev_, 16 * page_, PROT_READ, offset, &err_));
	ASSERT_NE(p, nullptr) << err_.msg;
	ASSERT_EQ(VmMap(dev_, handle_, 5 * page_, 2 * page_, &dva), 0);
	struct tdm_cmd fill = Fill(dva + page_, 8, 77);
	ASSERT_EQ(tdm_queue_run(queue, &fill, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	EXPECT_EQ(p[6 * page_ / 8], 77u);
	EXPECT_EQ(p[5 * page_ / 8], 0u);
	EXPECT_EQ(tdm_device_munmap(dev_, p, 16 * page_), 0);
	tdm_queue_destroy(queue);
}

TEST_P(DeviceVm, ContextsAreApart)
{
	struct tdm_device *other = tdm_device_reopen(dev_, &err_);
	struct tdm_buffer *buf = Buffer(page_);
	struct tdm_fault fault;
	struct tdm_cqe cqe;
	uint64_t dva;

	ASSERT_NE(other, nullptr) << err_.msg;
	struct tdm_queue *mine = Queue(4);
	struct tdm_queue *theirs = tdm_queue_create(other, 4, &err_);
	ASSERT_NE(theirs, nullptr) << err_.msg;
	dva = tdm_buffer_dva(buf);
	struct tdm_cmd fill = Fill(dva, page_, ~0ull);
	ASSERT_EQ(tdm_queue_run(theirs, &fill, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_FAULT);
	EXPECT_EQ(cqe.result, dva);
	EXPECT_EQ(*static_cast<uint64_t *>(tdm_buffer_ptr(buf)), 0u);
	EXPECT_EQ(tdm_device_faults(dev_, &fault, 1), 0);
	EXPECT_EQ(tdm_device_faults(other, &fault, 1), 1);
	ASSERT_EQ(tdm_queue_run(mine, &fill, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	/* The same address may be something else there. */
	uint32_t handle;
	ASSERT_EQ(BoCreate(other, TDM_DOMAIN_DEVICE, page_, &handle), 0);
	ASSERT_EQ(VmMap(other, handle, 0, page_, &dva), 0);
	ASSERT_EQ(VmUnmap(other, dva, page_), 0);
	tdm_queue_destroy(theirs);
	tdm_queue_destroy(mine);
	tdm_buffer_destroy(buf);
	tdm_device_close(other);
}

TEST_P(DeviceVm, NothingIsWrittenAfterUnmapReturned)
{
	const uint64_t bytes = 64u << 20;
	const unsigned int fills = 4;
	struct tdm_queue *queue = Queue(64);
	uint32_t handle;
	uint64_t offset;

	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, bytes, &handle), 0);
	ASSERT_EQ(BoOffset(dev_, handle, &offset), 0);
	auto *p = static_cast<char *>(
		tdm_device_mmap(dev_, bytes, PROT_READ | PROT_WRITE, offset, &err_));
	ASSERT_NE(p, nullptr) << err_.msg;
	for (int round = 0; round < 5; round++) {
		std::vector<struct tdm_cmd> cmds;
		struct tdm_cqe cqes[fills];
		uint64_t dva = 0;
		int faults = 0;

		ASSERT_EQ(VmMap(dev_, handle, 0, bytes, &dva), 0);
		for (unsigned int i = 0; i < fills; i++)
			cmds.push_back(Fill(dva, bytes, ~0ull));
		ASSERT_EQ(tdm_queue_submit(queue, cmds.data(), fills), static_cast<int>(fills));
		SleepMs(1);
		ASSERT_EQ(VmUnmap(dev_, dva, bytes), 0);
		memset(p, 0, bytes);
		for (unsigned int left = fills; left;) {
			ASSERT_EQ(tdm_queue_wait(queue, Soon()), 0);
			int n = tdm_queue_poll(queue, cqes, fills);

			ASSERT_GT(n, 0);
			left -= static_cast<unsigned int>(n);
			for (int i = 0; i < n; i++)
				faults += cqes[i].status == TDM_ST_FAULT;
		}
		EXPECT_GT(faults, 0);
		for (uint64_t i = 0; i < bytes; i += 64)
			ASSERT_EQ(p[i], 0) << i;
	}
	EXPECT_EQ(tdm_device_munmap(dev_, p, bytes), 0);
	tdm_queue_destroy(queue);
}

TEST_P(DeviceVm, MapAndUnmapFromManyThreads)
{
	std::atomic<int> failed{ 0 };
	std::vector<std::thread> threads;

	for (int t = 0; t < 3; t++)
		threads.emplace_back([&] {
			for (int i = 0; i < 50; i++) {
				uint64_t dva = 0;
				uint32_t handle;

				if (BoCreate(dev_, TDM_DOMAIN_DEVICE, page_, &handle) ||
				    VmMap(dev_, handle, 0, page_, &dva) ||
				    ((i & 1) && VmUnmap(dev_, dva, page_)) ||
				    GemClose(dev_, handle))
					failed++;
			}
		});
	for (std::thread &thread : threads)
		thread.join();
	EXPECT_EQ(failed, 0);
	EXPECT_EQ(Memory().device_used, 16 * page_);
}
