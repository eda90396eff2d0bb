// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The firmware's queues, at the level of the contracts: creation, rings that
 * cannot be, a fair share for everybody, and their end under load.
 */
#include <cerrno>

#include "core_host.h"

using namespace core_test;

namespace
{

constexpr uint64_t kDva = 0x100000;
/* Three slices of FILL. */
constexpr uint64_t kLong = 48 << 20;

class CoreQueue : public ::testing::Test
{
protected:
	void SetUp() override
	{
		host_.Enable();
		ASSERT_EQ(host_.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
		ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kDva, kLong, memory_.bus()), 0);
	}
	Memory memory_{ kLong };
	Host host_;
};

TEST_F(CoreQueue, CreationIsChecked)
{
	int mapped = host_.mapped_;
	struct {
		const char *what;
		void (*break_it)(struct tdm_admin_queue *q);
		int want;
	} const bad[] = {
		{ "context", [](struct tdm_admin_queue *q) { q->ctx = 2; }, -ENOENT },
		{ "number", [](struct tdm_admin_queue *q) { q->queue = ~0u; }, -EINVAL },
		{ "sq order 0", [](struct tdm_admin_queue *q) { q->sq_order = 0; }, -EINVAL },
		{ "sq order 31", [](struct tdm_admin_queue *q) { q->sq_order = 31; }, -EINVAL },
		{ "sq order 32", [](struct tdm_admin_queue *q) { q->sq_order = 32; }, -EINVAL },
		{ "cq order 255", [](struct tdm_admin_queue *q) { q->cq_order = 255; }, -EINVAL },
		{ "cq below sq", [](struct tdm_admin_queue *q) { q->cq_order = 2; }, -EINVAL },
		{ "wake", [](struct tdm_admin_queue *q) { q->wake = 3; }, -EINVAL },
		{ "reserved0", [](struct tdm_admin_queue *q) { q->reserved0 = 1; }, -EINVAL },
		{ "reserved1", [](struct tdm_admin_queue *q) { q->reserved1 = 1; }, -EINVAL },
		{ "sq", [](struct tdm_admin_queue *q) { q->sq = 0; }, -EFAULT },
		{ "cq", [](struct tdm_admin_queue *q) { q->cq = 0; }, -EFAULT },
		{ "status", [](struct tdm_admin_queue *q) { q->status = 0; }, -EFAULT },
	};

	for (const auto &b : bad) {
		Queue queue(&host_, 4);

		b.break_it(&queue.cmd().queue);
		EXPECT_EQ(queue.Create(), b.want) << b.what;
		EXPECT_EQ(host_.mapped_, mapped) << b.what;
	}
	Queue queue(&host_, 4), again(&host_, 4);

	EXPECT_EQ(queue.Destroy(), -ENOENT);
	EXPECT_EQ(queue.Create(), 0);
	EXPECT_EQ(again.Create(), -EEXIST);
	queue.Submit(Nop());
	EXPECT_TRUE(queue.WaitCompleted(1));
	EXPECT_EQ(queue.Destroy(), 0);
	EXPECT_EQ(again.Create(), 0);
	EXPECT_EQ(again.Destroy(), 0);
	EXPECT_EQ(host_.mapped_, mapped);
}

TEST_F(CoreQueue, ATailThatCannotBeStopsItsQueueAlone)
{
	Queue bad(&host_, 1), good(&host_, 2);

	ASSERT_EQ(bad.Create(), 0);
	ASSERT_EQ(good.Create(), 0);
	bad.Submit(Nop(), 3);
	ASSERT_TRUE(bad.WaitCompleted(3));
	tdm_store_release(&bad.sq()->tail, 3 + 9);
	host_.Ring(FW_BELL_COMPUTE);
	struct tdm_event event = host_.Wait(TDM_EV_QUEUE_ERROR);

	EXPECT_EQ(event.id, 1u);
	EXPECT_EQ(static_cast<int64_t>(event.value), -EPROTO);
	EXPECT_EQ(bad.Completed(), 3u);
	good.Submit(Nop());
	EXPECT_TRUE(good.WaitCompleted(1));
	/* Mended or not, it has stopped. */
	tdm_store_release(&bad.sq()->tail, 4);
	host_.Ring(FW_BELL_COMPUTE);
	good.Submit(Nop());
	EXPECT_TRUE(good.WaitCompleted(2));
	EXPECT_EQ(bad.Completed(), 3u);
	EXPECT_EQ(bad.Destroy(), 0);
}

/* The completions of the batch before are out when the driver hears of it. */
TEST_F(CoreQueue, AHeadThatCannotBeStopsItAfterWhatWasDone)
{
	Queue queue(&host_, 1);

	ASSERT_EQ(queue.Create(), 0);
	tdm_store_release(&queue.sq()->cq_head, 100);
	queue.Submit(Nop(), 8);
	/* A free ring's head need not be looked at: all 8 have their slots. */
	EXPECT_TRUE(queue.WaitCompleted(8));
	queue.Submit(Nop());
	struct tdm_event event = host_.Wait(TDM_EV_QUEUE_ERROR);

	EXPECT_EQ(event.id, 1u);
	EXPECT_EQ(queue.Completed(), 8u);
	for (uint32_t i = 0; i < 8; i++) {
		EXPECT_EQ(queue.cqe(i).cookie, i);
		EXPECT_EQ(queue.cqe(i).flags, TDM_CQE_PHASE);
	}
}

