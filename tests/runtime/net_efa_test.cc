/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What is EFA's own, on the fake device: which devices are taken, the device's words for
 * errors, keys and numbers that come back, address handles, waiting.
 */
#include "net_test.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <set>
#include <thread>

#include <infiniband/verbs.h>

/* net/efa.h needs C11 atomics. */
extern "C" uint32_t efa_status(enum ibv_wc_status status, uint32_t vendor_err);

namespace
{

using net_test::Pair;

/* What opening says, with such a device and no other. */
tdm_error Refusal(const FakeEfaOptions &options, const char *name)
{
	FakeEfa fake(options);
	tdm_error err = {};
	tdm_net *net = tdm_net_open(name, &err);

	EXPECT_EQ(net, nullptr) << tdm_net_name(net);
	EXPECT_EQ(tdm_net_close(net), 0);
	EXPECT_NE(std::string(err.msg).find("; "), std::string::npos) << err.msg;
	return err;
}

bool Says(const tdm_error &err, const char *what)
{
	return std::string(err.msg).find(what) != std::string::npos;
}

TEST(Efa, WithoutANameItComesBeforeTheSoftwareNic)
{
	FakeEfa fake;
	tdm_error err = {};
	tdm_net *net = tdm_net_open(nullptr, &err);

	ASSERT_NE(net, nullptr) << err.msg;
	EXPECT_STREQ(tdm_net_name(net), "efa:fake0,gid=0");
	EXPECT_EQ(tdm_net_caps(net)->flags, uint32_t(TDM_NET_CAP_DEVICE | TDM_NET_CAP_READ));
	EXPECT_EQ(tdm_net_close(net), 0);
}

TEST(Efa, WithoutRdmaWriteTheSoftwareNicIsTaken)
{
	FakeEfaOptions options;

	options.caps = 1;
	FakeEfa fake(options);
	tdm_net *net = tdm_net_open(nullptr, nullptr);

	ASSERT_NE(net, nullptr);
	EXPECT_STREQ(tdm_net_name(net), "soft:rc");
	EXPECT_EQ(tdm_net_close(net), 0);
}

TEST(Efa, IsNoDeviceForRc)
{
	for (const char *name : { "verbs", "verbs:fake0" }) {
		tdm_error err = Refusal({}, name);

		EXPECT_EQ(err.code, -EOPNOTSUPP) << err.msg;
		EXPECT_TRUE(Says(err, "use efa:fake0")) << err.msg;
	}
}

TEST(Efa, RefusalsNameTheDeviceAndTheCure)
{
	FakeEfaOptions reads, other, down, deaf, none;

	reads.caps = 1;
	other.efa = false;
	down.active = false;
	deaf.events = false;
	none.max_rdma_size = 0;
	tdm_error err = Refusal(reads, "efa");

	EXPECT_EQ(err.code, -EOPNOTSUPP);
	EXPECT_TRUE(Says(err, "no RDMA write") && Says(err, "rdma-core 46")) << err.msg;
	EXPECT_TRUE(Says(Refusal(none, "efa:fake0"), "no RDMA write"));
	EXPECT_TRUE(Says(Refusal(other, "efa:fake0"), "use verbs:fake0"));
	EXPECT_EQ(Refusal(down, "efa").code, -ENETDOWN);
	EXPECT_TRUE(Says(Refusal(deaf, "efa"), "no completion queue with events"));
	EXPECT_EQ(Refusal({}, "efa:fake1").code, -ENODEV);
	EXPECT_TRUE(Says(Refusal({}, "efa:fake1"), "there is: fake0"));
	EXPECT_EQ(Refusal({}, "efa,gid=1").code, -EADDRNOTAVAIL);
	for (const char *name : { "efa:", "efa,port=1", "efa,gid=256", "efa:fake0,gid" })
		EXPECT_EQ(Refusal({}, name).code, -EINVAL) << name;
}

TEST(Efa, LimitsAreTheDevices)
{
	FakeEfaOptions options;

	options.caps = 8;
	options.max_sq_wr = 200;
	options.max_rdma_size = 70000;
	options.max_ah = 5;
	FakeEfa fake(options);
	Pair p("efa");

	EXPECT_EQ(p.caps.flags, uint32_t(TDM_NET_CAP_DEVICE));
	EXPECT_EQ(p.caps.max_outstanding, 128u);
	EXPECT_EQ(p.caps.max_msg, 70000u);
	EXPECT_EQ(p.caps.max_sge, 1u);
	EXPECT_EQ(p.caps.max_peers, 5u);
	tdm_net_ep *deepest = p.Endpoint(128);

	tdm_net_ep_close(deepest);
	/* The right to be read was asked for, and the memory can be written all the same. */
	EXPECT_EQ(p.One(p.Write(1, 0, 65536)).status, TDM_NET_WC_SUCCESS);
}

TEST(Efa, WordsOfTheDeviceAndOfAnyLibefa)
{
	EXPECT_EQ(efa_status(IBV_WC_SUCCESS, 0), TDM_NET_WC_SUCCESS);
	EXPECT_EQ(efa_status(IBV_WC_WR_FLUSH_ERR, 1), TDM_NET_WC_WR_FLUSH_ERR);
	EXPECT_EQ(efa_status(IBV_WC_LOC_QP_OP_ERR, 2), TDM_NET_WC_LOC_QP_OP_ERR);
	EXPECT_EQ(efa_status(IBV_WC_LOC_PROT_ERR, 5), TDM_NET_WC_LOC_PROT_ERR);
	EXPECT_EQ(efa_status(IBV_WC_LOC_LEN_ERR, 6), TDM_NET_WC_LOC_LEN_ERR);
	for (auto libefa : { IBV_WC_GENERAL_ERR, IBV_WC_REM_ACCESS_ERR })
		EXPECT_EQ(efa_status(libefa, 7), TDM_NET_WC_REM_ACCESS_ERR);
	EXPECT_EQ(efa_status(IBV_WC_REM_ABORT_ERR, 8), TDM_NET_WC_RESP_TIMEOUT_ERR);
	EXPECT_EQ(efa_status(IBV_WC_REM_INV_RD_REQ_ERR, 9), TDM_NET_WC_RESP_TIMEOUT_ERR);
	EXPECT_EQ(efa_status(IBV_WC_RNR_RETRY_EXC_ERR, 10), TDM_NET_WC_RNR_RETRY_EXC_ERR);
	EXPECT_EQ(efa_status(IBV_WC_RESP_TIMEOUT_ERR, 13), TDM_NET_WC_RESP_TIMEOUT_ERR);
	EXPECT_EQ(efa_status(IBV_WC_GENERAL_ERR, 14), TDM_NET_WC_REM_OP_ERR);
	EXPECT_EQ(efa_status(IBV_WC_GENERAL_ERR, 15), TDM_NET_WC_RESP_TIMEOUT_ERR);
	EXPECT_EQ(efa_status(IBV_WC_GENERAL_ERR, 99), TDM_NET_WC_GENERAL_ERR);
}

/* In what order a batch of 32 completes. */
std::vector<uint64_t> Order(uint64_t seed)
{
	FakeEfaOptions options;

	options.seed = seed;
	FakeEfa fake(options);
	Pair p("efa");
	std::vector<tdm_net_wr> wr;
	std::vector<uint64_t> order;

	for (uint32_t i = 0; i < 32; i++)
		wr.push_back(p.Write(i, 64 * i, 64));
	EXPECT_EQ(tdm_net_post(p.a, wr.data(), 32), 32);
	for (const tdm_net_wc &wc : Pair::Take(p.a, 32))
		order.push_back(wc.wr_id);
	EXPECT_TRUE(std::equal(p.src.begin(), p.src.begin() + 256, p.dst.begin()));
	return order;
}

TEST(Efa, CompletionsInAnyOrderFindTheirRequests)
{
	std::set<std::vector<uint64_t>> orders;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		std::vector<uint64_t> order = Order(seed);

		EXPECT_EQ(std::set<uint64_t>(order.begin(), order.end()).size(), 32u);
		orders.insert(order);
	}
	EXPECT_EQ(orders.size(), 20u);
	EXPECT_EQ(Order(3), Order(3));
}

