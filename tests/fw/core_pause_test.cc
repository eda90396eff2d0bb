// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Commands that change what compute uses wait until compute is between two slices.
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

} // namespace
