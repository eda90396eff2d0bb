/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Random schedules and threads on the KV page pool: no page is lost.
 */
#include "kv_pool_test.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>

namespace
{

using namespace kv_test;

/* A test that cannot see a broken pool is none: break it in every way that check() knows. */
TEST(KvPool, CheckSeesWhatIsBroken)
{
	using Break = void (*)(tdm_kv_pool *, uint32_t used);
	const Break breaks[] = {
		[](tdm_kv_pool *p, uint32_t i) { p->page[i].owner = 0; },
		[](tdm_kv_pool *p, uint32_t i) { p->page[i].state = TDM_KV_IN_USE; },
		[](tdm_kv_pool *p, uint32_t i) { p->page[i].state = 77; },
		[](tdm_kv_pool *p, uint32_t i) { p->page[i].epoch = 0; },
		[](tdm_kv_pool *p, uint32_t i) { p->page[i].next_free = 0; },
		[](tdm_kv_pool *p, uint32_t i) { p->page[i].crc = 1; },
		[](tdm_kv_pool *p, uint32_t i) { p->page[i].rkey = 0; },
		[](tdm_kv_pool *p, uint32_t i) { p->page[i].named = true; },
		[](tdm_kv_pool *p, uint32_t i) { p->first_free = i; },
		[](tdm_kv_pool *p, uint32_t) { p->first_free = KV_NO_PAGE; },
		[](tdm_kv_pool *p, uint32_t) { p->page[p->first_free].owner = 1; },
		[](tdm_kv_pool *p, uint32_t) { p->page[p->first_free].next_free = p->first_free; },
		[](tdm_kv_pool *p, uint32_t) { p->page[p->first_free].next_free = KV_NO_PAGE; },
		[](tdm_kv_pool *p, uint32_t) { p->page[p->first_free].next_free = 1000; },
		[](tdm_kv_pool *p, uint32_t) { p->stats.pages[TDM_KV_READY]++; },
		[](tdm_kv_pool *p, uint32_t) { p->stats.ops[TDM_KV_OP_ACK]++; },
		[](tdm_kv_pool *p, uint32_t) { p->stats.low_water = 100; },
	};
	int n = 0;

	for (Break b : breaks) {
		Pool pool(6);
		tdm_kv_ref ref = pool.In(TDM_KV_LANDING);
		std::vector<char> copy(sizeof(tdm_kv_pool) + 6 * sizeof(kv_page));
		tdm_error err = {};

		ASSERT_EQ(tdm_kv_pool_check(pool.p, &err), 0) << err.msg;
		std::copy_n(reinterpret_cast<char *>(pool.p), copy.size(), copy.begin());
		b(pool.p, ref.page);
		EXPECT_EQ(tdm_kv_pool_check(pool.p, &err), -EUCLEAN) << "break " << n;
		EXPECT_EQ(err.code, -EUCLEAN);
		std::copy(copy.begin(), copy.end(), reinterpret_cast<char *>(pool.p));
		n++;
	}
}

/* What the pool should be doing, kept by other means. */
struct Model {
	struct Page {
		uint32_t state = TDM_KV_FREE;
		uint64_t owner = 0;
		uint32_t epoch = 0;
	};
	std::vector<Page> page;

	uint32_t Free() const
	{
		return uint32_t(std::count_if(page.begin(), page.end(), [](const Page &p) {
			return p.state == TDM_KV_FREE;
		}));
	}

	int Expect(uint32_t op, tdm_kv_ref ref, uint64_t owner) const
	{
		if (ref.page >= page.size())
			return -EINVAL;
		const Page &p = page[ref.page];

		if (p.epoch != ref.epoch)
			return -ESTALE;
		if (kTable[op].from[p.state][0] == '-')
			return -EINVAL;
		return p.owner == owner ? 0 : -EPERM;
	}

