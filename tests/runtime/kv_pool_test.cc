/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The KV page pool: who may do what to a page.
 */
#include "kv_pool_test.h"

namespace
{

using namespace kv_test;

TEST(KvPool, AttributesAreChecked)
{
	char byte;
	const tdm_kv_pool_attr bad[] = {
		{ nullptr, 1, 1, 0, 0 },	{ &byte, 0, 1, 0, 0 },
		{ &byte, 1, 0, 0, 0 },		{ &byte, UINT64_MAX / 2, 3, 0, 0 },
		{ &byte, UINT64_MAX, 1, 0, 0 }, { &byte, 1, UINT32_MAX, 0, 0 },
	};

	for (const tdm_kv_pool_attr &attr : bad) {
		tdm_error err = {};

		EXPECT_EQ(tdm_kv_pool_create(&attr, &err), nullptr);
		EXPECT_EQ(err.code, -EINVAL);
	}
	tdm_kv_pool_destroy(nullptr);
}

TEST(KvPool, AllOrNothing)
{
	Pool pool(8);
	std::vector<tdm_kv_ref> refs = pool.Reserve(5);
	std::vector<tdm_kv_ref> more(4, tdm_kv_ref{ 77, 77 });
	tdm_error err = {};

	EXPECT_EQ(tdm_kv_pool_reserve(pool.p, kOther, more.data(), 4, &err), -ENOSPC);
	EXPECT_NE(std::string(err.msg).find("3 of 8"), std::string::npos) << err.msg;
	EXPECT_EQ(more[0].page, 77u);
	EXPECT_EQ(pool.Count(TDM_KV_FREE), 3u);
	EXPECT_EQ(tdm_kv_pool_reserve(pool.p, kOther, more.data(), 3, &err), 0);
	EXPECT_EQ(tdm_kv_pool_reserve(pool.p, kOther, more.data(), 1, &err), -ENOSPC);
	EXPECT_EQ(tdm_kv_pool_reserve(pool.p, kOther, more.data(), 0, &err), 0);
	EXPECT_EQ(tdm_kv_pool_reserve(pool.p, 0, more.data(), 0, &err), -EINVAL);
	EXPECT_EQ(tdm_kv_pool_stats(pool.p).low_water, 0u);

	/* One bad page among good ones: none moves. */
	more[1].epoch++;
	EXPECT_EQ(tdm_kv_pool_release(pool.p, kOther, more.data(), 3, &err), -ESTALE);
	more[1].epoch--;
	std::swap(more[1], refs[1]);
	EXPECT_EQ(tdm_kv_pool_release(pool.p, kOther, more.data(), 3, &err), -EPERM);
	std::swap(more[1], refs[1]);
	more[3] = more[0];
	EXPECT_EQ(tdm_kv_pool_release(pool.p, kOther, more.data(), 4, &err), -EINVAL);
	EXPECT_NE(std::string(err.msg).find("twice"), std::string::npos) << err.msg;
	EXPECT_EQ(pool.Count(TDM_KV_RESERVED), 8u);
	pool.Check();
	EXPECT_EQ(tdm_kv_pool_release(pool.p, kOther, more.data(), 3, &err), 0);
	EXPECT_EQ(tdm_kv_pool_release(pool.p, kMe, refs.data(), 5, &err), 0);
	EXPECT_EQ(pool.Count(TDM_KV_FREE), 8u);
}

TEST(KvPool, DoubleFree)
{
	Pool pool(2);
	tdm_kv_ref ref = pool.Reserve(1)[0];

	EXPECT_EQ(pool.Do(TDM_KV_OP_RELEASE, ref), 0);
	EXPECT_EQ(pool.Do(TDM_KV_OP_RELEASE, ref), -EINVAL);
	/* Someone else has it now: an old ref does not take it away. */
	while (pool.Reserve(1, kOther)[0].page != ref.page) {
	}
	EXPECT_EQ(pool.Do(TDM_KV_OP_RELEASE, ref), -ESTALE);
	EXPECT_EQ(pool.Do(TDM_KV_OP_RELEASE, ref, kOther), -ESTALE);
}

TEST(KvPool, EpochOfEveryReservationIsNew)
{
	Pool pool(1);
	uint32_t last = 0;

	for (int i = 0; i < 5; i++) {
		tdm_kv_ref ref = pool.Reserve(1)[0];

		EXPECT_GT(ref.epoch, last);
		last = ref.epoch;
		EXPECT_EQ(pool.Do(TDM_KV_OP_RELEASE, ref), 0);
	}
	pool.p->page[0].epoch = UINT32_MAX;
	EXPECT_EQ(pool.Reserve(1)[0].epoch, 1u);
}

/* A late announcement must not make a page ready that was given to someone else. */
TEST(KvPool, OldTicketIsRefused)
{
	Pool pool(1);
	tdm_kv_ticket old = pool.Land(pool.Reserve(1)[0]);
	tdm_kv_ref ref = { old.page, old.epoch };
	tdm_error err = {};

	EXPECT_EQ(pool.Do(TDM_KV_OP_ABORT, ref), 0);
	EXPECT_EQ(tdm_kv_pool_commit(pool.p, &old, 1, &err), -EINVAL);
	EXPECT_EQ(pool.Do(TDM_KV_OP_ACK, ref), 0);
	EXPECT_EQ(tdm_kv_pool_commit(pool.p, &old, 1, &err), -EINVAL);
	tdm_kv_ticket now = pool.Land(pool.Reserve(1, kOther)[0], kOther);

	EXPECT_EQ(now.page, old.page);
	EXPECT_EQ(tdm_kv_pool_commit(pool.p, &old, 1, &err), -ESTALE);
	old.epoch = now.epoch;
	EXPECT_EQ(tdm_kv_pool_commit(pool.p, &old, 1, &err), -EPERM);
	now.pool++;
	EXPECT_EQ(tdm_kv_pool_commit(pool.p, &now, 1, &err), -EINVAL);
	now.pool--;
	now.page = 1;
	EXPECT_EQ(tdm_kv_pool_commit(pool.p, &now, 1, &err), -EINVAL);
	now.page = 0;
	EXPECT_EQ(tdm_kv_pool_commit(pool.p, &now, 1, &err), 0);
	EXPECT_EQ(tdm_kv_pool_commit(pool.p, &now, 1, &err), -EINVAL);
}

/* Quarantine: nothing but an ack of the right reservation by its owner ends it. */
TEST(KvPool, OnlyTheRightAckEndsQuarantine)
{
	Pool pool(1);
	tdm_kv_ref ref = pool.In(TDM_KV_DRAINING);
	tdm_kv_ref old = { ref.page, ref.epoch - 1 };
	tdm_kv_ref none;

	EXPECT_EQ(tdm_kv_pool_reserve(pool.p, kOther, &none, 1, nullptr), -ENOSPC);
	EXPECT_EQ(pool.Do(TDM_KV_OP_ACK, old), -ESTALE);
	EXPECT_EQ(pool.Do(TDM_KV_OP_ACK, ref, kOther), -EPERM);
	EXPECT_EQ(pool.Do(TDM_KV_OP_RELEASE, ref), -EINVAL);
	EXPECT_EQ(pool.Do(TDM_KV_OP_ABORT, ref), -EINVAL);
	EXPECT_EQ(pool.Count(TDM_KV_DRAINING), 1u);
	EXPECT_EQ(pool.Do(TDM_KV_OP_ACK, ref), 0);
	EXPECT_EQ(pool.Do(TDM_KV_OP_ACK, ref), -EINVAL);
	EXPECT_EQ(pool.Count(TDM_KV_FREE), 1u);
}

TEST(KvPool, Tickets)
{
	Pool pool(4, 9, false);
	std::vector<tdm_kv_ref> refs = pool.Reserve(4);
	tdm_kv_ticket t[4] = {};
	tdm_error err = {};

	EXPECT_EQ(tdm_kv_pool_land(pool.p, kMe, refs.data(), 4, t, &err), -ENOKEY);
	EXPECT_EQ(tdm_kv_pool_bind(pool.p, 0, 2, 0x10000, 11, &err), 0);
	EXPECT_EQ(tdm_kv_pool_land(pool.p, kMe, refs.data(), 4, t, &err), -ENOKEY);
	EXPECT_EQ(pool.Count(TDM_KV_RESERVED), 4u);
	EXPECT_EQ(tdm_kv_pool_bind(pool.p, 2, 2, 0x90000, 22, &err), 0);
	EXPECT_EQ(tdm_kv_pool_land(pool.p, kMe, refs.data(), 4, t, &err), 0);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(t[i].owner, kMe);
		EXPECT_EQ(t[i].pool, 9u);
		EXPECT_EQ(t[i].page, refs[i].page);
		EXPECT_EQ(t[i].epoch, refs[i].epoch);
		EXPECT_EQ(t[i].bytes, kPageBytes);
		EXPECT_EQ(t[i].rkey, t[i].page < 2 ? 11u : 22u);
		EXPECT_EQ(t[i].addr,
			  (t[i].page < 2 ? 0x10000u : 0x90000u) + t[i].page % 2 * kPageBytes);
	}
	/* The key of a page must not change under its ticket. */
	EXPECT_EQ(tdm_kv_pool_bind(pool.p, 0, 4, 0, 33, &err), -EBUSY);
	EXPECT_EQ(tdm_kv_pool_drop(pool.p, kMe, nullptr, 0), 4u);
	EXPECT_EQ(tdm_kv_pool_bind(pool.p, 0, 1, 0, 33, &err), -EBUSY);
	EXPECT_EQ(tdm_kv_pool_ack(pool.p, kMe, refs.data(), 4, &err), 0);
	EXPECT_EQ(tdm_kv_pool_bind(pool.p, 0, 4, 0, 33, &err), 0);
	EXPECT_EQ(tdm_kv_pool_bind(pool.p, 4, 0, 0, 33, &err), -EINVAL);
	EXPECT_EQ(tdm_kv_pool_bind(pool.p, 1, 4, 0, 33, &err), -EINVAL);
	EXPECT_EQ(tdm_kv_pool_bind(pool.p, 1, UINT32_MAX, 0, 33, &err), -EINVAL);
}

