// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * With compute held in the middle of a slice: commands that change what it uses wait
 * until it is between two, and what changes under it is found in its turn.
 */
#include "core_host.h"

using namespace core_test;

namespace
{

TEST(CorePause, WhileAnAdminCommandWaitsForComputeTheHeartBeats)
{
	Host host;
	Queue queue(&host, 1);
	struct tdm_admin_cmd cmd = {};
	struct tdm_event event;

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	ASSERT_EQ(queue.Create(), 0);
	host.hold_ = true;
	queue.Submit(Nop());
	ASSERT_TRUE(Until([&] { return host.held_.load(); }));
	cmd.opcode = TDM_ADMIN_CTX_CREATE;
	cmd.ctx.ctx = 2;
	host.Post(cmd);
	ASSERT_TRUE(Until([&] { return tdm_load_acquire(&host.fw_.admin_head) == 3; }));

	/* The one that it may have been about to give before the command; then more. */
	uint64_t start = tdm_load_acquire(&host.fw_.heartbeat);

	EXPECT_TRUE(Until([&] { return tdm_load_acquire(&host.fw_.heartbeat) > start + 2; }));
	EXPECT_FALSE(host.Take(&event)) << "compute is in the middle of something";
	host.hold_ = false;
	EXPECT_EQ(static_cast<int64_t>(host.Wait(TDM_EV_ADMIN).value), 0);
	EXPECT_TRUE(queue.WaitCompleted(1));
}

/* The driver calls the queue lost when it hears of the error: nothing done may be missing. */
TEST(CorePause, WhatWasDoneIsOutBeforeTheError)
{
	constexpr uint32_t kDone = 4;
	Host host;
	Queue queue(&host, 1);
	std::atomic<bool> spoilt{ false };
	std::atomic<uint64_t> completed{ ~0ull }, whole{ 0 };

	host.OnInterrupt([&] {
		if (!spoilt.exchange(false))
			return;
		completed = queue.Completed();
		for (uint32_t i = 0; i < kDone; i++)
			whole += queue.cqe(i).cookie == i && queue.cqe(i).flags & TDM_CQE_PHASE;
	});
	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	ASSERT_EQ(queue.Create(), 0);
	/* Sleeping, it asks for no time before it has seen the tail. */
	ASSERT_TRUE(Until([&] { return tdm_load_acquire(&queue.cq()->need_wake) == 1; }));
	std::this_thread::sleep_for(std::chrono::milliseconds(10));
	queue.Publish(Nop(), kDone);
	host.hold_ = true;
	host.Ring(FW_BELL_COMPUTE);
	ASSERT_TRUE(Until([&] { return host.held_.load(); }));
	spoilt = true;
	tdm_store_release(&queue.sq()->tail, 1000);
	host.hold_ = false;
	host.Wait(TDM_EV_QUEUE_ERROR);
	EXPECT_EQ(completed, kDone);
	EXPECT_EQ(whole, kDone);
}

} // namespace
