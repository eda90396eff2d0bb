/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Keys and bounds are checked, errors stop what they must stop, on every
 * transport.
 */
#include "net_test.h"

#include <functional>

namespace
{

using net_test::Pair;

class NetKeys : public testing::TestWithParam<std::string>
{
protected:
	/* Nothing arrives, the status is @status, and the endpoints end as the caps say. */
	void Refused(uint32_t status, const std::function<void(Pair &, tdm_net_wr *)> &spoil,
		     bool read = false)
	{
		Pair p(GetParam());
		tdm_net_wr wr = read ? p.Read(5, 64, 128) : p.Write(5, 64, 128);
		const std::vector<uint64_t> before = p.dst;

		spoil(p, &wr);
		tdm_net_wc wc = p.One(wr);

		EXPECT_TRUE(p.IsStatus(wc.status, status)) << tdm_net_status_name(wc.status);
		EXPECT_EQ(wc.wr_id, 5u);
		EXPECT_EQ(wc.byte_len, 0u);
		EXPECT_EQ(p.dst, before);
		/* With all rights again: */
		EXPECT_EQ(tdm_net_dereg_mr(p.src_mr), 0);
		EXPECT_EQ(tdm_net_dereg_mr(p.dst_mr), 0);
		p.src_mr = p.Reg(p.src, Pair::kBoth);
		p.dst_mr = p.Reg(p.dst, Pair::kBoth);
		wc = p.One(p.Write(6, 0, 8));
		EXPECT_EQ(wc.status, p.Stops() ? TDM_NET_WC_WR_FLUSH_ERR : TDM_NET_WC_SUCCESS);
	}
};

INSTANTIATE_TEST_SUITE_P(Net, NetKeys, testing::ValuesIn(net_test::Names()), net_test::TestName);

TEST_P(NetKeys, UnknownLocal)
{
	Refused(TDM_NET_WC_LOC_PROT_ERR, [](Pair &, tdm_net_wr *wr) { wr->lkey ^= 0x5a5a00; });
}

TEST_P(NetKeys, UnknownRemote)
{
	Refused(TDM_NET_WC_REM_ACCESS_ERR, [](Pair &, tdm_net_wr *wr) { wr->rkey ^= 0x5a5a00; });
}

TEST_P(NetKeys, LocalStartsBefore)
{
	Refused(TDM_NET_WC_LOC_PROT_ERR, [](Pair &p, tdm_net_wr *wr) {
		wr->addr = reinterpret_cast<uintptr_t>(p.src.data()) - 1;
	});
}

TEST_P(NetKeys, LocalEndsBehind)
{
	Refused(TDM_NET_WC_LOC_PROT_ERR, [](Pair &p, tdm_net_wr *wr) {
		wr->addr = reinterpret_cast<uintptr_t>(p.src.data() + p.src.size()) - wr->len + 1;
	});
}

TEST_P(NetKeys, RemoteStartsBefore)
{
	Refused(TDM_NET_WC_REM_ACCESS_ERR, [](Pair &p, tdm_net_wr *wr) {
		wr->remote_addr = reinterpret_cast<uintptr_t>(p.dst.data()) - 1;
	});
}

TEST_P(NetKeys, RemoteEndsBehind)
{
	Refused(TDM_NET_WC_REM_ACCESS_ERR, [](Pair &p, tdm_net_wr *wr) {
		wr->remote_addr =
			reinterpret_cast<uintptr_t>(p.dst.data() + p.dst.size()) - wr->len + 1;
	});
}

TEST_P(NetKeys, RemoteWrapsAround)
{
	Refused(TDM_NET_WC_REM_ACCESS_ERR,
		[](Pair &, tdm_net_wr *wr) { wr->remote_addr = UINT64_MAX - 63; });
}

TEST_P(NetKeys, LongerThanTheMemory)
{
	Pair p(GetParam());
	tdm_net_mr *small = tdm_net_reg_mr(p.net, p.dst.data(), 64, Pair::kBoth, nullptr);
	tdm_net_wr wr = p.Write(1, 0, 64);

	ASSERT_NE(small, nullptr);
	wr.rkey = tdm_net_mr_rkey(small);
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_SUCCESS);
	wr.len = 65;
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_REM_ACCESS_ERR);
	EXPECT_EQ(p.dst[8], 0u);
	EXPECT_EQ(tdm_net_dereg_mr(small), 0);
}

