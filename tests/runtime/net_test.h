/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the tests of the network and of KV transfers share: two connected
 * endpoints with registered memory, on any transport.
 */
#ifndef TESTS_RUNTIME_NET_TEST_H
#define TESTS_RUNTIME_NET_TEST_H

#include <gtest/gtest.h>

#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <tandem/net.h>

#include "support/efa/fake_efa.h"

namespace net_test
{

inline uint64_t NowNs()
{
	timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return uint64_t(ts.tv_sec) * 1000000000 + uint64_t(ts.tv_nsec);
}

/* Only a hang ends there: nothing is timed. */
inline uint64_t Deadline()
{
	return NowNs() + uint64_t(60) * 1000000000;
}

/* All transports of this machine, and EFA's fake; the RDMA device is named by the environment. */
inline std::vector<std::string> Names()
{
	std::vector<std::string> names = { "soft:rc", "soft:srd,seed=7", "efa:fake0" };
	const char *dev = getenv("TANDEM_TEST_RDMA_DEV");

	if (dev && *dev)
		names.push_back(std::string("verbs:") + dev);
	return names;
}

inline std::string TestName(const testing::TestParamInfo<std::string> &info)
{
	std::string name = info.param;

	for (char &c : name)
		c = isalnum(static_cast<unsigned char>(c)) ? c : '_';
	return name;
}

/* EFA's devices are all fake. Return: NULL when it is another kind, or one is plugged in. */
inline std::unique_ptr<FakeEfa> PlugIn(const std::string &name)
{
	if (name.rfind("efa", 0) != 0 || FakeEfa::Here())
		return nullptr;
	return std::make_unique<FakeEfa>();
}

/* @words of a known pattern that differs at every 8 bytes. */
inline std::vector<uint64_t> Pattern(size_t words, uint64_t seed)
{
	std::vector<uint64_t> v(words);
	uint64_t x = seed * 0x9e3779b97f4a7c15u + 1;

	for (uint64_t &w : v) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		w = x ^ (x >> 29);
	}
	return v;
}

/* Endpoint a sends from src to dst, which b's side owns. */
struct Pair {
	static constexpr uint32_t kBoth =
		TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE | TDM_NET_REMOTE_READ;

	explicit Pair(const std::string &name, size_t words = 8192, uint32_t depth = 64)
	    : fake(PlugIn(name)), src(Pattern(words, 1)), dst(words, 0)
	{
		tdm_error err = {};

		net = tdm_net_open(name.c_str(), &err);
		if (!net) {
			ADD_FAILURE() << err.msg;
			abort();
		}
		caps = *tdm_net_caps(net);
		a = Endpoint(depth);
		b = Endpoint(depth);
		Connect(a, b);
		src_mr = Reg(src, kBoth);
		dst_mr = Reg(dst, kBoth);
	}

	~Pair()
	{
		tdm_net_ep_close(a);
		tdm_net_ep_close(b);
		EXPECT_EQ(tdm_net_dereg_mr(src_mr), 0);
		EXPECT_EQ(tdm_net_dereg_mr(dst_mr), 0);
		EXPECT_EQ(tdm_net_close(net), 0);
	}

	Pair(const Pair &) = delete;
	Pair &operator=(const Pair &) = delete;

	tdm_net_ep *Endpoint(uint32_t depth)
	{
		tdm_error err = {};
		tdm_net_ep *ep = tdm_net_ep_create(net, depth, &err);

		if (!ep) {
			ADD_FAILURE() << err.msg;
			abort();
		}
		return ep;
	}

	static void Connect(tdm_net_ep *x, tdm_net_ep *y)
	{
		tdm_error err = {};
		tdm_net_addr ax = tdm_net_ep_addr(x);
		tdm_net_addr ay = tdm_net_ep_addr(y);

		EXPECT_EQ(tdm_net_ep_connect(x, &ay, &err), 0) << err.msg;
		EXPECT_EQ(tdm_net_ep_connect(y, &ax, &err), 0) << err.msg;
	}

