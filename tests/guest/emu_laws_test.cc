// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The laws of /dev/tandem-emu: who may open it, what each call answers to each wrong
 * argument, and in which order they come.
 */
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "guest/guest.h"
#include "guest/raw_emu.h"
#include "runtime/device_file.h"
#include "support/child.h"
#include "support/process.h"

using namespace tandem_test;

namespace
{

constexpr uid_t kNobody = 65534;

bool BecomeNobody()
{
	return !setgroups(0, nullptr) && !setgid(kNobody) && !setuid(kNobody);
}

std::string OpenIs(int error)
{
	int fd = open(TDM_EMU_NODE, O_RDWR | O_CLOEXEC);
	int seen = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return seen == error ? "" : std::string("open: ") + strerror(seen) + "\n";
}

class EmuLaws : public ::testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_GE(emu_.fd, 0) << strerror(errno);
	}
	void TearDown() override
	{
		owner_.reset();
		EXPECT_EQ(WhatIsLeft(), "");
	}
	void Create()
	{
		ASSERT_EQ(emu_.Create(), 0);
	}
	/* With a number of a call that has another size. */
	int CallOf(unsigned long request, size_t bytes, void *arg)
	{
		return emu_.Call(_IOC(_IOC_READ | _IOC_WRITE, TDM_EMU_IOC, _IOC_NR(request), bytes),
				 arg);
	}

	std::unique_ptr<RawEmu> owner_ = std::make_unique<RawEmu>();
	RawEmu &emu_ = *owner_;
};

} // namespace

TEST(EmuAccess, OnlyRootsMode)
{
	struct stat st;

	ASSERT_EQ(stat(TDM_EMU_NODE, &st), 0);
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(st.st_mode & 07777, 0600u);
	EXPECT_EQ(st.st_uid, 0u);
	EXPECT_EQ(st.st_gid, 0u);
}

TEST(EmuAccess, TheModeIsNotAllThatKeepsOthersOut)
{
	EXPECT_EQ(in_child(60,
			   [] {
				   WANT(BecomeNobody());
				   return OpenIs(EACCES);
			   }),
		  "");
	ASSERT_EQ(chmod(TDM_EMU_NODE, 0666), 0);
	EXPECT_EQ(in_child(60,
			   [] {
				   WANT(BecomeNobody());
				   return OpenIs(EPERM);
			   }),
		  "");
	ASSERT_EQ(chmod(TDM_EMU_NODE, 0600), 0);
}

/* All rights in a namespace of one's own are none here. */
TEST(EmuAccess, RootOfAnotherNamespaceIsNotRoot)
{
	EXPECT_EQ(in_child(60,
			   [] {
				   WANT(!unshare(CLONE_NEWUSER));
				   return OpenIs(EPERM);
			   }),
		  "");
}

/* Who opened the file counts, not who makes it a device. */
TEST(EmuAccess, ADescriptorMayBePassedOn)
{
	RawEmu emu;

	ASSERT_GE(emu.fd, 0);
	Child child([&](int sock) {
		uint64_t word;

		WANT(BecomeNobody());
		std::string wrong = emu.Up();
		if (!wrong.empty())
			return wrong;
		WANT(send_word(sock, 1));
		WANT(receive_word(sock, &word));
		return std::string();
	});
	uint64_t word;
	ASSERT_TRUE(receive_word(child.sock(), &word)) << child.End();
	/* It is that process's device now, and nobody else's. */
	EXPECT_EQ(emu.Create(), -EBUSY);
	EXPECT_EQ(emu.Raise(), -EPERM);
	EXPECT_EQ(emu.Map(TDM_EMU_BELLS, 4096, PROT_READ), nullptr);
	EXPECT_EQ(errno, EPERM);
	EXPECT_EQ(LiveObjects()["devices"], 1);
	send_word(child.sock(), 1);
	EXPECT_EQ(child.End(), "");
	/* It has exited, and this descriptor is still open. */
	struct tdm_emu_status status = {};
	status.size = sizeof(status);
	EXPECT_EQ(emu.Call(TDM_EMU_STATUS, &status), -EPERM);
	EXPECT_EQ(Glob("/sys/bus/platform/devices/tandem-emu.*").size(), 0u);
}

