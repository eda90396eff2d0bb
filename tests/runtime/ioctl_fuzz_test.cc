// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Random clients, as tests/fuzz/ioctl.c has them, without libFuzzer: so they run on
 * the driver's nodes as well. TANDEM_TEST_SEED repeats a run, TANDEM_TEST_ROUNDS
 * makes a longer one.
 */
#include <random>

#include "device_fixture.h"
#include "support/ioctl_sequence.h"
#include "support/tier.h"

using namespace tandem_test;

class IoctlFuzz : public DeviceTest
{
protected:
	static uint32_t Number(const char *name, uint32_t otherwise)
	{
		const char *text = getenv(name);

		return text ? static_cast<uint32_t>(strtoul(text, nullptr, 0)) : otherwise;
	}
};
TANDEM_ON_EVERY_DEVICE(IoctlFuzz);

TEST_P(IoctlFuzz, RandomClientsHarmNobody)
{
	const uint32_t seed = Number("TANDEM_TEST_SEED", std::random_device()());
	const uint32_t rounds =
		Number("TANDEM_TEST_ROUNDS", GetParam()[0] == '/' ? 100 : by_tier(300, 150, 60));
	struct tdm_queue *queue = Queue(4);
	struct ioctl_tally tally = {};

	ASSERT_NE(queue, nullptr);
	RecordProperty("seed", std::to_string(seed));
	for (uint32_t round = 0; round < rounds; round++) {
		std::mt19937 random(seed + round);
		std::vector<uint8_t> input(64 + random() % 1500);
		struct tdm_cmd nop = Nop(round);
		struct tdm_fault fault;
		struct tdm_cqe cqe;

		for (uint8_t &byte : input)
			byte = static_cast<uint8_t>(random());
		ioctl_sequence_run(dev_, input.data(), input.size(), &tally);
		ASSERT_STREQ(tally.wrong, "")
			<< "TANDEM_TEST_SEED=" << seed + round << " TANDEM_TEST_ROUNDS=1";
		/* Who behaves goes on being served, and has no fault. */
		ASSERT_EQ(tdm_queue_run(queue, &nop, Soon(), &cqe), 0) << "seed " << seed + round;
		ASSERT_EQ(cqe.cookie, round);
		ASSERT_EQ(tdm_device_faults(dev_, &fault, 1), 0);
	}
	printf("seed %u: %llu calls, %llu accepted, %llu mappings, %llu commands\n", seed,
	       static_cast<unsigned long long>(tally.calls),
	       static_cast<unsigned long long>(tally.accepted),
	       static_cast<unsigned long long>(tally.mapped),
	       static_cast<unsigned long long>(tally.published));
	/* It is no test of refusals alone. */
	EXPECT_GT(tally.accepted, rounds);
	EXPECT_GT(tally.mapped, 0u);
	EXPECT_GT(tally.published, 0u);
	tdm_queue_destroy(queue);
}