TEST(Efa, EveryWaitEndsWithAnEventOrWithout)
{
	uint64_t events = 0;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		FakeEfaOptions options;

		options.seed = seed;
		FakeEfa fake(options);
		Pair p("efa", 8192, 8);
		std::vector<tdm_net_wr> wr(8, p.Write(0, 0, 8));

		for (int round = 0; round < 4; round++) {
			ASSERT_EQ(tdm_net_post(p.a, wr.data(), 8), 8);
			Pair::Take(p.a, 8);
		}
		events += fake.counts.events;
	}
	EXPECT_GT(events, 200u);
}

TEST(Efa, WaitingForWhatDoesNotComeEndsInTime)
{
	Pair p("efa:fake0");
	tdm_net_wr wr = p.Write(0, 0, 8);

	p.fake->Hold(true);
	ASSERT_EQ(tdm_net_post(p.a, &wr, 1), 1);
	EXPECT_EQ(tdm_net_wait(p.a, net_test::NowNs() + 2000000), -ETIMEDOUT);
	p.fake->Hold(false);
	Pair::Take(p.a, 1);
}

TEST(Efa, APeerThatFallsSilentCostsItsOwnRequestsOnly)
{
	Pair p("efa:fake0");
	tdm_net_ep *third = p.Endpoint(16);
	tdm_net_addr at = tdm_net_ep_addr(third), a = tdm_net_ep_addr(p.a);
	std::vector<tdm_net_wr> wr;

	ASSERT_EQ(tdm_net_ep_connect(p.a, &at, nullptr), 1);
	ASSERT_EQ(tdm_net_ep_connect(third, &a, nullptr), 0);
	p.fake->Silence(at.qpn);
	for (uint32_t i = 0; i < 40; i++) {
		wr.push_back(p.Write(i, 64 * i, 64));
		wr.back().peer = i % 2;
	}
	ASSERT_EQ(tdm_net_post(p.a, wr.data(), 40), 40);
	for (const tdm_net_wc &wc : Pair::Take(p.a, 40)) {
		EXPECT_EQ(wc.status,
			  wc.wr_id % 2 ? TDM_NET_WC_RESP_TIMEOUT_ERR : TDM_NET_WC_SUCCESS);
		EXPECT_EQ(p.dst[8 * wc.wr_id] != 0, wc.wr_id % 2 == 0);
	}
	tdm_net_ep_close(third);
}

