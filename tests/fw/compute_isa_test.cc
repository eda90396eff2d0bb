// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Every instruction set gives the bits of the scalar kernels, and those are the
 * fixed lanes that the contract says.
 */
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "compute/half.h"
#include "compute/kernels.h"
}

namespace
{

class Random
{
public:
	explicit Random(uint64_t seed) : engine_(seed)
	{
	}
	float value(float scale = 1)
	{
		return scale * (static_cast<float>(engine_() >> 40) * 0x1p-23f - 1);
	}
	std::vector<float> values(size_t n, float scale = 1)
	{
		std::vector<float> x(n);
		for (float &e : x)
			e = value(scale);
		return x;
	}
	uint32_t below(uint32_t n)
	{
		return static_cast<uint32_t>(engine_() % n);
	}

private:
	std::mt19937_64 engine_;
};

/* Bits of a row for a type; scales are kept finite. */
std::vector<uint8_t> random_weights(Random &r, uint32_t type, uint32_t rows, uint32_t cols)
{
	size_t n = static_cast<size_t>(rows) * cols;
	size_t bytes = type == TDM_DTYPE_F32	? n * 4
		       : type == TDM_DTYPE_Q8_0 ? n / 32 * 34
		       : type == TDM_DTYPE_Q4_0 ? n / 32 * 18
						: n * 2;
	std::vector<uint8_t> out(bytes);
	for (uint8_t &b : out)
		b = static_cast<uint8_t>(r.below(256));
	auto put_half = [&](size_t at) {
		uint16_t h = fw_to_half(r.value());
		std::memcpy(&out[at], &h, 2);
	};
	for (size_t i = 0; type == TDM_DTYPE_F32 && i < n; i++) {
		float f = r.value();
		std::memcpy(&out[4 * i], &f, 4);
	}
	for (size_t i = 0; type == TDM_DTYPE_F16 && i < n; i++)
		put_half(2 * i);
	for (size_t i = 0; type == TDM_DTYPE_BF16 && i < n; i++) {
		float f = r.value();
		std::memcpy(&out[2 * i], reinterpret_cast<char *>(&f) + 2, 2);
	}
	for (size_t i = 0; type == TDM_DTYPE_Q8_0 && i < n / 32; i++)
		put_half(34 * i);
	for (size_t i = 0; type == TDM_DTYPE_Q4_0 && i < n / 32; i++)
		put_half(18 * i);
	return out;
}

bool same_bits(const std::vector<float> &a, const std::vector<float> &b)
{
	return a.size() == b.size() && !std::memcmp(a.data(), b.data(), a.size() * sizeof(float));
}

/* Written from the contract, not from the kernels. */
float lanes_dot(const float *a, const float *b, uint32_t n)
{
	float s[16] = {};
	for (uint32_t i = 0; i < n; i++)
		s[i % 16] = std::fma(a[i], b[i], s[i % 16]);
	for (int half = 8; half; half /= 2)
		for (int l = 0; l < half; l++)
			s[l] += s[l + half];
	return s[0];
}

class Isa : public testing::TestWithParam<fw_isa>
{
protected:
	void SetUp() override
	{
		k = fw_kernels_get(GetParam());
		if (!k)
			GTEST_SKIP() << "this processor does not have the instruction set";
	}
	const fw_kernels *k = nullptr;
	const fw_kernels *scalar = fw_kernels_get(FW_ISA_SCALAR);
};

TEST_P(Isa, MatmulIsTheFixedLanes)
{
	Random r(1);
	for (int round = 0; round < 60; round++) {
		uint32_t rows = 1 + r.below(40), cols = 1 + r.below(200), n = 1 + r.below(12);
		std::vector<float> w = r.values(rows * cols), x = r.values(n * cols);
		std::vector<float> y(n * rows), want(n * rows), wbuf(16 * 256);
		fw_mat m = { w.data(), rows, cols, TDM_DTYPE_F32 };
		k->matmul(&m, 0, rows, x.data(), n, y.data(), rows, wbuf.data());
		for (uint32_t t = 0; t < n; t++)
			for (uint32_t i = 0; i < rows; i++)
				want[t * rows + i] = lanes_dot(&w[i * cols], &x[t * cols], cols);
		ASSERT_TRUE(same_bits(y, want)) << rows << " x " << cols << " x " << n;
	}
}

TEST_P(Isa, MatmulOfEveryTypeAndPart)
{
	Random r(2);
	for (uint32_t type :
	     { TDM_DTYPE_F32, TDM_DTYPE_F16, TDM_DTYPE_BF16, TDM_DTYPE_Q8_0, TDM_DTYPE_Q4_0 })
		for (int round = 0; round < 20; round++) {
			uint32_t rows = 1 + r.below(50), cols = 32 * (1 + r.below(5));
			uint32_t n = 1 + r.below(9), cut = r.below(rows + 1);
			auto w = random_weights(r, type, rows, cols);
			std::vector<float> x = r.values(n * cols), y(n * rows), want(n * rows);
			std::vector<float> wbuf(16 * 256);
			fw_mat m = { w.data(), rows, cols, type };
			scalar->matmul(&m, 0, rows, x.data(), n, want.data(), rows, wbuf.data());
			k->matmul(&m, 0, cut, x.data(), n, y.data(), rows, wbuf.data());
			k->matmul(&m, cut, rows, x.data(), n, y.data(), rows, wbuf.data());
			ASSERT_TRUE(same_bits(y, want)) << "type " << type;
		}
}

TEST_P(Isa, NormSiluSoftmax)
{
	Random r(3);
	for (uint32_t n : { 1u, 7u, 15u, 16u, 17u, 64u, 100u, 288u }) {
		std::vector<float> x = r.values(n, 3), w = r.values(n), y(n), want(n);
		k->norm(y.data(), x.data(), w.data(), n, 1e-5f);
		scalar->norm(want.data(), x.data(), w.data(), n, 1e-5f);
		EXPECT_TRUE(same_bits(y, want)) << "norm " << n;

		std::vector<float> g = r.values(n, 100), u = r.values(n), g2 = g;
		k->silu_mul(g.data(), u.data(), n);
		scalar->silu_mul(g2.data(), u.data(), n);
		EXPECT_TRUE(same_bits(g, g2)) << "silu " << n;

		std::vector<float> s = r.values(n, 20), s2 = s;
		float sum = k->softmax(s.data(), n), sum2 = scalar->softmax(s2.data(), n);
		EXPECT_TRUE(same_bits(s, s2)) << "softmax " << n;
		EXPECT_EQ(sum, sum2);
	}
}

TEST_P(Isa, AttentionInBothLayoutsAndTypes)
{
	Random r(4);
	for (uint32_t head_dim : { 8u, 16u, 20u, 48u, 64u, 128u })
		for (uint32_t type : { TDM_DTYPE_F32, TDM_DTYPE_F16 }) {
			uint32_t tokens = 32;
			auto wire = random_weights(r, type, tokens, head_dim);
			auto wafer = wire;
			size_t elt = type == TDM_DTYPE_F32 ? 4 : 2;
			for (uint32_t t = 0; t < tokens; t++)
				for (uint32_t d = 0; d < head_dim; d++)
					std::memcpy(&wafer[(d * tokens + t) * elt],
						    &wire[(t * head_dim + d) * elt], elt);
			fw_kv_shape ws = { head_dim, tokens, type, TDM_KV_LAYOUT_WIRE };
			fw_kv_shape fs = { head_dim, tokens, type, TDM_KV_LAYOUT_WAFER };
			std::vector<float> q = r.values(head_dim);
			for (uint32_t n : { 1u, 15u, 16u, 17u, 32u }) {
				std::vector<float> a(32), b(32), c(32);
				scalar->scores(&ws, q.data(), wire.data(), n, 0.3f, c.data());
				k->scores(&ws, q.data(), wire.data(), n, 0.3f, a.data());
				k->scores(&fs, q.data(), wafer.data(), n, 0.3f, b.data());
				EXPECT_FALSE(std::memcmp(a.data(), c.data(), n * 4));
				EXPECT_FALSE(std::memcmp(b.data(), c.data(), n * 4));
				std::vector<float> v = r.values(head_dim), v2 = v;
				k->values(&ws, a.data(), wire.data(), n, v.data());
				scalar->values(&ws, a.data(), wire.data(), n, v2.data());
				EXPECT_TRUE(same_bits(v, v2));
			}
		}
}

TEST_P(Isa, SurvivesNanAndInfinity)
{
	std::vector<float> x = { NAN, INFINITY, -INFINITY, 1, -NAN, 1e38f, -1e38f, 0 };
	std::vector<float> u(x.size(), 1), g = x, s = x, y(x.size());
	k->silu_mul(g.data(), u.data(), 8);
	k->softmax(s.data(), 8);
	k->norm(y.data(), x.data(), u.data(), 8, 1e-5f);
	for (float e : s)
		EXPECT_TRUE(std::isnan(e) || (e >= 0 && e <= INFINITY));
}

std::string isa_name(const testing::TestParamInfo<fw_isa> &info)
{
	const char *names[] = { "scalar", "avx2", "avx512" };
	return names[info.param];
}

INSTANTIATE_TEST_SUITE_P(All, Isa, testing::Values(FW_ISA_SCALAR, FW_ISA_AVX2, FW_ISA_AVX512),
			 isa_name);

TEST(Half, EveryValueThereAndBack)
{
	for (uint32_t h = 0; h < 65536; h++) {
		float f = fw_from_half(static_cast<uint16_t>(h));
		bool nan = (h & 0x7c00) == 0x7c00 && (h & 0x3ff);
		ASSERT_EQ(std::isnan(f), nan) << h;
		if (!nan) {
			ASSERT_EQ(fw_to_half(f), h);
		}
		int e = h >> 10 & 31;
		double want = e ? std::ldexp(1024 + (h & 1023), e - 25) : std::ldexp(h & 1023, -24);
		if (e < 31) {
			ASSERT_EQ(std::fabs(f), static_cast<float>(want));
		}
	}
}

TEST(Half, RoundsToNearestTiesToEven)
{
	Random r(5);
	for (int i = 0; i < 200000; i++) {
		float f = std::ldexp(r.value(), static_cast<int>(r.below(40)) - 26);
		uint16_t h = fw_to_half(f);
		/* No neighbour is nearer, and on a tie the even one was taken. */
		double here = std::fabs(static_cast<double>(fw_from_half(h)) - f);
		if ((h & 0x7fff) >= 0x7bff)
			continue;
		for (int step : { -1, 1 }) {
			if ((h & 0x7fff) == 0 && step < 0)
				continue;
			auto next = static_cast<uint16_t>(h + step);
			double there = std::fabs(static_cast<double>(fw_from_half(next)) - f);
			ASSERT_TRUE(here < there || (here == there && !(h & 1))) << f;
		}
	}
}

} // namespace
