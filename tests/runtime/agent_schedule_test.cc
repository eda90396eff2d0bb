// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Whatever order things happen in, and whatever goes wrong: no page holds another's
 * bytes, none is lost, every request ends. A schedule is its seed: TANDEM_TEST_SEED
 * runs one alone, TANDEM_TEST_SEEDS so many.
 */
#include <cstdlib>

#include <gtest/gtest.h>

#include "support/agent_rig.h"
#include "support/tier.h"
#include "support/efa/fake_efa.h"

namespace
{

uint64_t FromEnvironment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, nullptr, 0) : otherwise;
}

/* What the NIC does wrong in this schedule: often nothing, or a little of one thing. */
std::string NicFaults(Dice &dice)
{
	const char *const rates[] = { "2000", "50000", "400000" };
	std::string faults;

	if (dice.OneIn(3))
		return faults;
	for (const char *kind : { "error", "late", "corrupt", "full", "drop" })
		if (dice.OneIn(4))
			faults += std::string(",") + kind + "=" + rates[dice.Below(3)];
	if (dice.OneIn(4))
		faults += ",delay=" + std::to_string(1 + dice.Below(20));
	return faults;
}

/* The same for the fake EFA device. */
FakeEfaOptions EfaFaults(uint64_t seed)
{
	const uint32_t rates[] = { 0, 0, 2000, 50000, 400000 };
	Dice dice = { ~seed };
	FakeEfaOptions device;

	device.seed = seed;
	device.recycle_keys = dice.OneIn(2); /* what ended last comes first */
	device.errors = rates[dice.Below(5)];
	device.late = rates[dice.Below(5)];
	device.full = rates[dice.Below(5)];
	return device;
}

RigOptions Options(Dice &dice, const std::string &mode)
{
	const uint32_t units[] = { 1, 2, 3, 4 };
	RigOptions o;

	const std::string faults = NicFaults(dice);
	o.net = mode == "efa:fake0" ? mode : mode + ",step=1" + faults;
	o.senders = 1 + dice.Below(3);
	o.regions = 1 + dice.Below(3);
	o.landing_pages = o.regions * (1 + dice.Below(6));
	o.streams = 1 + dice.Below(3);
	o.send_units = units[dice.Below(4)];
	o.land_units = units[dice.Below(4)];
	o.unit_bytes = 64;
	return o;
}

void Misfortune(AgentRig &rig, Dice &dice, uint32_t sender)
{
	AgentRig::Side &side = rig.sides[sender];

	switch (dice.Below(5)) {
	case 0:
		rig.Cut(sender);
		break;
	case 1:
		tdm_peer_close(side.peer);
		side.peer = nullptr;
		break;
	case 2:
		if (!side.sends.empty())
			tdm_send_abort(side.sends[dice.Below(uint32_t(side.sends.size()))]->send,
				       "test: given up by the sender; none");
		break;
	default:
		if (!rig.recvs.empty())
			tdm_recv_abort(rig.recvs[dice.Below(uint32_t(rig.recvs.size()))]->recv,
				       "test: given up by the receiver; none");
	}
}

void OneThing(AgentRig &rig, Dice &dice, uint32_t luck)
{
	uint32_t sender = dice.Below(uint32_t(rig.sides.size()));
	AgentRig::Side &side = rig.sides[sender];

	switch (dice.Below(12)) {
	case 0:
		if (!side.peer || tdm_peer_state(side.peer) == TDM_PEER_DOWN)
			rig.Connect(sender);
		break;
	case 1:
		if (side.sends.size() < 4)
			rig.Open(sender, 1 + dice.Below(12));
		break;
	case 2:
	case 3:
		for (auto &s : side.sends) {
			rig.Push(*s);
			rig.Finish(*s);
		}
		break;
	case 4:
	case 5:
		rig.Deliver(sender, int(dice.Below(2)));
		break;
	case 6:
		rig.PollSender(sender);
		break;
	case 7:
		rig.PollTaker();
		break;
	case 8:
		rig.StepNic(1 + dice.Below(4));
		break;
	case 9:
		if (!rig.recvs.empty())
			rig.Take(*rig.recvs[dice.Below(uint32_t(rig.recvs.size()))]);
		break;
	case 10:
		for (auto &r : rig.recvs)
			if (!r->held.empty())
				rig.Return(*r, dice.Below(uint32_t(r->held.size())));
		break;
	case 11:
		rig.Sweep();
		rig.Advance(dice.OneIn(20) ? 3000000000 : 1000000);
		break;
	}
	if (dice.OneIn(luck))
		Misfortune(rig, dice, sender);
}

