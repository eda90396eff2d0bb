/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Tables inside the transports: the software NIC's keys, the choice of a GID,
 * names of status words.
 */
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <set>
#include <string>

#include <infiniband/verbs.h>

#include <tandem/net.h>

#include "net/soft_mr.h"

/* net/verbs.h needs C11 atomics. */
extern "C" int verbs_gid_choose(const struct ibv_gid_entry *entry, int n, uint32_t port);

namespace
{

constexpr uint32_t kAll = TDM_NET_LOCAL_WRITE | TDM_NET_REMOTE_WRITE | TDM_NET_REMOTE_READ;

std::unique_ptr<soft_mr_table> Table()
{
	auto t = std::make_unique<soft_mr_table>();

	soft_mr_init(t.get());
	return t;
}

TEST(SoftKeys, NoKeyComesBack)
{
	auto t = Table();
	std::set<uint32_t> seen;

	for (uint32_t i = 0; i < 5 * SOFT_MR_SLOTS; i++) {
		uint32_t key = soft_mr_add(t.get(), 4096, 100, kAll);

		ASSERT_NE(key, 0u);
		ASSERT_TRUE(seen.insert(key).second);
		ASSERT_TRUE(seen.insert(soft_mr_rkey(t.get(), key)).second);
		soft_mr_remove(t.get(), key);
		ASSERT_FALSE(soft_mr_allows(t.get(), key, false, 4096, 1, 0));
	}
}

TEST(SoftKeys, UsedUpIndicesAreRetired)
{
	auto t = Table();

	for (soft_mr_slot &slot : t->slot)
		slot.gen = SOFT_MR_GEN_MAX - 1;
	for (uint32_t i = 0; i < SOFT_MR_SLOTS; i++) {
		uint32_t key = soft_mr_add(t.get(), 4096, 100, kAll);

		ASSERT_NE(key, 0u);
		ASSERT_TRUE(soft_mr_allows(t.get(), key, false, 4096, 100, 0));
		soft_mr_remove(t.get(), key);
	}
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(soft_mr_add(t.get(), 4096, 100, kAll), 0u);
	/* 2^31 registrations in a table's life, far more than 2^24. */
	EXPECT_GE(uint64_t(SOFT_MR_SLOTS) * SOFT_MR_GEN_MAX, uint64_t(1) << 24);
}

TEST(SoftKeys, FullTable)
{
	auto t = Table();
	uint32_t key = 0;

	for (uint32_t i = 0; i < SOFT_MR_SLOTS; i++)
		ASSERT_NE(key = soft_mr_add(t.get(), 4096, 100, kAll), 0u);
	EXPECT_EQ(soft_mr_add(t.get(), 4096, 100, kAll), 0u);
	soft_mr_remove(t.get(), key);
	EXPECT_NE(soft_mr_add(t.get(), 4096, 100, kAll), key);
}

TEST(SoftKeys, BoundsAtTheEdges)
{
	auto t = Table();
	uint32_t l = soft_mr_add(t.get(), 1000, 100, kAll);
	uint32_t top = soft_mr_add(t.get(), UINT64_MAX - 99, 99, kAll);
	auto ok = [&](uint32_t key, uint64_t addr, uint64_t len) {
		return soft_mr_allows(t.get(), key, false, addr, len, 0);
	};

	EXPECT_TRUE(ok(l, 1000, 100));
	EXPECT_TRUE(ok(l, 1099, 1));
	EXPECT_FALSE(ok(l, 1100, 1));
	EXPECT_FALSE(ok(l, 999, 1));
	EXPECT_FALSE(ok(l, 999, 100));
	EXPECT_FALSE(ok(l, 1000, 101));
	EXPECT_FALSE(ok(l, 1001, 100));
	EXPECT_FALSE(ok(l, 1000, UINT64_MAX));
	EXPECT_FALSE(ok(l, UINT64_MAX, 100));
	EXPECT_TRUE(ok(top, UINT64_MAX - 1, 1));
	EXPECT_FALSE(ok(top, UINT64_MAX - 1, 2));
}

TEST(SoftKeys, LocalAndRemoteAreDifferent)
{
	auto t = Table();
	uint32_t l = soft_mr_add(t.get(), 1000, 100, kAll);
	uint32_t r = soft_mr_rkey(t.get(), l);
	uint32_t local_only = soft_mr_add(t.get(), 1000, 100, TDM_NET_LOCAL_WRITE);

	EXPECT_TRUE(soft_mr_allows(t.get(), r, true, 1000, 1, TDM_NET_REMOTE_WRITE));
	EXPECT_FALSE(soft_mr_allows(t.get(), r, false, 1000, 1, 0));
	EXPECT_FALSE(soft_mr_allows(t.get(), l, true, 1000, 1, 0));
	EXPECT_EQ(soft_mr_rkey(t.get(), local_only), 0u);
	EXPECT_FALSE(soft_mr_allows(t.get(), 0, false, 1000, 1, 0));
	EXPECT_FALSE(soft_mr_allows(t.get(), local_only | 1, true, 1000, 1, TDM_NET_REMOTE_WRITE));
}

ibv_gid_entry Gid(uint32_t index, uint32_t port, uint32_t type, const char *hex)
{
	ibv_gid_entry e = {};

	e.gid_index = index;
	e.port_num = port;
	e.gid_type = type;
	for (int i = 0; i < 16; i++)
		e.gid.raw[i] = uint8_t(std::stoi(std::string(hex + 2 * i, 2), nullptr, 16));
	return e;
}

constexpr char kIpv4[] = "00000000000000000000ffff0a000001";
constexpr char kLocal[] = "fe80000000000000123456fffe789abc";
constexpr char kGlobal[] = "20010db8000000000000000000000001";
constexpr char kZero[] = "00000000000000000000000000000000";

TEST(NetGid, RoceV2ByIpv4First)
{
	const ibv_gid_entry table[] = {
		Gid(0, 1, IBV_GID_TYPE_ROCE_V1, kLocal), Gid(1, 1, IBV_GID_TYPE_ROCE_V2, kLocal),
		Gid(2, 1, IBV_GID_TYPE_ROCE_V1, kIpv4),	 Gid(3, 1, IBV_GID_TYPE_ROCE_V2, kGlobal),
		Gid(4, 1, IBV_GID_TYPE_ROCE_V2, kIpv4),	 Gid(5, 1, IBV_GID_TYPE_ROCE_V2, kIpv4),
		Gid(0, 2, IBV_GID_TYPE_IB, kLocal),	 Gid(1, 2, IBV_GID_TYPE_ROCE_V2, kZero),
	};

	EXPECT_EQ(verbs_gid_choose(table, 8, 1), 4);
	EXPECT_EQ(verbs_gid_choose(table, 4, 1), 3);
	EXPECT_EQ(verbs_gid_choose(table, 3, 1), 1);
	EXPECT_EQ(verbs_gid_choose(table, 1, 1), 0);
	EXPECT_EQ(verbs_gid_choose(table, 8, 2), 6);
	EXPECT_EQ(verbs_gid_choose(table + 7, 1, 2), -1);
	EXPECT_EQ(verbs_gid_choose(table, 8, 3), -1);
	EXPECT_EQ(verbs_gid_choose(table, 0, 1), -1);
}

TEST(NetGid, LowestIndexWhateverTheOrder)
{
	const ibv_gid_entry table[] = {
		Gid(5, 1, IBV_GID_TYPE_ROCE_V2, kIpv4),
		Gid(1, 1, IBV_GID_TYPE_ROCE_V2, kIpv4),
	};

	EXPECT_EQ(verbs_gid_choose(table, 2, 1), 1);
}

/* Ours and libibverbs' words for a status mean the same. */
TEST(NetStatus, NamesAreVerbs)
{
	EXPECT_STREQ(tdm_net_status_name(IBV_WC_SUCCESS), "SUCCESS");
	EXPECT_STREQ(tdm_net_status_name(IBV_WC_LOC_PROT_ERR), "LOC_PROT_ERR");
	EXPECT_STREQ(tdm_net_status_name(IBV_WC_WR_FLUSH_ERR), "WR_FLUSH_ERR");
	EXPECT_STREQ(tdm_net_status_name(IBV_WC_REM_ACCESS_ERR), "REM_ACCESS_ERR");
	EXPECT_STREQ(tdm_net_status_name(IBV_WC_RETRY_EXC_ERR), "RETRY_EXC_ERR");
	EXPECT_STREQ(tdm_net_status_name(IBV_WC_RESP_TIMEOUT_ERR), "RESP_TIMEOUT_ERR");
	EXPECT_STREQ(tdm_net_status_name(IBV_WC_GENERAL_ERR), "GENERAL_ERR");
	EXPECT_STREQ(tdm_net_status_name(22), "UNKNOWN");
	EXPECT_STREQ(tdm_net_status_name(UINT32_MAX), "UNKNOWN");
}

} // namespace
