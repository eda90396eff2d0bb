// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Allocations that fail in the calls of /dev/tandem-emu. This process is the device
 * then; it has no firmware, so the driver waits for its boot for ever.
 */
#include "alloc_fail.h"
#include "support/skip.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tandem_emu.h"

using alloc_fail::Step;

namespace
{

int Call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

void Nothing()
{
}

class AllocFailEmu : public ::testing::Test
{
protected:
	void SetUp() override
	{
		if (access("/proc/self/fail-nth", F_OK))
			TANDEM_SKIP(injector_.Missing());
		ASSERT_EQ(injector_.Missing(), "");
	}
	void TearDown() override
	{
		Close();
	}

	void Sweep(const Step &step)
	{
		alloc_fail::Sweep(injector_, step);
	}

	int Open()
	{
		int fd = open(TDM_EMU_NODE, O_RDWR | O_CLOEXEC);

		if (fd < 0)
			return -errno;
		fd_ = fd;
		return 0;
	}
	void Close()
	{
		if (fd_ >= 0)
			close(fd_);
		fd_ = -1;
	}
	int Create()
	{
		struct tdm_emu_create create = {};

		create.size = sizeof(create);
		create.abi = TDM_EMU_ABI;
		return Call(fd_, TDM_EMU_CREATE, &create);
	}
	int Status()
	{
		status_ = {};
		status_.size = sizeof(status_);
		return Call(fd_, TDM_EMU_STATUS, &status_);
	}
	void OpenDevice()
	{
		ASSERT_EQ(Open(), 0);
		ASSERT_EQ(Create(), 0);
	}
	int Map(uint64_t offset, int prot)
	{
		void *ptr = mmap(nullptr, 4096, prot, MAP_SHARED, fd_, static_cast<off_t>(offset));

		if (ptr == MAP_FAILED)
			return -errno;
		ptr_ = ptr;
		return 0;
	}

	alloc_fail::Injector injector_;
	int fd_ = -1;
	void *ptr_ = nullptr;
	struct tdm_emu_status status_ = {};
};

} // namespace

TEST_F(AllocFailEmu, Open)
{
	Sweep({ Nothing, [&] { return Open(); }, [&] { Close(); } });
}

/* It says that there is a device only when there is one. */
TEST_F(AllocFailEmu, Create)
{
	Sweep({ [&] { ASSERT_EQ(Open(), 0); }, [&] { return Create(); },
		[&] {
			ASSERT_EQ(Status(), 0);
			EXPECT_EQ(status_.state, static_cast<uint32_t>(TDM_EMU_BOOTING));
			/* Also after a try that failed, under the number that it must have. */
			ASSERT_EQ(Map(TDM_EMU_FW_REGS, PROT_READ | PROT_WRITE), 0);
			munmap(ptr_, 4096);
			Close();
		} });
}

/* The device is removed by it; nothing may keep that from being done. */
TEST_F(AllocFailEmu, Close)
{
	Sweep({ [&] { OpenDevice(); },
		[&] {
			int rc = close(fd_) ? -errno : 0;

			fd_ = -1;
			return rc;
		},
		Nothing, false });
}

TEST_F(AllocFailEmu, CallsOfTheFirmware)
{
	OpenDevice();
	for (const auto &call : std::vector<std::function<int()>>{
		     [&] { return Status(); },
		     [&] {
			     struct tdm_emu_bell_ring ring = {};

			     ring.size = sizeof(ring);
			     ring.bell = TDM_EMU_BELL_COMPUTE;
			     return Call(fd_, TDM_EMU_BELL_RING, &ring);
		     },
		     [&] {
			     struct tdm_emu_bell_wait wait = {};

			     wait.size = sizeof(wait);
			     wait.bell = TDM_EMU_BELL_COMPUTE;
			     wait.deadline_ns = 1;
			     int rc = Call(fd_, TDM_EMU_BELL_WAIT, &wait);
			     return rc == -ETIMEDOUT ? 0 : rc;
		     },
		     [&] { return Call(fd_, TDM_EMU_RAISE, nullptr); },
		     [&] {
			     uint32_t counts[TDM_EMU_N_BELLS];

			     return read(fd_, counts, sizeof(counts)) < 0 ? -errno : 0;
		     },
	     })
		Sweep({ Nothing, call, Nothing, false });
}

TEST_F(AllocFailEmu, Poll)
{
	OpenDevice();
	Sweep({ Nothing,
		[&] {
			struct pollfd p = { fd_, POLLIN, 0 };

			return poll(&p, 1, 0) < 0 ? -errno : 0;
		},
		Nothing, false });
}

TEST_F(AllocFailEmu, Mmap)
{
	OpenDevice();
	for (uint64_t offset : { TDM_EMU_BELLS, TDM_EMU_DRV_REGS })
		Sweep({ Nothing, [&] { return Map(offset, PROT_READ); },
			[&] { munmap(ptr_, 4096); } });
	Sweep({ Nothing, [&] { return Map(TDM_EMU_FW_REGS, PROT_READ | PROT_WRITE); },
		[&] { munmap(ptr_, 4096); } });
}

/* The page is there; what the processor's tables need comes with another try. */
TEST_F(AllocFailEmu, TouchOfTheRegisters)
{
	OpenDevice();
	Sweep({ [&] { ASSERT_EQ(Map(TDM_EMU_FW_REGS, PROT_READ | PROT_WRITE), 0); },
		[&] { return alloc_fail::Touch(ptr_); }, [&] { munmap(ptr_, 4096); }, false });
}
