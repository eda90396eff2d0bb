// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The event ring when the driver is slow: what may be lost is counted, and what
 * must not be lost is not.
 */
#include <cerrno>

#include "core_host.h"

using namespace core_test;

namespace
{

/* Fills the ring with events of a queue. Return: how many were asked for */
uint32_t Flood(Host *host, Queue *queue, uint32_t n)
{
	uint64_t done = queue->Completed();

	for (uint32_t i = 0; i < n; i++) {
		tdm_store_relaxed(&queue->sq()->event_seq, done + i + 1);
		tdm_full_fence();
		queue->Submit(Nop());
		EXPECT_TRUE(queue->WaitCompleted(done + i + 1));
		queue->Consume(1);
	}
	/* The last event comes just after its completion. */
	EXPECT_TRUE(Until([&] {
		return tdm_load_acquire(&host->fw_.event_tail) - host->drv_.event_head +
			       tdm_load_acquire(&host->fw_.events_lost) >=
		       n;
	}));
	return n;
}

TEST(CoreEvent, WhatIsLostIsCounted)
{
	Host host(16, 4);
	Queue queue(&host, 1);
	struct tdm_event event;

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	ASSERT_EQ(queue.Create(), 0);
	Flood(&host, &queue, 10);
	EXPECT_EQ(tdm_load_acquire(&host.fw_.events_lost), 6u);
	/* The four that had room are the first four, whole. */
	for (uint64_t i = 1; i <= 4; i++) {
		ASSERT_TRUE(host.Take(&event));
		EXPECT_EQ(event.type, static_cast<uint32_t>(TDM_EV_QUEUE));
		EXPECT_EQ(event.id, 1u);
		EXPECT_EQ(event.value, i);
	}
	EXPECT_FALSE(host.Take(&event));
	/* And there is room again. */
	Flood(&host, &queue, 1);
	EXPECT_EQ(host.Wait(TDM_EV_QUEUE).value, 11u);
	EXPECT_EQ(tdm_load_acquire(&host.fw_.events_lost), 6u);
}

TEST(CoreEvent, AnswersWaitForRoom)
{
	Host host(16, 2);
	Queue queue(&host, 1);
	struct tdm_admin_cmd cmd = {};
	std::vector<uint32_t> tags;

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	ASSERT_EQ(queue.Create(), 0);
	Flood(&host, &queue, 5);
	uint64_t lost = tdm_load_acquire(&host.fw_.events_lost);

	cmd.opcode = 0x55;
	for (int i = 0; i < 8; i++)
		tags.push_back(host.Post(cmd));
	/* The heart beats while the answer waits, or the driver would reset it. */
	uint64_t beat = tdm_load_acquire(&host.fw_.heartbeat);

	std::this_thread::sleep_for(std::chrono::milliseconds(20));
	EXPECT_EQ(tdm_load_acquire(&host.fw_.event_tail) - host.drv_.event_head, 2u);
	for (uint32_t tag : tags) {
		struct tdm_event event = host.Wait(TDM_EV_ADMIN);

		EXPECT_EQ(event.id, tag);
		EXPECT_EQ(static_cast<int64_t>(event.value), -EOPNOTSUPP);
	}
	EXPECT_EQ(tdm_load_acquire(&host.fw_.events_lost), lost);
	EXPECT_TRUE(Until([&] { return tdm_load_acquire(&host.fw_.heartbeat) > beat; }));
}

TEST(CoreEvent, TheHeartBeatsWhileAnAnswerWaits)
{
	Host host(16, 2);
	Queue queue(&host, 1);
	struct tdm_admin_cmd cmd = {};

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	ASSERT_EQ(queue.Create(), 0);
	Flood(&host, &queue, 5);
	uint32_t tag = host.Post(cmd);
	uint64_t beat = tdm_load_acquire(&host.fw_.heartbeat);

	EXPECT_TRUE(Until([&] { return tdm_load_acquire(&host.fw_.heartbeat) > beat + 2; }));
	EXPECT_EQ(host.Wait(TDM_EV_ADMIN).id, tag);
}

/* A driver that takes no events any more can still reset the device. */
TEST(CoreEvent, AResetDoesNotWaitForRoom)
{
	Host host(16, 2);
	Queue queue(&host, 1);
	struct tdm_admin_cmd cmd = {};
	struct tdm_event event;

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	ASSERT_EQ(queue.Create(), 0);
	Flood(&host, &queue, 5);
	for (int i = 0; i < 3; i++)
		host.Post(cmd);
	tdm_store_release(&host.drv_.reset_request, 1);
	host.Ring(FW_BELL_ADMIN);
	EXPECT_TRUE(Until([&] { return tdm_load_acquire(&host.fw_.reset_count) == 1; }));
	EXPECT_EQ(tdm_load_acquire(&host.fw_.admin_head), host.drv_.admin_tail);
	while (host.Take(&event))
		EXPECT_EQ(event.type, static_cast<uint32_t>(TDM_EV_QUEUE));
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
}

TEST(CoreEvent, AHeadThatCannotBeLosesEventsAndNothingElse)
{
	Host host(16, 4);
	Queue queue(&host, 1);

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	ASSERT_EQ(queue.Create(), 0);
	uint32_t head = host.drv_.event_head;

	tdm_store_release(&host.drv_.event_head, head + 3);
	tdm_store_relaxed(&queue.sq()->event_seq, 1);
	queue.Submit(Nop());
	ASSERT_TRUE(queue.WaitCompleted(1));
	EXPECT_TRUE(Until([&] { return tdm_load_acquire(&host.fw_.events_lost) == 1; }));
	EXPECT_EQ(tdm_load_acquire(&host.fw_.event_tail), head);
	tdm_store_release(&host.drv_.event_head, head);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 2), 0);
}

} // namespace
