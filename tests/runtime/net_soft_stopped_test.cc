// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A peer in another process that is stopped: it costs what is posted to it, and
 * nothing else. "answer=" is so long that nothing here ends by a clock, or so short
 * that it does.
 */
#include <algorithm>
#include <csignal>
#include <memory>

#include <sys/wait.h>

#include "runtime/net_soft_memfd.h"
#include "runtime/net_soft_side.h"
#include "support/child.h"

namespace
{

using namespace net_test;

constexpr size_t kBytes = 65536;
constexpr uint32_t kDepth = 128;
constexpr const char *kPatient = ",answer=3600";
constexpr const char *kBrief = ",answer=1";

struct Hello {
	tdm_net_addr addr;
	uint64_t at;
	uint64_t rkey;
};

/* Of bytes that must not arrive. */
constexpr uint64_t kMark = 0xabababababababab;

/* The child: lets itself be written to until its socket ends. Asked for that, it counts marks. */
std::string Target(const std::string &name, const Memfd &memory, int sock)
{
	Side side(name, 9);
	Hello hello = { tdm_net_ep_addr(side.ep), side.At(), tdm_net_mr_rkey(side.mr) };
	tdm_net_addr peer;
	uint64_t word;

	WANT(write(sock, &hello, sizeof(hello)) == ssize_t(sizeof(hello)));
	WANT(read(sock, &peer, sizeof(peer)) == ssize_t(sizeof(peer)));
	WANT(tdm_net_ep_connect(side.ep, &peer, nullptr) == 0);
	WANT(send_word(sock, 1));
	while (receive_word(sock, &word)) {
		const uint64_t deadline = Deadline();

		/* The link has ended, and all that came over it is done. */
		while (memory.Mappings() > 1)
			WANT(NowNs() < deadline);
		tdm_net_ep_close(side.ep);
		side.ep = nullptr;
		WANT(send_word(
			sock, uint64_t(std::count(side.memory.begin(), side.memory.end(), kMark))));
	}
	return "";
}

/* A process that is stopped at will; made before this one has threads. */
struct Other {
	Child child;
	Hello hello;

	Other(const std::string &name, const Memfd &memory)
	    : child([&](int sock) { return Target(name, memory, sock); })
	{
		EXPECT_EQ(read(child.sock(), &hello, sizeof(hello)), ssize_t(sizeof(hello)));
	}
	/* Return: the number of it as a peer */
	uint32_t Connect(tdm_net_ep *ep)
	{
		tdm_net_addr mine = tdm_net_ep_addr(ep);
		tdm_error err = {};
		uint64_t word;
		int peer = tdm_net_ep_connect(ep, &hello.addr, &err);

		EXPECT_GE(peer, 0) << err.msg;
		EXPECT_EQ(write(child.sock(), &mine, sizeof(mine)), ssize_t(sizeof(mine)));
		EXPECT_TRUE(receive_word(child.sock(), &word));
		return uint32_t(peer);
	}
	void Stop()
	{
		int status = 0;

		ASSERT_EQ(kill(child.pid(), SIGSTOP), 0);
		ASSERT_EQ(waitpid(child.pid(), &status, WUNTRACED), child.pid());
		ASSERT_TRUE(WIFSTOPPED(status));
	}
	void GoOn()
	{
		ASSERT_EQ(kill(child.pid(), SIGCONT), 0);
	}
};

class SoftStopped : public testing::TestWithParam<std::string>
{
protected:
	Memfd memory{ kBytes };
	tdm_net *net = nullptr;
	tdm_net_mr *memfd_mr = nullptr, *plain_mr = nullptr;
	std::vector<uint64_t> plain = Pattern(kBytes / 8, 3);

