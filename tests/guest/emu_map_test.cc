// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The control node's mappings: what may be mapped, how, how far, and by whom.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include <gtest/gtest.h>

#include "guest/guest.h"
#include "guest/raw_emu.h"

using namespace tandem_test;

namespace
{

constexpr size_t kPage = 4096;

class EmuMap : public ::testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_EQ(emu_.Up(), "");
	}
	/* 0 or -errno; nothing stays mapped. */
	int Try(uint64_t offset, size_t len = kPage, int prot = PROT_READ, int flags = MAP_SHARED)
	{
		void *ptr = mmap(nullptr, len, prot, flags, emu_.fd, static_cast<off_t>(offset));

		if (ptr == MAP_FAILED)
			return -errno;
		munmap(ptr, len);
		return 0;
	}

	RawEmu emu_;
	const uint64_t known_[3] = { TDM_EMU_BELLS, TDM_EMU_FW_REGS, TDM_EMU_DRV_REGS };
};

} // namespace

TEST_F(EmuMap, SharedAndNeverExecutable)
{
	for (uint64_t offset : known_) {
		EXPECT_EQ(Try(offset), 0);
		EXPECT_EQ(Try(offset, kPage, PROT_READ, MAP_PRIVATE), -EINVAL);
		EXPECT_EQ(Try(offset, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE), -EINVAL);
		EXPECT_EQ(Try(offset, kPage, PROT_READ | PROT_EXEC), -EINVAL);
		void *ptr = emu_.Map(offset, kPage, PROT_READ);
		ASSERT_NE(ptr, nullptr);
		EXPECT_EQ(mprotect(ptr, kPage, PROT_READ | PROT_EXEC), -1);
		EXPECT_EQ(errno, EACCES);
		munmap(ptr, kPage);
	}
}

TEST_F(EmuMap, WhatIsTheDriversCannotBeWritten)
{
	for (uint64_t offset : { uint64_t{ TDM_EMU_BELLS }, uint64_t{ TDM_EMU_DRV_REGS },
				 uint64_t{ emu_.drv->admin_ring } }) {
		EXPECT_EQ(Try(offset, kPage, PROT_READ | PROT_WRITE), -EACCES);
		EXPECT_EQ(Try(offset, kPage, PROT_WRITE), -EACCES);
		void *ptr = emu_.Map(offset, kPage, PROT_READ);
		ASSERT_NE(ptr, nullptr);
		EXPECT_EQ(mprotect(ptr, kPage, PROT_READ | PROT_WRITE), -1);
		EXPECT_EQ(errno, EACCES);
		munmap(ptr, kPage);
	}
	EXPECT_EQ(Try(TDM_EMU_FW_REGS, kPage, PROT_READ | PROT_WRITE), 0);
	EXPECT_EQ(Try(emu_.drv->event_ring, kPage, PROT_READ | PROT_WRITE), 0);
}

TEST_F(EmuMap, NotAByteBeyondTheEnd)
{
	size_t ring = emu_.drv->event_entries * sizeof(struct tdm_event);

	for (uint64_t offset : known_) {
		EXPECT_EQ(Try(offset, 2 * kPage), -EINVAL);
		EXPECT_EQ(Try(offset + kPage), -EINVAL);
		EXPECT_EQ(Try(offset + (1ull << 32) - kPage), -EINVAL);
		EXPECT_EQ(Try(offset, size_t{ 1 } << 40), -EINVAL);
	}
	ASSERT_GT(ring, kPage);
	EXPECT_EQ(Try(emu_.drv->event_ring, ring), 0);
	EXPECT_EQ(Try(emu_.drv->event_ring, ring + kPage), -EINVAL);
	EXPECT_EQ(Try(emu_.drv->event_ring + kPage, ring - kPage), 0);
	EXPECT_EQ(Try(emu_.drv->event_ring + kPage, ring), -EINVAL);
	EXPECT_EQ(Try(emu_.drv->event_ring + ring), -EINVAL);
}

TEST_F(EmuMap, WhatIsNotThereCannotBeMapped)
{
	EXPECT_EQ(Try(0), -EINVAL);
	EXPECT_EQ(Try(kPage), -EINVAL);
	EXPECT_EQ(Try(3ull << 60), -EINVAL);
	EXPECT_EQ(Try(TDM_EMU_MEM), -EINVAL);
	/* Far beyond what a device has shared by the end of its boot. */
	for (uint64_t mem = 64; mem < 1ull << 28; mem += mem / 2)
		EXPECT_EQ(Try(TDM_EMU_MEM | mem << TDM_EMU_MEM_SHIFT), -EINVAL) << mem;
	for (uint64_t ctx : { 0ull, 1ull, 15ull, 16ull, 8191ull })
		EXPECT_EQ(Try(TDM_EMU_DVA | ctx << TDM_EMU_DVA_SHIFT), -EINVAL) << ctx;
	EXPECT_EQ(Try(TDM_EMU_DVA | ((1ull << TDM_EMU_DVA_SHIFT) - kPage), 2 * kPage), -EINVAL);
	EXPECT_EQ(Try(TDM_EMU_FW_REGS + 1), -EINVAL) << "not a page's begin";
	EXPECT_EQ(Try(TDM_EMU_FW_REGS, 0), -EINVAL);
}

TEST_F(EmuMap, ItCannotGrow)
{
	void *ptr = emu_.Map(TDM_EMU_FW_REGS, kPage, PROT_READ | PROT_WRITE);

	ASSERT_NE(ptr, nullptr);
	EXPECT_EQ(mremap(ptr, kPage, 2 * kPage, MREMAP_MAYMOVE), MAP_FAILED);
	EXPECT_EQ(errno, EFAULT);
	munmap(ptr, kPage);
}

/* A child of the device's process is not the device, and has none of its memory. */
TEST_F(EmuMap, AChildInheritsNone)
{
	for (const void *ptr :
	     { static_cast<const void *>(emu_.fw), static_cast<const void *>(emu_.drv),
	       static_cast<const void *>(emu_.bells), static_cast<const void *>(emu_.ring),
	       static_cast<const void *>(emu_.events) }) {
		pid_t pid = fork();
		int status = 0;

		if (!pid) {
			signal(SIGSEGV, SIG_DFL);
			_exit(*static_cast<const volatile char *>(ptr));
		}
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(WTERMSIG(status), SIGSEGV);
	}
	/* Its exit closes its descriptor, which is not the device's end. */
	EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_READY));
	EXPECT_EQ(emu_.Raise(), 0);
}

/* A file that was opened for reading writes nothing, whatever its mapping is for. */
TEST(EmuMapReader, MayNotWrite)
{
	RawEmu emu;

	ASSERT_GE(emu.fd, 0);
	close(emu.fd);
	emu.fd = open(TDM_EMU_NODE, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(emu.Create(), 0);
	EXPECT_EQ(emu.Map(TDM_EMU_FW_REGS, kPage, PROT_READ | PROT_WRITE), nullptr);
	EXPECT_EQ(errno, EACCES);
	void *ptr = emu.Map(TDM_EMU_FW_REGS, kPage, PROT_READ);
	ASSERT_NE(ptr, nullptr);
	EXPECT_EQ(mprotect(ptr, kPage, PROT_READ | PROT_WRITE), -1);
	EXPECT_EQ(errno, EACCES);
	munmap(ptr, kPage);
}
