// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The transfer library, one thing at a time. All of it in one thread and by a
 * simulated clock, so that every run is the same.
 */
#include <gtest/gtest.h>

#include "support/agent_rig.h"
#include "support/efa/fake_efa.h"

namespace
{

class Agent : public testing::TestWithParam<std::string>
{
protected:
	RigOptions Options()
	{
		RigOptions o;
		o.net = GetParam();
		if (!fake_)
			o.net += ",step=1";
		return o;
	}
	void SetUp() override
	{
		if (GetParam() == "efa:fake0")
			fake_ = std::make_unique<FakeEfa>();
	}
	std::unique_ptr<FakeEfa> fake_;
	static void Up(AgentRig &rig)
	{
		for (uint32_t i = 0; i < rig.sides.size(); i++)
			rig.Connect(i);
		for (int i = 0; i < 20; i++)
			rig.Round();
		for (auto &side : rig.sides)
			ASSERT_EQ(tdm_peer_state(side.peer), uint32_t(TDM_PEER_UP))
				<< tdm_peer_error(side.peer)->msg;
	}
};

TEST_P(Agent, MovesMorePagesThanThereAreLandingPages)
{
	AgentRig rig(Options(), 1);
	Up(rig);
	ASSERT_TRUE(rig.Open(0, 100));
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.Fault(), "");
	EXPECT_EQ(rig.done, 1u);
	EXPECT_EQ(rig.committed, 1u);
	EXPECT_EQ(rig.Taker().pages_taken, 100u);
	EXPECT_EQ(rig.Sender(0).pages_sent, 100u);
	EXPECT_EQ(rig.Taker().bytes_taken, 100 * 256u);
}

TEST_P(Agent, RegistersMemoryOnceHoweverMuchMoves)
{
	RigOptions o = Options();
	o.regions = 2;
	o.senders = 2;
	AgentRig rig(o, 1);
	Up(rig);
	uint64_t before = tdm_net_stats(rig.net).mr_total;
	EXPECT_EQ(before, 2u + 2u); /* a source each, and a region each */
	for (int i = 0; i < 20; i++) {
		ASSERT_TRUE(rig.Open(i % 2, 10));
		ASSERT_TRUE(rig.ComeToRest());
	}
	EXPECT_EQ(rig.Fault(), "");
	EXPECT_EQ(rig.done, 20u);
	EXPECT_EQ(tdm_net_stats(rig.net).mr_total, before);
}

TEST_P(Agent, PagesOfDifferentSizesMeetAtTheirCommonDivisor)
{
	RigOptions o = Options();
	o.send_units = 48;
	o.land_units = 32;
	AgentRig rig(o, 1);
	Up(rig);
	EXPECT_EQ(tdm_peer_units(rig.sides[0].peer), 16u);
	ASSERT_TRUE(rig.Open(0, 30));
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.Fault(), "");
	EXPECT_EQ(rig.Taker().bytes_taken, 30u * 16 * 256);
}

TEST_P(Agent, ASlowConsumerHoldsItsSenderBackAndNobodyElse)
{
	RigOptions o = Options();
	o.senders = 2;
	o.regions = 2;
	AgentRig rig(o, 1);
	Up(rig);
	ASSERT_TRUE(rig.Open(0, 50));
	for (int i = 0; i < 200; i++) { /* nobody takes */
		rig.StepNic(64);
		while (rig.Deliver(0, 0) || rig.Deliver(0, 1))
			;
		rig.PollSender(0);
		rig.Push(*rig.sides[0].sends[0]);
		rig.PollTaker();
	}
	EXPECT_EQ(rig.Sender(0).pages_sent, 2u); /* its share: 4 pages a region, 2 streams */
	ASSERT_TRUE(rig.Open(1, 50));
	auto slow = std::move(rig.recvs.back());
	rig.recvs.pop_back();
	auto waits = std::move(rig.sides[0].sends.back());
	rig.sides[0].sends.pop_back();
	for (int i = 0; i < 2000; i++)
		rig.Round();
	EXPECT_EQ(rig.done, 1u);
	EXPECT_EQ(rig.Taker().pages_taken, 50u);
	rig.recvs.push_back(std::move(slow));
	rig.sides[0].sends.push_back(std::move(waits));
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.done, 2u);
	EXPECT_EQ(rig.Fault(), "");
}

