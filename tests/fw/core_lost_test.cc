// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Memory that goes away under a command (core/lost.h), by a file that is shorter
 * than its mapping: what lies behind its end is SIGBUS, as what the emulated
 * device's driver does not give.
 */
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>

#include "core_host.h"

extern "C" {
#include "core/lost.h"
}

using namespace core_test;

namespace
{

constexpr uint64_t kPage = 4096;
constexpr uint64_t kLen = 16 * kPage;
constexpr uint64_t kDva = 0x100000;
constexpr uint64_t kOther = 0x200000;

struct fw_device *serving;
std::atomic<int> signals;

void OnBusError(int sig, siginfo_t *info, void *)
{
	const struct fw_range *range = fw_lost_range(serving, info->si_addr);

	if (!range || mmap(range->ptr, range->len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		signal(sig, SIG_DFL);
	signals++;
}

/* A mapping of kLen whose file may be shorter. */
class ShortFile
{
public:
	explicit ShortFile(uint64_t bytes) : fd_(memfd_create("short", MFD_CLOEXEC))
	{
		Resize(bytes);
		ptr_ = mmap(nullptr, kLen, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
	}
	~ShortFile()
	{
		munmap(ptr_, kLen);
		close(fd_);
	}
	void Resize(uint64_t bytes)
	{
		ASSERT_EQ(ftruncate(fd_, static_cast<off_t>(bytes)), 0);
	}
	void MapAgain()
	{
		EXPECT_EQ(mmap(ptr_, kLen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd_, 0),
			  ptr_);
	}
	uint64_t Word(uint64_t offset)
	{
		uint64_t word = 0;

		EXPECT_EQ(pread(fd_, &word, sizeof(word), static_cast<off_t>(offset)),
			  static_cast<ssize_t>(sizeof(word)));
		return word;
	}
	void *ptr() const
	{
		return ptr_;
	}

private:
	int fd_;
	void *ptr_;
};

class CoreLost : public ::testing::Test
{
protected:
	void SetUp() override
	{
		struct sigaction action = {};

		host_.again_ = [this](const struct fw_range *range) {
			again_++;
			EXPECT_EQ(range->ptr, file_.ptr());
			EXPECT_EQ(range->bus, Bus(file_.ptr()));
			file_.MapAgain();
		};
		serving = host_.device();
		signals = 0;
		action.sa_sigaction = OnBusError;
		action.sa_flags = SA_SIGINFO;
		ASSERT_EQ(sigaction(SIGBUS, &action, &old_), 0);
		host_.Enable();
		ASSERT_EQ(host_.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
		ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kDva, kLen, Bus(file_.ptr())), 0);
		ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kOther, kLen, other_.bus()), 0);
	}
	void TearDown() override
	{
		sigaction(SIGBUS, &old_, nullptr);
	}
	/* Runs one command. Return: its status */
	uint32_t Run(Queue *queue, const struct tdm_cmd &cmd)
	{
		uint64_t n = queue->Completed();

		queue->Submit(cmd);
		EXPECT_TRUE(queue->WaitCompleted(n + 1));
		last_ = queue->cqe(static_cast<uint32_t>(n));
		queue->Consume(1);
		return last_.status & 0xffff;
	}

	ShortFile file_{ 3 * kPage };
	Memory other_{ kLen };
	int again_ = 0;
	struct tdm_cqe last_ = {};
	struct sigaction old_ = {};
	Host host_;
};

TEST_F(CoreLost, TheCommandFailsWithTheAddressAndTheNextOneIsFine)
{
	Queue queue(&host_, 1);

	ASSERT_EQ(queue.Create(), 0);
	EXPECT_EQ(Run(&queue, Fill(kDva, 3 * kPage)), TDM_ST_OK);
	EXPECT_EQ(signals, 0);

	EXPECT_EQ(Run(&queue, Fill(kDva + kPage, kLen - kPage)), TDM_ST_FAULT);
	EXPECT_GE(last_.result, kDva + 3 * kPage);
	EXPECT_LT(last_.result, kDva + kLen);
	EXPECT_EQ(again_, 1);
	EXPECT_EQ(signals, 1);
	struct tdm_event event = host_.Wait(TDM_EV_FAULT);
	EXPECT_EQ(event.fault.addr, last_.result);
	EXPECT_EQ(event.fault.reason, TDM_FAULT_REVOKED);
	EXPECT_EQ(event.fault.opcode, TDM_OP_FILL);

	/* Nothing was left in its place: once there is memory, it is the client's. */
	EXPECT_EQ(Run(&queue, Fill(kOther, kLen)), TDM_ST_OK);
	file_.Resize(kLen);
	EXPECT_EQ(Run(&queue, Fill(kDva, kLen)), TDM_ST_OK);
	EXPECT_EQ(file_.Word(kLen - 8), 0x0102030405060708u);
	EXPECT_EQ(again_, 1);
	EXPECT_EQ(queue.Destroy(), 0);
}

TEST_F(CoreLost, ReadingIsNoDifferent)
{
	Queue queue(&host_, 1);
	struct tdm_cmd copy = {};

	ASSERT_EQ(queue.Create(), 0);
	copy.opcode = TDM_OP_COPY;
	copy.copy.dst = kOther;
	copy.copy.src = kDva;
	copy.copy.len = kLen;
	for (int i = 1; i <= 20; i++) {
		EXPECT_EQ(Run(&queue, copy), TDM_ST_FAULT);
		EXPECT_EQ(again_, i);
	}
	EXPECT_EQ(queue.Destroy(), 0);
}

} // namespace
