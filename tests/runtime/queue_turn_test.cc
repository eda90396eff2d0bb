// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a queue may take of its device: one long command a turn, and of time no more
 * than the limit that it was made with.
 */
#include "device_fixture.h"

using namespace tandem_test;

namespace
{

class QueueTurn : public DeviceTest
{
protected:
	/* A queue with a limit, as far as it is needed here. */
	struct Limited {
		struct drm_tandem_queue_create create;
		struct tdm_sq_hdr *sq;
		struct tdm_cq_hdr *cq;
	};

	void Make(uint32_t limit_ms, Limited *queue)
	{
		struct drm_tandem_queue_create &create = queue->create;

		create = {};
		create.size = sizeof(create);
		create.abi = TDM_QUEUE_ABI;
		create.sq_entries = create.cq_entries = 8;
		create.time_limit_ms = limit_ms;
		ASSERT_EQ(tdm_device_ioctl(dev_, DRM_IOCTL_TANDEM_QUEUE_CREATE, &create), 0);
		queue->sq = static_cast<struct tdm_sq_hdr *>(tdm_device_mmap(
			dev_, create.sq_bytes, PROT_READ | PROT_WRITE, create.sq_offset, &err_));
		queue->cq = static_cast<struct tdm_cq_hdr *>(
			tdm_device_mmap(dev_, create.cq_bytes, PROT_READ, create.cq_offset, &err_));
		ASSERT_TRUE(queue->sq && queue->cq) << err_.msg;
	}
	void Submit(const Limited &queue, const std::vector<struct tdm_cmd> &cmds)
	{
		auto *slots = reinterpret_cast<struct tdm_cmd *>(
			reinterpret_cast<char *>(queue.sq) + TDM_QUEUE_HDR_BYTES);
		struct drm_tandem_queue_wake wake = {};

		for (size_t i = 0; i < cmds.size(); i++)
			slots[i] = cmds[i];
		tdm_store_release(&queue.sq->tail, static_cast<uint32_t>(cmds.size()));
		wake.size = sizeof(wake);
		wake.queue = queue.create.queue;
		ASSERT_EQ(tdm_device_ioctl(dev_, DRM_IOCTL_TANDEM_QUEUE_WAKE, &wake), 0);
	}
	const struct tdm_cqe &Cqe(const Limited &queue, int index)
	{
		return reinterpret_cast<const struct tdm_cqe *>(
			reinterpret_cast<const char *>(queue.cq) + TDM_QUEUE_HDR_BYTES)[index];
	}
	void End(Limited *queue)
	{
		EXPECT_EQ(QueueDestroy(dev_, queue->create.queue), 0);
		EXPECT_EQ(tdm_device_munmap(dev_, queue->sq, queue->create.sq_bytes), 0);
		EXPECT_EQ(tdm_device_munmap(dev_, queue->cq, queue->create.cq_bytes), 0);
	}
};
TANDEM_ON_EVERY_DEVICE(QueueTurn);

/*
 * Two queues of commands that take a turn each, behind gates that open together: by
 * the device's own clock neither gets ahead by more than what one had begun.
 */
TEST_P(QueueTurn, OneLongCommandATurn)
{
	constexpr unsigned int kCommands = 24, kAhead = 4;
	const uint64_t bytes = 1 << 20;
	struct tdm_buffer *data = Buffer(bytes), *gate = Buffer(page_);
	RawQueue a(dev_, 32), b(dev_, 32);

	ASSERT_TRUE(data && gate);
	ASSERT_EQ(a.rc(), 0);
	ASSERT_EQ(b.rc(), 0);
	memset(tdm_buffer_ptr(data), 1, bytes);
	for (RawQueue *queue : { &a, &b }) {
		queue->Submit(WaitNonZero(tdm_buffer_dva(gate)));
		for (unsigned int i = 0; i < kCommands; i++)
			queue->Submit(Fill(tdm_buffer_dva(data), bytes, i));
	}
	tdm_store_release(static_cast<uint64_t *>(tdm_buffer_ptr(gate)), 1);
	ASSERT_EQ(a.Wait(1 + kCommands, NowNs() + 120000 * kMs), 0);
	ASSERT_EQ(b.Wait(1 + kCommands, NowNs() + 120000 * kMs), 0);
	for (unsigned int i = 1; i + kAhead <= kCommands; i++) {
		EXPECT_LT(a.cqe(i)->end_ns, b.cqe(i + kAhead)->end_ns) << i;
		EXPECT_LT(b.cqe(i)->end_ns, a.cqe(i + kAhead)->end_ns) << i;
	}
	tdm_buffer_destroy(gate);
	tdm_buffer_destroy(data);
}

/* A barrier waits for what was fetched before it: of two that are parked, only one can. */
TEST_P(QueueTurn, BarriersDoNotWaitForEachOther)
{
	const uint64_t bytes = 64 << 20; /* several turns */
	struct tdm_buffer *data = Buffer(bytes), *gate = Buffer(page_);
	struct tdm_cmd barrier = {};
	RawQueue busy(dev_), a(dev_), b(dev_);

	ASSERT_TRUE(data && gate);
	barrier.opcode = TDM_OP_BARRIER;
	for (RawQueue *queue : { &busy, &a, &b }) {
		ASSERT_EQ(queue->rc(), 0);
		queue->Submit(WaitNonZero(tdm_buffer_dva(gate)));
		queue->Submit(queue == &busy ? Fill(tdm_buffer_dva(data), bytes, 1) : barrier);
	}
	tdm_store_release(static_cast<uint64_t *>(tdm_buffer_ptr(gate)), 1);
	for (RawQueue *queue : { &busy, &a, &b })
		ASSERT_EQ(queue->Wait(2, NowNs() + 60000 * kMs), 0);
	tdm_buffer_destroy(gate);
	tdm_buffer_destroy(data);
}

TEST_P(QueueTurn, ACommandOverItsTimeEndsAlone)
{
	struct tdm_buffer *word = Buffer(page_);
	struct tdm_cmd wait = WaitNonZero(tdm_buffer_dva(word));
	Limited limited, unlimited;

	Make(20, &limited);
	Make(0, &unlimited);
	if (HasFatalFailure())
		return;
	Submit(unlimited, { wait });
	Submit(limited, { wait, Nop(2), wait, Nop(4) });
	ASSERT_EQ(QueueWait(dev_, limited.create.queue, 4, Soon()), 0);
	for (int i : { 0, 2 })
		EXPECT_EQ(Cqe(limited, i).status, TDM_ST_TIMEOUT) << i;
	for (int i : { 1, 3 })
		EXPECT_EQ(Cqe(limited, i).status, TDM_ST_OK) << i;
	/* The other queue's has no limit, and waits still. */
	EXPECT_EQ(QueueWait(dev_, unlimited.create.queue, 1, 0), -ETIMEDOUT);
	tdm_store_release(static_cast<uint64_t *>(tdm_buffer_ptr(word)), 1);
	ASSERT_EQ(QueueWait(dev_, unlimited.create.queue, 1, Soon()), 0);
	EXPECT_EQ(Cqe(unlimited, 0).status, TDM_ST_OK);
	End(&limited);
	End(&unlimited);
	tdm_buffer_destroy(word);
}

} // namespace