	tdm_net_mr *Reg(std::vector<uint64_t> &v, uint32_t access)
	{
		tdm_error err = {};
		tdm_net_mr *mr = tdm_net_reg_mr(net, v.data(), v.size() * 8, access, &err);

		EXPECT_NE(mr, nullptr) << err.msg;
		return mr;
	}

	/* A write of @bytes at byte @offset of both sides. */
	tdm_net_wr Write(uint64_t id, size_t offset, uint32_t bytes) const
	{
		tdm_net_wr wr = {};

		wr.wr_id = id;
		wr.addr = reinterpret_cast<uintptr_t>(src.data()) + offset;
		wr.remote_addr = reinterpret_cast<uintptr_t>(dst.data()) + offset;
		wr.len = bytes;
		wr.lkey = tdm_net_mr_lkey(src_mr);
		wr.rkey = tdm_net_mr_rkey(dst_mr);
		wr.op = TDM_NET_OP_WRITE;
		return wr;
	}

	tdm_net_wr Read(uint64_t id, size_t offset, uint32_t bytes) const
	{
		tdm_net_wr wr = {};

		wr.wr_id = id;
		wr.addr = reinterpret_cast<uintptr_t>(dst.data()) + offset;
		wr.remote_addr = reinterpret_cast<uintptr_t>(src.data()) + offset;
		wr.len = bytes;
		wr.lkey = tdm_net_mr_lkey(dst_mr);
		wr.rkey = tdm_net_mr_rkey(src_mr);
		wr.op = TDM_NET_OP_READ;
		return wr;
	}

	/* Exactly @n completions, and no more. */
	static std::vector<tdm_net_wc> Take(tdm_net_ep *ep, uint32_t n)
	{
		std::vector<tdm_net_wc> all;
		tdm_net_wc wc[16];

		while (all.size() < n) {
			int rc = tdm_net_wait(ep, Deadline());

			EXPECT_EQ(rc, 0);
			if (rc)
				break;
			int got = tdm_net_poll(ep, wc, 16);

			EXPECT_GT(got, 0);
			if (got <= 0)
				break;
			all.insert(all.end(), wc, wc + got);
		}
		EXPECT_EQ(all.size(), n);
		EXPECT_EQ(tdm_net_ep_open_wrs(ep), 0u);
		EXPECT_EQ(tdm_net_poll(ep, wc, 16), 0);
		return all;
	}

	tdm_net_wc One(const tdm_net_wr &wr)
	{
		EXPECT_EQ(tdm_net_post(a, &wr, 1), 1);
		std::vector<tdm_net_wc> all = Take(a, 1);

		return all.empty() ? tdm_net_wc{} : all[0];
	}

	/*
	 * Linux's rxe has other words for a local key that it does not know: of 6.1
	 * LOC_QP_OP_ERR, of 6.12 the flush that the stopped queue pair goes on with.
	 */
	bool IsStatus(uint32_t got, uint32_t want) const
	{
		return got == want ||
		       (caps.flags & TDM_NET_CAP_DEVICE && want == TDM_NET_WC_LOC_PROT_ERR &&
			(got == TDM_NET_WC_LOC_QP_OP_ERR || got == TDM_NET_WC_WR_FLUSH_ERR));
	}

	bool Stops() const
	{
		return caps.flags & TDM_NET_CAP_ERROR_STOPS;
	}

	std::unique_ptr<FakeEfa> fake; /* goes last */
	std::vector<uint64_t> src;
	std::vector<uint64_t> dst;
	tdm_net *net;
	struct tdm_net_caps caps;
	tdm_net_ep *a;
	tdm_net_ep *b;
	tdm_net_mr *src_mr;
	tdm_net_mr *dst_mr;
};

} // namespace net_test

#endif /* TESTS_RUNTIME_NET_TEST_H */