struct Total {
	uint64_t done = 0, failed = 0, fenced = 0, rekeyed = 0, corrupt = 0, resent = 0, late = 0;
};

void Schedule(const std::string &mode, uint64_t seed, Total &total)
{
	Dice dice = { seed };
	RigOptions options = Options(dice, mode);
	FakeEfaOptions device = EfaFaults(seed);
	std::unique_ptr<FakeEfa> fake;
	if (mode == "efa:fake0")
		fake = std::make_unique<FakeEfa>(device);
	AgentRig rig(options, seed);
	const uint32_t luck = dice.OneIn(3) ? 20 : 150;
	std::string what = "seed " + std::to_string(seed) + " over " + options.net;

	ASSERT_EQ(rig.Fault(), "") << what;
	for (uint32_t i = 0; i < options.senders; i++)
		rig.Connect(i);
	for (int i = 0; i < 1500 && rig.Fault().empty(); i++) {
		OneThing(rig, dice, luck);
		if (i % 100 == 0) {
			ASSERT_EQ(rig.Pools(), "") << what;
		}
	}
	bool rest = rig.ComeToRest();
	struct tdm_agent_stats taker = rig.Taker();
	ASSERT_EQ(rig.Fault(), "") << what;
	ASSERT_TRUE(rest) << what << ": " << rig.recvs.size() << " coming in, landing "
			  << taker.landing[TDM_KV_LANDING] << ", draining "
			  << taker.landing[TDM_KV_DRAINING] << ", in use "
			  << taker.landing[TDM_KV_IN_USE];
	ASSERT_EQ(rig.Pools(), "") << what;
	/* Only who was told, or took it for lost, can disagree; nobody has more than is. */
	ASSERT_LE(rig.done, rig.committed) << what;
	total.late += fake ? fake->counts.late : 0;
	total.done += rig.done;
	total.failed += rig.failed;
	total.fenced += taker.fenced;
	total.rekeyed += taker.rekeyed;
	total.corrupt += taker.pages_corrupt;
	for (uint32_t i = 0; i < options.senders; i++)
		total.resent += rig.Sender(i).pages_resent;
}

class AgentSchedule : public testing::TestWithParam<std::string>
{
};

TEST_P(AgentSchedule, EveryRequestEndsAndNoPageIsLostOrWrong)
{
	uint64_t one = FromEnvironment("TANDEM_TEST_SEED", 0);
	/* It is one thread, whose memory is worth a sanitizer's look and its order is not. */
	uint64_t share = by_tier(1, 3, 15);
	uint64_t seeds = FromEnvironment("TANDEM_TEST_SEEDS",
					 (GetParam() == "efa:fake0" ? 3000 : 15000) / share);
	Total total;

	if (one)
		Schedule(GetParam(), one, total);
	for (uint64_t seed = 1; seed <= seeds && !one && !HasFatalFailure(); seed++)
		Schedule(GetParam(), seed, total);
	if (one || HasFatalFailure())
		return;
	/* The schedules do what they are for. */
	EXPECT_GT(total.done, seeds);
	EXPECT_GT(total.failed, seeds);
	EXPECT_GT(total.fenced, seeds / 10);
	EXPECT_EQ(total.corrupt > 0, GetParam() != "efa:fake0");
	EXPECT_EQ(total.resent > 0, GetParam() != "efa:fake0");
	EXPECT_EQ(total.late > 0, GetParam() == "efa:fake0");
	EXPECT_EQ(total.rekeyed > 0, GetParam() != "soft:rc");
	RecordProperty("requests_done", std::to_string(total.done));
	RecordProperty("requests_failed", std::to_string(total.failed));
	RecordProperty("fenced", std::to_string(total.fenced));
	RecordProperty("resent", std::to_string(total.resent));
}

INSTANTIATE_TEST_SUITE_P(Each, AgentSchedule, testing::Values("soft:rc", "soft:srd", "efa:fake0"),
			 [](const auto &info) {
				 return info.param.substr(info.param.find(':') + 1);
			 });

} // namespace
