// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Rings: order, wrapping, being full, batches.
 */
#include <algorithm>

#include "device_fixture.h"

using namespace tandem_test;

class QueueRing : public DeviceTest
{
protected:
	/* Takes @count completions, whose cookies must go on from *@next. */
	void Take(struct tdm_queue *queue, unsigned int count, uint64_t *next)
	{
		struct tdm_cqe cqes[64];

		while (count) {
			ASSERT_EQ(tdm_queue_wait(queue, Soon()), 0);
			int n = tdm_queue_poll(queue, cqes, std::min(count, 64u));

			ASSERT_GT(n, 0);
			for (int i = 0; i < n; i++) {
				ASSERT_EQ(cqes[i].cookie, (*next)++);
				ASSERT_EQ(cqes[i].status, TDM_ST_OK);
			}
			count -= static_cast<unsigned int>(n);
		}
	}
	static std::vector<struct tdm_cmd> Nops(unsigned int count, uint64_t first)
	{
		std::vector<struct tdm_cmd> cmds;

		for (unsigned int i = 0; i < count; i++)
			cmds.push_back(Nop(first + i));
		return cmds;
	}
};
TANDEM_ON_EVERY_DEVICE(QueueRing);

TEST_P(QueueRing, EveryBatchSizeAtEveryOffset)
{
	for (unsigned int entries : { 2u, 4u, 8u }) {
		for (unsigned int batch = 1; batch <= entries; batch++) {
			struct tdm_queue *queue = Queue(entries);
			uint64_t sent = 0, got = 0;

			ASSERT_NE(queue, nullptr);
			/* Two passes start a batch at every slot in either phase. */
			for (unsigned int start = 0; start < 2 * entries; start++) {
				while (sent % (2 * entries) != start) {
					auto one = Nops(1, sent++);

					ASSERT_EQ(tdm_queue_submit(queue, one.data(), 1), 1);
					Take(queue, 1, &got);
				}
				auto cmds = Nops(batch, sent);
				ASSERT_EQ(tdm_queue_submit(queue, cmds.data(), batch),
					  static_cast<int>(batch));
				sent += batch;
				EXPECT_EQ(tdm_queue_open(queue), batch);
				Take(queue, batch, &got);
				EXPECT_EQ(tdm_queue_open(queue), 0u);
			}
			tdm_queue_destroy(queue);
		}
	}
}

TEST_P(QueueRing, ALongRunStaysInOrder)
{
	struct tdm_queue *queue = Queue(32);
	uint64_t sent = 0, got = 0;
	const uint64_t total = 20000;

	while (got < total) {
		auto cmds = Nops(1 + static_cast<unsigned int>(sent * 2654435761u >> 7) % 40, sent);
		unsigned int want =
			static_cast<unsigned int>(std::min<uint64_t>(cmds.size(), total - sent));
		int n = tdm_queue_submit(queue, cmds.data(), want);

		ASSERT_GE(n, 0);
		sent += static_cast<uint64_t>(n);
		Take(queue, 1, &got);
	}
	EXPECT_EQ(sent, total);
	tdm_queue_destroy(queue);
}

/* A parked WAIT in front keeps all that follow in the ring. */
TEST_P(QueueRing, FullTakesNoMoreAndLosesNothing)
{
	struct tdm_buffer *buf = Buffer(page_);
	auto *word = static_cast<uint64_t *>(tdm_buffer_ptr(buf));
	struct tdm_queue *queue = Queue(8);
	struct tdm_cmd wait = WaitNonZero(tdm_buffer_dva(buf));
	struct tdm_cqe cqe;
	uint64_t next = 0;

	ASSERT_EQ(tdm_queue_submit(queue, &wait, 1), 1);
	auto cmds = Nops(20, 0);
	unsigned int taken = 0;
	/* The WAIT leaves its slot when it is fetched, whenever that is. */
	for (uint64_t until = Soon(); taken < 8 && NowNs() < until;) {
		int n = tdm_queue_submit(queue, cmds.data() + taken, 20 - taken);

		ASSERT_GE(n, 0);
		taken += static_cast<unsigned int>(n);
	}
	for (uint64_t until = NowNs() + 5 * kMs; NowNs() < until;)
		ASSERT_EQ(tdm_queue_submit(queue, cmds.data() + taken, 1), 0);
	EXPECT_EQ(taken, 8u);
	EXPECT_EQ(tdm_queue_poll(queue, &cqe, 1), 0);
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(tdm_queue_wait(queue, Soon()), 0);
	ASSERT_EQ(tdm_queue_poll(queue, &cqe, 1), 1);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	EXPECT_EQ(cqe.result, 1u);
	Take(queue, taken, &next);
	EXPECT_EQ(tdm_queue_poll(queue, &cqe, 1), 0);
	tdm_queue_destroy(queue);
	tdm_buffer_destroy(buf);
}

