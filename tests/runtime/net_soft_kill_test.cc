/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Software NICs in two processes, of which one is killed at any moment: what the other
 * one posted ends, and nothing is left over.
 */
#include "runtime/net_soft_memfd.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <tuple>

#include "support/child.h"

namespace
{

using net_test::Deadline;
using net_test::OpenFiles;

constexpr size_t kBytes = 65536;
constexpr uint32_t kDepth = 16;
constexpr int kRounds = 40;

/* What the processes tell each other. */
struct Hello {
	tdm_net_addr addr;
	uint64_t at;
	uint64_t rkey;
};

/* A NIC with an endpoint and memory, which the other process maps or not. */
struct Side {
	tdm_net *net = nullptr;
	tdm_net_mr *mr = nullptr;
	tdm_net_ep *ep = nullptr;
	void *mem = MAP_FAILED;

	bool Open(const std::string &name, bool memfd)
	{
		tdm_net_mem what = {};
		int fd = memfd_create("tandem-test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

		if (fd < 0 || ftruncate(fd, kBytes) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK))
			return false;
		mem = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		net = tdm_net_open(name.c_str(), nullptr);
		if (mem == MAP_FAILED || !net)
			return false;
		what.addr = mem;
		what.len = kBytes;
		what.access = net_test::Pair::kBoth;
		what.fd = memfd ? fd : -1;
		mr = tdm_net_reg_mem(net, &what, nullptr);
		close(fd);
		ep = tdm_net_ep_create(net, kDepth, nullptr);
		return mr && ep;
	}
	bool Close()
	{
		tdm_net_ep_close(ep);
		bool good = !tdm_net_dereg_mr(mr) && !tdm_net_close(net);

		return munmap(mem, kBytes) == 0 && good;
	}
	/* Return: false when the other process is gone */
	bool Meet(int sock, Hello *theirs)
	{
		Hello mine = { tdm_net_ep_addr(ep), reinterpret_cast<uintptr_t>(mem),
			       tdm_net_mr_rkey(mr) };
		uint64_t word;

		return write(sock, &mine, sizeof(mine)) == ssize_t(sizeof(mine)) &&
		       read(sock, theirs, sizeof(*theirs)) == ssize_t(sizeof(*theirs)) &&
		       tdm_net_ep_connect(ep, &theirs->addr, nullptr) == 0 && send_word(sock, 1) &&
		       receive_word(sock, &word);
	}
	tdm_net_wr Write(const Hello &to) const
	{
		tdm_net_wr wr = {};

		wr.addr = reinterpret_cast<uintptr_t>(mem);
		wr.remote_addr = to.at;
		wr.len = kBytes;
		wr.lkey = tdm_net_mr_lkey(mr);
		wr.rkey = uint32_t(to.rkey);
		return wr;
	}
};

class SoftKill : public testing::TestWithParam<std::tuple<std::string, bool>>
{
protected:
	static std::string Name()
	{
		return std::get<0>(GetParam());
	}
	static bool IsMemfd()
	{
		return std::get<1>(GetParam());
	}
};

TEST_P(SoftKill, WhatWasPostedToADeadTargetEnds)
{
	const bool rc = Name() == "soft:rc";
	const uint32_t no_answer = rc ? TDM_NET_WC_RETRY_EXC_ERR : TDM_NET_WC_RESP_TIMEOUT_ERR;
	const size_t files = OpenFiles();
	std::mt19937 random(1);
	int died_midway = 0;

	for (int round = 0; round < kRounds; round++) {
		Child target([](int sock) -> std::string {
			Side side;
			Hello hello;
			uint64_t word;

			WANT(side.Open(Name(), IsMemfd()));
			WANT(side.Meet(sock, &hello));
			receive_word(sock, &word);
			return "";
		});
		Side side;
		Hello hello;
		uint32_t posted = 0, ended = 0, bad = 0;

		ASSERT_TRUE(side.Open(Name(), IsMemfd()));
		ASSERT_TRUE(side.Meet(target.sock(), &hello));
		const uint32_t kill_at = random() % 60;
		const tdm_net_wr wr = side.Write(hello);

		for (bool alive = true; ended < 100;) {
			tdm_net_wc wc;

			while (posted < 100 && tdm_net_post(side.ep, &wr, 1) == 1)
				posted++;
			if (alive && ended >= kill_at) {
				alive = false;
				ASSERT_TRUE(target.Kill());
			}
			ASSERT_EQ(tdm_net_wait(side.ep, Deadline()), 0);
			ASSERT_EQ(tdm_net_poll(side.ep, &wc, 1), 1);
			ended++;
			if (wc.status != TDM_NET_WC_SUCCESS) {
				EXPECT_FALSE(alive);
				EXPECT_EQ(wc.status, rc && bad ? uint32_t(TDM_NET_WC_WR_FLUSH_ERR)
							       : no_answer);
				bad++;
			} else {
				EXPECT_EQ(bad, 0u);
			}
		}
		died_midway += bad > 0;
		EXPECT_TRUE(side.Close());
	}
	EXPECT_EQ(died_midway, kRounds);
	EXPECT_EQ(OpenFiles(), files);
}

TEST_P(SoftKill, ADeadInitiatorLeavesNothing)
{
	const size_t files = OpenFiles();
	std::mt19937 random(2);

	for (int round = 0; round < kRounds; round++) {
		Child initiator([](int sock) -> std::string {
			Side side;
			Hello hello;
			tdm_net_wc wc;

			WANT(side.Open(Name(), IsMemfd()));
			memset(side.mem, 0xa5, kBytes);
			WANT(side.Meet(sock, &hello));
			const tdm_net_wr wr = side.Write(hello);

			for (;;) {
				while (tdm_net_post(side.ep, &wr, 1) == 1)
					;
				WANT(tdm_net_wait(side.ep, Deadline()) == 0);
				WANT(tdm_net_poll(side.ep, &wc, 1) == 1);
			}
		});
		Side side;
		Hello hello;

		ASSERT_TRUE(side.Open(Name(), IsMemfd()));
		ASSERT_TRUE(side.Meet(initiator.sock(), &hello));
		usleep(useconds_t(random() % 5000));
		if (round % 2) {
			/* Before it dies: whatever is on the way stays out from here on. */
			tdm_net_ep_close(side.ep);
			ASSERT_EQ(tdm_net_dereg_mr(side.mr), 0);
			memset(side.mem, 0, kBytes);
		}
		usleep(useconds_t(random() % 1000));
		ASSERT_TRUE(initiator.Kill());
		if (round % 2) {
			const char *mem = static_cast<const char *>(side.mem);

			EXPECT_EQ(std::count(mem, mem + kBytes, 0), ptrdiff_t(kBytes));
			EXPECT_EQ(tdm_net_close(side.net), 0);
			munmap(side.mem, kBytes);
		} else {
			EXPECT_TRUE(side.Close());
		}
	}
	EXPECT_EQ(OpenFiles(), files);
}

INSTANTIATE_TEST_SUITE_P(Each, SoftKill,
			 testing::Combine(testing::Values("soft:rc", "soft:srd"), testing::Bool()),
			 [](const auto &info) {
				 return std::get<0>(info.param).substr(5) +
					(std::get<1>(info.param) ? "_memfd" : "");
			 });

} // namespace
