// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Memory that is a memfd, between two software NICs: the target copies from its own
 * mapping, once, and its keys decide as ever.
 */
#include "runtime/net_soft_memfd.h"

#include <algorithm>

#include "runtime/net_soft_side.h"

namespace
{

using namespace net_test;

constexpr size_t kBytes = 65536;

class SoftMemfd : public testing::TestWithParam<std::string>
{
protected:
	Side a{ GetParam(), 1 }, b{ GetParam(), 2 };

	void SetUp() override
	{
		Pair::Connect(a.ep, b.ep);
	}
	tdm_net_wr Write(const Memfd &from, const tdm_net_mr *mr, uint64_t offset,
			 uint32_t len) const
	{
		tdm_net_wr wr = a.To(b, TDM_NET_OP_WRITE, offset, len);

		wr.addr = reinterpret_cast<uintptr_t>(from.at) + offset;
		wr.lkey = tdm_net_mr_lkey(mr);
		return wr;
	}
	/* The first write asks for the mapping, and goes through the socket itself. */
	void WriteUntilMapped(const Memfd &from, const tdm_net_mr *mr)
	{
		const uint64_t deadline = Deadline();

		while (from.Mappings() < 2) {
			ASSERT_LT(NowNs(), deadline);
			ASSERT_EQ(a.One(Write(from, mr, 0, 8)), uint32_t(TDM_NET_WC_SUCCESS));
		}
		/* The answer to it comes before the next one's. */
		ASSERT_EQ(a.One(Write(from, mr, 0, 8)), uint32_t(TDM_NET_WC_SUCCESS));
	}
	bool Same(const Memfd &from, size_t offset, size_t len) const
	{
		return !memcmp(from.at + offset,
			       reinterpret_cast<const char *>(b.memory.data()) + offset, len);
	}
};

TEST_P(SoftMemfd, TheTargetMapsItOnce)
{
	Memfd memory(kBytes, F_SEAL_SHRINK, 100);
	tdm_net_mr *mr = memory.Reg(a.net);

	EXPECT_EQ(tdm_net_mr_kind(mr), uint32_t(TDM_NET_MR_MEMFD));
	EXPECT_STREQ(tdm_net_mr_kind_name(TDM_NET_MR_MEMFD), "memfd");
	EXPECT_EQ(memory.Mappings(), 1);
	WriteUntilMapped(memory, mr);
	for (int round = 1; round < 20; round++) {
		memset(memory.at, round, kBytes);
		memory.at[round * 1000] = 'x';
		ASSERT_EQ(a.One(Write(memory, mr, 0, kBytes)), uint32_t(TDM_NET_WC_SUCCESS));
		ASSERT_TRUE(Same(memory, 0, kBytes));
	}
	EXPECT_EQ(memory.Mappings(), 2);
	ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
}

/* What is gone is not kept alive by peers. */
TEST_P(SoftMemfd, TheMappingGoesWithTheRegistration)
{
	const uint64_t deadline = Deadline();
	Memfd memory(kBytes);

	for (int round = 0; round < 5; round++) {
		tdm_net_mr *mr = memory.Reg(a.net);

		WriteUntilMapped(memory, mr);
		ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
		/* It is told, and not waited for. */
		while (memory.Mappings() > 1)
			ASSERT_LT(NowNs(), deadline);
	}
}

TEST_P(SoftMemfd, TheMappingGoesWithTheEndpoint)
{
	const uint64_t deadline = Deadline();
	Memfd memory(kBytes);
	tdm_net_mr *mr = memory.Reg(a.net);

	WriteUntilMapped(memory, mr);
	tdm_net_ep_close(a.ep);
	a.ep = nullptr;
	while (memory.Mappings() > 1)
		ASSERT_LT(NowNs(), deadline);
	ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
}

/* It could be cut short under the target's copy, which would be killed by that. */
TEST_P(SoftMemfd, OneThatCouldShrinkIsNotHandedOver)
{
	for (int seals : { 0, F_SEAL_GROW }) {
		Memfd memory(kBytes, seals);
		tdm_net_mr *mr = memory.Reg(a.net);

		EXPECT_EQ(tdm_net_mr_kind(mr), uint32_t(TDM_NET_MR_MAPPING));
		for (int round = 1; round < 5; round++) {
			memset(memory.at, round, kBytes);
			ASSERT_EQ(a.One(Write(memory, mr, 0, kBytes)),
				  uint32_t(TDM_NET_WC_SUCCESS));
			ASSERT_TRUE(Same(memory, 0, kBytes));
		}
		EXPECT_EQ(memory.Mappings(), 1);
		ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
	}
}

TEST_P(SoftMemfd, OneThatIsShorterThanItsMemoryIsNotHandedOver)
{
	Memfd memory(kBytes);
	tdm_net_mem mem = {};

	mem.addr = memory.at;
	mem.len = kBytes;
	mem.access = Pair::kBoth;
	mem.fd = memory.fd;
	for (uint64_t offset : { uint64_t(1), uint64_t(kBytes), UINT64_MAX - 10 }) {
		mem.fd_offset = offset;
		tdm_net_mr *mr = tdm_net_reg_mem(a.net, &mem, nullptr);
		ASSERT_NE(mr, nullptr);
		EXPECT_EQ(tdm_net_mr_kind(mr), uint32_t(TDM_NET_MR_MAPPING));
		ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
	}
}

TEST_P(SoftMemfd, TheTargetsKeysDecide)
{
	Memfd memory(kBytes);
	tdm_net_mr *mr = memory.Reg(a.net);

	WriteUntilMapped(memory, mr);
	const tdm_net_wr wr = Write(memory, mr, 0, 4096);
	const std::vector<uint64_t> before = b.memory;
	ASSERT_EQ(tdm_net_dereg_mr(b.mr), 0);
	memset(memory.at, 0x5a, kBytes);
	b.mr = tdm_net_reg_mr(b.net, b.memory.data(), kBytes, Pair::kBoth, nullptr);
	EXPECT_EQ(a.One(wr), uint32_t(TDM_NET_WC_REM_ACCESS_ERR));
	EXPECT_EQ(b.memory, before);
	ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
}

/* After the target's dereg nothing lands any more, whatever is under way. */
TEST_P(SoftMemfd, NothingLandsAfterTheTargetTookItsMemoryBack)
{
	Memfd memory(kBytes);
	tdm_net_mr *mr = memory.Reg(a.net);
	uint32_t posted = 0;

	WriteUntilMapped(memory, mr);
	memset(memory.at, 0x77, kBytes);
	for (uint32_t i = 0; i < 32; i++) {
		tdm_net_wr wr = Write(memory, mr, 0, kBytes);

		posted += uint32_t(tdm_net_post(a.ep, &wr, 1));
	}
	ASSERT_EQ(tdm_net_dereg_mr(b.mr), 0);
	std::fill(b.memory.begin(), b.memory.end(), 0);
	for (const tdm_net_wc &wc : Pair::Take(a.ep, posted))
		EXPECT_TRUE(wc.status == TDM_NET_WC_SUCCESS ||
			    wc.status == TDM_NET_WC_REM_ACCESS_ERR ||
			    wc.status == TDM_NET_WC_WR_FLUSH_ERR);
	EXPECT_EQ(std::count(b.memory.begin(), b.memory.end(), 0u), ptrdiff_t(b.memory.size()));
	b.mr = nullptr;
	ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
}

/* The initiator takes its memory back: what it posted is over by then. */
TEST_P(SoftMemfd, NothingIsReadAfterTheInitiatorTookItsMemoryBack)
{
	Memfd memory(kBytes);
	tdm_net_mr *mr = memory.Reg(a.net);
	uint32_t posted = 0;

	WriteUntilMapped(memory, mr);
	memset(memory.at, 0x11, kBytes);
	for (uint32_t i = 0; i < 32; i++) {
		tdm_net_wr wr = Write(memory, mr, 0, kBytes);

		posted += uint32_t(tdm_net_post(a.ep, &wr, 1));
	}
	ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
	memset(memory.at, 0x22, kBytes);
	Pair::Take(a.ep, posted);
	EXPECT_EQ(std::count(b.memory.begin(), b.memory.end(), 0x2222222222222222u), 0);
}

/* More regions than a target keeps: the rest goes through the socket. */
TEST_P(SoftMemfd, MoreRegionsThanAPeerMaps)
{
	constexpr uint32_t kRegions = 80, kPart = 4096;
	Memfd memory(kRegions * kPart);
	std::vector<tdm_net_mr *> mrs;

	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < kRegions; i++) {
			tdm_net_mem mem = {};

			if (!round) {
				mem.addr = memory.at + i * kPart;
				mem.len = kPart;
				mem.access = Pair::kBoth;
				mem.fd = memory.fd;
				mem.fd_offset = i * kPart;
				mrs.push_back(tdm_net_reg_mem(a.net, &mem, nullptr));
			}
			memset(memory.at + i * kPart, int(i + 1), kPart);
			tdm_net_wr wr = Write(memory, mrs[i], 0, kPart);
			wr.addr += i * kPart;
			ASSERT_EQ(a.One(wr), uint32_t(TDM_NET_WC_SUCCESS));
			ASSERT_EQ(b.memory[0], (i + 1) * 0x0101010101010101u);
		}
	for (tdm_net_mr *mr : mrs)
		ASSERT_EQ(tdm_net_dereg_mr(mr), 0);
}

INSTANTIATE_TEST_SUITE_P(Each, SoftMemfd, testing::Values("soft:rc", "soft:srd"),
			 [](const auto &info) { return info.param.substr(5); });

} // namespace