TEST_F(EmuLaws, NothingButCreateBeforeCreate)
{
	struct tdm_emu_status status = {};
	struct tdm_emu_bell_wait wait = {};
	struct tdm_emu_bell_ring bell = {};
	struct pollfd ready = { emu_.fd, POLLIN, 0 };
	uint32_t counts[TDM_EMU_N_BELLS];

	status.size = sizeof(status);
	wait.size = sizeof(wait);
	bell.size = sizeof(bell);
	EXPECT_EQ(emu_.Call(TDM_EMU_STATUS, &status), -EPERM);
	EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), -EPERM);
	EXPECT_EQ(emu_.Call(TDM_EMU_BELL_RING, &bell), -EPERM);
	EXPECT_EQ(emu_.Raise(), -EPERM);
	EXPECT_EQ(read(emu_.fd, counts, sizeof(counts)), -1);
	EXPECT_EQ(errno, EPERM);
	EXPECT_EQ(poll(&ready, 1, 0), 1);
	EXPECT_TRUE(ready.revents & POLLERR);
	for (uint64_t offset : { TDM_EMU_BELLS, TDM_EMU_FW_REGS, TDM_EMU_DRV_REGS, TDM_EMU_DVA }) {
		EXPECT_EQ(emu_.Map(offset, 4096, PROT_READ), nullptr) << std::hex << offset;
		EXPECT_EQ(errno, EPERM);
	}
}

TEST_F(EmuLaws, CreateTakesOneForm)
{
	struct tdm_emu_create good = {};

	good.size = sizeof(good);
	good.abi = TDM_EMU_ABI;
	for (uint32_t size : { 0u, 1u, 12u, 15u, 17u, 20u, ~0u }) {
		struct tdm_emu_create bad = good;

		bad.size = size;
		EXPECT_EQ(emu_.Call(TDM_EMU_CREATE, &bad), -EINVAL) << size;
	}
	for (uint32_t bit = 0; bit < 32; bit++) {
		struct tdm_emu_create bad = good;

		bad.flags = 1u << bit;
		EXPECT_EQ(emu_.Call(TDM_EMU_CREATE, &bad), -EINVAL) << bit;
	}
	for (uint32_t abi : { 0u, 2u, ~0u }) {
		struct tdm_emu_create bad = good;

		bad.abi = abi;
		EXPECT_EQ(emu_.Call(TDM_EMU_CREATE, &bad), -EOPNOTSUPP) << abi;
	}
	EXPECT_EQ(emu_.Call(TDM_EMU_CREATE, nullptr), -EFAULT);
	EXPECT_EQ(emu_.Call(TDM_EMU_CREATE, reinterpret_cast<void *>(~0xfffull)), -EFAULT);
	EXPECT_EQ(LiveObjects()["devices"], 0) << "a failed call changed something";
	EXPECT_EQ(emu_.Call(TDM_EMU_CREATE, &good), 0);
	EXPECT_EQ(emu_.Call(TDM_EMU_CREATE, &good), -EBUSY);
	EXPECT_EQ(LiveObjects()["devices"], 1);
	EXPECT_EQ(
		access(("/sys/bus/platform/devices/tandem-emu." + std::to_string(good.id)).c_str(),
		       F_OK),
		0);
}

/* The answer cannot be given back: what was made then is the file's all the same. */
TEST_F(EmuLaws, CreateIntoMemoryThatCannotBeWritten)
{
	struct tdm_emu_create good = {};
	void *page =
		mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	good.size = sizeof(good);
	good.abi = TDM_EMU_ABI;
	ASSERT_NE(page, MAP_FAILED);
	memcpy(page, &good, sizeof(good));
	ASSERT_EQ(mprotect(page, 4096, PROT_READ), 0);
	EXPECT_EQ(emu_.Call(TDM_EMU_CREATE, page), -EFAULT);
	munmap(page, 4096);
	EXPECT_LE(LiveObjects()["devices"], 1);
}

TEST_F(EmuLaws, UnknownCallsAreNone)
{
	char room[4096] = {};

	Create();
	for (unsigned int nr = 5; nr < 256; nr++)
		EXPECT_EQ(emu_.Call(_IOC(_IOC_READ | _IOC_WRITE, TDM_EMU_IOC, nr, 8), room),
			  -ENOTTY)
			<< nr;
	for (unsigned int type : { 0u, 'd' + 0u, 0xe6u, 0xe8u })
		EXPECT_EQ(emu_.Call(_IOC(_IOC_READ | _IOC_WRITE, type, 1, 48), room), -ENOTTY);
	/* A known number with another size or direction. */
	for (unsigned long request :
	     { TDM_EMU_CREATE, TDM_EMU_STATUS, TDM_EMU_BELL_WAIT, TDM_EMU_BELL_RING }) {
		EXPECT_EQ(CallOf(request, _IOC_SIZE(request) - 4, room), -ENOTTY) << request;
		EXPECT_EQ(CallOf(request, _IOC_SIZE(request) + 4, room), -ENOTTY) << request;
		EXPECT_EQ(CallOf(request, 0, room), -ENOTTY) << request;
		EXPECT_EQ(CallOf(request, 16383, room), -ENOTTY) << request;
	}
	EXPECT_EQ(CallOf(TDM_EMU_RAISE, 4, room), -ENOTTY);
}