TEST_P(Agent, RequestsOfOnePeerLandSideBySideAndTheRestWaitInLine)
{
	AgentRig rig(Options(), 1);
	Up(rig);
	for (int i = 0; i < 10; i++)
		ASSERT_TRUE(rig.Open(0, 12));
	rig.Round();
	rig.Round();
	EXPECT_EQ(rig.Taker().recvs, 2u);
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.done, 10u);
	EXPECT_EQ(rig.Fault(), "");
}

TEST_P(Agent, AnAbortOfTheSenderKeepsTheConnectionAndFreesThePages)
{
	AgentRig rig(Options(), 1);
	Up(rig);
	ASSERT_TRUE(rig.Open(0, 50));
	for (int i = 0; i < 10; i++)
		rig.Round();
	tdm_send *send = rig.sides[0].sends[0]->send;
	tdm_send_abort(send, "client: went away; ask again");
	for (int i = 0; i < 4 && tdm_send_state(send) != TDM_SEND_FAILED; i++) {
		rig.StepNic(64);
		rig.PollSender(0);
	}
	EXPECT_EQ(tdm_send_state(send), uint32_t(TDM_SEND_FAILED));
	EXPECT_STREQ(tdm_send_error(send)->msg, "client: went away; ask again");
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.failed, 1u);
	ASSERT_TRUE(rig.Open(0, 5));
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.done, 1u);
	EXPECT_EQ(rig.Taker().fenced, 0u);
	EXPECT_EQ(rig.Fault(), "");
}

/* What was on its way to a request that is over means nothing to a later one. */
TEST_P(Agent, AnIdMayBeUsedAgainWhileTicketsOfItsLastUseAreOnTheWay)
{
	RigOptions o = Options();
	o.landing_pages = 2;
	AgentRig rig(o, 1);
	Up(rig);
	AgentRig::Side &side = rig.sides[0];
	ASSERT_TRUE(rig.Open(0, 1, 100));
	rig.Deliver(0, 1);
	rig.PollTaker();
	rig.PollTaker(); /* its ticket is on the way */
	tdm_send_abort(side.sends[0]->send, "client: went away; ask again");
	rig.PollSender(0);
	ASSERT_EQ(tdm_send_state(side.sends[0]->send), uint32_t(TDM_SEND_FAILED));
	ASSERT_EQ(tdm_send_close(side.sends[0]->send), 0);
	side.sends.clear();
	/* The next one has that page by the time when the ticket comes. */
	ASSERT_TRUE(rig.Open(0, 1, 101));
	ASSERT_TRUE(rig.Open(0, 1, 100));
	while (rig.Deliver(0, 1))
		;
	rig.PollTaker();
	rig.PollTaker();
	while (rig.Deliver(0, 0))
		;
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.Fault(), "");
	EXPECT_EQ(rig.done, 2u);
	EXPECT_EQ(rig.Taker().peers_lost, 0u);
	EXPECT_EQ(rig.Taker().pages_corrupt, 0u);
}

TEST_P(Agent, AnAbortOfTheReceiverTellsTheSenderWhyAndWaitsForIt)
{
	AgentRig rig(Options(), 1);
	Up(rig);
	ASSERT_TRUE(rig.Open(0, 50));
	for (int i = 0; i < 10; i++)
		rig.Round();
	ASSERT_EQ(rig.recvs.size(), 1u);
	tdm_recv_abort(rig.recvs[0]->recv, "decode: out of pages; try another");
	EXPECT_GT(rig.Taker().landing[TDM_KV_DRAINING], 0u);
	rig.PollTaker();
	EXPECT_GT(rig.Taker().landing[TDM_KV_DRAINING], 0u);
	tdm_send *send = rig.sides[0].sends[0]->send;
	for (int i = 0; i < 20 && tdm_send_state(send) != TDM_SEND_FAILED; i++) {
		rig.StepNic(64);
		rig.Deliver(0, 0);
		rig.PollSender(0);
	}
	EXPECT_STREQ(tdm_send_error(send)->msg, "decode: out of pages; try another");
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(tdm_peer_state(rig.sides[0].peer), uint32_t(TDM_PEER_UP));
	EXPECT_EQ(rig.Fault(), "");
}

