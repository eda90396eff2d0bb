// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Our own exp, sine and cosine against libm; CRC32C and the KV layouts.
 */
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "compute/compute.h"
#include "compute/crc32c_table.h"
#include "compute/expf.h"
#include "compute/kernels.h"
#include "compute/rope.h"
}

namespace
{

double ulps(float got, double want)
{
	float w = static_cast<float>(want);
	double ulp = static_cast<double>(std::nextafter(std::fabs(w), INFINITY)) - std::fabs(w);
	return std::fabs(static_cast<double>(got) - want) / ulp;
}

TEST(Math, ExpIsWithinAnUlp)
{
	double worst = 0;
	for (double x = -86.9; x < 88; x += 0.0007)
		worst = std::max(worst, ulps(fw_expf(static_cast<float>(x)),
					     std::exp(static_cast<double>(static_cast<float>(x)))));
	EXPECT_LT(worst, 1.0);
	EXPECT_EQ(fw_expf(0), 1.0f);
	EXPECT_EQ(fw_expf(-1000), 0.0f);
	EXPECT_EQ(fw_expf(NAN), 0.0f);
	EXPECT_TRUE(std::isfinite(fw_expf(1000)));
}

/* softmax() shows exp as it is where the largest score is 0. */
TEST(Math, ExpOfOneFloatHasTheBitsOfEveryKernel)
{
	for (fw_isa isa : { FW_ISA_SCALAR, FW_ISA_AVX2, FW_ISA_AVX512 }) {
		const fw_kernels *k = fw_kernels_get(isa);
		if (!k)
			continue;
		for (float from = -90; from < 0; from += 0.25f) {
			std::vector<float> x(250), e;
			for (size_t i = 1; i < x.size(); i++)
				x[i] = from + static_cast<float>(i) * 0.001003f;
			for (float &f : x)
				f = std::min(f, 0.0f);
			e = x;
			k->softmax(e.data(), static_cast<uint32_t>(e.size()));
			for (size_t i = 0; i < x.size(); i++) {
				float want = fw_expf(x[i]);
				ASSERT_FALSE(std::memcmp(&e[i], &want, 4)) << x[i];
			}
		}
	}
}

TEST(Math, SineAndCosineRoundCorrectlyUpToAMillionTurns)
{
	fw_llama m{};
	float freq[2] = { 1.0f, 0.013f };
	m.rope_dims = 4;
	m.rope_mscale = 1;
	m.inv_freq = freq;
	for (uint32_t pos = 0; pos < 4000000; pos += 997) {
		fw_row row = { 0, pos, 0 };
		float table[4];
		fw_rope_table(&m, &row, 1, table);
		for (int i = 0; i < 2; i++) {
			double a = static_cast<double>(pos) * static_cast<double>(freq[i]);
			ASSERT_NEAR(table[2 * i], std::cos(a), 6e-8) << pos;
			ASSERT_NEAR(table[2 * i + 1], std::sin(a), 6e-8) << pos;
		}
	}
}

TEST(Math, WildFrequenciesDoNotHurt)
{
	fw_llama m{};
	float freq[3] = { INFINITY, NAN, 1e38f };
	fw_row row = { 0, 4000000, 0 };
	float table[6];
	m.rope_dims = 6;
	m.rope_mscale = 1;
	m.inv_freq = freq;
	fw_rope_table(&m, &row, 1, table);
	for (float f : table)
		EXPECT_LE(std::fabs(f), 1.0f);
}

/* Bit by bit, from the polynomial: RFC 3720, appendix B.4. */
uint32_t slow_crc32c(uint32_t crc, const uint8_t *p, size_t n)
{
	crc = ~crc;
	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

TEST(Crc32c, KnownValuesAndChaining)
{
	EXPECT_EQ(fw_crc32c(0, "123456789", 9), 0xe3069283u);
	EXPECT_EQ(fw_crc32c(0, "", 0), 0u);
	std::vector<uint8_t> data(5000);
	std::mt19937 r(1);
	for (uint8_t &b : data)
		b = static_cast<uint8_t>(r());
	for (size_t from : { 0, 1, 3, 8 })
		for (size_t n : { 1, 7, 64, 1000, 4991 }) {
			uint32_t want = slow_crc32c(0, &data[from], n);
			EXPECT_EQ(fw_crc32c_table(0, &data[from], n), want);
			EXPECT_EQ(fw_crc32c_table(fw_crc32c_table(0, &data[from], n / 3),
						  &data[from + n / 3], n - n / 3),
				  want);
			EXPECT_EQ(fw_crc32c(0, &data[from], n), want);
			uint32_t first = fw_crc32c(0, &data[from], n / 3);
			EXPECT_EQ(fw_crc32c(first, &data[from + n / 3], n - n / 3), want);
		}
}

TEST(KvLayout, EveryElementGoesWhereTheContractSays)
{
	for (uint32_t type : { TDM_DTYPE_F32, TDM_DTYPE_F16 }) {
		fw_llama m{};
		m.n_kv_heads = 3;
		m.head_dim = 20;
		m.kv_page_tokens = 48;
		m.kv_type = type;
		m.kv_layout = TDM_KV_LAYOUT_WAFER;
		size_t elt = type == TDM_DTYPE_F32 ? 4 : 2, n = 3 * 20 * 48;
		ASSERT_EQ(fw_kv_page_bytes(&m), 2 * n * elt);
		std::vector<uint8_t> wire(2 * n * elt), page(wire.size()), back(wire.size());
		for (size_t i = 0; i < wire.size(); i++)
			wire[i] = static_cast<uint8_t>(i * 31 + i / 256);
		fw_kv_import(&m, wire.data(), page.data());
		for (uint32_t h = 0; h < 3; h++)
			for (uint32_t t = 0; t < 48; t++)
				for (uint32_t d = 0; d < 20; d++) {
					size_t at = ((h * 48 + t) * 20 + d) * elt;
					size_t turned = ((h * 20 + d) * 48 + t) * elt;
					ASSERT_FALSE(std::memcmp(&page[turned], &wire[at], elt));
					ASSERT_FALSE(std::memcmp(&page[n * elt + at],
								 &wire[n * elt + at], elt));
				}
		fw_kv_export(&m, page.data(), back.data());
		EXPECT_EQ(back, wire);
	}
}

/* A part's wire bytes, by the contract: those of the tokens, head by head. */
std::vector<uint8_t> PartOf(const std::vector<uint8_t> &wire, const fw_llama &m, uint32_t first,
			    uint32_t tokens)
{
	size_t row = m.head_dim * (m.kv_type == TDM_DTYPE_F32 ? 4 : 2);
	std::vector<uint8_t> part;

	for (uint32_t h = 0; h < 2 * m.n_kv_heads; h++) {
		auto at = wire.begin() + static_cast<long>((h * m.kv_page_tokens + first) * row);
		part.insert(part.end(), at, at + static_cast<long>(tokens * row));
	}
	return part;
}

TEST(KvLayout, PartsAreThePagesOfSoManyTokens)
{
	for (uint32_t layout : { TDM_KV_LAYOUT_WIRE, TDM_KV_LAYOUT_WAFER })
		for (uint32_t type : { TDM_DTYPE_F32, TDM_DTYPE_F16 })
			for (uint32_t tokens : { 1u, 16u, 48u }) {
				fw_llama m{};
				m.n_kv_heads = 3;
				m.head_dim = 20;
				m.kv_page_tokens = 48;
				m.kv_type = type;
				m.kv_layout = layout;
				std::vector<uint8_t> wire(fw_kv_page_bytes(&m)), page(wire.size()),
					parts(wire.size(), 0xaa);
				for (size_t i = 0; i < wire.size(); i++)
					wire[i] = static_cast<uint8_t>(i * 31 + i / 256);
				fw_kv_import(&m, wire.data(), page.data());
				/* From the last to the first: no part depends on another. */
				for (uint32_t first = 48; first; first -= tokens) {
					std::vector<uint8_t> want = PartOf(wire, m, first - tokens,
									   tokens),
							     got(want.size());
					fw_kv_export_part(&m, page.data(), first - tokens, tokens,
							  got.data());
					ASSERT_EQ(got, want);
					fw_kv_import_part(&m, got.data(), first - tokens, tokens,
							  parts.data());
				}
				EXPECT_EQ(parts, page);
			}
}

TEST(KvLayout, APartLeavesTheRestOfThePageAlone)
{
	fw_llama m{};
	m.n_kv_heads = 2;
	m.head_dim = 8;
	m.kv_page_tokens = 32;
	m.kv_type = TDM_DTYPE_F16;
	m.kv_layout = TDM_KV_LAYOUT_WAFER;
	std::vector<uint8_t> page(fw_kv_page_bytes(&m), 0xaa), part(page.size() / 2, 0x55);

	fw_kv_import_part(&m, part.data(), 16, 16, page.data());
	EXPECT_EQ(std::count(page.begin(), page.end(), 0xaa), long(page.size() / 2));
	fw_kv_export_part(&m, page.data(), 0, 16, part.data());
	EXPECT_EQ(std::count(part.begin(), part.end(), 0xaa), long(part.size()));
}

} // namespace
