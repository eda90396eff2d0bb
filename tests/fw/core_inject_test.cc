// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Faults to order, by hand: what happens, how often, for how long, and what ends it.
 */
#include "core_host.h"

using namespace core_test;

namespace
{

constexpr uint64_t kDva = 0x10000;

struct tdm_admin_cmd Order(uint32_t kind, uint32_t count = 0, uint32_t duration_ms = 0,
			   uint32_t value = 0, uint64_t seed = 0)
{
	struct tdm_admin_cmd cmd = {};

	cmd.opcode = TDM_ADMIN_INJECT;
	cmd.inject.kind = kind;
	cmd.inject.count = count;
	cmd.inject.duration_ms = duration_ms;
	cmd.inject.value = value;
	cmd.inject.seed = seed;
	return cmd;
}

/* A device with a context, a queue and a page of memory. */
class CoreInject : public ::testing::Test
{
protected:
	void SetUp() override
	{
		host_.Enable();
		ASSERT_EQ(host_.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
		ASSERT_EQ(queue_.Create(), 0);
		ASSERT_EQ(host_.Map(TDM_ADMIN_MAP, kDva, 4096, memory_.bus()), 0);
	}
	struct tdm_telemetry Telemetry()
	{
		struct tdm_admin_cmd cmd = {};

		cmd.opcode = TDM_ADMIN_TELEMETRY;
		cmd.page.bus = page_.bus();
		cmd.page.len = sizeof(struct tdm_telemetry);
		EXPECT_EQ(host_.Admin(cmd), 0);
		return *page_.as<struct tdm_telemetry>();
	}
	void Submit(const struct tdm_cmd &cmd, uint32_t n = 1)
	{
		queue_.Submit(cmd, n);
		submitted_ += n;
	}
	bool Done() const
	{
		return queue_.WaitCompleted(submitted_);
	}
	uint16_t Status(uint32_t index) const
	{
		return queue_.cqe(index).status;
	}
	/* As the driver does. Return: false when it was not answered */
	bool Reset()
	{
		tdm_store_release(&host_.drv_.reset_request, host_.drv_.reset_request + 1);
		host_.Ring(FW_BELL_ADMIN);
		return Until([&] {
			return tdm_load_acquire(&host_.fw_.reset_count) == host_.drv_.reset_request;
		});
	}
	/* What a reset leaves: an empty device that works. */
	void WorksAgain()
	{
		Queue queue(&host_, 2);

		EXPECT_EQ(Telemetry().inject_active, 0u);
		ASSERT_EQ(host_.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
		ASSERT_EQ(queue.Create(), 0);
		queue.Submit(Nop());
		EXPECT_TRUE(queue.WaitCompleted(1));
	}
	uint64_t Beats() const
	{
		return tdm_load_acquire(&host_.fw_.heartbeat);
	}
	/* Nothing may happen in it; long enough that what may happen would. */
	static void LookOn()
	{
		std::this_thread::sleep_for(std::chrono::milliseconds(50));
	}

	Host host_;
	Queue queue_{ &host_, 1 };
	Memory &memory_ = host_.Alloc(4096);
	Memory &page_ = host_.Alloc(4096);
	uint64_t submitted_ = 0;
};

TEST_F(CoreInject, OrdersThatMakeNoSenseAreRefused)
{
	const struct tdm_admin_cmd bad[] = {
		Order(TDM_INJECT_KINDS),
		Order(~0u),
		Order(TDM_INJECT_NONE, 1),
		Order(TDM_INJECT_NONE, 0, 1),
		Order(TDM_INJECT_NONE, 0, 0, 1),
		Order(TDM_INJECT_NONE, 0, 0, 0, 1),
		Order(TDM_INJECT_HANG, 0, 0, 1),
		Order(TDM_INJECT_HANG, 0, 0, 0, 1),
		Order(TDM_INJECT_STALL, 1),
		Order(TDM_INJECT_SLOW),
		Order(TDM_INJECT_SLOW, 0, 0, TDM_INJECT_SLOW_MAX + 1),
		Order(TDM_INJECT_SLOW, 0, 0, 1, 1),
		Order(TDM_INJECT_BITFLIP, 0, 0, 1),
		Order(TDM_INJECT_CRASH, 1),
		Order(TDM_INJECT_CRASH, 0, 1),
	};

	for (const struct tdm_admin_cmd &cmd : bad)
		EXPECT_EQ(host_.Admin(cmd), -EINVAL) << cmd.inject.kind;
	for (int i = 0; i < 3; i++) {
		struct tdm_admin_cmd cmd = Order(TDM_INJECT_HANG);

		cmd.inject.reserved[i] = 1;
		EXPECT_EQ(host_.Admin(cmd), -EINVAL) << i;
	}
	EXPECT_EQ(Telemetry().inject_active, 0u);
	EXPECT_EQ(host_.crashes_, 0);
	Submit(Nop());
	EXPECT_TRUE(Done());
}

TEST_F(CoreInject, AHangStopsComputeAndNotTheHeart)
{
	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_HANG)), 0);
	Submit(Nop());
	ASSERT_TRUE(Until([&] { return Telemetry().injected == 1; }));
	EXPECT_EQ(Telemetry().inject_active, 1u << TDM_INJECT_HANG);
	uint64_t beats = Beats();

