// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem kv, on the pages of a run that is held and on those of the test itself.
 */
#include <cinttypes>

#include "e2e/held_run.h"
#include "e2e/landing.h"

extern "C" {
#include "compute/compute.h"
}

namespace
{

TEST(KvCli, ListsThePagesOfARun)
{
	HeldRun run;
	Told told = tell({ "kv", "list", "--pid", run.pid_text(), "--json" });
	ASSERT_EQ(told.code, 0) << told.err;
	EXPECT_EQ(text(told.json.get(), "schema"), "tandem.kv.list.v1");
	std::vector<std::string> names;
	for (json_object *pool : rows(told, "pools")) {
		EXPECT_EQ(count(pool, "pid"), uint64_t(run.pid()));
		names.push_back(text(pool, "name"));
		uint64_t in_use = 0, sum = 0;
		for (const char *state :
		     { "free", "reserved", "landing", "ready", "in_use", "draining" })
			sum += count(pool, state);
		EXPECT_EQ(sum, count(pool, "pages"));
		for (json_object *page : rows(told, "pages")) {
			EXPECT_NE(text(page, "state"), "free");
			in_use += count(page, "pool") == count(pool, "pool") &&
				  text(page, "state") == "in use";
		}
		/* The engine stands; its landing pages are its own affair. */
		if (names.back().rfind("engine", 0) == 0) {
			EXPECT_GT(in_use, 0u);
			EXPECT_EQ(in_use, count(pool, "in_use"));
			EXPECT_EQ(text(pool, "device"),
				  names.back() == "engine 0 decode" ? "soft:cs3" : "soft:trn2");
			EXPECT_EQ(text(pool, "layout"),
				  names.back() == "engine 0 decode" ? "wafer" : "wire");
		}
	}
	EXPECT_EQ(names, (std::vector<std::string>{ "engine 0 prefill", "engine 0 decode",
						    "agent 1 landing 0" }));
	Told all = tell({ "kv", "list", "--pid", run.pid_text(), "--json", "--all" });
	EXPECT_GT(rows(all, "pages").size(), rows(told, "pages").size());

	/* One of them, by itself: the last, for tokens that are still to come. */
	json_object *page = nullptr;
	for (json_object *each : rows(told, "pages"))
		if (count(each, "pool") == 1)
			page = each;
	ASSERT_TRUE(page);
	Told one = tell({ "kv", "show", run.pid_text(), text(page, "pool"), text(page, "page"),
			  "--hex", "--json" });
	ASSERT_EQ(one.code, 0) << one.err;
	for (const char *key : { "pool", "page", "state", "owner", "epoch" })
		EXPECT_EQ(text(one.json.get(), key), text(page, key)) << key;
	EXPECT_EQ(text(one.json.get(), "first_bytes").size(), 64u);
	EXPECT_GT(count(one.json.get(), "device_address"), 0u);
	EXPECT_EQ(member(one.json.get(), "crc32c"), nullptr);

	/* Whatever has landed or was sent so far is as it was. */
	Told verify = tell({ "kv", "verify", "--pid", run.pid_text(), "--json" });
	EXPECT_EQ(verify.code, 0) << verify.out;
	EXPECT_EQ(rows(verify, "pools").size(), 3u);
	EXPECT_EQ(rows(verify, "differing_pages").size(), 0u);
	run.release();
}

class KvCliLanding : public Landing
{
protected:
	KvCliLanding() : Landing(6)
	{
	}
	/* As if a peer had written and announced them. */
	void land(uint64_t owner, uint32_t n)
	{
		std::vector<tdm_kv_ref> refs(n);
		std::vector<tdm_kv_ticket> tickets(n);
		ASSERT_EQ(tdm_kv_pool_reserve(pool(), owner, refs.data(), n, nullptr), 0);
		ASSERT_EQ(tdm_kv_pool_land(pool(), owner, refs.data(), n, tickets.data(), nullptr),
			  0);
		for (auto &t : tickets)
			ASSERT_EQ(tdm_kv_pool_commit(
					  pool(), &t,
					  fw_crc32c(0, tdm_kv_pool_mem(pool(), t.page), BYTES),
					  nullptr),
				  0);
	}
	std::vector<std::string> args(const char *what, std::vector<std::string> more = {})
	{
		std::vector<std::string> all = { "kv", what, "--pid", std::to_string(getpid()) };
		all.insert(all.end(), more.begin(), more.end());
		return all;
	}
};

TEST_F(KvCliLanding, VerifyFindsTheByteThatWasFlipped)
{
	land(42, 4);
	Told good = tell(args("verify", { "--json" }));
	EXPECT_EQ(good.code, 0) << good.out;
	json_object *pool = rows(good, "pools").at(0);
	EXPECT_EQ(text(pool, "name"), "agent 0 landing 0");
	EXPECT_EQ(count(pool, "ok"), 4u);
	EXPECT_EQ(count(pool, "no_crc"), 2u);
	EXPECT_EQ(count(pool, "differs"), 0u);

	memory_[2 * BYTES + 100] ^= 0x10;
	char found[16], expected[16];
	const std::vector<uint8_t> clean(BYTES, 0x5a);
	snprintf(found, sizeof(found), "%08" PRIx32,
		 fw_crc32c(0, memory_.data() + size_t(2) * BYTES, BYTES));
	snprintf(expected, sizeof(expected), "%08" PRIx32, fw_crc32c(0, clean.data(), BYTES));
	Told bad = tell(args("verify", { "--json" }));
	EXPECT_EQ(bad.code, 1) << bad.out;
	pool = rows(bad, "pools").at(0);
	EXPECT_EQ(count(pool, "ok"), 3u);
	EXPECT_EQ(count(pool, "differs"), 1u);
	ASSERT_EQ(rows(bad, "differing_pages").size(), 1u);
	json_object *page = rows(bad, "differing_pages")[0];
	EXPECT_EQ(count(page, "page"), 2u);
	EXPECT_EQ(count(page, "owner"), 42u);
	EXPECT_EQ(text(page, "state"), "ready");
	EXPECT_EQ(text(page, "expected_crc32c"), expected);
	EXPECT_EQ(text(page, "found_crc32c"), found);
	Told table = tell(args("verify"));
	EXPECT_EQ(table.code, 1);
	EXPECT_NE(table.out.find("\npages that differ\n"), std::string::npos) << table.out;
	EXPECT_NE(table.out.find(found), std::string::npos) << table.out;
}

TEST_F(KvCliLanding, ShowHasTheCrcThatCameWithThePage)
{
	land(42, 1);
	Told one = tell({ "kv", "show", std::to_string(getpid()), "0", "0", "--json" });
	ASSERT_EQ(one.code, 0) << one.err;
	char crc[16];
	snprintf(crc, sizeof(crc), "%08" PRIx32, fw_crc32c(0, memory_.data(), BYTES));
	EXPECT_EQ(text(one.json.get(), "crc32c"), crc);
	EXPECT_EQ(count(one.json.get(), "crc32c_bytes"), BYTES);
	EXPECT_EQ(member(one.json.get(), "first_bytes"), nullptr);
}

TEST_F(KvCliLanding, WhatIsNotThere)
{
	std::string pid = std::to_string(getpid());
	EXPECT_EQ(tell({ "kv", "show", pid, "0", "6" }).code, 5);
	EXPECT_EQ(tell({ "kv", "show", pid, "1", "0" }).code, 5);
	EXPECT_EQ(tell({ "kv", "show", pid, "0" }).code, 2);
	EXPECT_EQ(tell({ "kv", "show", pid, "0", "0", "0" }).code, 2);
	EXPECT_EQ(tell({ "kv", "show", "x", "0", "0" }).code, 2);
	EXPECT_EQ(tell({ "kv", "list", "0" }).code, 2);
	EXPECT_EQ(tell({ "kv", "verify", "0" }).code, 2);
	EXPECT_EQ(tell({ "kv", "nothing" }).code, 2);
	/* A process that lives and shows nothing. */
	Told told = tell({ "kv", "list", "--pid", std::to_string(getppid()) });
	EXPECT_EQ(told.code, 5);
	EXPECT_NE(told.err.find("; "), std::string::npos) << told.err;
}

} // namespace