/* Completions that nobody takes stall their own queue and no other. */
TEST_P(QueueRing, UntakenCompletionsStallTheirQueueAlone)
{
	struct tdm_queue *lazy = Queue(4);
	struct tdm_queue *busy = Queue(4);
	uint64_t sent = 0, got = 0, other = 0;

	/* 4 complete, 4 more stay in the ring. */
	for (uint64_t until = Soon(); sent < 8 && NowNs() < until;) {
		auto cmds = Nops(4, sent);
		int n = tdm_queue_submit(lazy, cmds.data(), 4);

		ASSERT_GE(n, 0);
		sent += static_cast<uint64_t>(n);
	}
	for (uint64_t until = NowNs() + 5 * kMs; NowNs() < until;) {
		auto more = Nops(1, sent);

		ASSERT_EQ(tdm_queue_submit(lazy, more.data(), 1), 0);
	}
	EXPECT_EQ(sent, 8u);
	for (int i = 0; i < 100; i++) {
		auto cmds = Nops(4, other);

		ASSERT_EQ(tdm_queue_submit(busy, cmds.data(), 4), 4);
		Take(busy, 4, &other);
	}
	Take(lazy, 8, &got);
	tdm_queue_destroy(lazy);
	tdm_queue_destroy(busy);
}

TEST_P(QueueRing, PollTakesNoMoreThanThereIsRoomFor)
{
	struct tdm_queue *queue = Queue(16);
	auto cmds = Nops(10, 0);
	struct tdm_cqe cqes[10];
	uint64_t deadline = Soon();

	ASSERT_EQ(tdm_queue_submit(queue, cmds.data(), 10), 10);
	EXPECT_EQ(tdm_queue_poll(queue, cqes, 0), 0);
	for (unsigned int got = 0; got < 10;) {
		ASSERT_LT(NowNs(), deadline);
		int n = tdm_queue_poll(queue, cqes, 3);

		ASSERT_GE(n, 0);
		ASSERT_LE(n, 3);
		for (int i = 0; i < n; i++)
			EXPECT_EQ(cqes[i].cookie, got++);
	}
	EXPECT_EQ(tdm_queue_poll(queue, cqes, 10), 0);
	EXPECT_EQ(tdm_queue_wait(queue, Soon()), -ENODATA);
	EXPECT_EQ(tdm_queue_submit(queue, cmds.data(), 0), 0);
	tdm_queue_destroy(queue);
}

TEST_P(QueueRing, CompletionsTellTheTime)
{
	struct tdm_queue *queue = Queue(4);
	struct tdm_buffer *buf = Buffer(4u << 20);
	struct tdm_cmd fill = Fill(tdm_buffer_dva(buf), 4u << 20, 3);
	struct tdm_cqe first, second;

	ASSERT_EQ(tdm_queue_run(queue, &fill, Soon(), &first), 0);
	ASSERT_EQ(tdm_queue_run(queue, &fill, Soon(), &second), 0);
	EXPECT_GT(second.end_ns, first.end_ns);
	EXPECT_GT(second.run_16ns, 0u);
	EXPECT_LE(first.end_ns + second.run_16ns * 16, second.end_ns + 16);
	tdm_buffer_destroy(buf);
	tdm_queue_destroy(queue);
}

TEST_P(QueueRing, BadCommandsFailAlone)
{
	struct tdm_queue *queue = Queue(8);
	struct tdm_cmd cmd = Nop(1);
	struct tdm_cqe cqe;

	cmd.opcode = 0x7777;
	ASSERT_EQ(tdm_queue_run(queue, &cmd, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_BAD_OPCODE);
	EXPECT_EQ(cqe.result, 0x7777u);
	cmd = Nop(2);
	cmd.flags = 1;
	ASSERT_EQ(tdm_queue_run(queue, &cmd, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_INVALID);
	EXPECT_EQ(cqe.result, offsetof(struct tdm_cmd, flags));
	cmd = Nop(3);
	cmd.raw[5] = 1;
	ASSERT_EQ(tdm_queue_run(queue, &cmd, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_INVALID);
	cmd = Nop(4);
	ASSERT_EQ(tdm_queue_run(queue, &cmd, Soon(), &cqe), 0);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	tdm_queue_destroy(queue);
}

TEST_P(QueueRing, RunWantsTheQueueForItself)
{
	struct tdm_queue *queue = Queue(8);
	struct tdm_cmd nop = Nop(1);
	struct tdm_cqe cqe;

	ASSERT_EQ(tdm_queue_submit(queue, &nop, 1), 1);
	EXPECT_EQ(tdm_queue_run(queue, &nop, Soon(), &cqe), -EBUSY);
	tdm_queue_destroy(queue);
}

TEST_P(QueueRing, SizesAreChecked)
{
	uint32_t max = tdm_device_info(dev_)->identify.max_entries;

	for (unsigned int entries : { 0u, 1u, 3u, 100u, max + 1, 2 * max }) {
		EXPECT_EQ(tdm_queue_create(dev_, entries, &err_), nullptr) << entries;
		EXPECT_EQ(err_.code, -EINVAL);
	}
	struct tdm_queue *queue = Queue(max);
	ASSERT_NE(queue, nullptr);
	std::vector<struct tdm_cmd> cmds = Nops(max, 0);
	uint64_t next = 0;
	EXPECT_EQ(tdm_queue_submit(queue, cmds.data(), max), static_cast<int>(max));
	Take(queue, max, &next);
	tdm_queue_destroy(queue);
}

TEST(QueueStatusName, NamesThemAll)
{
	EXPECT_STREQ(tdm_status_name(TDM_ST_OK), "ok");
	EXPECT_STREQ(tdm_status_name(TDM_ST_BAD_CRC), "bad-crc");
	EXPECT_STREQ(tdm_status_name(TDM_ST_LIMIT), "limit");
	EXPECT_STREQ(tdm_status_name(TDM_ST_DEVICE), "device");
	EXPECT_STREQ(tdm_status_name(TDM_ST_DEVICE + 1), "unknown");
	EXPECT_STREQ(tdm_status_name(~0u), "unknown");
}
