// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * An application that breaks its own rings on purpose, every word of them, while the
 * device reads them: it hurts itself alone.
 */
#include <atomic>
#include <random>
#include <thread>

#include "device_fixture.h"

using namespace tandem_test;

class QueueCorrupt : public DeviceTest
{
protected:
	void SetUp() override
	{
		DeviceTest::SetUp();
		hostile_ = tdm_device_reopen(dev_, &err_);
		ASSERT_NE(hostile_, nullptr) << err_.msg;
		queue_ = Queue(8);
		buf_ = Buffer(page_);
		ASSERT_TRUE(queue_ && buf_);
		memset(tdm_buffer_ptr(buf_), 0x5a, page_);
		random_.seed(static_cast<unsigned int>(
			::testing::UnitTest::GetInstance()->random_seed()));
	}
	void TearDown() override
	{
		StillFine();
		tdm_queue_destroy(queue_);
		tdm_buffer_destroy(buf_);
		tdm_device_close(hostile_);
		EXPECT_EQ(Memory().device_used + Memory().host_used, 0u);
		DeviceTest::TearDown();
	}

	/* The other client: its bytes, its commands, no fault. */
	void StillFine()
	{
		struct tdm_fault fault;
		struct tdm_cqe cqe;

		for (uint64_t i = 0; i < 10; i++) {
			struct tdm_cmd copy =
				Copy(tdm_buffer_dva(buf_), tdm_buffer_dva(buf_) + page_ / 2, 64);

			copy.cookie = i;
			ASSERT_EQ(tdm_queue_run(queue_, &copy, Soon(), &cqe), 0);
			ASSERT_EQ(cqe.cookie, i);
			ASSERT_EQ(cqe.status, TDM_ST_OK);
		}
		auto *bytes = static_cast<unsigned char *>(tdm_buffer_ptr(buf_));
		for (uint64_t i = 0; i < page_; i++)
			ASSERT_EQ(bytes[i], 0x5a) << i;
		EXPECT_EQ(tdm_device_faults(dev_, &fault, 1), 0);
	}
	uint32_t Random()
	{
		return static_cast<uint32_t>(random_());
	}
	/* A number of the kinds that break things. */
	uint64_t Odd(uint64_t dva)
	{
		const uint64_t kinds[] = { 0,
					   1,
					   Random() % 64,
					   Random(),
					   ~0ull,
					   1ull << (Random() % 64),
					   dva,
					   dva + Random() % 8192,
					   TDM_DVA_END - Random() % 4096,
					   static_cast<uint64_t>(Random()) << 32 | Random() };

		return kinds[Random() % 10];
	}
	/* An entry of any kind; one that waits does not wait long. */
	struct tdm_cmd Entry(uint64_t dva)
	{
		struct tdm_cmd cmd = Nop(Odd(dva));

		cmd.opcode = static_cast<uint16_t>(Random() % 8 ? Random() % 24 : Random());
		if (Random() % 16 == 0)
			cmd.flags = static_cast<uint16_t>(Random());
		if (Random() % 16 == 0)
			cmd.reserved = Random();
		for (auto &word : cmd.raw)
			word = Random() % 3 ? Odd(dva) : 0;
		if (cmd.opcode == TDM_OP_WAIT)
			cmd.wait.timeout_ns %= 100000;
		return cmd;
	}

	/* A slot that the device may be reading. */
	static void Overwrite(struct tdm_cmd *slot, const struct tdm_cmd &cmd)
	{
		auto *to = reinterpret_cast<uint64_t *>(slot);
		uint64_t words[sizeof(cmd) / sizeof(uint64_t)];

		memcpy(words, &cmd, sizeof(cmd));
		for (uint64_t word : words)
			tdm_store_relaxed(to++, word);
	}

	struct tdm_device *hostile_ = nullptr;
	struct tdm_queue *queue_ = nullptr;
	struct tdm_buffer *buf_ = nullptr;
	std::mt19937 random_;
};
TANDEM_ON_EVERY_DEVICE(QueueCorrupt);

/* Each word of the header by itself, with values of every kind. */
TEST_P(QueueCorrupt, EveryWordOfTheHeader)
{
	for (uint32_t at = 0; at < sizeof(struct tdm_sq_hdr) / 4; at++) {
		for (uint32_t value : { 1u, 9u, 0x7fffffffu, 0x80000000u, 0xffffffffu }) {
			RawQueue queue(hostile_, 8);

			ASSERT_EQ(queue.rc(), 0);
			auto *words = reinterpret_cast<uint32_t *>(queue.sq());
			tdm_store_release(&words[at], value);
			queue.Wake();
			int rc = queue.Wait(1, NowNs() + 2 * kMs);
			uint32_t state = queue.state();

			/* A tail of 1 publishes a NOP, as it should. */
			if (at == 0) {
				EXPECT_EQ(queue.Wait(1), value == 1 ? 0 : -EIO) << value;
			} else {
				EXPECT_TRUE(rc == -ETIMEDOUT || rc == -EIO) << rc;
			}
			EXPECT_TRUE(state == TDM_QUEUE_RUNNING || state == TDM_QUEUE_ERROR);
			/* Words that are nobody's change nothing. */
			if (at && at != offsetof(struct tdm_sq_hdr, cq_head) / 4) {
				queue.SetTail(1);
				EXPECT_EQ(queue.Wait(1), 0) << at << " " << value;
			}
		}
	}
}