/* The device answers only to whom it has an address handle for. */
TEST(Efa, WhoIsNotConnectedGetsNoAnswer)
{
	FakeEfa fake;
	Pair p("efa");
	tdm_net *other = tdm_net_open("efa", nullptr);
	tdm_net_ep *there = tdm_net_ep_create(other, 4, nullptr);
	tdm_net_addr at = tdm_net_ep_addr(there), a = tdm_net_ep_addr(p.a);
	std::vector<uint64_t> memory(64);
	tdm_net_mr *mr = tdm_net_reg_mr(other, memory.data(), 512, Pair::kBoth, nullptr);
	tdm_net_wr wr = p.Write(1, 0, 512);

	ASSERT_EQ(tdm_net_ep_connect(p.a, &at, nullptr), 1);
	wr.peer = 1;
	wr.remote_addr = reinterpret_cast<uintptr_t>(memory.data());
	wr.rkey = tdm_net_mr_rkey(mr);
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_REM_OP_ERR);
	EXPECT_EQ(memory[0], 0u);
	ASSERT_EQ(tdm_net_ep_connect(there, &a, nullptr), 0);
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_SUCCESS);
	EXPECT_EQ(memory[63], p.src[63]);
	tdm_net_ep_close(there);
	EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
	EXPECT_EQ(tdm_net_close(other), 0);
}

