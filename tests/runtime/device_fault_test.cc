// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Faults: a bad address of every kind ends its command, leaves a record, and
 * nothing else.
 */
#include "device_fixture.h"

using namespace tandem_test;

class DeviceFault : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		queue_ = Queue(128);
		rw_ = Buffer(4 * page_);
		ro_ = Buffer(4 * page_, TDM_ACCESS_READ);
		ASSERT_TRUE(queue_ && rw_ && ro_);
		good_ = tdm_buffer_dva(rw_);
		end_ = good_ + 4 * page_;
		readonly_ = tdm_buffer_dva(ro_);
	}
	void TearDown() override
	{
		tdm_queue_destroy(queue_);
		tdm_buffer_destroy(rw_);
		tdm_buffer_destroy(ro_);
		DeviceTest::TearDown();
	}
	/* One command that must fault at @addr for @reason, with just one record. */
	void Faults(const char *what, struct tdm_cmd cmd, uint64_t addr, unsigned int access,
		    unsigned int reason)
	{
		struct tdm_fault faults[2] = {};
		struct tdm_cqe cqe;

		SCOPED_TRACE(what);
		cmd.cookie = ++cookie_;
		ASSERT_EQ(tdm_queue_run(queue_, &cmd, Soon(), &cqe), 0);
		EXPECT_EQ(cqe.status, TDM_ST_FAULT) << tdm_status_name(cqe.status);
		EXPECT_EQ(cqe.result, addr);
		EXPECT_EQ(cqe.cookie, cookie_);
		ASSERT_EQ(tdm_device_faults(dev_, faults, 2), 1);
		EXPECT_EQ(faults[0].addr, addr);
		EXPECT_EQ(faults[0].cookie, cookie_);
		EXPECT_EQ(faults[0].queue, tdm_queue_number(queue_));
		EXPECT_EQ(faults[0].opcode, cmd.opcode);
		EXPECT_EQ(faults[0].access, access);
		EXPECT_EQ(faults[0].reason, reason);
		EXPECT_GT(faults[0].time_ns, 0u);
	}

	struct tdm_queue *queue_ = nullptr;
	struct tdm_buffer *rw_ = nullptr, *ro_ = nullptr;
	uint64_t good_ = 0, end_ = 0, readonly_ = 0, cookie_ = 100;
};
TANDEM_ON_EVERY_DEVICE(DeviceFault);

TEST_P(DeviceFault, NothingMapped)
{
	const unsigned int r = TDM_ACCESS_READ, w = TDM_ACCESS_WRITE;

	Faults("fill", Fill(0x1000, 8, 0), 0x1000, w, TDM_FAULT_UNMAPPED);
	Faults("copy from", Copy(good_, 0x2000, 8), 0x2000, r, TDM_FAULT_UNMAPPED);
	Faults("copy to", Copy(0x2000, good_, 8), 0x2000, w, TDM_FAULT_UNMAPPED);
	Faults("runs off the end", Fill(end_ - 16, 32, 0), end_, w, TDM_FAULT_UNMAPPED);
	Faults("before the start", Fill(good_ - 8, 16, 0), good_ - 8, w, TDM_FAULT_UNMAPPED);
	Faults("signal", Signal(end_, 1), end_, r | w, TDM_FAULT_UNMAPPED);
	Faults("wait", WaitNonZero(end_), end_, r, TDM_FAULT_UNMAPPED);
	Faults("last page", Fill(TDM_DVA_END - 8, 8, 0), TDM_DVA_END - 8, w, TDM_FAULT_UNMAPPED);
}

