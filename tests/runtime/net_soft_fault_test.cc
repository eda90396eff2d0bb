/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the software NIC does wrong on request: each fault by itself, on a NIC that goes
 * by steps, so that a seed is a schedule.
 */
#include "net_test.h"

#include <errno.h>

#include <algorithm>

extern "C" {
#include "net/soft_step.h"
}

namespace
{

using net_test::Pair;

constexpr uint32_t kAll = 1000000;

std::vector<tdm_net_wc> Finish(Pair &p, uint32_t n)
{
	std::vector<tdm_net_wc> all;
	tdm_net_wc wc[16];

	/* A NIC that holds requests back takes several steps for one. */
	for (int round = 0; round < 100000 && all.size() < n; round++) {
		soft_step(p.net, 1);
		int got = tdm_net_poll(p.a, wc, 16);

		EXPECT_GE(got, 0);
		all.insert(all.end(), wc, wc + std::max(got, 0));
	}
	EXPECT_EQ(all.size(), n);
	EXPECT_EQ(tdm_net_ep_open_wrs(p.a), 0u);
	return all;
}

class SoftFault : public testing::TestWithParam<std::string>
{
protected:
	std::string Name(const std::string &options) const
	{
		return "soft:" + GetParam() + ",step=1," + options;
	}
	bool Rc() const
	{
		return GetParam() == "rc";
	}
	uint32_t NoAnswer() const
	{
		return Rc() ? TDM_NET_WC_RETRY_EXC_ERR : TDM_NET_WC_RESP_TIMEOUT_ERR;
	}
};

/* One 64-byte write each. */
void Post(Pair &p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		tdm_net_wr wr = p.Write(i, 64 * i, 64);

		ASSERT_EQ(tdm_net_post(p.a, &wr, 1), 1);
	}
}

TEST_P(SoftFault, NothingHappensBetweenSteps)
{
	Pair p(Name("seed=1"));
	tdm_net_wc wc;

	Post(p, 3);
	EXPECT_EQ(tdm_net_poll(p.a, &wc, 1), 0);
	EXPECT_EQ(soft_step(p.net, 2), 2u);
	EXPECT_EQ(soft_step(p.net, 2), 1u);
	EXPECT_EQ(soft_step(p.net, 2), 0u);
	for (const tdm_net_wc &c : Finish(p, 3))
		EXPECT_EQ(c.status, uint32_t(TDM_NET_WC_SUCCESS));
	EXPECT_TRUE(std::equal(p.src.begin(), p.src.begin() + 24, p.dst.begin()));
}

TEST_P(SoftFault, AnErrorMovesNothingAndStopsRc)
{
	Pair p(Name("seed=1,error=" + std::to_string(kAll)));

	Post(p, 3);
	std::vector<tdm_net_wc> all = Finish(p, 3);

	EXPECT_EQ(all[0].status, NoAnswer());
	EXPECT_EQ(all[1].status, Rc() ? uint32_t(TDM_NET_WC_WR_FLUSH_ERR) : NoAnswer());
	EXPECT_EQ(p.dst, std::vector<uint64_t>(p.dst.size(), 0));
}

/* About every tenth, and SRD goes on after it. */
TEST_P(SoftFault, AnErrorIsAsFrequentAsAsked)
{
	Pair p(Name("seed=3,error=100000"));
	uint32_t bad = 0;

	for (int batch = 0; batch < 40; batch++) {
		Post(p, 50);
		for (const tdm_net_wc &c : Finish(p, 50))
			bad += c.status == NoAnswer();
	}
	if (Rc()) {
		EXPECT_EQ(bad, 1u);
	} else {
		/* 2000 of them, 200 to be expected; 10 deviations to either side. */
		EXPECT_GT(bad, 66u);
		EXPECT_LT(bad, 334u);
	}
}

/* Only @late ends it in the same error, and the bytes come all the same. */
TEST_P(SoftFault, LateBytesComeAfterTheError)
{
	Pair p(Name("seed=1,late=" + std::to_string(kAll)));
	const std::vector<uint64_t> sent(p.src.begin(), p.src.begin() + 8);
	bool landed = false;

	Post(p, 1);
	EXPECT_EQ(Finish(p, 1)[0].status, NoAnswer());
	/* What it held then, not what it holds now. */
	std::fill(p.src.begin(), p.src.end(), 0x55);
	for (int i = 0; i < 10000 && !landed; i++) {
		soft_step(p.net, 1);
		landed = p.dst[0] != 0;
	}
	ASSERT_TRUE(landed);
	EXPECT_TRUE(std::equal(sent.begin(), sent.end(), p.dst.begin()));
	EXPECT_EQ(p.dst[8], 0u);
}

TEST_P(SoftFault, AKeyThatWasTakenBackKeepsLateBytesOut)
{
	Pair p(Name("seed=1,late=" + std::to_string(kAll)));

	Post(p, 1);
	EXPECT_EQ(Finish(p, 1)[0].status, NoAnswer());
	/* Otherwise this shows nothing: it has not landed yet. */
	ASSERT_EQ(p.dst[0], 0u);
	ASSERT_EQ(tdm_net_dereg_mr(p.dst_mr), 0);
	p.dst_mr = p.Reg(p.dst, Pair::kBoth);
	for (int i = 0; i < 10000; i++)
		soft_step(p.net, 1);
	EXPECT_EQ(p.dst, std::vector<uint64_t>(p.dst.size(), 0));
}