/* The bytes between the header's words and the first entry are nobody's either. */
TEST_P(QueueCorrupt, ThePaddingIsNotLookedAt)
{
	RawQueue queue(hostile_, 8);
	uint64_t seq = 0;

	ASSERT_EQ(queue.rc(), 0);
	auto *bytes = reinterpret_cast<unsigned char *>(queue.sq());
	memset(bytes + sizeof(struct tdm_sq_hdr), 0xff,
	       TDM_QUEUE_HDR_BYTES - sizeof(struct tdm_sq_hdr));
	for (int i = 0; i < 20; i++) {
		queue.Submit(Nop(static_cast<uint64_t>(i)));
		ASSERT_EQ(queue.Wait(++seq), 0);
		tdm_store_release(&queue.sq()->cq_head, static_cast<uint32_t>(seq));
	}
}

/* Rings full of entries of every kind, all right and wrong indices, wakes at random. */
TEST_P(QueueCorrupt, ManyRandomOnes)
{
	struct tdm_buffer *area = tdm_buffer_create(hostile_, TDM_DOMAIN_DEVICE, 2 * page_,
						    TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err_);
	unsigned int ended = 0, broken = 0;

	ASSERT_NE(area, nullptr) << err_.msg;
	for (int round = 0; round < 60; round++) {
		const uint32_t entries = 2u << Random() % 6;
		RawQueue queue(hostile_, entries);

		ASSERT_EQ(queue.rc(), 0);
		auto *slots = reinterpret_cast<struct tdm_cmd *>(
			reinterpret_cast<char *>(queue.sq()) + TDM_QUEUE_HDR_BYTES);
		uint32_t tail = 0;
		for (int step = 0; step < 40 && queue.state() == TDM_QUEUE_RUNNING; step++) {
			Overwrite(&slots[Random() % entries], Entry(tdm_buffer_dva(area)));
			if (Random() % 3 == 0)
				tail += 1 + Random() % entries;
			if (Random() % 32 == 0)
				tail += Random();
			queue.SetTail(tail);
			tdm_store_relaxed(&queue.sq()->event_seq, Odd(0));
			if (Random() % 4)
				tdm_store_release(&queue.sq()->cq_head,
						  static_cast<uint32_t>(queue.cq()->completed));
			else if (Random() % 64 == 0)
				tdm_store_release(&queue.sq()->cq_head, Random());
			queue.Wait(queue.cq()->completed + 1, NowNs() + Random() % 200000);
		}
		broken += queue.state() == TDM_QUEUE_ERROR;
		/* Destroyed, it writes no more: each completion has a status and its phase. */
		ASSERT_EQ(queue.Destroy(), 0);
		uint64_t completed = tdm_load_acquire(&queue.cq()->completed);
		for (uint64_t i = completed > entries ? completed - entries : 0; i < completed;
		     i++) {
			const struct tdm_cqe *cqe = queue.cqe(static_cast<uint32_t>(i));

			ASSERT_LE(cqe->status, TDM_ST_DEVICE);
			ASSERT_EQ(cqe->flags, i & entries ? 0 : TDM_CQE_PHASE);
			ended++;
		}
		if (round % 10 == 0) {
			ASSERT_NO_FATAL_FAILURE(StillFine());
		}
	}
	EXPECT_GT(ended, 0u);
	EXPECT_GT(broken, 0u);
	tdm_buffer_destroy(area);
}

/* A thread that writes at random all over the area while the device reads it. */
TEST_P(QueueCorrupt, WhileTheDeviceReads)
{
	for (int round = 0; round < 6; round++) {
		RawQueue queue(hostile_, 16);
		std::atomic<bool> stop{ false };

		ASSERT_EQ(queue.rc(), 0);
		auto *words = reinterpret_cast<uint32_t *>(queue.sq());
		std::thread writer([&, seed = Random()] {
			std::mt19937 random(seed);
			const size_t first = TDM_QUEUE_HDR_BYTES / 4, n = 16 * 16;

			/* The last word of a WAIT's time is left alone: it is to end. */
			while (!stop) {
				auto at = first + random() % n;

				if (at % 16 != 11)
					tdm_store_relaxed(
						&words[at],
						static_cast<uint32_t>(random() % 2 ? random() % 32
										   : random()));
			}
		});
		for (uint32_t tail = 1; tail < 400 && queue.state() == TDM_QUEUE_RUNNING; tail++) {
			queue.SetTail(tail);
			/* One that waits for its 4 s at most holds up its own queue alone. */
			if (queue.Wait(tail, NowNs() + 20 * kMs))
				break;
			tdm_store_release(&queue.sq()->cq_head, tail);
		}
		StillFine();
		queue.SetTail(Random());
		stop = true;
		writer.join();
	}
}

/* Rings of queues that do not exist, and of those that have nothing to do. */
TEST_P(QueueCorrupt, DoorbellsOfNothing)
{
	RawQueue queue(hostile_);

	ASSERT_EQ(queue.rc(), 0);
	for (int i = 0; i < 300; i++) {
		struct drm_tandem_queue_wake wake = {};

		wake.size = sizeof(wake);
		wake.queue = i % 2 ? queue.number() : Random();
		int rc = File(hostile_).Call(DRM_IOCTL_TANDEM_QUEUE_WAKE, &wake);
		EXPECT_EQ(rc, wake.queue == queue.number() ? 0 : -ENOENT);
	}
	EXPECT_EQ(queue.cq()->completed, 0u);
	queue.Submit(Nop(1));
	EXPECT_EQ(queue.Wait(1), 0);
}