TEST_P(NetKeys, StaleRemote)
{
	Refused(TDM_NET_WC_REM_ACCESS_ERR, [](Pair &p, tdm_net_wr *wr) {
		uint32_t old = tdm_net_mr_rkey(p.dst_mr);

		EXPECT_EQ(tdm_net_dereg_mr(p.dst_mr), 0);
		p.dst_mr = p.Reg(p.dst, Pair::kBoth);
		EXPECT_NE(tdm_net_mr_rkey(p.dst_mr), old);
		wr->rkey = old;
	});
}

TEST_P(NetKeys, StaleLocal)
{
	Refused(TDM_NET_WC_LOC_PROT_ERR, [](Pair &p, tdm_net_wr *wr) {
		uint32_t old = tdm_net_mr_lkey(p.src_mr);

		EXPECT_EQ(tdm_net_dereg_mr(p.src_mr), 0);
		p.src_mr = p.Reg(p.src, Pair::kBoth);
		wr->lkey = old;
	});
}

TEST_P(NetKeys, NoRightToWriteRemotely)
{
	Refused(TDM_NET_WC_REM_ACCESS_ERR, [](Pair &p, tdm_net_wr *wr) {
		EXPECT_EQ(tdm_net_dereg_mr(p.dst_mr), 0);
		p.dst_mr = p.Reg(p.dst, TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_READ);
		wr->rkey = tdm_net_mr_rkey(p.dst_mr);
	});
}

TEST_P(NetKeys, NoRemoteRightAtAll)
{
	Refused(TDM_NET_WC_REM_ACCESS_ERR, [](Pair &p, tdm_net_wr *wr) {
		EXPECT_EQ(tdm_net_dereg_mr(p.dst_mr), 0);
		p.dst_mr = p.Reg(p.dst, TDM_NET_LOCAL_WRITE);
		/* The best that a peer could guess. */
		wr->rkey = tdm_net_mr_lkey(p.dst_mr);
	});
}

TEST_P(NetKeys, SourceNeedsNoRight)
{
	Pair p(GetParam());

	EXPECT_EQ(tdm_net_dereg_mr(p.src_mr), 0);
	p.src_mr = p.Reg(p.src, 0);
	EXPECT_EQ(p.One(p.Write(1, 0, 8)).status, TDM_NET_WC_SUCCESS);
}

TEST_P(NetKeys, ReadNeedsRemoteRead)
{
	Refused(
		TDM_NET_WC_REM_ACCESS_ERR,
		[](Pair &p, tdm_net_wr *wr) {
			EXPECT_EQ(tdm_net_dereg_mr(p.src_mr), 0);
			p.src_mr = p.Reg(p.src, TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE);
			wr->rkey = tdm_net_mr_rkey(p.src_mr);
		},
		true);
}

TEST_P(NetKeys, ReadNeedsLocalWrite)
{
	Refused(
		TDM_NET_WC_LOC_PROT_ERR,
		[](Pair &p, tdm_net_wr *wr) {
			EXPECT_EQ(tdm_net_dereg_mr(p.dst_mr), 0);
			p.dst_mr = p.Reg(p.dst, TDM_NET_REMOTE_READ);
			wr->lkey = tdm_net_mr_lkey(p.dst_mr);
		},
		true);
}

/* Every request ends once: what came before the error well, the rest flushed. */
TEST_P(NetKeys, ErrorInTheMiddle)
{
	Pair p(GetParam());
	std::vector<tdm_net_wr> wr;
	std::vector<uint32_t> status(32, UINT32_MAX);

	for (uint32_t i = 0; i < 32; i++)
		wr.push_back(p.Write(i, 64 * i, 64));
	wr[11].rkey ^= 0x5a5a00;
	ASSERT_EQ(tdm_net_post(p.a, wr.data(), 32), 32);
	for (const tdm_net_wc &wc : Pair::Take(p.a, 32)) {
		ASSERT_LT(wc.wr_id, 32u);
		EXPECT_EQ(status[wc.wr_id], UINT32_MAX) << "completed twice";
		status[wc.wr_id] = wc.status;
	}
	for (uint32_t i = 0; i < 32; i++) {
		uint32_t want = i == 11		      ? TDM_NET_WC_REM_ACCESS_ERR
				: i > 11 && p.Stops() ? TDM_NET_WC_WR_FLUSH_ERR
						      : TDM_NET_WC_SUCCESS;

		EXPECT_EQ(status[i], want) << i;
		EXPECT_EQ(p.dst[8 * i] == p.src[8 * i], want == TDM_NET_WC_SUCCESS) << i;
	}
}