TEST_F(CoreQueue, BatchesOfEverySizeAtEveryOffset)
{
	Queue queue(&host_, 1);
	uint32_t done = 0;

	ASSERT_EQ(queue.Create(), 0);
	for (uint32_t i = 0; i < 200; i++) {
		uint32_t n = 1 + i * 5 % 8;

		queue.Submit(Nop(), n);
		ASSERT_TRUE(queue.WaitCompleted(done + n)) << i;
		for (uint32_t k = done; k < done + n; k++) {
			ASSERT_EQ(queue.cqe(k).cookie, k);
			ASSERT_EQ(queue.cqe(k).flags, k & 8 ? 0 : TDM_CQE_PHASE);
		}
		done += n;
		queue.Consume(n);
	}
}

/* One command in the middle of a batch fails; what is before and after it holds. */
TEST_F(CoreQueue, CompletionsKeepTheOrderOfAMixedBatch)
{
	Queue queue(&host_, 1, 5);
	struct tdm_cmd unknown = {};

	ASSERT_EQ(queue.Create(), 0);
	unknown.opcode = 0x7777;
	queue.Publish(Nop(), 5);
	queue.Publish(unknown);
	queue.Publish(Nop(), 3);
	queue.Publish(Fill(kDva, kLong));
	queue.Publish(Nop(), 4);
	queue.Publish(Fill(0, 8));
	queue.Submit(Nop());
	ASSERT_TRUE(queue.WaitCompleted(16));
	for (uint32_t i = 0; i < 16; i++) {
		const struct tdm_cqe &cqe = queue.cqe(i);

		EXPECT_EQ(cqe.cookie, i);
		EXPECT_EQ(cqe.status, i == 5	? TDM_ST_BAD_OPCODE
				      : i == 14 ? TDM_ST_FAULT
						: TDM_ST_OK)
			<< i;
		EXPECT_GE(cqe.end_ns, queue.cqe(i ? i - 1 : 0).end_ns) << i;
	}
	EXPECT_EQ(host_.Wait(TDM_EV_FAULT).fault.cookie, 14u);
}

/*
 * A long command and many short ones on another queue, published together while
 * the device sleeps. In turns: 64 short ones, one slice of the long one.
 */
TEST_F(CoreQueue, NobodyStarves)
{
	Queue longs(&host_, 1), shorts(&host_, 2, 10);

	ASSERT_EQ(longs.Create(), 0);
	ASSERT_EQ(shorts.Create(), 0);
	ASSERT_TRUE(Until([&] { return tdm_load_acquire(&longs.cq()->need_wake) == 1; }));
	ASSERT_TRUE(Until([&] { return tdm_load_acquire(&shorts.cq()->need_wake) == 1; }));
	longs.Publish(Fill(kDva, kLong), 2);
	shorts.Submit(Nop(), 1024);
	ASSERT_TRUE(shorts.WaitCompleted(1024));
	ASSERT_TRUE(longs.WaitCompleted(2));
	/* The short ones did not wait for the long one, nor it for all of them. */
	EXPECT_LT(shorts.cqe(0).end_ns, longs.cqe(0).end_ns);
	EXPECT_LT(shorts.cqe(100).end_ns, longs.cqe(0).end_ns);
	EXPECT_LT(longs.cqe(0).end_ns, shorts.cqe(1023).end_ns);
}

TEST_F(CoreQueue, ItEndsWithCommandsInFlight)
{
	for (bool abort : { false, true }) {
		Queue queue(&host_, 3), other(&host_, 4);

		ASSERT_EQ(queue.Create(), 0);
		ASSERT_EQ(other.Create(), 0);
		queue.Submit(Fill(kDva, kLong), 8);
		ASSERT_TRUE(Until([&] { return tdm_load_relaxed(&queue.cq()->slices) > 0; }));
		if (abort) {
			EXPECT_EQ(host_.Context(TDM_ADMIN_ABORT, 1, 3), 0);
			EXPECT_LT(queue.Completed(), 8u);
		}
		EXPECT_EQ(queue.Destroy(), 0);
		/* Answered: neither the rings nor the memory are touched any more. */
		uint64_t done = queue.Completed();

		EXPECT_LT(done, 8u);
		memset(queue.cq(), 0, sizeof(*queue.cq()));
		memset(memory_.as<char>(), 0, kLong);
		other.Submit(Nop());
		EXPECT_TRUE(other.WaitCompleted(1));
		EXPECT_EQ(queue.Completed(), 0u);
		EXPECT_EQ(*memory_.as<uint64_t>(kLong - 8), 0u);
		EXPECT_EQ(other.Destroy(), 0);
	}
}

} // namespace
