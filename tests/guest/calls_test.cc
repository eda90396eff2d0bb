// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The fast path makes no system call: those of a thread that runs commands on a
 * node are counted by the kernel's own tracepoint.
 */
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include <tandem/buffer.h>
#include <tandem/device.h>
#include <tandem/queue.h>

#include "served.h"
#include "trace.h"

using namespace guest;

namespace
{

constexpr unsigned int kNops = 2000;
constexpr unsigned int kFills = 250;

/* Keeps a few commands open, so that the device has always one to run. */
bool Nops(struct tdm_queue *queue, unsigned int count)
{
	struct tdm_cmd cmds[8] = {};
	struct tdm_cqe cqes[8];

	for (unsigned int sent = 0, done = 0; done < count;) {
		int rc = tdm_queue_submit(queue, cmds, sent < count && sent - done < 32 ? 8 : 0);

		if (rc < 0)
			return false;
		sent += static_cast<unsigned int>(rc);
		rc = tdm_queue_poll(queue, cqes, 8);
		if (rc < 0)
			return false;
		done += static_cast<unsigned int>(rc);
	}
	return true;
}

/* Something else to do for the device, of another queue, all the while. */
void KeepBusy(struct tdm_queue *queue, uint64_t dva)
{
	struct tdm_cmd fill = {};

	fill.opcode = TDM_OP_FILL;
	fill.fill.dst = dva;
	fill.fill.len = 1 << 20;
	for (unsigned int i = 0; i < kFills; i++)
		ASSERT_EQ(tdm_queue_submit(queue, &fill, 1), 1);
}

void TakeWhatIsDone(struct tdm_queue *queue)
{
	struct tdm_cqe cqes[kFills];

	ASSERT_GE(tdm_queue_poll(queue, cqes, kFills), 0);
}

TEST(SystemCalls, NoneForACommandWhileBothSidesAreBusy)
{
	struct tdm_error err = {};
	Served emu;

	ASSERT_TRUE(emu.Ready());
	struct tdm_device *dev = tdm_device_open(emu.node().c_str(), &err);
	ASSERT_NE(dev, nullptr) << err.msg;
	struct tdm_queue *queue = tdm_queue_create(dev, 64, &err);
	struct tdm_queue *other = tdm_queue_create(dev, 256, &err);
	struct tdm_buffer *buffer = tdm_buffer_create(dev, TDM_DOMAIN_DEVICE, 1 << 20,
						      TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err);
	ASSERT_TRUE(queue && other && buffer) << err.msg;

	{
		Trace trace("raw_syscalls/sys_enter", gettid());

		ASSERT_EQ(trace.missing(), "");
		for (int i = 0; i < 50; i++)
			syscall(SYS_getppid);
		std::string getppid = "NR " + std::to_string(SYS_getppid) + " ";
		EXPECT_EQ(trace.Count(getppid), 50u);
	}
	unsigned int calls = 0;
	{
		Trace trace("raw_syscalls/sys_enter", gettid());

		ASSERT_EQ(trace.missing(), "");
		KeepBusy(other, tdm_buffer_dva(buffer));
		/* Until it has heard that it is to be awake. */
		ASSERT_TRUE(Nops(queue, 64));
		syscall(SYS_getppid);
		ASSERT_TRUE(Nops(queue, kNops));
		syscall(SYS_getppid);
		/* Else it may have slept, and to wake it is a call. */
		TakeWhatIsDone(other);
		ASSERT_GT(tdm_queue_open(other), 0u) << "the device ran out of work";
		/* Between the marks; what reads the trace comes behind them. */
		std::string text = trace.Text();
		std::string mark = "NR " + std::to_string(SYS_getppid) + " ";
		size_t first = text.find(mark), last = text.rfind(mark);

		ASSERT_NE(first, std::string::npos);
		ASSERT_NE(first, last) << text;
		last = text.rfind("sys_enter", last);
		for (size_t at = text.find("sys_enter", first); at < last;
		     at = text.find("sys_enter", at + 1))
			calls += text.compare(at, 13, "sys_enter: NR") == 0;
	}
	printf("%u system calls for %u commands\n", calls, kNops);
	EXPECT_EQ(calls, 0u);
	tdm_queue_destroy(other);
	tdm_buffer_destroy(buffer);
	tdm_queue_destroy(queue);
	tdm_device_close(dev);
}

} // namespace