	EXPECT_TRUE(Until([&] { return Beats() > beats + 1; }));
	EXPECT_EQ(queue_.Completed(), 0u);
	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_NONE)), 0);
	EXPECT_TRUE(Done());
	EXPECT_EQ(Status(0), TDM_ST_OK);
	EXPECT_EQ(Telemetry().inject_active, 0u);
}

TEST_F(CoreInject, AHangAnswersNoAbortAndEndsInAReset)
{
	struct tdm_admin_cmd abort = {};
	struct tdm_event event;

	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_HANG)), 0);
	Submit(Fill(kDva, 4096));
	ASSERT_TRUE(Until([&] { return Telemetry().injected == 1; }));
	abort.opcode = TDM_ADMIN_ABORT;
	abort.ctx.ctx = 1;
	abort.ctx.queue = ~0u;
	host_.Post(abort);
	LookOn();
	EXPECT_FALSE(host_.Take(&event));
	ASSERT_TRUE(Reset());
	EXPECT_EQ(queue_.Completed(), 0u);
	while (host_.Take(&event))
		;
	WorksAgain();
}

/* Somebody waits for compute already, and the order gets through all the same. */
TEST_F(CoreInject, AHangEndsAtAnOrderOfNoneBehindAnAbort)
{
	struct tdm_admin_cmd abort = {};

	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_HANG)), 0);
	Submit(Nop());
	ASSERT_TRUE(Until([&] { return Telemetry().injected == 1; }));
	abort.opcode = TDM_ADMIN_ABORT;
	abort.ctx.ctx = 7;
	abort.ctx.queue = ~0u;
	host_.Post(abort);
	LookOn();
	EXPECT_EQ(queue_.Completed(), 0u);
	host_.Post(Order(TDM_INJECT_NONE));
	EXPECT_NE(host_.Wait(TDM_EV_ADMIN).value, 0u);
	EXPECT_EQ(host_.Wait(TDM_EV_ADMIN).value, 0u);
	EXPECT_TRUE(Done());
}

TEST_F(CoreInject, AHangOfSomeCommandsEndsWithThem)
{
	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_HANG, 2, 20)), 0);
	Submit(Nop(), 3);
	EXPECT_TRUE(Done());
	EXPECT_EQ(Telemetry().inject_active, 0u);
}

TEST_F(CoreInject, AStallStopsTheHeartUntilItsTimeIsOver)
{
	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_STALL, 0, 100)), 0);
	uint64_t beats = Beats();

	Submit(Nop());
	/* The answer to this comes when it is over. */
	EXPECT_EQ(Telemetry().inject_active, 0u);
	EXPECT_EQ(Telemetry().injected, 1u);
	EXPECT_TRUE(Until([&] { return Beats() > beats; }));
	EXPECT_TRUE(Done());
}

TEST_F(CoreInject, AStallEndsInAReset)
{
	struct tdm_event event;

	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_STALL)), 0);
	LookOn();
	uint64_t beats = Beats();

	Submit(Nop());
	host_.Ring(FW_BELL_ADMIN);
	/* More than the second in which a heart beats. */
	std::this_thread::sleep_for(std::chrono::milliseconds(1100));
	EXPECT_EQ(Beats(), beats);
	EXPECT_EQ(queue_.Completed(), 0u);
	ASSERT_TRUE(Reset());
	while (host_.Take(&event))
		;
	WorksAgain();
}

/* Of all that waits for it, an order of none is heard; the rest is done after that. */
TEST_F(CoreInject, AStallEndsAtAnOrderOfNone)
{
	struct tdm_admin_cmd telemetry = {};

	telemetry.opcode = TDM_ADMIN_TELEMETRY;
	telemetry.page.bus = page_.bus();
	telemetry.page.len = sizeof(struct tdm_telemetry);
	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_STALL)), 0);
	Submit(Nop());
	host_.Post(telemetry);
	LookOn();
	EXPECT_EQ(queue_.Completed(), 0u);
	EXPECT_EQ(page_.as<struct tdm_telemetry>()->clock_ns, 0u);
	host_.Post(Order(TDM_INJECT_NONE));
	EXPECT_EQ(host_.Wait(TDM_EV_ADMIN).value, 0u);
	EXPECT_EQ(host_.Wait(TDM_EV_ADMIN).value, 0u);
	EXPECT_TRUE(Done());
	EXPECT_NE(page_.as<struct tdm_telemetry>()->clock_ns, 0u);
	EXPECT_EQ(Telemetry().inject_active, 0u);
	EXPECT_EQ(Telemetry().injected, 1u);
}

