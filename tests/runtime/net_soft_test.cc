/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What is the software NIC's own: names, reordering, threads, sleeping.
 */
#include "net_test.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace
{

using net_test::Pair;

TEST(SoftNic, NamesAreChecked)
{
	for (const char *name :
	     { "soft:tcp", "soft:", "soft,depth=0", "soft,depth=3", "soft,depth=99999999",
	       "soft,seed", "soft,seed=", "soft,seed=-1", "soft,seed=1x", "soft,what=1",
	       "soft:rc,,", "soft,", "soft,max_msg=0", "soft:a-very-long-mode-name-indeed" }) {
		tdm_error err = {};

		EXPECT_EQ(tdm_net_open(name, &err), nullptr) << name;
		EXPECT_EQ(err.code, -EINVAL) << name << ": " << err.msg;
		EXPECT_NE(std::string(err.msg).find("; "), std::string::npos) << err.msg;
	}
	for (const char *name : { "", "softer", "roce", "soft.rc" }) {
		tdm_error err = {};

		EXPECT_EQ(tdm_net_open(name, &err), nullptr) << name;
		EXPECT_EQ(err.code, -ENODEV) << name;
	}
	tdm_error err = {};

	EXPECT_EQ(tdm_net_open("verbs:no-such-device", &err), nullptr);
	EXPECT_EQ(err.code, -ENODEV);
	EXPECT_NE(std::string(err.msg).find("no-such-device"), std::string::npos) << err.msg;
}

TEST(SoftNic, OptionsCount)
{
	tdm_net *net = tdm_net_open("soft:srd,max_msg=100,depth=8,seed=0x10", nullptr);

	ASSERT_NE(net, nullptr);
	EXPECT_EQ(tdm_net_caps(net)->max_msg, 100u);
	EXPECT_EQ(tdm_net_caps(net)->max_outstanding, 8u);
	EXPECT_STREQ(tdm_net_name(net), "soft:srd");
	EXPECT_EQ(tdm_net_close(net), 0);
	EXPECT_EQ(tdm_net_close(nullptr), 0);
}

TEST(SoftNic, WithoutANameThereIsAlwaysOne)
{
	tdm_error err = {};
	tdm_net *net = tdm_net_open(nullptr, &err);

	ASSERT_NE(net, nullptr) << err.msg;
	std::string name = tdm_net_name(net);

	EXPECT_TRUE(name == "soft:rc" || name.rfind("verbs:", 0) == 0) << name;
	EXPECT_EQ(tdm_net_close(net), 0);
}

TEST(SoftNic, OutOfEndpoints)
{
	tdm_net *net = tdm_net_open("soft", nullptr);
	std::vector<tdm_net_ep *> eps;
	tdm_error err = {};

	while (tdm_net_ep *ep = tdm_net_ep_create(net, 1, &err))
		eps.push_back(ep);
	EXPECT_EQ(eps.size(), 256u);
	EXPECT_EQ(err.code, -ENOSPC);
	tdm_net_ep_close(eps[100]);
	eps[100] = tdm_net_ep_create(net, 1, &err);
	EXPECT_NE(eps[100], nullptr);
	for (tdm_net_ep *ep : eps)
		tdm_net_ep_close(ep);
	EXPECT_EQ(tdm_net_close(net), 0);
}

TEST(SoftNic, HoleInTheMemoryIsNotRegistered)
{
	const size_t page = size_t(sysconf(_SC_PAGESIZE));
	auto mem = static_cast<char *>(mmap(nullptr, 3 * page, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	tdm_net *net = tdm_net_open("soft", nullptr);
	tdm_error err = {};

	ASSERT_NE(mem, MAP_FAILED);
	munmap(mem + page, page);
	EXPECT_EQ(tdm_net_reg_mr(net, mem, 3 * page, 0, &err), nullptr);
	EXPECT_EQ(err.code, -EFAULT);
	EXPECT_EQ(tdm_net_reg_mr(net, mem + page - 1, 2, 0, &err), nullptr);
	tdm_net_mr *mr = tdm_net_reg_mr(net, mem + 1, page - 1, 0, &err);

	EXPECT_NE(mr, nullptr) << err.msg;
	EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
	munmap(mem, page);
	munmap(mem + 2 * page, page);
	EXPECT_EQ(tdm_net_close(net), 0);
}

/* The order in which a batch of 32 completes. */
std::vector<uint64_t> Order(const std::string &name)
{
	Pair p(name);
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

TEST(SoftNic, SrdReordersByItsSeed)
{
	std::vector<uint64_t> one = Order("soft:srd,seed=1");
	std::vector<uint64_t> two = Order("soft:srd,seed=2");
	std::vector<uint64_t> sorted = one;

	EXPECT_FALSE(std::is_sorted(one.begin(), one.end()));
	EXPECT_EQ(one, Order("soft:srd,seed=1"));
	EXPECT_NE(one, two);
	std::sort(sorted.begin(), sorted.end());
	EXPECT_EQ(sorted, Order("soft:rc"));
}

/* Not only the completions: of two writes to one place the first may win. */
TEST(SoftNic, SrdReordersTheWritesThemselves)
{
	Pair p("soft:srd,seed=3");
	bool overtaken = false;

	for (int round = 0; round < 100 && !overtaken; round++) {
		tdm_net_wr wr[2] = { p.Write(0, 0, 8), p.Write(1, 8, 8) };

		wr[1].remote_addr = wr[0].remote_addr;
		ASSERT_EQ(tdm_net_post(p.a, wr, 2), 2);
		Pair::Take(p.a, 2);
		overtaken = p.dst[0] == p.src[0];
	}
	EXPECT_TRUE(overtaken);
}

/* One SRD endpoint, many peers: the death of one is no matter for the others. */
TEST(SoftNic, SrdPeersAreIndependent)
{
	Pair p("soft:srd");
	tdm_net_ep *c = p.Endpoint(4);
	tdm_net_addr addr = tdm_net_ep_addr(c);
	int peer = tdm_net_ep_connect(p.a, &addr, nullptr);
	tdm_net_wr wr = p.Write(1, 0, 8);

	ASSERT_EQ(peer, 1);
	wr.peer = 1;
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_SUCCESS);
	tdm_net_ep_close(c);
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_RESP_TIMEOUT_ERR);
	wr.peer = 0;
	EXPECT_EQ(p.One(wr).status, TDM_NET_WC_SUCCESS);
}

/* A connection answers its own peer only. */
TEST(SoftNic, RcAnswersItsPeerOnly)
{
	Pair p("soft:rc");
	tdm_net_ep *c = p.Endpoint(4);
	tdm_net_addr addr = tdm_net_ep_addr(p.b);
	tdm_net_wr wr = p.Write(1, 0, 8);

	ASSERT_EQ(tdm_net_ep_connect(c, &addr, nullptr), 0);
	ASSERT_EQ(tdm_net_post(c, &wr, 1), 1);
	EXPECT_EQ(Pair::Take(c, 1)[0].status, TDM_NET_WC_RETRY_EXC_ERR);
	EXPECT_EQ(p.One(p.Write(1, 0, 8)).status, TDM_NET_WC_SUCCESS);
	tdm_net_ep_close(c);
}

/* Once dereg returned the memory is the caller's alone: it is unmapped at once here. */
TEST(SoftNic, DeregWaitsForAccess)
{
	Pair p("soft:srd", 1 << 17);
	const size_t bytes = p.src.size() * 8;

	for (int round = 0; round < 50; round++) {
		void *mem = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		tdm_net_mr *mr = tdm_net_reg_mr(p.net, mem, bytes, Pair::kBoth, nullptr);
		std::vector<tdm_net_wr> wr(8, p.Write(0, 0, uint32_t(bytes)));
		uint32_t good = 0;

		ASSERT_NE(mr, nullptr);
		for (tdm_net_wr &w : wr) {
			w.remote_addr = reinterpret_cast<uintptr_t>(mem);
			w.rkey = tdm_net_mr_rkey(mr);
		}
		ASSERT_EQ(tdm_net_post(p.a, wr.data(), 8), 8);
		EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
		munmap(mem, bytes);
		for (const tdm_net_wc &wc : Pair::Take(p.a, 8)) {
			good += wc.status == TDM_NET_WC_SUCCESS;
			EXPECT_TRUE(wc.status == TDM_NET_WC_SUCCESS ||
				    wc.status == TDM_NET_WC_REM_ACCESS_ERR);
		}
		EXPECT_LE(good, 8u);
	}
}

/* Several endpoints, each with its thread, and registrations coming and going. */
TEST(SoftNic, Threads)
{
	constexpr int kThreads = 4;
	constexpr uint32_t kRounds = 400;

	for (const char *name : { "soft:rc", "soft:srd" }) {
		Pair p(name);
		std::atomic<bool> stop{ false };
		std::vector<std::thread> threads;

		for (int t = 0; t < kThreads; t++)
			threads.emplace_back([&p, t] {
				tdm_net_ep *x = p.Endpoint(16);
				tdm_net_ep *y = p.Endpoint(16);
				const size_t words = p.src.size() / kThreads;

				Pair::Connect(x, y);
				for (uint32_t i = 0; i < kRounds; i++) {
					std::vector<tdm_net_wr> wr;

					for (uint32_t k = 0; k < 16; k++)
						wr.push_back(p.Write(
							k, 8 * (size_t(t) * words + 128 * k),
							1024));
					ASSERT_EQ(tdm_net_post(x, wr.data(), 16), 16);
					for (const tdm_net_wc &wc : Pair::Take(x, 16))
						ASSERT_EQ(wc.status, TDM_NET_WC_SUCCESS);
				}
				tdm_net_ep_close(x);
				tdm_net_ep_close(y);
			});
		std::thread registrar([&p, &stop] {
			std::vector<uint64_t> mem(64);

			while (!stop) {
				tdm_net_mr *mr = p.Reg(mem, Pair::kBoth);

				EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
			}
		});
		for (std::thread &t : threads)
			t.join();
		stop = true;
		registrar.join();
		EXPECT_EQ(p.src, p.dst);
		EXPECT_EQ(tdm_net_stats(p.net).done, uint64_t(kThreads) * kRounds * 16);
	}
}

/* One at a time, with pauses around the length of the engine's patience: no wake-up is lost. */
TEST(SoftNic, SleepingEngineIsWoken)
{
	Pair p("soft");

	for (int i = 0; i < 2000; i++) {
		ASSERT_EQ(p.One(p.Write(1, 0, 8)).status, TDM_NET_WC_SUCCESS);
		if (i % 3 == 0)
			usleep(useconds_t(i % 120));
	}
	struct tdm_net_stats s = tdm_net_stats(p.net);

	EXPECT_GT(s.sleeps, 0u);
	/* A sleep ends by a wake; the last one may still go on. */
	EXPECT_GE(s.wakes + 1, s.sleeps);
}

TEST(SoftNic, IdleUsesNoProcessor)
{
	Pair p("soft");
	rusage before, after;

	p.One(p.Write(1, 0, 8));
	while (!tdm_net_stats(p.net).wakes)
		p.One(p.Write(1, 0, 8));
	usleep(50000);
	getrusage(RUSAGE_SELF, &before);
	usleep(300000);
	getrusage(RUSAGE_SELF, &after);
	auto us = [](const rusage &r) {
		return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000L + r.ru_utime.tv_usec +
		       r.ru_stime.tv_usec;
	};
	EXPECT_LT(us(after) - us(before), 60000);
}

} // namespace