TEST_P(SoftFault, AClosedEndpointKeepsLateBytesOut)
{
	Pair p(Name("seed=1,late=" + std::to_string(kAll)));

	Post(p, 1);
	EXPECT_EQ(Finish(p, 1)[0].status, NoAnswer());
	ASSERT_EQ(p.dst[0], 0u);
	tdm_net_ep_close(p.b);
	/* In its place in the table, with another number. */
	p.b = p.Endpoint(64);
	for (int i = 0; i < 10000; i++)
		soft_step(p.net, 1);
	EXPECT_EQ(p.dst, std::vector<uint64_t>(p.dst.size(), 0));
}

TEST_P(SoftFault, CorruptIsOneBitAndSuccess)
{
	Pair p(Name("seed=1,corrupt=" + std::to_string(kAll)));
	uint64_t flipped = 0;

	Post(p, 1);
	EXPECT_EQ(Finish(p, 1)[0].status, uint32_t(TDM_NET_WC_SUCCESS));
	for (size_t i = 0; i < p.dst.size(); i++)
		flipped +=
			uint64_t(__builtin_popcountll(p.dst[i] ^ (i < 8 ? p.src[i] : uint64_t(0))));
	EXPECT_EQ(flipped, 1u);
	/* What is read is corrupt here, not at its owner. */
	const std::vector<uint64_t> owned = p.src;
	tdm_net_wr rd = p.Read(9, 4096, 64);

	ASSERT_EQ(tdm_net_post(p.a, &rd, 1), 1);
	EXPECT_EQ(Finish(p, 1)[0].status, uint32_t(TDM_NET_WC_SUCCESS));
	EXPECT_EQ(p.src, owned);
	EXPECT_FALSE(std::equal(p.src.begin() + 512, p.src.begin() + 520, p.dst.begin() + 512));
}

TEST_P(SoftFault, FullTakesNone)
{
	/* Always would be for ever, and is no valid number. */
	Pair p(Name("seed=1,full=" + std::to_string(kAll - 1)));
	tdm_net_wr wr = p.Write(0, 0, 64);

	EXPECT_EQ(tdm_net_post(p.a, &wr, 1), -EAGAIN);
	EXPECT_EQ(tdm_net_ep_open_wrs(p.a), 0u);
	EXPECT_EQ(soft_step(p.net, 1), 0u);
}

TEST_P(SoftFault, AfterADropNothingIsAnswered)
{
	Pair p(Name("seed=5,drop=20000"));
	bool silent = false;

	for (int batch = 0; batch < 40; batch++) {
		Post(p, 50);
		for (const tdm_net_wc &c : Finish(p, 50)) {
			bool ok = c.status == TDM_NET_WC_SUCCESS;

			EXPECT_FALSE(silent && ok);
			silent |= !ok;
		}
	}
	EXPECT_TRUE(silent);
}

TEST_P(SoftFault, DelayKeepsRcInOrder)
{
	Pair p(Name("seed=2,delay=20"));
	uint64_t next = 0;

	Post(p, 40);
	for (const tdm_net_wc &c : Finish(p, 40)) {
		EXPECT_EQ(c.status, uint32_t(TDM_NET_WC_SUCCESS));
		if (Rc()) {
			EXPECT_EQ(c.wr_id, next++);
		}
	}
	EXPECT_TRUE(std::equal(p.src.begin(), p.src.begin() + 320, p.dst.begin()));
}

/* Everything at once. Return: all that can be seen of a run */
std::vector<uint64_t> Trace(const std::string &name)
{
	std::vector<uint64_t> trace;
	Pair p(name);
	tdm_net_wc wc[16];

	for (uint32_t i = 0; i < 3000; i++) {
		tdm_net_wr wr = p.Write(i, 64 * (i % 100), 64);

		trace.push_back(uint64_t(tdm_net_post(p.a, &wr, 1)));
		soft_step(p.net, i % 3);
		int got = tdm_net_poll(p.a, wc, 16);

		for (int k = 0; k < got; k++) {
			trace.push_back(wc[k].wr_id);
			trace.push_back(wc[k].status);
		}
	}
	trace.insert(trace.end(), p.dst.begin(), p.dst.end());
	return trace;
}

TEST_P(SoftFault, ASeedIsASchedule)
{
	const std::string faults =
		"error=2000,late=2000,corrupt=20000,full=50000,drop=50,delay=3,seed=";

	for (uint32_t seed = 0; seed < 20; seed++) {
		const std::string name = Name(faults + std::to_string(seed));

		EXPECT_EQ(Trace(name), Trace(name)) << name;
		EXPECT_NE(Trace(name), Trace(Name(faults + std::to_string(seed + 1)))) << name;
	}
}

INSTANTIATE_TEST_SUITE_P(Each, SoftFault, testing::Values("rc", "srd"),
			 [](const auto &info) { return info.param; });

/* With its thread as well: every request ends, and closing takes what is late along. */
TEST(SoftFaultThread, EveryRequestEnds)
{
	for (uint32_t seed = 0; seed < 20; seed++) {
		Pair p("soft:srd,error=50000,late=50000,corrupt=50000,delay=5,seed=" +
		       std::to_string(seed));

		for (int batch = 0; batch < 5; batch++) {
			Post(p, 50);
			Pair::Take(p.a, 50);
		}
	}
}

} // namespace