TEST(Efa, EndpointsAndPeersShareAHandleForEachGid)
{
	Pair p("efa:fake0");
	tdm_net_ep *more = p.Endpoint(4);
	tdm_net_addr at = tdm_net_ep_addr(p.b);
	tdm_error err = {};

	EXPECT_EQ(tdm_net_ep_connect(more, &at, nullptr), 0);
	EXPECT_EQ(tdm_net_ep_connect(p.a, &at, nullptr), 1);
	EXPECT_EQ(p.fake->counts.ahs, 1u);
	/* The device has 8 of them. */
	for (uint8_t i = 1; i <= 7; i++) {
		at.gid[8] = i;
		EXPECT_GE(tdm_net_ep_connect(i % 2 ? more : p.a, &at, &err), 1) << err.msg;
	}
	EXPECT_EQ(p.fake->counts.ahs, 8u);
	tdm_net_ep *last = p.Endpoint(4);

	at.gid[8] = 8;
	EXPECT_EQ(tdm_net_ep_connect(last, &at, &err), -EHOSTUNREACH);
	EXPECT_TRUE(Says(err, "address handle")) << err.msg;
	/* One that was refused is not counted, and those of a closed endpoint come back. */
	tdm_net_ep_close(more);
	EXPECT_EQ(tdm_net_ep_connect(last, &at, &err), 0) << err.msg;
	EXPECT_EQ(p.One(p.Write(1, 0, 8)).status, TDM_NET_WC_SUCCESS);
	tdm_net_ep_close(last);
}

/* A request names it until the queue pair is gone: the fake looks. */
TEST(Efa, AHandleOutlivesTheQueuePair)
{
	Pair p("efa:fake0");
	tdm_net_addr far = tdm_net_ep_addr(p.b);
	tdm_net_wr wr = p.Write(1, 0, 8);

	far.gid[8] = 1;
	ASSERT_EQ(tdm_net_ep_connect(p.a, &far, nullptr), 1);
	wr.peer = 1;
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_RESP_TIMEOUT_ERR);
	p.fake->Hold(true);
	ASSERT_EQ(tdm_net_post(p.a, &wr, 1), 1);
	tdm_net_ep_close(p.a);
	p.a = nullptr;
}

TEST(Efa, MalformedAddressesAreRefused)
{
	Pair p("efa:fake0");
	tdm_net_addr good = tdm_net_ep_addr(p.b), bad = good;

	EXPECT_EQ(good.kind, TDM_NET_KIND_EFA_SRD);
	bad.qpn = 0x10000;
	EXPECT_EQ(tdm_net_ep_connect(p.a, &bad, nullptr), -EHOSTUNREACH);
	bad = good;
	for (uint8_t &b : bad.gid)
		b = 0;
	EXPECT_EQ(tdm_net_ep_connect(p.a, &bad, nullptr), -EHOSTUNREACH);
	EXPECT_EQ(tdm_net_ep_connect(p.a, &good, nullptr), 1);
}

/* A number that comes back has another key with it. */
TEST(Efa, ANewQueuePairOfAnOldNumberIsAnother)
{
	FakeEfaOptions options;

	options.recycle_qpns = true;
	FakeEfa fake(options);
	Pair p("efa");
	tdm_net_addr old = tdm_net_ep_addr(p.b);

	tdm_net_ep_close(p.b);
	p.b = p.Endpoint(64);
	tdm_net_addr now = tdm_net_ep_addr(p.b);

	EXPECT_EQ(now.qpn, old.qpn);
	EXPECT_NE(now.qkey, old.qkey);
	EXPECT_EQ(p.One(p.Write(1, 0, 8)).status, TDM_NET_WC_RESP_TIMEOUT_ERR);
	EXPECT_EQ(p.dst[0], 0u);
}

/* A device that gives out again first what ended last: a late write must not fit. */
TEST(Efa, KeysThatEndedDoNotComeBackSoon)
{
	FakeEfaOptions options;

	options.recycle_keys = true;
	FakeEfa fake(options);
	Pair p("efa");
	std::vector<uint32_t> ended;

	for (int round = 0; round < 100; round++) {
		uint32_t old = tdm_net_mr_rkey(p.dst_mr);

		EXPECT_EQ(tdm_net_dereg_mr(p.dst_mr), 0);
		ended.push_back(old);
		p.dst_mr = p.Reg(p.dst, Pair::kBoth);
		ASSERT_NE(p.dst_mr, nullptr);
		for (size_t i = ended.size() > 16 ? ended.size() - 16 : 0; i < ended.size(); i++)
			ASSERT_NE(tdm_net_mr_rkey(p.dst_mr), ended[i]) << round;
	}
	EXPECT_EQ(p.One(p.Write(1, 0, 8)).status, TDM_NET_WC_SUCCESS);
}

