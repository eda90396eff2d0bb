// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Two software NICs, as two processes have them: the bytes go through a local socket,
 * and the target checks its own keys. (tests/e2e/remote_test.cc has the processes.)
 */
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "runtime/net_soft_side.h"

extern "C" {
#include "net/soft_socket.h"
}

namespace
{

using namespace net_test;

class SoftLink : public testing::TestWithParam<std::string>
{
protected:
	Side a{ GetParam(), 1 }, b{ GetParam(), 2 };

	void SetUp() override
	{
		Pair::Connect(a.ep, b.ep);
	}
	tdm_net_wr Wr(uint16_t op, uint64_t offset, uint32_t len) const
	{
		return a.To(b, op, offset, len);
	}
	uint32_t One(const tdm_net_wr &wr)
	{
		return a.One(wr);
	}
	uint32_t NoAnswer() const
	{
		return NoAnswerOf(GetParam());
	}
};

TEST_P(SoftLink, WritesAndReadsArrive)
{
	EXPECT_EQ(One(Wr(TDM_NET_OP_WRITE, 0, 32768)), uint32_t(TDM_NET_WC_SUCCESS));
	EXPECT_TRUE(std::equal(a.memory.begin(), a.memory.begin() + 4096, b.memory.begin()));
	EXPECT_FALSE(a.memory[4096] == b.memory[4096]);
	EXPECT_EQ(One(Wr(TDM_NET_OP_READ, 32768, 32768)), uint32_t(TDM_NET_WC_SUCCESS));
	EXPECT_EQ(a.memory, b.memory);
}

TEST_P(SoftLink, TheTargetChecksItsKeys)
{
	tdm_net_wr wr = Wr(TDM_NET_OP_WRITE, 0, 8);

	wr.rkey ^= 0x1000;
	std::vector<uint64_t> before = b.memory;
	EXPECT_EQ(One(wr), uint32_t(TDM_NET_WC_REM_ACCESS_ERR));
	EXPECT_EQ(b.memory, before);
}

TEST_P(SoftLink, BehindTheEndOfTheMemoryNothingIsWritten)
{
	tdm_net_wr wr = Wr(TDM_NET_OP_WRITE, 0, 16);

	wr.remote_addr += 8192 * 8 - 8;
	EXPECT_EQ(One(wr), uint32_t(TDM_NET_WC_REM_ACCESS_ERR));
}

TEST_P(SoftLink, AKeyThatWasTakenBackIsOfNoUse)
{
	tdm_net_wr wr = Wr(TDM_NET_OP_WRITE, 0, 64);

	ASSERT_EQ(One(wr), uint32_t(TDM_NET_WC_SUCCESS));
	ASSERT_EQ(tdm_net_dereg_mr(b.mr), 0);
	b.mr = tdm_net_reg_mr(b.net, b.memory.data(), 64,
			      TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE, nullptr);
	EXPECT_EQ(One(wr), uint32_t(TDM_NET_WC_REM_ACCESS_ERR));
}

TEST_P(SoftLink, AnEndpointThatWasClosedDoesNotAnswer)
{
	tdm_net_ep_close(b.ep);
	b.ep = nullptr;
	EXPECT_EQ(One(Wr(TDM_NET_OP_WRITE, 0, 64)), NoAnswer());
}

TEST_P(SoftLink, ANicThatIsGoneDoesNotAnswer)
{
	tdm_net_wr wr = Wr(TDM_NET_OP_WRITE, 0, 64);
	tdm_net_addr addr = tdm_net_ep_addr(b.ep);
	tdm_error err = {};

	b.Gone();
	EXPECT_EQ(One(wr), NoAnswer());
	tdm_net_ep *ep = tdm_net_ep_create(a.net, 4, &err);
	EXPECT_EQ(tdm_net_ep_connect(ep, &addr, &err), -EHOSTUNREACH);
	EXPECT_NE(std::string(err.msg).find("between hosts"), std::string::npos) << err.msg;
	tdm_net_ep_close(ep);
}

TEST_P(SoftLink, BothWaysAtOnce)
{
	std::atomic<int> done{ 0 };
	auto flood = [&](Side &from, Side &to) {
		for (int i = 0; i < 300; i++) {
			tdm_net_wr wr = {};
			wr.addr = from.At();
			wr.remote_addr = to.At() + 32768;
			wr.len = 16384;
			wr.lkey = tdm_net_mr_lkey(from.mr);
			wr.rkey = tdm_net_mr_rkey(to.mr);
			if (tdm_net_post(from.ep, &wr, 1) != 1 || tdm_net_wait(from.ep, Deadline()))
				return;
			tdm_net_wc wc;
			if (tdm_net_poll(from.ep, &wc, 1) != 1 || wc.status != TDM_NET_WC_SUCCESS)
				return;
			done++;
		}
	};
	std::thread other([&] { flood(b, a); });
	flood(a, b);
	other.join();
	EXPECT_EQ(done, 600);
}

/* What comes over the socket is anybody's of this user. */
TEST_P(SoftLink, GarbageEndsTheLinkAndNothingElse)
{
	tdm_net_addr addr = tdm_net_ep_addr(b.ep);
	std::vector<uint64_t> before = b.memory;

	for (int i = 0; i < 50; i++) {
		sockaddr_un at;
		socklen_t len = soft_socket_name(addr.gid, &at);
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr *>(&at), len), 0);
		std::vector<uint64_t> junk = Pattern(1 + size_t(i) * 3, uint64_t(i));
		(void)!write(fd, junk.data(), junk.size() * 8);
		close(fd);
	}
	EXPECT_EQ(One(Wr(TDM_NET_OP_WRITE, 0, 64)), uint32_t(TDM_NET_WC_SUCCESS));
	EXPECT_TRUE(std::equal(before.begin() + 8, before.end(), b.memory.begin() + 8));
}

INSTANTIATE_TEST_SUITE_P(Each, SoftLink, testing::Values("soft:rc", "soft:srd"),
			 [](const auto &info) { return info.param.substr(5); });

} // namespace