TEST(KvPool, AddressesAndCrc)
{
	Pool pool(3);
	tdm_kv_ref ref = pool.In(TDM_KV_READY);
	tdm_kv_ref plain = pool.In(TDM_KV_IN_USE);
	tdm_kv_ref reserved = pool.In(TDM_KV_RESERVED);
	uint32_t crc = 0;

	EXPECT_EQ(tdm_kv_pool_mem(pool.p, 2), pool.mem.data() + 2 * kPageBytes);
	EXPECT_EQ(tdm_kv_pool_mem(pool.p, 3), nullptr);
	EXPECT_EQ(tdm_kv_pool_device_addr(pool.p, 2), 0x100000u + 2 * kPageBytes);
	EXPECT_EQ(tdm_kv_pool_device_addr(pool.p, 3), 0u);
	EXPECT_EQ(tdm_kv_pool_crc(pool.p, kMe, ref, &crc, nullptr), 0);
	EXPECT_EQ(crc, 0x1234u);
	EXPECT_EQ(pool.Do(TDM_KV_OP_TAKE, ref), 0);
	EXPECT_EQ(tdm_kv_pool_crc(pool.p, kMe, ref, &crc, nullptr), 0);
	EXPECT_EQ(crc, 0x1234u);
	EXPECT_EQ(tdm_kv_pool_crc(pool.p, kMe, plain, &crc, nullptr), 0);
	EXPECT_EQ(crc, 0u);
	EXPECT_EQ(tdm_kv_pool_crc(pool.p, kMe, reserved, &crc, nullptr), -EINVAL);
	EXPECT_EQ(tdm_kv_pool_crc(pool.p, kOther, ref, &crc, nullptr), -EPERM);
	EXPECT_EQ(pool.Do(TDM_KV_OP_RELEASE, ref), 0);
	EXPECT_EQ(tdm_kv_pool_crc(pool.p, kMe, ref, &crc, nullptr), -EINVAL);
}

