/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the tests of software NICs that meet over a link share.
 */
#ifndef TESTS_RUNTIME_NET_SOFT_SIDE_H
#define TESTS_RUNTIME_NET_SOFT_SIDE_H

#include "runtime/net_test.h"

namespace net_test
{

/* How a request ends whose peer does not answer. */
inline uint32_t NoAnswerOf(const std::string &name)
{
	return name.rfind("soft:srd", 0) ? TDM_NET_WC_RETRY_EXC_ERR : TDM_NET_WC_RESP_TIMEOUT_ERR;
}

/* One side: a NIC with an endpoint and memory. */
struct Side {
	tdm_net *net;
	tdm_net_ep *ep;
	std::vector<uint64_t> memory;
	tdm_net_mr *mr;

	Side(const Side &) = delete;
	Side &operator=(const Side &) = delete;
	Side(const std::string &name, uint64_t seed) : memory(Pattern(8192, seed))
	{
		tdm_error err = {};

		net = tdm_net_open(name.c_str(), &err);
		EXPECT_NE(net, nullptr) << err.msg;
		ep = tdm_net_ep_create(net, 64, &err);
		mr = tdm_net_reg_mr(
			net, memory.data(), memory.size() * 8,
			TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE | TDM_NET_REMOTE_READ, &err);
		EXPECT_NE(mr, nullptr) << err.msg;
	}
	~Side()
	{
		Gone();
	}
	void Gone()
	{
		if (!net)
			return;
		tdm_net_ep_close(ep);
		EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
		EXPECT_EQ(tdm_net_close(net), 0);
		net = nullptr;
	}
	uint64_t At() const
	{
		return reinterpret_cast<uintptr_t>(memory.data());
	}
	/* Between this side and @to, at the same place of both. */
	tdm_net_wr To(const Side &to, uint16_t op, uint64_t offset, uint32_t len) const
	{
		tdm_net_wr wr = {};

		wr.addr = At() + offset;
		wr.remote_addr = to.At() + offset;
		wr.len = len;
		wr.lkey = tdm_net_mr_lkey(mr);
		wr.rkey = tdm_net_mr_rkey(to.mr);
		wr.op = op;
		return wr;
	}
	/* Return: its status */
	uint32_t One(const tdm_net_wr &wr) const
	{
		EXPECT_EQ(tdm_net_post(ep, &wr, 1), 1);
		return Pair::Take(ep, 1)[0].status;
	}
};

} // namespace net_test

#endif /* TESTS_RUNTIME_NET_SOFT_SIDE_H */