TEST_F(EmuLaws, StatusTakesOneForm)
{
	struct tdm_emu_status status = {};

	Create();
	for (uint32_t size : { 0u, 4u, 47u, 49u, ~0u }) {
		status.size = size;
		EXPECT_EQ(emu_.Call(TDM_EMU_STATUS, &status), -EINVAL) << size;
	}
	EXPECT_EQ(emu_.Call(TDM_EMU_STATUS, nullptr), -EFAULT);
	memset(&status, 0xff, sizeof(status));
	status.size = sizeof(status);
	ASSERT_EQ(emu_.Call(TDM_EMU_STATUS, &status), 0);
	EXPECT_EQ(status.size, sizeof(status));
	EXPECT_EQ(status.state, static_cast<uint32_t>(TDM_EMU_BOOTING));
	EXPECT_EQ(status.error, 0);
	EXPECT_EQ(status.clients, 0u);
	for (char c : status.node)
		EXPECT_EQ(c, '\0');
}

TEST_F(EmuLaws, BellsTakeOneForm)
{
	struct tdm_emu_bell_wait wait = {};
	struct tdm_emu_bell_ring bell = {};

	Create();
	for (uint32_t size : { 0u, 23u, 25u, ~0u }) {
		wait.size = size;
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), -EINVAL) << size;
		bell.size = size;
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_RING, &bell), -EINVAL) << size;
	}
	wait.size = sizeof(wait);
	bell.size = sizeof(bell);
	for (uint32_t which : { 3u, 4u, 0x80000000u, ~0u }) {
		wait.bell = bell.bell = which;
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), -EINVAL) << which;
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_RING, &bell), -EINVAL) << which;
	}
	wait.bell = 0;
	for (uint32_t bit = 0; bit < 32; bit++) {
		wait.flags = 1u << bit;
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), -EINVAL) << bit;
	}
	EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, nullptr), -EFAULT);
	EXPECT_EQ(emu_.Call(TDM_EMU_BELL_RING, nullptr), -EFAULT);
}

TEST_F(EmuLaws, AWaitEndsByRingDeadlineOrSignal)
{
	struct tdm_emu_bell_wait wait = {};
	struct tdm_emu_bell_ring bell = {};

	Create();
	ASSERT_TRUE(emu_.MapRegisters());
	bell.size = sizeof(bell);
	wait.size = sizeof(wait);
	for (uint32_t which = 0; which < TDM_EMU_N_BELLS; which++) {
		uint32_t count = tdm_load_acquire(&emu_.bells->bell[which].count);

		wait.bell = bell.bell = which;
		wait.seen = count - 1;
		wait.deadline_ns = ~0ull;
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), 0) << "rung before";
		wait.seen = count;
		wait.deadline_ns = 0;
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), -ETIMEDOUT);
		uint64_t until = NowNs() + 20 * kMs;
		wait.deadline_ns = until;
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), -ETIMEDOUT);
		EXPECT_GE(NowNs(), until);
		wait.deadline_ns = ~0ull;
		std::thread waiter([&] { EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), 0); });
		usleep(10000);
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_RING, &bell), 0);
		waiter.join();
		EXPECT_EQ(tdm_load_acquire(&emu_.bells->bell[which].count), count + 1);
	}
	struct sigaction action = {}, old;
	action.sa_handler = [](int) {};
	sigaction(SIGUSR2, &action, &old);
	std::atomic<bool> done{ false };
	std::thread waiter([&] {
		wait.seen = tdm_load_acquire(&emu_.bells->bell[wait.bell].count);
		EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), -EINTR);
		done = true;
	});
	while (!done) {
		pthread_kill(waiter.native_handle(), SIGUSR2);
		usleep(5000);
	}
	waiter.join();
	sigaction(SIGUSR2, &old, nullptr);
}

