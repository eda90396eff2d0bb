/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What a caller may rely on with every transport.
 */
#include "net_test.h"

#include <errno.h>

#include <algorithm>
#include <set>

namespace
{

using net_test::Pair;

class NetProvider : public testing::TestWithParam<std::string>
{
};

INSTANTIATE_TEST_SUITE_P(Net, NetProvider, testing::ValuesIn(net_test::Names()),
			 net_test::TestName);

TEST_P(NetProvider, NameAndCaps)
{
	Pair p(GetParam());
	std::string name = tdm_net_name(p.net);

	EXPECT_EQ(name.substr(0, name.find(',')), GetParam().substr(0, GetParam().find(',')));
	uint8_t kind = tdm_net_ep_addr(p.a).kind;
	bool srd = kind == TDM_NET_KIND_SOFT_SRD || kind == TDM_NET_KIND_EFA_SRD;

	EXPECT_EQ(!!(p.caps.flags & TDM_NET_CAP_DEVICE), name.rfind("soft", 0) != 0);
	EXPECT_EQ(srd, name.rfind("efa", 0) == 0 || name.find("srd") != std::string::npos);
	EXPECT_EQ(!!(p.caps.flags & TDM_NET_CAP_ORDERED), !srd);
	EXPECT_EQ(!!(p.caps.flags & TDM_NET_CAP_ERROR_STOPS), !srd);
	EXPECT_GE(p.caps.max_outstanding, 64u);
	EXPECT_GE(p.caps.max_sge, 1u);
	EXPECT_GE(p.caps.max_msg, 65536u);
	EXPECT_EQ(tdm_net_ep_net(p.a), p.net);
	EXPECT_EQ(tdm_net_ep_depth(p.a), 64u);
}

TEST_P(NetProvider, WritesArriveAtEveryOffset)
{
	Pair p(GetParam());

	for (size_t offset = 0; offset < 70; offset++) {
		uint32_t len = uint32_t(1 + offset * 37 % 4000);

		std::fill(p.dst.begin(), p.dst.end(), 0);
		tdm_net_wc wc = p.One(p.Write(offset, offset, len));

		ASSERT_EQ(wc.status, TDM_NET_WC_SUCCESS) << tdm_net_status_name(wc.status);
		EXPECT_EQ(wc.wr_id, offset);
		EXPECT_EQ(wc.byte_len, len);
		auto from = reinterpret_cast<const char *>(p.src.data());
		auto to = reinterpret_cast<const char *>(p.dst.data());

		EXPECT_TRUE(std::equal(from + offset, from + offset + len, to + offset));
		EXPECT_EQ(std::count(to, to + offset, 0), long(offset));
		EXPECT_EQ(std::count(to + offset + len, to + 8192, 0), long(8192 - offset - len));
	}
}

TEST_P(NetProvider, ReadsPull)
{
	Pair p(GetParam());

	if (!(p.caps.flags & TDM_NET_CAP_READ)) {
		tdm_net_wr wr = p.Read(1, 0, 8);

		EXPECT_EQ(tdm_net_post(p.a, &wr, 1), -EOPNOTSUPP);
		return;
	}
	tdm_net_wc wc = p.One(p.Read(9, 0, uint32_t(p.src.size() * 8)));

	EXPECT_EQ(wc.status, TDM_NET_WC_SUCCESS);
	EXPECT_EQ(wc.byte_len, p.src.size() * 8);
	EXPECT_EQ(p.src, p.dst);
}

TEST_P(NetProvider, BothDirectionsAtOnce)
{
	Pair p(GetParam());
	tdm_net_wr there = p.Write(1, 0, 4096);
	tdm_net_wr back = p.Write(2, 8192, 4096);

	EXPECT_EQ(tdm_net_post(p.a, &there, 1), 1);
	EXPECT_EQ(tdm_net_post(p.b, &back, 1), 1);
	EXPECT_EQ(Pair::Take(p.b, 1)[0].wr_id, 2u);
	EXPECT_EQ(Pair::Take(p.a, 1)[0].wr_id, 1u);
	EXPECT_TRUE(std::equal(p.src.begin(), p.src.begin() + 512, p.dst.begin()));
	EXPECT_TRUE(std::equal(p.src.begin() + 1024, p.src.begin() + 1536, p.dst.begin() + 1024));
}

/* Rings wrap at every position: batches of every size up to the depth, one after another. */
TEST_P(NetProvider, WrapAtEveryPosition)
{
	Pair p(GetParam(), 8192, 16);
	uint64_t id = 0;

	for (uint32_t round = 0; round < 64; round++) {
		uint32_t n = 1 + round % 16;
		std::vector<tdm_net_wr> wr;
		std::set<uint64_t> want;

		for (uint32_t i = 0; i < n; i++) {
			want.insert(id);
			wr.push_back(p.Write(id++, 64 * i, 64));
		}
		ASSERT_EQ(tdm_net_post(p.a, wr.data(), n), int(n));
		for (const tdm_net_wc &wc : Pair::Take(p.a, n)) {
			EXPECT_EQ(wc.status, TDM_NET_WC_SUCCESS);
			EXPECT_EQ(want.erase(wc.wr_id), 1u);
		}
		EXPECT_TRUE(want.empty());
	}
}

/* 64 writes to one place: the last one wins where there is an order, one of them anywhere. */
TEST_P(NetProvider, OrderedMeansOrdered)
{
	Pair p(GetParam());
	const bool ordered = p.caps.flags & TDM_NET_CAP_ORDERED;
	std::vector<tdm_net_wr> wr;

	for (uint32_t i = 0; i < 64; i++) {
		wr.push_back(p.Write(i, 8 * i, 8));
		wr.back().remote_addr = reinterpret_cast<uintptr_t>(p.dst.data());
	}
	ASSERT_EQ(tdm_net_post(p.a, wr.data(), 64), 64);
	std::vector<tdm_net_wc> all = Pair::Take(p.a, 64);

	for (uint32_t i = 0; i < all.size() && ordered; i++)
		EXPECT_EQ(all[i].wr_id, i);
	auto winner = std::find(p.src.begin(), p.src.begin() + 64, p.dst[0]) - p.src.begin();

	EXPECT_LT(winner, 64);
	EXPECT_TRUE(!ordered || winner == 63) << winner;
}

/* A slot comes back when its completion is polled, not when it is done. */
TEST_P(NetProvider, FullQueueSaysAgain)
{
	Pair p(GetParam(), 8192, 16);
	std::vector<tdm_net_wr> wr;
	tdm_net_wc wc;

	for (uint32_t i = 0; i < 20; i++)
		wr.push_back(p.Write(i, 8 * i, 8));
	EXPECT_EQ(tdm_net_post(p.a, wr.data(), 20), 16);
	EXPECT_EQ(tdm_net_post(p.a, &wr[16], 4), -EAGAIN);
	EXPECT_EQ(tdm_net_ep_open_wrs(p.a), 16u);
	ASSERT_EQ(tdm_net_wait(p.a, net_test::Deadline()), 0);
	EXPECT_EQ(tdm_net_post(p.a, &wr[16], 4), -EAGAIN);
	EXPECT_EQ(tdm_net_poll(p.a, &wc, 1), 1);
	EXPECT_EQ(tdm_net_post(p.a, &wr[16], 4), 1);
	EXPECT_EQ(tdm_net_post(p.a, &wr[17], 3), -EAGAIN);
	Pair::Take(p.a, 16);
	EXPECT_EQ(tdm_net_post(p.a, &wr[17], 3), 3);
	Pair::Take(p.a, 3);
	EXPECT_TRUE(std::equal(p.src.begin(), p.src.begin() + 20, p.dst.begin()));
}

TEST_P(NetProvider, MalformedRequestsAreRefused)
{
	Pair p(GetParam());
	tdm_net_wr good = p.Write(0, 0, 8);
	tdm_net_wr wr[3] = { good, good, good };

	wr[1].len = 0;
	EXPECT_EQ(tdm_net_post(p.a, &wr[1], 1), -EINVAL);
	/* The good ones before it are taken. */
	EXPECT_EQ(tdm_net_post(p.a, wr, 3), 1);
	Pair::Take(p.a, 1);
	wr[0] = good;
	wr[0].flags = 1;
	EXPECT_EQ(tdm_net_post(p.a, wr, 1), -EINVAL);
	wr[0] = good;
	wr[0].op = 7;
	EXPECT_EQ(tdm_net_post(p.a, wr, 1), -EINVAL);
	wr[0] = good;
	wr[0].peer = 1;
	EXPECT_EQ(tdm_net_post(p.a, wr, 1), -ENOTCONN);
	if (p.caps.max_msg < UINT32_MAX) {
		wr[0] = good;
		wr[0].len = uint32_t(p.caps.max_msg) + 1;
		EXPECT_EQ(tdm_net_post(p.a, wr, 1), -EMSGSIZE);
	}
	EXPECT_EQ(tdm_net_post(p.a, wr, 0), 0);
	EXPECT_EQ(tdm_net_ep_open_wrs(p.a), 0u);
	EXPECT_EQ(p.One(good).status, TDM_NET_WC_SUCCESS);
}

TEST_P(NetProvider, ConnectIsChecked)
{
	Pair p(GetParam());
	tdm_net_ep *alone = p.Endpoint(4);
	tdm_net_addr to_a = tdm_net_ep_addr(p.a);
	tdm_net_addr bad = to_a;
	tdm_net_wr wr = p.Write(0, 0, 8);
	tdm_error err = {};

	EXPECT_EQ(tdm_net_post(alone, &wr, 1), -ENOTCONN);
	bad.kind = uint8_t(bad.kind + 1);
	EXPECT_EQ(tdm_net_ep_connect(alone, &bad, &err), -EPROTOTYPE);
	EXPECT_EQ(err.code, -EPROTOTYPE);
	if (p.caps.max_peers == 1) {
		EXPECT_EQ(tdm_net_ep_connect(p.b, &to_a, &err), -EISCONN);
	} else {
		for (uint32_t i = 1; i < p.caps.max_peers; i++)
			EXPECT_EQ(tdm_net_ep_connect(p.b, &to_a, &err), int(i));
		EXPECT_EQ(tdm_net_ep_connect(p.b, &to_a, &err), -ENOSPC);
	}
	tdm_net_ep_close(alone);
}

TEST_P(NetProvider, EndpointToItself)
{
	Pair p(GetParam());
	tdm_net_ep *self = p.Endpoint(4);
	tdm_net_addr addr = tdm_net_ep_addr(self);
	tdm_net_wr wr = p.Write(3, 0, 800);

	ASSERT_EQ(tdm_net_ep_connect(self, &addr, nullptr), 0);
	ASSERT_EQ(tdm_net_post(self, &wr, 1), 1);
	EXPECT_EQ(Pair::Take(self, 1)[0].status, TDM_NET_WC_SUCCESS);
	EXPECT_TRUE(std::equal(p.src.begin(), p.src.begin() + 100, p.dst.begin()));
	tdm_net_ep_close(self);
}

TEST_P(NetProvider, DepthIsChecked)
{
	Pair p(GetParam());
	tdm_error err = {};

	EXPECT_EQ(tdm_net_ep_create(p.net, p.caps.max_outstanding + 1, &err), nullptr);
	EXPECT_EQ(err.code, -EINVAL);
	tdm_net_ep *ep = tdm_net_ep_create(p.net, 5, &err);

	ASSERT_NE(ep, nullptr);
	EXPECT_EQ(tdm_net_ep_depth(ep), 8u);
	tdm_net_ep_close(ep);
}

TEST_P(NetProvider, WaitEndsAtItsDeadline)
{
	Pair p(GetParam(), 8192, 64);
	std::vector<tdm_net_wr> wr(64, p.Write(0, 0, 65536));
	tdm_net_wc wc;
	uint32_t done = 0;

	EXPECT_EQ(tdm_net_wait(p.a, net_test::NowNs()), -ENODATA);
	ASSERT_EQ(tdm_net_post(p.a, wr.data(), 64), 64);
	while (done < 64) {
		/* In the past: it may have something, but it must not sleep. */
		int rc = tdm_net_wait(p.a, net_test::NowNs() - 1000);

		ASSERT_TRUE(rc == 0 || rc == -ETIMEDOUT) << rc;
		if (rc) {
			/* A moment later; at the latest all of it is done. */
			rc = tdm_net_wait(p.a, net_test::Deadline());
			ASSERT_EQ(rc, 0);
		}
		ASSERT_EQ(tdm_net_poll(p.a, &wc, 1), 1);
		done++;
	}
	EXPECT_EQ(tdm_net_wait(p.a, UINT64_MAX), -ENODATA);
}

TEST_P(NetProvider, RegistrationIsCheckedAndCounted)
{
	Pair p(GetParam());
	tdm_error err = {};
	struct tdm_net_stats s = tdm_net_stats(p.net);

	EXPECT_EQ(s.mr_total, 2u);
	EXPECT_EQ(s.mr_live, 2u);
	EXPECT_EQ(tdm_net_reg_mr(p.net, nullptr, 8, 0, &err), nullptr);
	EXPECT_EQ(err.code, -EINVAL);
	EXPECT_EQ(tdm_net_reg_mr(p.net, p.src.data(), 0, 0, &err), nullptr);
	EXPECT_EQ(tdm_net_reg_mr(p.net, p.src.data(), SIZE_MAX, 0, &err), nullptr);
	EXPECT_EQ(tdm_net_reg_mr(p.net, p.src.data(), 8, TDM_NET_REMOTE_WRITE, &err), nullptr);
	EXPECT_EQ(tdm_net_reg_mr(p.net, p.src.data(), 8, 0x80, &err), nullptr);
	err.code = 0;
	EXPECT_EQ(tdm_net_reg_mr(p.net, reinterpret_cast<void *>(4096), 4096, TDM_NET_LOCAL_WRITE,
				 &err),
		  nullptr);
	EXPECT_EQ(err.code, -EFAULT) << err.msg;
	EXPECT_EQ(tdm_net_close(p.net), -EBUSY);

	tdm_net_mr *mr = p.Reg(p.src, 0);

	EXPECT_EQ(tdm_net_mr_rkey(mr), 0u);
	EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
	s = tdm_net_stats(p.net);
	EXPECT_EQ(s.mr_total, 3u);
	EXPECT_EQ(s.mr_live, 2u);
}

TEST_P(NetProvider, StatsCount)
{
	Pair p(GetParam());

	p.One(p.Write(0, 0, 1000));
	p.One(p.Write(0, 0, 24));
	tdm_net_wr wr = p.Write(0, 0, 8);

	wr.rkey ^= 0x10000;
	p.One(wr);
	struct tdm_net_stats s = tdm_net_stats(p.net);

	EXPECT_EQ(s.done, 2u);
	EXPECT_EQ(s.bytes, 1024u);
	EXPECT_EQ(s.failed, 1u);
}

/* A device's link is its own to fail. */
TEST_P(NetProvider, OnlyASoftwareNicsLinkFailsOnRequest)
{
	Pair p(GetParam());
	const bool soft = !(p.caps.flags & TDM_NET_CAP_DEVICE);

	EXPECT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_LINK_DOWN, 0), soft ? 0 : -EOPNOTSUPP);
	EXPECT_EQ(tdm_net_stats(p.net).link_down, soft ? 1u : 0u);
	EXPECT_EQ(tdm_net_inject(p.net, TDM_NET_INJECT_NONE, 0), soft ? 0 : -EOPNOTSUPP);
	EXPECT_EQ(p.One(p.Write(1, 0, 64)).status, uint32_t(TDM_NET_WC_SUCCESS));
}

} // namespace
