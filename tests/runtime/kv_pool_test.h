/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * What the tests of the KV page pool share: a pool with shorthands, and the
 * table of what may happen to a page, written apart from the library's.
 */
#ifndef TESTS_RUNTIME_KV_POOL_TEST_H
#define TESTS_RUNTIME_KV_POOL_TEST_H

#include <gtest/gtest.h>

#include <errno.h>

#include <string>
#include <vector>

#include <tandem/kv.h>

#include "kv/pool.h"

namespace kv_test
{

constexpr uint64_t kMe = 42;
constexpr uint64_t kOther = 43;
constexpr uint32_t kPageBytes = 256;

struct Pool {
	explicit Pool(uint32_t pages, uint32_t id = 5, bool bind = true) : mem(pages * kPageBytes)
	{
		tdm_kv_pool_attr attr = {};
		tdm_error err = {};

		attr.mem = mem.data();
		attr.page_bytes = kPageBytes;
		attr.pages = pages;
		attr.id = id;
		attr.device_base = 0x100000;
		p = tdm_kv_pool_create(&attr, &err);
		EXPECT_NE(p, nullptr) << err.msg;
		if (bind) {
			EXPECT_EQ(tdm_kv_pool_bind(p, 0, pages, 0x7000, 99, nullptr), 0);
		}
	}
	~Pool()
	{
		Check();
		tdm_kv_pool_destroy(p);
	}

	void Check()
	{
		tdm_error err = {};

		EXPECT_EQ(tdm_kv_pool_check(p, &err), 0) << err.msg;
	}

	std::vector<tdm_kv_ref> Reserve(uint32_t n, uint64_t owner = kMe)
	{
		std::vector<tdm_kv_ref> refs(n);
		tdm_error err = {};

		EXPECT_EQ(tdm_kv_pool_reserve(p, owner, refs.data(), n, &err), 0) << err.msg;
		return refs;
	}

	tdm_kv_ticket Land(tdm_kv_ref ref, uint64_t owner = kMe)
	{
		tdm_kv_ticket ticket = {};

		EXPECT_EQ(tdm_kv_pool_land(p, owner, &ref, 1, &ticket, nullptr), 0);
		return ticket;
	}

	uint32_t State(uint32_t page)
	{
		tdm_kv_page_info info = {};

		EXPECT_EQ(tdm_kv_pool_list(p, page, &info, 1), 1u);
		return info.state;
	}

	uint32_t Count(uint32_t state)
	{
		return tdm_kv_pool_stats(p).pages[state];
	}

	/* One operation by its public function. */
	int Do(uint32_t op, tdm_kv_ref ref, uint64_t owner = kMe, tdm_error *err = nullptr)
	{
		tdm_kv_ticket ticket = {};

		switch (op) {
		case TDM_KV_OP_LAND:
			return tdm_kv_pool_land(p, owner, &ref, 1, &ticket, err);
		case TDM_KV_OP_COMMIT:
			ticket.pool = p->attr.id;
			ticket.owner = owner;
			ticket.page = ref.page;
			ticket.epoch = ref.epoch;
			return tdm_kv_pool_commit(p, &ticket, 0x1234, err);
		case TDM_KV_OP_TAKE:
			return tdm_kv_pool_take(p, owner, &ref, 1, err);
		case TDM_KV_OP_RELEASE:
			return tdm_kv_pool_release(p, owner, &ref, 1, err);
		case TDM_KV_OP_ABORT:
			return tdm_kv_pool_abort(p, owner, &ref, 1, err);
		case TDM_KV_OP_ACK:
			return tdm_kv_pool_ack(p, owner, &ref, 1, err);
		}
		abort();
	}

	/* A page in that state; free ones have been used once before. */
	tdm_kv_ref In(uint32_t state)
	{
		tdm_kv_ref ref = Reserve(1)[0];

		switch (state) {
		case TDM_KV_FREE:
			EXPECT_EQ(Do(TDM_KV_OP_RELEASE, ref), 0);
			break;
		case TDM_KV_RESERVED:
			break;
		case TDM_KV_LANDING:
			EXPECT_EQ(Do(TDM_KV_OP_LAND, ref), 0);
			break;
		case TDM_KV_READY:
			EXPECT_EQ(Do(TDM_KV_OP_LAND, ref), 0);
			EXPECT_EQ(Do(TDM_KV_OP_COMMIT, ref), 0);
			break;
		case TDM_KV_IN_USE:
			EXPECT_EQ(Do(TDM_KV_OP_TAKE, ref), 0);
			break;
		case TDM_KV_DRAINING:
			EXPECT_EQ(Do(TDM_KV_OP_LAND, ref), 0);
			EXPECT_EQ(Do(TDM_KV_OP_ABORT, ref), 0);
			break;
		}
		EXPECT_EQ(State(ref.page), state);
		return ref;
	}

	std::vector<char> mem;
	tdm_kv_pool *p;
};

/* Where each operation leads from each state, "-" where it must not be done. */
struct Row {
	uint32_t op;
	const char *from[TDM_KV_STATES];
};
inline const char *const kStates[] = {
	"free", "reserved", "landing", "ready", "in use", "draining"
};
inline const Row kTable[TDM_KV_OPS] = {
	/*			   free	       reserved   landing	  ready	    in use	  draining */
	{ TDM_KV_OP_RESERVE, { "reserved", "-", "-", "-", "-", "-" } },
	{ TDM_KV_OP_LAND, { "-", "landing", "-", "-", "-", "-" } },
	{ TDM_KV_OP_COMMIT, { "-", "-", "ready", "-", "-", "-" } },
	{ TDM_KV_OP_TAKE, { "-", "in use", "-", "in use", "-", "-" } },
	{ TDM_KV_OP_RELEASE, { "-", "free", "-", "free", "free", "-" } },
	{ TDM_KV_OP_ABORT, { "-", "-", "draining", "-", "draining", "-" } },
	{ TDM_KV_OP_ACK, { "-", "-", "-", "-", "-", "free" } },
};

} // namespace kv_test

#endif /* TESTS_RUNTIME_KV_POOL_TEST_H */