	void Apply(uint32_t op, tdm_kv_ref ref)
	{
		Page &p = page[ref.page];

		for (uint32_t s = 0; s < TDM_KV_STATES; s++) {
			if (!strcmp(kStates[s], kTable[op].from[p.state])) {
				p.state = s;
				break;
			}
		}
		if (p.state == TDM_KV_FREE)
			p.owner = 0;
	}
};

TEST(KvPool, RandomSchedules)
{
	constexpr uint32_t kPages = 13;

	for (uint32_t seed = 0; seed < 40; seed++) {
		std::mt19937 rng(seed);
		Pool pool(kPages);
		Model model{ std::vector<Model::Page>(kPages) };
		uint32_t done = 0;

		for (int step = 0; step < 1500; step++) {
			uint64_t owner = 1 + rng() % 3;

			if (rng() % 4 == 0) {
				uint32_t n = rng() % 6;
				std::vector<tdm_kv_ref> refs(n);
				int rc =
					tdm_kv_pool_reserve(pool.p, owner, refs.data(), n, nullptr);

				ASSERT_EQ(rc, n > model.Free() ? -ENOSPC : 0);
				for (const tdm_kv_ref &r : refs) {
					if (rc)
						break;
					ASSERT_EQ(model.page[r.page].state, uint32_t(TDM_KV_FREE));
					ASSERT_EQ(r.epoch, model.page[r.page].epoch + 1);
					model.page[r.page] = { TDM_KV_RESERVED, owner, r.epoch };
				}
			} else {
				uint32_t op = 1 + rng() % (TDM_KV_OPS - 1);
				tdm_kv_ref ref = { uint32_t(rng() % (kPages + 1)), 0 };

				if (ref.page < kPages)
					ref.epoch = model.page[ref.page].epoch - !(rng() % 8);
				if (ref.page < kPages && rng() % 4 && model.page[ref.page].owner)
					owner = model.page[ref.page].owner;
				int rc = pool.Do(op, ref, owner);

				ASSERT_EQ(rc, model.Expect(op, ref, owner));
				if (!rc) {
					model.Apply(op, ref);
					done++;
				}
			}
			tdm_error err = {};

			ASSERT_EQ(tdm_kv_pool_check(pool.p, &err), 0) << err.msg;
			for (uint32_t i = 0; i < kPages; i++)
				ASSERT_EQ(pool.State(i), model.page[i].state);
		}
		EXPECT_GT(done, 100u);
	}
}

/* Each thread is a request; a page that two of them hold at once would be seen. */
TEST(KvPool, Threads)
{
	Pool pool(16);
	std::vector<std::thread> threads;
	std::atomic<uint64_t> holder[16] = {};
	std::atomic<bool> stop{ false };

	for (uint64_t owner = 1; owner <= 4; owner++)
		threads.emplace_back([&, owner] {
			std::mt19937 rng{ uint32_t(owner) };
			tdm_kv_ref refs[6];

			for (int i = 0; i < 3000; i++) {
				uint32_t n = 1 + rng() % 6;

				if (tdm_kv_pool_reserve(pool.p, owner, refs, n, nullptr))
					continue;
				for (uint32_t k = 0; k < n; k++)
					EXPECT_EQ(holder[refs[k].page].exchange(owner), 0u);
				tdm_kv_ticket t[6];

				EXPECT_EQ(tdm_kv_pool_land(pool.p, owner, refs, n, t, nullptr), 0);
				EXPECT_EQ(tdm_kv_pool_commit(pool.p, &t[0], 7, nullptr), 0);
				EXPECT_EQ(tdm_kv_pool_take(pool.p, owner, refs, 1, nullptr), 0);
				for (uint32_t k = 0; k < n; k++)
					EXPECT_EQ(holder[refs[k].page].exchange(0), owner);
				EXPECT_EQ(tdm_kv_pool_abort(pool.p, owner, refs, n, nullptr), 0);
				EXPECT_EQ(tdm_kv_pool_ack(pool.p, owner, refs, n, nullptr), 0);
			}
		});
	std::thread watcher([&] {
		while (!stop) {
			tdm_error err = {};
			tdm_kv_page_info list[16];

			EXPECT_EQ(tdm_kv_pool_check(pool.p, &err), 0) << err.msg;
			EXPECT_EQ(tdm_kv_pool_list(pool.p, 0, list, 16), 16u);
		}
	});

	for (std::thread &t : threads)
		t.join();
	stop = true;
	watcher.join();
	EXPECT_EQ(pool.Count(TDM_KV_FREE), 16u);
}

} // namespace