TEST_F(CoreInject, SlownessIsPerSlice)
{
	constexpr uint32_t kUs = 3000;

	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_SLOW, 2, 0, kUs)), 0);
	uint64_t start = NowNs();

	Submit(Nop(), 3);
	EXPECT_TRUE(Done());
	EXPECT_GE(NowNs() - start, 2 * kUs * 1000u);
	EXPECT_EQ(Telemetry().injected, 2u);
	EXPECT_EQ(Telemetry().inject_active, 0u);
}

TEST_F(CoreInject, FailedCommandsDoNothing)
{
	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_FAIL_CMD, 2)), 0);
	Submit(Fill(kDva, 8), 2);
	Submit(Fill(kDva + 8, 8));
	ASSERT_TRUE(Done());
	EXPECT_EQ(Status(0), TDM_ST_DEVICE);
	EXPECT_EQ(Status(1), TDM_ST_DEVICE);
	EXPECT_EQ(Status(2), TDM_ST_OK);
	EXPECT_EQ(memory_.as<uint64_t>()[0], 0u);
	EXPECT_NE(memory_.as<uint64_t>()[1], 0u);
	EXPECT_EQ(queue_.cq()->errors, 2u);
	EXPECT_EQ(Telemetry().errors, 2u);
	EXPECT_EQ(Telemetry().injected, 2u);
}

TEST_F(CoreInject, OneBitIsFlippedWhichTheSeedChooses)
{
	struct tdm_cmd fill = Fill(kDva, 4096);
	uint64_t first = 0;

	fill.fill.pattern = 0;
	for (int round = 0; round < 3; round++) {
		int bits = 0;
		uint64_t at = 0;

		/* The third is another seed. */
		ASSERT_EQ(host_.Admin(Order(TDM_INJECT_BITFLIP, 1, 0, 0, round == 2 ? 8 : 7)), 0);
		Submit(Nop());
		Submit(fill);
		ASSERT_TRUE(Done());
		for (uint64_t i = 0; i < 4096; i++)
			if (memory_.as<uint8_t>()[i]) {
				bits += __builtin_popcount(memory_.as<uint8_t>()[i]);
				at = i * 8 +
				     static_cast<uint64_t>(__builtin_ctz(memory_.as<uint8_t>()[i]));
			}
		EXPECT_EQ(bits, 1);
		EXPECT_EQ(Telemetry().inject_addr, kDva + at / 8);
		if (!round)
			first = at;
		EXPECT_EQ(at == first, round != 2);
	}
	Submit(fill);
	ASSERT_TRUE(Done());
	for (uint64_t i = 0; i < 4096; i++)
		ASSERT_EQ(memory_.as<uint8_t>()[i], 0);
	EXPECT_EQ(Telemetry().injected, 3u);
}

TEST_F(CoreInject, AMissingInterruptHasItsEvent)
{
	uint64_t before, counted;

	ASSERT_EQ(host_.Admin(Order(TDM_INJECT_DROP_IRQ, 2)), 0);
	/* The answer was told of; the event may be seen before its interrupt is raised. */
	ASSERT_TRUE(Until([&] { return host_.interrupts_ >= 4; }));
	LookOn();
	before = host_.interrupts_;
	counted = Telemetry().interrupts;
	EXPECT_EQ(Telemetry().interrupts, counted);
	LookOn();
	EXPECT_EQ(host_.interrupts_, before);
	EXPECT_EQ(counted, before);
	EXPECT_EQ(Telemetry().inject_active, 0u);
	EXPECT_TRUE(Until([&] { return host_.interrupts_ > before; }));
}

TEST_F(CoreInject, ACrashIsNotAnswered)
{
	uint32_t tail = tdm_load_acquire(&host_.fw_.event_tail);
	uint64_t beats;

	host_.Post(Order(TDM_INJECT_CRASH));
	ASSERT_TRUE(Until([&] { return host_.crashes_ == 1; }));
	beats = Beats();
	Submit(Nop());
	host_.Ring(FW_BELL_ADMIN);
	LookOn();
	/* It may have let go of the ring by now, as at any end. */
	EXPECT_TRUE(tdm_load_acquire(&host_.fw_.event_tail) == tail ||
		    tdm_load_acquire(&host_.fw_.event_tail) == 0);
	EXPECT_EQ(queue_.Completed(), 0u);
	EXPECT_EQ(Beats(), beats);
}

} // namespace
