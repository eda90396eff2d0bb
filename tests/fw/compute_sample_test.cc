// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The sampler: what it may draw, how often, and that nothing but seed and position
 * decide.
 */
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "compute/compute.h"
}

namespace
{

uint32_t sample(const std::vector<float> &logits, fw_sampling how)
{
	std::vector<uint64_t> scratch(fw_sample_scratch(static_cast<uint32_t>(logits.size())) / 8 +
				      1);
	return fw_sample(logits.data(), static_cast<uint32_t>(logits.size()), &how, scratch.data());
}

TEST(Sample, GreedyTakesTheLargestAndTheLowestIdOnTies)
{
	EXPECT_EQ(sample({ 1, 3, 2, 3 }, { 0, 0, 1, 0, 0 }), 1u);
	EXPECT_EQ(sample({ NAN, -5, NAN, -4 }, { 0, 0, 1, 0, 0 }), 3u);
	EXPECT_EQ(sample({ NAN, NAN }, { 0, 0, 1, 0, 0 }), 0u);
	EXPECT_EQ(sample({ -INFINITY, -INFINITY, 0 }, { 0, 0, 1, 0, 0 }), 2u);
}

TEST(Sample, TopKOneAndTinyTopPAreGreedy)
{
	std::vector<float> logits = { 0.1f, 0.5f, 0.4f, 0.5f };
	for (uint64_t seed = 0; seed < 50; seed++) {
		EXPECT_EQ(sample(logits, { 2, 1, 1, seed, 0 }), 1u);
		EXPECT_EQ(sample(logits, { 2, 0, 1e-9f, seed, 0 }), 1u);
	}
}

TEST(Sample, TopKAndTopPCutTheTail)
{
	std::vector<float> logits(100);
	for (size_t i = 0; i < logits.size(); i++)
		logits[i] = static_cast<float>(i % 10) / 10;
	for (uint64_t seed = 0; seed < 300; seed++) {
		/* The ten largest are 9, 19, ..., 99. */
		EXPECT_EQ(sample(logits, { 1, 10, 1, seed, 7 }) % 10, 9u);
		EXPECT_GE(sample(logits, { 0.1f, 0, 0.5f, seed, 7 }) % 10, 8u);
	}
}

/* Pearson's chi-square with 4 degrees of freedom: 18.5 is passed once in a thousand. */
TEST(Sample, DrawsWithTheProbabilitiesOfTheSoftmax)
{
	std::vector<float> logits = { 0, 1, 2, 0.5f, -1 };
	std::vector<int> seen(5);
	constexpr int N = 20000;
	double sum = 0, chi2 = 0;
	for (uint32_t i = 0; i < N; i++)
		seen[sample(logits, { 0.7f, 0, 1, 42, i })]++;
	for (float l : logits)
		sum += std::exp(l / 0.7);
	for (size_t i = 0; i < 5; i++) {
		double want = N * std::exp(logits[i] / 0.7) / sum;
		chi2 += (seen[i] - want) * (seen[i] - want) / want;
	}
	EXPECT_LT(chi2, 18.5);
}

TEST(Sample, OneDrawForOneSeedAndPosition)
{
	std::vector<float> logits(50, 0);
	std::map<uint32_t, int> by_seed, by_pos;
	for (uint32_t i = 0; i < 50; i++) {
		EXPECT_EQ(sample(logits, { 1, 0, 1, 3, i }), sample(logits, { 1, 0, 1, 3, i }));
		by_seed[sample(logits, { 1, 0, 1, i, 0 })]++;
		by_pos[sample(logits, { 1, 0, 1, 0, i })]++;
	}
	EXPECT_GT(by_seed.size(), 15u);
	EXPECT_GT(by_pos.size(), 15u);
}

/* By sorting all of them: the tokens that a draw may give. */
std::vector<uint32_t> allowed(const std::vector<float> &logits, const fw_sampling &how)
{
	std::vector<uint32_t> ids(logits.size());
	for (uint32_t i = 0; i < ids.size(); i++)
		ids[i] = i;
	std::stable_sort(ids.begin(), ids.end(),
			 [&](uint32_t a, uint32_t b) { return logits[a] > logits[b]; });
	if (how.top_k && how.top_k < ids.size())
		ids.resize(how.top_k);
	double sum = 0, kept = 0;
	auto weight = [&](uint32_t id) {
		return std::exp(static_cast<double>(logits[id] - logits[ids[0]]) /
				static_cast<double>(how.temperature));
	};
	for (uint32_t id : ids)
		sum += weight(id);
	for (size_t n = 0; n < ids.size() && how.top_p < 1; n++) {
		kept += weight(ids[n]);
		if (kept >= sum * static_cast<double>(how.top_p))
			ids.resize(n + 1);
	}
	return ids;
}

TEST(Sample, DrawsEveryAllowedTokenAndNoOther)
{
	std::mt19937 r(11);
	for (int round = 0; round < 40; round++) {
		std::vector<float> logits(20 + r() % 30);
		for (float &f : logits)
			f = static_cast<float>(r() % 1000) * 0.002f;
		fw_sampling how = { 1, r() % 3 ? 3 + static_cast<uint32_t>(r() % 9) : 0,
				    round % 2 ? 0.613f : 1, r(), 0 };
		std::vector<uint32_t> want = allowed(logits, how), seen;
		for (how.pos = 0; how.pos < 3000; how.pos++)
			seen.push_back(sample(logits, how));
		std::sort(seen.begin(), seen.end());
		seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
		std::sort(want.begin(), want.end());
		EXPECT_EQ(seen, want) << "top_k " << how.top_k << ", top_p " << how.top_p;
	}
}

/* The order decides what a draw means: equal logits go by id. */
TEST(Sample, TiesAreCutByTheLowestId)
{
	std::vector<float> logits(64, 1.5f);
	for (uint32_t pos = 0; pos < 200; pos++)
		EXPECT_LT(sample(logits, { 1, 5, 1, 9, pos }), 5u);
}

TEST(Sample, NanAndInfinityAreSurvived)
{
	const float inf = INFINITY;
	for (uint32_t k : { 0u, 1u, 2u, 3u, 9u })
		for (float p : { 1.0f, 0.5f, 0.0f, -1.0f, NAN, inf })
			for (uint32_t pos = 0; pos < 20; pos++) {
				EXPECT_EQ(sample({ NAN, 1, NAN, -inf }, { 1, k, p, 1, pos }), 1u);
				EXPECT_EQ(sample({ 5, inf, NAN, 7 }, { 1, k, p, 1, pos }), 1u);
				EXPECT_EQ(sample({ NAN, -inf, -inf }, { 1, k, p, 1, pos }), 1u);
				EXPECT_LT(sample({ NAN, NAN, NAN }, { 1, k, p, 1, pos }), 3u);
				EXPECT_EQ(sample({ 0, 1, 2 }, { NAN, k, p, 1, pos }), 2u);
				EXPECT_EQ(sample({ 0, 1, 2 }, { 1e-44f, k, p, 1, pos }), 2u);
				EXPECT_LT(sample({ 0, 1, 2 }, { inf, k, p, 1, pos }), 3u);
			}
}

} // namespace
