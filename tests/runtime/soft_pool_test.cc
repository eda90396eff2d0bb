// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The parts of soft that have no hardware behind them: worker pool, bells.
 */
#include <gtest/gtest.h>
#include <time.h>

#include <atomic>
#include <thread>
#include <vector>

extern "C" {
#include "compute/compute.h"
#include "soft/bell.h"
#include "soft/pool.h"
}

namespace
{

struct Tally {
	std::atomic<unsigned int> calls[8];
	std::atomic<unsigned int> total;
};

void Count(void *arg, unsigned int worker, unsigned int n)
{
	auto *tally = static_cast<Tally *>(arg);

	ASSERT_LT(worker, n);
	tally->calls[worker]++;
	tally->total++;
}

} // namespace

TEST(SoftPool, EveryWorkerRunsOnceAndRunReturnsAfterAll)
{
	for (unsigned int threads : { 1u, 2u, 5u }) {
		struct soft_pool *pool = soft_pool_create(threads);
		Tally tally = {};

		ASSERT_NE(pool, nullptr);
		struct fw_pool *fw = soft_pool_fw(pool);
		ASSERT_EQ(fw->n, threads);
		for (unsigned int round = 1; round <= 500; round++) {
			fw->run(fw, Count, &tally);
			ASSERT_EQ(tally.total, round * threads);
			/* Some rounds find the workers asleep. */
			if (round % 100 == 0) {
				struct timespec ts = { 0, 2000000 };

				nanosleep(&ts, nullptr);
			}
		}
		for (unsigned int i = 0; i < threads; i++)
			EXPECT_EQ(tally.calls[i], 500u);
		soft_pool_destroy(pool);
	}
	soft_pool_destroy(nullptr);
}

TEST(SoftPool, IdleUsesNoProcessor)
{
	struct soft_pool *pool = soft_pool_create(4);
	struct timespec before, after, pause = { 0, 200000000 };
	Tally tally = {};

	ASSERT_NE(pool, nullptr);
	soft_pool_fw(pool)->run(soft_pool_fw(pool), Count, &tally);
	nanosleep(&pause, nullptr);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	nanosleep(&pause, nullptr);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	EXPECT_LT((after.tv_sec - before.tv_sec) * 1000 +
			  (after.tv_nsec - before.tv_nsec) / 1000000,
		  20);
	soft_pool_destroy(pool);
}

TEST(SoftBell, DeadlineAndEarlierRing)
{
	struct soft_bell bell = {};
	uint64_t start = soft_clock_ns();

	EXPECT_EQ(soft_bell_sleep(&bell, 0, start + 5000000), -ETIMEDOUT);
	EXPECT_GE(soft_clock_ns(), start + 5000000);
	soft_bell_ring(&bell);
	EXPECT_EQ(soft_bell_read(&bell), 1u);
	EXPECT_EQ(soft_bell_sleep(&bell, 0, ~0ull), 0);
}

TEST(SoftBell, TwoThreadsWakeEachOther)
{
	struct soft_bell ping = {}, pong = {};
	const uint32_t rounds = 5000;
	std::thread other([&] {
		for (uint32_t i = 0; i < rounds; i++) {
			while (soft_bell_read(&ping) == i)
				soft_bell_sleep(&ping, i, ~0ull);
			soft_bell_ring(&pong);
		}
	});

	for (uint32_t i = 0; i < rounds; i++) {
		soft_bell_ring(&ping);
		while (soft_bell_read(&pong) == i)
			ASSERT_NE(soft_bell_sleep(&pong, i, soft_clock_ns() + 20000000000ull),
				  -ETIMEDOUT);
	}
	other.join();
}