TEST_P(DeviceFault, MappedForReadingOnly)
{
	memset(tdm_buffer_ptr(ro_), 0x11, page_);
	Faults("fill", Fill(readonly_, 8, 0), readonly_, TDM_ACCESS_WRITE, TDM_FAULT_READONLY);
	Faults("copy to", Copy(readonly_, good_, 8), readonly_, TDM_ACCESS_WRITE,
	       TDM_FAULT_READONLY);
	Faults("signal", Signal(readonly_ + 8, 1), readonly_ + 8,
	       TDM_ACCESS_READ | TDM_ACCESS_WRITE, TDM_FAULT_READONLY);
	EXPECT_EQ(*static_cast<unsigned char *>(tdm_buffer_ptr(ro_)), 0x11);
	struct tdm_cmd copy = Copy(good_, readonly_, 8);
	struct tdm_cqe cqe;
	ASSERT_EQ(tdm_queue_run(queue_, &copy, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
}

TEST_P(DeviceFault, OutOfTheSpace)
{
	const unsigned int r = TDM_ACCESS_READ, w = TDM_ACCESS_WRITE;

	Faults("page 0", Fill(0, 8, 0), 0, w, TDM_FAULT_RANGE);
	Faults("in page 0", Copy(good_, 0xff8, 8), 0xff8, r, TDM_FAULT_RANGE);
	Faults("47 bits", Fill(TDM_DVA_END, 8, 0), TDM_DVA_END, w, TDM_FAULT_RANGE);
	Faults("all bits", Fill(~7ull, 8, 0), ~7ull, w, TDM_FAULT_RANGE);
	Faults("wraps", Fill(good_, ~0ull, 0), good_, w, TDM_FAULT_RANGE);
}

TEST_P(DeviceFault, Misaligned)
{
	for (uint64_t off = 1; off < 8; off++)
		Faults("signal", Signal(good_ + off, 1), good_ + off,
		       TDM_ACCESS_READ | TDM_ACCESS_WRITE, TDM_FAULT_ALIGN);
	Faults("wait", WaitNonZero(good_ + 4), good_ + 4, TDM_ACCESS_READ, TDM_FAULT_ALIGN);
}

TEST_P(DeviceFault, LeavesItsMapping)
{
	uint64_t dva = 0x70000000, next = dva + page_;
	struct tdm_cmd load = {};
	uint32_t handle;

	ASSERT_EQ(BoCreate(dev_, TDM_DOMAIN_DEVICE, 2 * page_, &handle), 0);
	ASSERT_EQ(VmMap(dev_, handle, 0, page_, &dva), 0);
	ASSERT_EQ(VmMap(dev_, handle, page_, page_, &next), 0);
	load.opcode = TDM_OP_PROGRAM_LOAD;
	load.desc.addr = next - 8;
	load.desc.len = sizeof(struct tdm_program);
	Faults("descriptor", load, next, TDM_ACCESS_READ, TDM_FAULT_SPLIT);
	/* What moves bytes may cross from one mapping into the next. */
	struct tdm_cmd fill = Fill(next - 64, 128, 5);
	struct tdm_cqe cqe;
	ASSERT_EQ(tdm_queue_run(queue_, &fill, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	EXPECT_EQ(cqe.result, 128u);
}

TEST_P(DeviceFault, TheLastAreKeptAndTheRestIsCounted)
{
	const unsigned int extra = 6, total = TDM_FAULT_KEEP + extra;
	struct tdm_fault faults[total] = {};
	struct drm_tandem_fault_read read = {};
	std::vector<struct tdm_cmd> cmds;
	struct tdm_cqe cqes[total];

	for (unsigned int i = 0; i < total; i++) {
		cmds.push_back(Fill(0x1000 + 8 * i, 8, 0));
		cmds.back().cookie = i;
	}
	ASSERT_EQ(tdm_queue_submit(queue_, cmds.data(), total), static_cast<int>(total));
	for (unsigned int done = 0; done < total;) {
		ASSERT_EQ(tdm_queue_wait(queue_, Soon()), 0);
		done += static_cast<unsigned int>(tdm_queue_poll(queue_, cqes, total));
	}
	read.size = sizeof(read);
	read.count = 10;
	read.faults = Addr(faults);
	ASSERT_EQ(File(dev_).Call(DRM_IOCTL_TANDEM_FAULT_READ, &read), 0);
	EXPECT_EQ(read.count, 10u);
	EXPECT_EQ(read.lost, extra);
	EXPECT_EQ(faults[0].cookie, extra);
	read.count = total;
	read.faults = Addr(faults + 10);
	ASSERT_EQ(File(dev_).Call(DRM_IOCTL_TANDEM_FAULT_READ, &read), 0);
	EXPECT_EQ(read.count, TDM_FAULT_KEEP - 10u);
	EXPECT_EQ(read.lost, 0u);
	for (unsigned int i = 0; i < TDM_FAULT_KEEP; i++)
		EXPECT_EQ(faults[i].cookie, extra + i);
	read.count = 0;
	read.faults = 0;
	EXPECT_EQ(File(dev_).Call(DRM_IOCTL_TANDEM_FAULT_READ, &read), 0);
}