TEST_F(EmuLaws, ReadAndPollCountTheBells)
{
	struct pollfd ready = { emu_.fd, POLLIN | POLLPRI, 0 };
	uint32_t before[TDM_EMU_N_BELLS], after[TDM_EMU_N_BELLS + 1] = {};
	struct tdm_emu_bell_ring bell = {};

	Create();
	ASSERT_TRUE(emu_.MapRegisters());
	EXPECT_EQ(read(emu_.fd, before, sizeof(before) - 1), -1);
	EXPECT_EQ(errno, EINVAL);
	void *nowhere = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(nowhere, MAP_FAILED);
	EXPECT_EQ(read(emu_.fd, nowhere, sizeof(before)), -1);
	EXPECT_EQ(errno, EFAULT);
	munmap(nowhere, 4096);
	ASSERT_EQ(read(emu_.fd, before, sizeof(before)), static_cast<ssize_t>(sizeof(before)));
	EXPECT_EQ(poll(&ready, 1, 0), 0);
	bell.size = sizeof(bell);
	bell.bell = TDM_EMU_BELL_ADMIN;
	ASSERT_EQ(emu_.Call(TDM_EMU_BELL_RING, &bell), 0);
	ASSERT_EQ(poll(&ready, 1, 0), 1);
	EXPECT_EQ(ready.revents, POLLIN);
	for (uint32_t which : { TDM_EMU_BELL_COMPUTE, TDM_EMU_BELL_STATUS }) {
		ASSERT_EQ(read(emu_.fd, after, sizeof(after)),
			  static_cast<ssize_t>(sizeof(before)));
		bell.bell = which;
		ASSERT_EQ(emu_.Call(TDM_EMU_BELL_RING, &bell), 0);
		ASSERT_EQ(poll(&ready, 1, 0), 1);
		EXPECT_EQ(ready.revents, POLLPRI) << which;
	}
	ASSERT_EQ(read(emu_.fd, after, sizeof(after)), static_cast<ssize_t>(sizeof(before)));
	for (int which = 0; which < TDM_EMU_N_BELLS; which++)
		EXPECT_EQ(after[which], before[which] + 1) << which;
	EXPECT_EQ(after[TDM_EMU_N_BELLS], 0u);
	EXPECT_EQ(write(emu_.fd, after, sizeof(before)), -1);
	EXPECT_EQ(errno, EINVAL);
}

/* Duplicates are not counted: each close of the device's own process is the end. */
TEST_F(EmuLaws, ClosingADuplicateIsTheEnd)
{
	Create();
	ASSERT_TRUE(emu_.MapRegisters());
	std::thread waiter([&] {
		struct tdm_emu_bell_wait wait = {};

		wait.size = sizeof(wait);
		wait.bell = TDM_EMU_BELL_COMPUTE;
		wait.seen = tdm_load_acquire(&emu_.bells->bell[wait.bell].count);
		wait.deadline_ns = ~0ull;
		int rc = emu_.Call(TDM_EMU_BELL_WAIT, &wait);
		/* All bells are rung at the end; which is seen first, nobody says. */
		EXPECT_TRUE(rc == -ENODEV || rc == 0) << rc;
	});
	usleep(20000);
	close(dup(emu_.fd));
	waiter.join();
	EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_GONE));
	EXPECT_EQ(emu_.Raise(), -ENODEV);
	EXPECT_EQ(emu_.Create(), -ENODEV);
	EXPECT_EQ(emu_.Map(TDM_EMU_BELLS, 4096, PROT_READ), nullptr);
	EXPECT_EQ(errno, ENODEV);
	struct tdm_emu_bell_wait wait = {};
	wait.size = sizeof(wait);
	wait.deadline_ns = ~0ull;
	EXPECT_EQ(emu_.Call(TDM_EMU_BELL_WAIT, &wait), -ENODEV);
	struct pollfd ready = { emu_.fd, POLLIN, 0 };
	EXPECT_EQ(poll(&ready, 1, 0), 1);
	EXPECT_TRUE(ready.revents & POLLHUP);
}

/* Taken from it by the administrator; bound again, it is not the same device. */
TEST_F(EmuLaws, UnboundItIsGone)
{
	const std::string driver = "/sys/bus/platform/drivers/tandem-emu/";

	ASSERT_EQ(emu_.Up(), "");
	std::vector<std::string> devices = Glob(driver + "tandem-emu.*");
	ASSERT_EQ(devices.size(), 1u);
	std::string name = devices[0].substr(driver.size());
	std::string node = std::string("/dev/") + emu_.Status().node;
	EXPECT_EQ(access(node.c_str(), F_OK), 0);
	EXPECT_EQ(WriteText(driver + "unbind", name), 0);
	EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_GONE));
	EXPECT_EQ(emu_.Raise(), -ENODEV);
	EXPECT_NE(access(node.c_str(), F_OK), 0);
	EXPECT_EQ(WriteText(driver + "bind", name), -EBUSY);
	EXPECT_EQ(emu_.Create(), -EBUSY);
}

TEST_F(EmuLaws, OneProcessMayBeSeveralDevices)
{
	RawEmu other;

	ASSERT_EQ(emu_.Up(), "");
	ASSERT_EQ(other.Up(), "");
	EXPECT_STRNE(emu_.Status().node, other.Status().node);
	EXPECT_EQ(LiveObjects()["devices"], 2);
	/* None of them can be opened from here. */
	for (const RawEmu *emu : { &emu_, &other }) {
		std::string node = std::string("/dev/") + emu->Status().node;

		EXPECT_EQ(open(node.c_str(), O_RDWR | O_CLOEXEC), -1);
		EXPECT_EQ(errno, EDEADLK);
	}
}
