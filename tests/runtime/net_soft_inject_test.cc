// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A software NIC whose link goes down on request.
 */
#include <cerrno>

#include "runtime/net_soft_side.h"

namespace
{

using namespace net_test;

class SoftInject : public testing::TestWithParam<std::string>
{
protected:
	uint32_t NoAnswer() const
	{
		return NoAnswerOf(GetParam());
	}
	static uint64_t IsDown(const tdm_net *net)
	{
		return tdm_net_stats(net).link_down;
	}
};

TEST_P(SoftInject, NothingGetsThroughUntilItIsUpAgain)
{
	Pair p(GetParam());
	const std::vector<uint64_t> before = p.dst;

	EXPECT_EQ(IsDown(p.net), 0u);
	ASSERT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_LINK_DOWN, 0), 0);
	EXPECT_EQ(IsDown(p.net), 1u);
	EXPECT_EQ(p.One(p.Write(1, 0, 64)).status, NoAnswer());
	EXPECT_EQ(p.One(p.Read(2, 0, 64)).status,
		  p.Stops() ? uint32_t(TDM_NET_WC_WR_FLUSH_ERR) : NoAnswer());
	EXPECT_EQ(p.dst, before);
	ASSERT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_NONE, 5), 0);
	EXPECT_EQ(IsDown(p.net), 0u);
	/* What stopped stays so; SRD goes on. */
	EXPECT_EQ(p.One(p.Write(3, 0, 64)).status,
		  uint32_t(p.Stops() ? TDM_NET_WC_WR_FLUSH_ERR : TDM_NET_WC_SUCCESS));
}

TEST_P(SoftInject, AnEndpointMadeAfterItWorks)
{
	Pair p(GetParam());

	ASSERT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_LINK_DOWN, 0), 0);
	EXPECT_EQ(p.One(p.Write(1, 0, 64)).status, NoAnswer());
	ASSERT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_NONE, 0), 0);
	tdm_net_ep_close(p.a);
	tdm_net_ep_close(p.b);
	p.a = p.Endpoint(4);
	p.b = p.Endpoint(4);
	Pair::Connect(p.a, p.b);
	EXPECT_EQ(p.One(p.Write(2, 0, 64)).status, uint32_t(TDM_NET_WC_SUCCESS));
}

/* It ends by itself: by the clock alone, so the test waits for that and asserts no time. */
TEST_P(SoftInject, ItIsOverAfterItsTime)
{
	Pair p(GetParam());
	const uint64_t deadline = Deadline();

	ASSERT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_LINK_DOWN, 20), 0);
	while (IsDown(p.net))
		ASSERT_LT(NowNs(), deadline);
	EXPECT_EQ(p.One(p.Write(1, 0, 64)).status, uint32_t(TDM_NET_WC_SUCCESS));
}

TEST_P(SoftInject, ATimeThatIsTooLongIsForEver)
{
	Pair p(GetParam());

	ASSERT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_LINK_DOWN, UINT64_MAX), 0);
	EXPECT_EQ(IsDown(p.net), 1u);
}

/* Between two NICs either one's link does. */
TEST_P(SoftInject, TheTargetsLinkCountsAsWell)
{
	Side a(GetParam(), 1), b(GetParam(), 2);

	Pair::Connect(a.ep, b.ep);
	EXPECT_EQ(a.One(a.To(b, TDM_NET_OP_WRITE, 0, 64)), uint32_t(TDM_NET_WC_SUCCESS));
	ASSERT_EQ(tdm_net_inject(b.net, TDM_NET_INJECT_LINK_DOWN, 0), 0);
	EXPECT_EQ(IsDown(a.net), 0u);
	const std::vector<uint64_t> before = b.memory;
	EXPECT_EQ(a.One(a.To(b, TDM_NET_OP_WRITE, 64, 64)), NoAnswer());
	EXPECT_EQ(b.memory, before);
}

TEST_P(SoftInject, AnUnknownFaultIsRefused)
{
	Pair p(GetParam());

	EXPECT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_LINK_DOWN + 1, 0), -EINVAL);
	EXPECT_EQ(IsDown(p.net), 0u);
}

INSTANTIATE_TEST_SUITE_P(Each, SoftInject, testing::Values("soft:rc", "soft:srd"),
			 [](const auto &info) { return info.param.substr(5); });

} // namespace