TEST(Efa, OldLibefaSaysTheSame)
{
	FakeEfaOptions options;

	options.old_words = true;
	FakeEfa fake(options);
	Pair p("efa");
	tdm_net_wr wr = p.Write(1, 0, 8);

	wr.rkey ^= 0x5a5a00;
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_REM_ACCESS_ERR);
	tdm_net_ep_close(p.b);
	p.b = nullptr;
	EXPECT_EQ(p.One(p.Write(1, 0, 8)).status, TDM_NET_WC_RESP_TIMEOUT_ERR);
}

TEST(Efa, APostThatFindsNoRoomTakesNothing)
{
	Pair p("efa:fake0", 8192, 32);
	std::vector<tdm_net_wr> wr;

	for (uint32_t i = 0; i < 32; i++)
		wr.push_back(p.Write(i, 8 * i, 8));
	for (int round = 0; round < 3; round++) {
		p.fake->RefusePosts(1);
		EXPECT_EQ(tdm_net_post(p.a, wr.data(), 32), -EAGAIN);
		EXPECT_EQ(tdm_net_ep_open_wrs(p.a), 0u);
		ASSERT_EQ(tdm_net_post(p.a, wr.data(), 32), 32);
		std::set<uint64_t> ids;

		for (const tdm_net_wc &wc : Pair::Take(p.a, 32))
			ids.insert(wc.wr_id);
		EXPECT_EQ(ids.size(), 32u);
	}
}

/* What is done before counts, the rest is flushed; the memory is the caller's again. */
TEST(Efa, AfterAFlushNothingMovesAndAllHasEnded)
{
	uint64_t done = 0, flushed = 0;

	for (uint64_t seed = 1; seed <= 50; seed++) {
		FakeEfaOptions options;

		options.seed = seed;
		FakeEfa fake(options);
		Pair p("efa");
		std::vector<tdm_net_wr> wr;
		tdm_net_wc wc[4];

		for (uint32_t i = 0; i < 64; i++)
			wr.push_back(p.Write(i, 64 * i, 64));
		ASSERT_EQ(tdm_net_post(p.a, wr.data(), 60), 60);
		int early = tdm_net_poll(p.a, wc, 4);

		ASSERT_EQ(tdm_net_ep_flush(p.a), 0);
		const std::vector<uint64_t> then = p.dst;

		ASSERT_EQ(tdm_net_post(p.a, &wr[60], 4), 4);
		for (const tdm_net_wc &end : Pair::Take(p.a, uint32_t(64 - early))) {
			if (end.status == TDM_NET_WC_SUCCESS)
				EXPECT_EQ(p.dst[8 * end.wr_id], p.src[8 * end.wr_id]);
			else
				EXPECT_EQ(end.status, TDM_NET_WC_WR_FLUSH_ERR);
			(end.status ? flushed : done)++;
		}
		EXPECT_EQ(p.dst, then);
		EXPECT_EQ(tdm_net_ep_flush(p.a), 0);
		EXPECT_EQ(tdm_net_wait(p.a, UINT64_MAX), -ENODATA);
		/* Nor does it take anything from its peers. */
		tdm_net_wr back = p.Write(7, 8192, 8);

		ASSERT_EQ(tdm_net_post(p.b, &back, 1), 1);
		EXPECT_EQ(Pair::Take(p.b, 1)[0].status, TDM_NET_WC_RESP_TIMEOUT_ERR);
	}
	EXPECT_GT(done, 0u);
	EXPECT_GT(flushed, 0u);
}

