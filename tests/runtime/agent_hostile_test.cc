// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A peer that has the key and says what it likes: made up messages, and real ones with
 * bytes changed, cut off or sent twice. It may lose its own connection; nobody else
 * notices, nothing is lost and nothing is allocated by its word alone.
 */
#include <gtest/gtest.h>

#include "support/agent_rig.h"
#include "support/efa/fake_efa.h"

namespace
{

class AgentHostile : public testing::TestWithParam<std::string>
{
protected:
	RigOptions Options()
	{
		RigOptions o;
		o.net = GetParam();
		if (!fake_)
			o.net += ",step=1";
		o.senders = 2;
		o.regions = 2;
		return o;
	}
	void SetUp() override
	{
		fake_.reset();
		if (GetParam() == "efa:fake0")
			fake_ = std::make_unique<FakeEfa>();
	}
	std::unique_ptr<FakeEfa> fake_;
	static void Up(AgentRig &rig, uint32_t sender)
	{
		rig.Connect(sender);
		for (int i = 0; i < 20; i++)
			rig.Round();
		ASSERT_EQ(tdm_peer_state(rig.sides[sender].peer), uint32_t(TDM_PEER_UP));
	}
};

SimMessage MadeUp(Dice &dice)
{
	SimMessage m;

	m.type = uint16_t(dice.OneIn(20) ? dice.Next() : dice.Below(12));
	m.bytes.resize(dice.OneIn(10) ? dice.Below(4000) : dice.Below(64));
	for (auto &b : m.bytes)
		b = uint8_t(dice.OneIn(3) ? dice.Next() : dice.Below(3));
	return m;
}

void Spoil(SimMessage &m, Dice &dice)
{
	if (m.bytes.empty())
		return;
	switch (dice.Below(4)) {
	case 0:
		m.bytes.resize(dice.Below(uint32_t(m.bytes.size())));
		break;
	case 1:
		m.bytes.push_back(uint8_t(dice.Next()));
		break;
	case 2:
		m.type = uint16_t(1 + dice.Below(10));
		break;
	default:
		m.bytes[dice.Below(uint32_t(m.bytes.size()))] ^= uint8_t(1 << dice.Below(8));
	}
}

/* On its way to @to something is spoiled, doubled, or put in between. */
void Meddle(AgentRig &rig, Dice &dice, int to)
{
	auto &way = rig.sides[0].line->end[to].on_the_way;

	if (dice.OneIn(4))
		way.push_back(MadeUp(dice));
	if (way.empty())
		return;
	SimMessage &m = way[dice.Below(uint32_t(way.size()))];
	if (dice.OneIn(3))
		way.push_back(m);
	else if (dice.OneIn(2))
		Spoil(m, dice);
}

TEST_P(AgentHostile, LosesItsOwnConnectionAndNothingElse)
{
	uint64_t lost = 0, done = 0;

	for (uint64_t seed = 1; seed <= 1500 && !HasFailure(); seed++) {
		Dice dice = { seed };
		SetUp(); /* the fake never forgets what it once had */
		AgentRig rig(Options(), seed);
		Up(rig, 0);
		Up(rig, 1);
		/* Who is lied to: 1 the one that takes pages, 0 the one that sends them. */
		int to = dice.OneIn(2);
		rig.lying = true;
		rig.Open(0, 1 + dice.Below(12));
		rig.Open(1, 10);
		for (int i = 0; i < 60; i++) {
			Meddle(rig, dice, to);
			rig.Round();
		}
		/* The liar is gone, or has given up lying; the other one has all it wanted. */
		tdm_peer_close(rig.sides[0].peer);
		rig.sides[0].peer = nullptr;
		EXPECT_TRUE(rig.ComeToRest()) << "seed " << seed;
		EXPECT_EQ(rig.Fault(), "") << "seed " << seed;
		EXPECT_EQ(rig.Pools(), "") << "seed " << seed;
		EXPECT_EQ(tdm_peer_state(rig.sides[1].peer), uint32_t(TDM_PEER_UP))
			<< "seed " << seed;
		lost += rig.Taker().peers_lost;
		done += rig.done;
	}
	EXPECT_GT(lost, 100u);
	EXPECT_GE(done, 1500u);
}

TEST_P(AgentHostile, ARequestTooLargeIsRefusedWithoutMemoryForIt)
{
	AgentRig rig(Options(), 1);
	Up(rig, 0);
	SimMessage open = { MSG_OPEN, {} };
	uint8_t number = 0;

	for (uint32_t pages : { 0xffffffffu, 0x10000000u, (1u << 20) + 1 }) {
		open.bytes.assign(20, 0);
		open.bytes[0] = ++number;
		memcpy(open.bytes.data() + 8, &pages, 4);
		rig.sides[0].line->end[1].on_the_way.push_back(open);
		rig.Deliver(0, 1);
		rig.PollTaker();
		EXPECT_TRUE(rig.recvs.empty());
		EXPECT_FALSE(rig.sides[0].line->end[0].on_the_way.empty()); /* it is told so */
	}
	EXPECT_EQ(tdm_peer_state(rig.sides[0].peer), uint32_t(TDM_PEER_UP));
}

INSTANTIATE_TEST_SUITE_P(Each, AgentHostile, testing::Values("soft:rc", "soft:srd", "efa:fake0"),
			 [](const auto &info) {
				 return info.param.substr(info.param.find(':') + 1);
			 });

} // namespace