	void Open(const char *answer)
	{
		tdm_error err = {};

		net = tdm_net_open((GetParam() + answer).c_str(), &err);
		ASSERT_NE(net, nullptr) << err.msg;
		memfd_mr = memory.Reg(net);
		plain_mr = tdm_net_reg_mr(net, plain.data(), kBytes, Pair::kBoth, &err);
		ASSERT_NE(plain_mr, nullptr) << err.msg;
	}
	void TearDown() override
	{
		if (!net)
			return;
		EXPECT_EQ(tdm_net_dereg_mr(memfd_mr), 0);
		EXPECT_EQ(tdm_net_dereg_mr(plain_mr), 0);
		EXPECT_EQ(tdm_net_close(net), 0);
	}
	tdm_net_wr Write(const Hello &to, bool memfd, uint32_t peer = 0) const
	{
		tdm_net_wr wr = {};

		wr.addr = memfd ? reinterpret_cast<uintptr_t>(memory.at)
				: reinterpret_cast<uintptr_t>(plain.data());
		wr.lkey = tdm_net_mr_lkey(memfd ? memfd_mr : plain_mr);
		wr.remote_addr = to.at;
		wr.rkey = uint32_t(to.rkey);
		wr.len = kBytes;
		wr.peer = peer;
		return wr;
	}
	/* @n of them, alternately from a memfd and not. */
	void Post(tdm_net_ep *ep, const Hello &to, uint32_t n, uint32_t peer = 0) const
	{
		for (uint32_t i = 0; i < n; i++) {
			tdm_net_wr wr = Write(to, i % 2, peer);

			wr.wr_id = peer;
			ASSERT_EQ(tdm_net_post(ep, &wr, 1), 1);
		}
	}
	uint32_t NoAnswer() const
	{
		return NoAnswerOf(GetParam());
	}
};

/* The others' writes complete while the stopped one's do not, whoever the others are. */
TEST_P(SoftStopped, OtherEndpointsGoOn)
{
	Other stopped(GetParam(), memory), running(GetParam(), memory);
	Open(kPatient);
	Side near(GetParam(), 5);
	tdm_net_ep *to_stopped = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_ep *to_running = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_ep *to_near = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_ep *here = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_ep *there = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_wc wc;

	stopped.Connect(to_stopped);
	running.Connect(to_running);
	Pair::Connect(to_near, near.ep);
	Pair::Connect(here, there);
	stopped.Stop();
	Post(to_stopped, stopped.hello, kDepth);

	const Hello near_hello = { {}, near.At(), tdm_net_mr_rkey(near.mr) };
	const Hello here_hello = { {},
				   reinterpret_cast<uintptr_t>(plain.data()),
				   tdm_net_mr_rkey(plain_mr) };
	for (int round = 0; round < 3; round++) {
		Post(to_running, running.hello, kDepth);
		Post(to_near, near_hello, kDepth);
		Post(here, here_hello, kDepth);
		for (tdm_net_ep *ep : { to_running, to_near, here })
			for (const tdm_net_wc &each : Pair::Take(ep, kDepth))
				ASSERT_EQ(each.status, uint32_t(TDM_NET_WC_SUCCESS));
		ASSERT_EQ(tdm_net_poll(to_stopped, &wc, 1), 0);
	}
	/* Control gets through as well. */
	EXPECT_EQ(tdm_net_dereg_mr(tdm_net_reg_mr(net, &wc, sizeof(wc), 0, nullptr)), 0);

	stopped.GoOn();
	for (const tdm_net_wc &each : Pair::Take(to_stopped, kDepth))
		EXPECT_EQ(each.status, uint32_t(TDM_NET_WC_SUCCESS));
	for (tdm_net_ep *ep : { to_stopped, to_running, to_near, here, there })
		tdm_net_ep_close(ep);
}

/* One SRD endpoint has both, and more requests to the stopped one than it takes at a time. */
TEST_P(SoftStopped, OtherPeersOfTheSameEndpointGoOn)
{
	if (GetParam() == "soft:rc")
		return; /* an RC endpoint has one peer */
	Other stopped(GetParam(), memory), running(GetParam(), memory);
	Open(kPatient);
	tdm_net_ep *ep = tdm_net_ep_create(net, kDepth, nullptr);
	const uint32_t bad = stopped.Connect(ep), good = running.Connect(ep);
	tdm_net_wc wc;

	stopped.Stop();
	Post(ep, stopped.hello, kDepth / 2, bad);
	Post(ep, running.hello, kDepth / 2, good);
	for (uint32_t i = 0; i < kDepth / 2; i++) {
		ASSERT_EQ(tdm_net_wait(ep, Deadline()), 0);
		ASSERT_EQ(tdm_net_poll(ep, &wc, 1), 1);
		ASSERT_EQ(wc.status, uint32_t(TDM_NET_WC_SUCCESS));
		ASSERT_EQ(wc.wr_id, good);
	}
	ASSERT_EQ(tdm_net_poll(ep, &wc, 1), 0);
	stopped.GoOn();
	for (const tdm_net_wc &each : Pair::Take(ep, kDepth / 2)) {
		EXPECT_EQ(each.status, uint32_t(TDM_NET_WC_SUCCESS));
		EXPECT_EQ(each.wr_id, bad);
	}
	tdm_net_ep_close(ep);
}

TEST_P(SoftStopped, WhatWasPostedToItEnds)
{
	Other stopped(GetParam(), memory);
	Open(kBrief);
	tdm_net_ep *ep = tdm_net_ep_create(net, kDepth, nullptr);
	uint32_t first = 0;

	stopped.Connect(ep);
	stopped.Stop();
	Post(ep, stopped.hello, kDepth);
	for (const tdm_net_wc &wc : Pair::Take(ep, kDepth)) {
		first += wc.status == NoAnswer();
		EXPECT_TRUE(wc.status == NoAnswer() ||
			    (GetParam() == "soft:rc" && wc.status == TDM_NET_WC_WR_FLUSH_ERR));
	}
	EXPECT_EQ(first, GetParam() == "soft:rc" ? 1u : kDepth);
	/* The next one knows at once. */
	Post(ep, stopped.hello, 1);
	EXPECT_NE(Pair::Take(ep, 1)[0].status, uint32_t(TDM_NET_WC_SUCCESS));
	tdm_net_ep_close(ep);
	stopped.GoOn();
}

/* The source may have other bytes by then: what it had queued is left. */
TEST_P(SoftStopped, WhatWasGivenUpIsNotCopiedWhenItGoesOn)
{
	Other stopped(GetParam(), memory);
	Open(kBrief);
	tdm_net_ep *ep = tdm_net_ep_create(net, kDepth, nullptr);
	uint64_t marks;

	stopped.Connect(ep);
	/* The first one asks for the mapping, which is there before the second is answered. */
	for (int i = 0; i < 2; i++) {
		tdm_net_wr wr = Write(stopped.hello, true);

		ASSERT_EQ(tdm_net_post(ep, &wr, 1), 1);
		ASSERT_EQ(Pair::Take(ep, 1)[0].status, uint32_t(TDM_NET_WC_SUCCESS));
	}
	stopped.Stop();
	for (uint32_t i = 0; i < kDepth; i++) {
		tdm_net_wr wr = Write(stopped.hello, true);

		ASSERT_EQ(tdm_net_post(ep, &wr, 1), 1);
	}
	for (const tdm_net_wc &wc : Pair::Take(ep, kDepth))
		EXPECT_NE(wc.status, uint32_t(TDM_NET_WC_SUCCESS));
	memset(memory.at, int(kMark & 0xff), kBytes);
	stopped.GoOn();
	ASSERT_TRUE(send_word(stopped.child.sock(), 2));
	ASSERT_TRUE(receive_word(stopped.child.sock(), &marks));
	EXPECT_EQ(marks, 0u);
	tdm_net_ep_close(ep);
}

/* Both take until it is lost. */
TEST_P(SoftStopped, EndpointAndMemoryCanBeGivenBack)
{
	Other stopped(GetParam(), memory);
	Open(kBrief);
	constexpr uint32_t kOneTurn = 16;
	const Hello here_hello = { {},
				   reinterpret_cast<uintptr_t>(plain.data()),
				   tdm_net_mr_rkey(plain_mr) };
	tdm_net_ep *ep = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_ep *here = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_ep *there = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_wc wc[kOneTurn];

	stopped.Connect(ep);
	Pair::Connect(here, there);
	/* Its own mapping first. */
	Post(ep, stopped.hello, 4);
	Pair::Take(ep, 4);
	stopped.Stop();
	for (uint32_t i = 0; i < kOneTurn; i++) {
		tdm_net_wr wr = Write(stopped.hello, true);

		ASSERT_EQ(tdm_net_post(ep, &wr, 1), 1);
	}
	/* More than one turn of these, one by one: then those have had theirs as well. */
	for (uint32_t i = 0; i < kOneTurn + 2; i++) {
		Post(here, here_hello, 1);
		Pair::Take(here, 1);
	}
	ASSERT_EQ(tdm_net_dereg_mr(memfd_mr), 0);
	EXPECT_EQ(tdm_net_poll(ep, wc, kOneTurn), int(kOneTurn));
	memfd_mr = memory.Reg(net);
	tdm_net_ep_close(here);
	tdm_net_ep_close(there);
	tdm_net_ep_close(ep);
	stopped.GoOn();
}

/* Closed amid a write that is half on its way: another endpoint's go on behind it. */
TEST_P(SoftStopped, AnEndpointThatIsClosedHalfwayLeavesTheLinkWhole)
{
	Other stopped(GetParam(), memory);
	Open(kPatient);
	tdm_net_ep *half = tdm_net_ep_create(net, kDepth, nullptr);
	tdm_net_ep *whole = tdm_net_ep_create(net, kDepth, nullptr);

	/* The child has one endpoint: an RC one does not answer the second of these. */
	stopped.Connect(whole);
	ASSERT_EQ(tdm_net_ep_connect(half, &stopped.hello.addr, nullptr), 0);
	Post(whole, stopped.hello, 2);
	Pair::Take(whole, 2);
	stopped.Stop();
	for (uint32_t i = 0; i < kDepth; i++) {
		tdm_net_wr wr = Write(stopped.hello, false);

		ASSERT_EQ(tdm_net_post(half, &wr, 1), 1);
	}
	for (int i = 0; i < 2; i++) {
		tdm_net_wr wr = Write(stopped.hello, true);

		ASSERT_EQ(tdm_net_post(whole, &wr, 1), 1);
	}
	tdm_net_ep_close(half);
	/* Nothing that was posted is read from there any more. */
	std::fill(plain.begin(), plain.end(), 0);
	stopped.GoOn();
	for (const tdm_net_wc &wc : Pair::Take(whole, 2))
		EXPECT_EQ(wc.status, uint32_t(TDM_NET_WC_SUCCESS));
	tdm_net_ep_close(whole);
}

INSTANTIATE_TEST_SUITE_P(Each, SoftStopped, testing::Values("soft:rc", "soft:srd"),
			 [](const auto &info) { return info.param.substr(5); });

} // namespace