TEST_P(Agent, ADeadSendersPagesComeBackWithItsLease)
{
	RigOptions o = Options();
	o.senders = 2;
	o.regions = 2;
	AgentRig rig(o, 1);
	Up(rig);
	ASSERT_TRUE(rig.Open(0, 50));
	for (int i = 0; i < 10; i++)
		rig.Round();
	rig.Cut(0);
	EXPECT_LT(rig.Taker().landing[TDM_KV_FREE], 8u);
	ASSERT_TRUE(rig.Open(1, 20)); /* the other one goes on */
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.done, 1u);
	EXPECT_EQ(rig.failed, 1u);
	EXPECT_EQ(rig.Taker().fenced, 1u);
	EXPECT_EQ(rig.Taker().rekeyed, GetParam() == "soft:rc" ? 0u : 1u);
	EXPECT_EQ(tdm_peer_state(rig.sides[1].peer), uint32_t(TDM_PEER_UP));
	rig.Connect(0);
	for (int i = 0; i < 20; i++)
		rig.Round();
	ASSERT_TRUE(rig.Open(0, 20));
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.done, 2u);
	EXPECT_EQ(rig.Fault(), "");
}

TEST_P(Agent, ASenderThatLivesAndDoesNotEndAnAbortIsLeftBehind)
{
	AgentRig rig(Options(), 1);
	Up(rig);
	ASSERT_TRUE(rig.Open(0, 50));
	for (int i = 0; i < 10; i++)
		rig.Round();
	tdm_recv_abort(rig.recvs[0]->recv, "decode: out of pages; try another");
	/* It is heard, and it is deaf. */
	for (int i = 0; i < 20; i++) {
		rig.Advance(1000000000);
		rig.PollTaker();
		rig.StepNic(64);
	}
	EXPECT_EQ(rig.Taker().landing[TDM_KV_DRAINING], 0u);
	EXPECT_EQ(rig.Taker().landing[TDM_KV_FREE], 8u);
	EXPECT_EQ(rig.Taker().peers_lost, 1u);
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.failed, 1u);
	EXPECT_EQ(rig.Fault(), "");
}

TEST_P(Agent, AThirdSenderWithoutARegionIsToldSo)
{
	RigOptions o = Options();
	o.senders = 3;
	o.regions = 2;
	AgentRig rig(o, 1);
	Up(rig);
	ASSERT_TRUE(rig.Open(0, 20));
	ASSERT_TRUE(rig.Open(1, 20));
	rig.Round();
	rig.Round();
	ASSERT_TRUE(rig.Open(2, 20));
	tdm_send *send = rig.sides[2].sends[0]->send;
	for (int i = 0; i < 20 && tdm_send_state(send) != TDM_SEND_FAILED; i++) {
		while (rig.Deliver(2, 0) || rig.Deliver(2, 1))
			;
		rig.PollSender(2);
		rig.PollTaker();
	}
	EXPECT_NE(std::string(tdm_send_error(send)->msg).find("all 2 regions"), std::string::npos)
		<< tdm_send_error(send)->msg;
	ASSERT_TRUE(rig.ComeToRest());
	EXPECT_EQ(rig.done, 2u);
	EXPECT_EQ(rig.Fault(), "");
}

INSTANTIATE_TEST_SUITE_P(Each, Agent, testing::Values("soft:rc", "soft:srd", "efa:fake0"),
			 [](const auto &info) {
				 return info.param.substr(info.param.find(':') + 1);
			 });

} // namespace