TEST(KvPool, ListShowsThePages)
{
	Pool pool(4);
	tdm_kv_ref ref = pool.In(TDM_KV_READY);
	tdm_kv_page_info list[8] = {};

	EXPECT_EQ(tdm_kv_pool_list(pool.p, 0, list, 8), 4u);
	EXPECT_EQ(tdm_kv_pool_list(pool.p, 3, list + 4, 4), 1u);
	EXPECT_EQ(tdm_kv_pool_list(pool.p, 4, list, 4), 0u);
	for (uint32_t i = 0; i < 4; i++) {
		bool mine = i == ref.page;

		EXPECT_EQ(list[i].page, i);
		EXPECT_EQ(list[i].state, uint32_t(mine ? TDM_KV_READY : TDM_KV_FREE));
		EXPECT_EQ(list[i].owner, mine ? kMe : 0);
		EXPECT_EQ(list[i].crc, mine ? 0x1234u : 0u);
		EXPECT_EQ(list[i].epoch, mine ? 1u : 0u);
		EXPECT_NE(list[i].changed_ns, 0u);
	}
	uint64_t before = list[ref.page].changed_ns;

	EXPECT_EQ(pool.Do(TDM_KV_OP_TAKE, ref), 0);
	EXPECT_EQ(tdm_kv_pool_list(pool.p, ref.page, list, 1), 1u);
	EXPECT_GE(list[0].changed_ns, before);
}

/* The end of a request in any state: nothing is left of it but its quarantine. */
TEST(KvPool, DropLeavesOnlyQuarantine)
{
	Pool pool(12);
	tdm_kv_ref other = pool.Reserve(1, kOther)[0];

	for (uint32_t s = TDM_KV_RESERVED; s < TDM_KV_STATES; s++)
		pool.In(s);
	std::vector<tdm_kv_ref> refs(12);
	uint32_t n = tdm_kv_pool_drop(pool.p, kMe, refs.data(), 12);

	EXPECT_EQ(n, 3u); /* landing, in use, draining */
	EXPECT_EQ(pool.Count(TDM_KV_DRAINING), 3u);
	EXPECT_EQ(pool.Count(TDM_KV_FREE), 8u);
	EXPECT_EQ(pool.State(other.page), uint32_t(TDM_KV_RESERVED));
	EXPECT_EQ(tdm_kv_pool_drop(pool.p, kMe, refs.data(), 1), 3u);
	EXPECT_EQ(tdm_kv_pool_ack(pool.p, kMe, refs.data(), n, nullptr), 0);
	EXPECT_EQ(tdm_kv_pool_drop(pool.p, kMe, nullptr, 0), 0u);
	EXPECT_EQ(tdm_kv_pool_drop(pool.p, 0, nullptr, 0), 0u);
	EXPECT_EQ(pool.Count(TDM_KV_FREE), 11u);
}

} // namespace