TEST(Efa, ACompletionOfNoRequestIsAnError)
{
	for (uint64_t wr_id : { uint64_t(1), uint64_t(63), uint64_t(64), UINT64_MAX }) {
		Pair p("efa:fake0");
		tdm_net_wr wr = p.Write(5, 0, 8);
		tdm_net_wc wc;

		ASSERT_EQ(tdm_net_post(p.a, &wr, 1), 1);
		p.fake->Hold(true);
		p.fake->Lie(tdm_net_ep_addr(p.a).qpn, wr_id);
		EXPECT_EQ(tdm_net_poll(p.a, &wc, 1), -EIO);
		p.fake->Hold(false);
		EXPECT_EQ(tdm_net_poll(p.a, &wc, 1), -EIO);
		EXPECT_EQ(tdm_net_wait(p.a, UINT64_MAX), -EIO);
		EXPECT_EQ(tdm_net_ep_flush(p.a), 0);
		EXPECT_EQ(Pair::Take(p.a, 1)[0].status, TDM_NET_WC_WR_FLUSH_ERR);
	}
}

/* Endpoints come and go, memory too, each in its thread: handles and keys are the NIC's. */
TEST(Efa, ThreadsShareANic)
{
	FakeEfa fake;
	tdm_net *net = tdm_net_open("efa", nullptr);
	std::vector<std::thread> threads;

	ASSERT_NE(net, nullptr);
	auto work = [net](uint64_t seed) {
		std::vector<uint64_t> from = net_test::Pattern(64, seed), to(64);

		for (int round = 0; round < 50; round++) {
			tdm_net_ep *ep = tdm_net_ep_create(net, 4, nullptr);
			tdm_net_addr self = tdm_net_ep_addr(ep);
			tdm_net_mr *out = tdm_net_reg_mr(net, from.data(), 512, 0, nullptr);
			tdm_net_mr *in = tdm_net_reg_mr(net, to.data(), 512, Pair::kBoth, nullptr);
			tdm_net_wr wr = {};

			EXPECT_EQ(tdm_net_ep_connect(ep, &self, nullptr), 0);
			wr.addr = reinterpret_cast<uintptr_t>(from.data());
			wr.remote_addr = reinterpret_cast<uintptr_t>(to.data());
			wr.len = 512;
			wr.lkey = tdm_net_mr_lkey(out);
			wr.rkey = tdm_net_mr_rkey(in);
			EXPECT_EQ(tdm_net_post(ep, &wr, 1), 1);
			EXPECT_EQ(Pair::Take(ep, 1)[0].status, TDM_NET_WC_SUCCESS);
			EXPECT_EQ(from, to);
			std::fill(to.begin(), to.end(), 0);
			tdm_net_ep_close(ep);
			EXPECT_EQ(tdm_net_dereg_mr(in), 0);
			EXPECT_EQ(tdm_net_dereg_mr(out), 0);
		}
	};
	for (uint64_t i = 0; i < 4; i++)
		threads.emplace_back(work, i);
	for (std::thread &thread : threads)
		thread.join();
	EXPECT_EQ(tdm_net_stats(net).done, 200u);
	EXPECT_EQ(tdm_net_close(net), 0);
}

TEST(Efa, ADmabufIsRegisteredAsOneWhereTheDriverTakesIt)
{
	int fd = memfd_create("dma-buf", MFD_CLOEXEC);

	ASSERT_EQ(ftruncate(fd, 65536), 0);
	void *at = mmap(nullptr, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	for (bool takes : { true, false }) {
		FakeEfaOptions options;

		options.dmabuf = takes;
		FakeEfa fake(options);
		tdm_net *net = tdm_net_open("efa", nullptr);
		tdm_net_mem mem = { at, 65536, TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE, fd, 0 };
		tdm_net_mr *mr = tdm_net_reg_mem(net, &mem, nullptr);

		ASSERT_NE(mr, nullptr);
		EXPECT_EQ(tdm_net_mr_kind(mr),
			  uint32_t(takes ? TDM_NET_MR_DMABUF : TDM_NET_MR_MAPPING));
		EXPECT_EQ(fake.counts.dmabufs, takes ? 1u : 0u);
		EXPECT_NE(tdm_net_mr_rkey(mr), 0u);
		EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
		EXPECT_EQ(tdm_net_close(net), 0);
	}
	munmap(at, 65536);
	close(fd);
}

} // namespace