/* IBTA: an access error takes the responder's queue pair along, on a connection. */
TEST_P(NetKeys, ResponderStopsToo)
{
	Pair p(GetParam());
	tdm_net_wr bad = p.Write(1, 0, 8);
	tdm_net_wr back = p.Write(2, 0, 8);

	bad.rkey ^= 0x5a5a00;
	p.One(bad);
	ASSERT_EQ(tdm_net_post(p.b, &back, 1), 1);
	EXPECT_EQ(Pair::Take(p.b, 1)[0].status,
		  p.Stops() ? TDM_NET_WC_WR_FLUSH_ERR : TDM_NET_WC_SUCCESS);
}

TEST_P(NetKeys, FlushEndsAllAndStaysStopped)
{
	Pair p(GetParam());
	std::vector<tdm_net_wr> wr;
	uint32_t flushed = 0;

	for (uint32_t i = 0; i < 64; i++)
		wr.push_back(p.Write(i, 1024 * i, 1024));
	ASSERT_EQ(tdm_net_post(p.a, wr.data(), 64), 64);
	ASSERT_EQ(tdm_net_ep_flush(p.a), 0);
	for (const tdm_net_wc &wc : Pair::Take(p.a, 64)) {
		if (wc.status == TDM_NET_WC_SUCCESS) {
			EXPECT_EQ(p.dst[128 * wc.wr_id], p.src[128 * wc.wr_id]);
			continue;
		}
		EXPECT_EQ(wc.status, TDM_NET_WC_WR_FLUSH_ERR);
		flushed++;
	}
	EXPECT_EQ(tdm_net_stats(p.net).failed, flushed);
	EXPECT_EQ(p.One(p.Write(0, 0, 8)).status, TDM_NET_WC_WR_FLUSH_ERR);
	EXPECT_EQ(tdm_net_ep_flush(p.a), 0);
}

TEST_P(NetKeys, PeerThatIsGone)
{
	Pair p(GetParam());
	uint32_t want = p.Stops() ? TDM_NET_WC_RETRY_EXC_ERR : TDM_NET_WC_RESP_TIMEOUT_ERR;

	tdm_net_ep_close(p.b);
	p.b = nullptr;
	EXPECT_EQ(p.One(p.Write(1, 0, 8)).status, want);
	EXPECT_EQ(p.dst[0], 0u);
}

/* Stopped is as good as gone. */
TEST_P(NetKeys, PeerThatStopped)
{
	Pair p(GetParam());
	uint32_t want = p.Stops() ? TDM_NET_WC_RETRY_EXC_ERR : TDM_NET_WC_RESP_TIMEOUT_ERR;

	EXPECT_EQ(tdm_net_ep_flush(p.b), 0);
	EXPECT_EQ(p.One(p.Write(1, 0, 8)).status, want);
	EXPECT_EQ(p.dst[0], 0u);
}

TEST_P(NetKeys, CloseWithRequestsOpen)
{
	for (int i = 0; i < 20; i++) {
		Pair p(GetParam());
		std::vector<tdm_net_wr> wr(64, p.Write(0, 0, 32768));

		ASSERT_EQ(tdm_net_post(p.a, wr.data(), 64), 64);
		tdm_net_ep_close(p.a);
		p.a = nullptr;
	}
}

/* A number of another endpoint that was closed is not taken for the new one's. */
TEST_P(NetKeys, NewEndpointIsNotTheOldOne)
{
	Pair p(GetParam());
	uint32_t old = tdm_net_ep_addr(p.b).qpn;

	tdm_net_ep_close(p.b);
	p.b = p.Endpoint(64);
	EXPECT_NE(tdm_net_ep_addr(p.b).qpn, old);
	tdm_net_wc wc = p.One(p.Write(1, 0, 8));

	EXPECT_NE(wc.status, TDM_NET_WC_SUCCESS);
	EXPECT_EQ(p.dst[0], 0u);
}

} // namespace
