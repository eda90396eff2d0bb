// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Every instruction set gives the bits of the scalar kernels, and those are the
 * fixed lanes that the contract says.
 */
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <sys/mman.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/skip.h"

extern "C" {
#include "compute/expf.h"
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
			TANDEM_SKIP("this processor does not have the instruction set");
	}
	const fw_kernels *k = nullptr;
	const fw_kernels *scalar = fw_kernels_get(FW_ISA_SCALAR);
};

TEST_P(Isa, MatmulIsTheFixedLanes)
{
	Random r(1);
	for (int round = 0; round < 100; round++) {
		uint32_t rows = 1 + r.below(40), cols = 1 + r.below(200), n = 1 + r.below(40);
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
			bool blocks = type == TDM_DTYPE_Q8_0 || type == TDM_DTYPE_Q4_0;
			uint32_t cols = blocks ? 32 * (1 + r.below(5)) : 1 + r.below(160);
			uint32_t rows = 1 + r.below(50), n = 1 + r.below(9);
			uint32_t cut = r.below(rows + 1);
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

/* Long rows: fewer of them to a block, down to one tile. */
TEST_P(Isa, MatmulOfLongRows)
{
	Random r(6);
	for (uint32_t cols : { 511u, 1000u, 2050u, 4099u })
		for (uint32_t n : { 1u, 3u, 6u }) {
			uint32_t rows = 1 + r.below(21);
			std::vector<float> w = r.values(rows * cols), x = r.values(n * cols);
			std::vector<float> y(n * rows), want(n * rows), wbuf(16 * 4112);
			fw_mat m = { w.data(), rows, cols, TDM_DTYPE_F32 };
			k->matmul(&m, 0, rows, x.data(), n, y.data(), rows, wbuf.data());
			for (uint32_t t = 0; t < n; t++)
				for (uint32_t i = 0; i < rows; i++)
					want[t * rows + i] =
						lanes_dot(&w[i * cols], &x[t * cols], cols);
			ASSERT_TRUE(same_bits(y, want)) << rows << " x " << cols << " x " << n;
		}
}

/* A part writes its own rows and no others: two parts may run at once. */
TEST_P(Isa, MatmulWritesNothingOutsideItsRows)
{
	Random r(7);
	for (int round = 0; round < 60; round++) {
		uint32_t rows = 1 + r.below(70), cols = 1 + r.below(40), n = 1 + r.below(9);
		uint32_t from = r.below(rows), to = from + r.below(rows - from) + 1;
		std::vector<float> w = r.values(rows * cols), x = r.values(n * cols);
		std::vector<float> y(n * rows, 12345), wbuf(16 * 48);
		fw_mat m = { w.data(), rows, cols, TDM_DTYPE_F32 };
		k->matmul(&m, from, to, x.data(), n, y.data(), rows, wbuf.data());
		for (uint32_t t = 0; t < n; t++)
			for (uint32_t i = 0; i < rows; i++)
				ASSERT_EQ(y[t * rows + i] == 12345, i < from || i >= to);
	}
}

/* Memory that ends where a page that cannot be touched begins. */
class Guarded
{
public:
	explicit Guarded(const std::vector<uint8_t> &data)
	{
		page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
		body_ = (data.size() + page_ - 1) / page_ * page_;
		base_ = static_cast<uint8_t *>(mmap(nullptr, body_ + page_, PROT_READ | PROT_WRITE,
						    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		EXPECT_EQ(mprotect(base_ + body_, page_, PROT_NONE), 0);
		std::memcpy(base_ + body_ - data.size(), data.data(), data.size());
		at = base_ + body_ - data.size();
	}
	Guarded(const Guarded &) = delete;
	Guarded &operator=(const Guarded &) = delete;
	~Guarded()
	{
		munmap(base_, body_ + page_);
	}
	uint8_t *at;

private:
	uint8_t *base_;
	size_t page_, body_;
};

std::vector<uint8_t> bytes_of(const std::vector<float> &f)
{
	std::vector<uint8_t> out(f.size() * 4);
	std::memcpy(out.data(), f.data(), out.size());
	return out;
}

TEST_P(Isa, ReadsNothingBehindTheData)
{
	Random r(8);
	for (uint32_t type :
	     { TDM_DTYPE_F32, TDM_DTYPE_F16, TDM_DTYPE_BF16, TDM_DTYPE_Q8_0, TDM_DTYPE_Q4_0 })
		for (uint32_t cols : { 32u, 64u, 1u, 7u, 8u, 9u, 15u, 17u, 31u, 40u }) {
			bool blocks = type == TDM_DTYPE_Q8_0 || type == TDM_DTYPE_Q4_0;
			if (blocks && cols % 32)
				continue;
			for (uint32_t n : { 1u, 2u, 5u }) {
				uint32_t rows = 1 + r.below(20);
				Guarded w(random_weights(r, type, rows, cols));
				Guarded x(bytes_of(r.values(n * cols)));
				Guarded y(std::vector<uint8_t>(n * rows * 4));
				std::vector<float> wbuf(16 * 64), row(cols);
				fw_mat m = { w.at, rows, cols, type };
				k->matmul(&m, 0, rows, reinterpret_cast<float *>(x.at), n,
					  reinterpret_cast<float *>(y.at), rows, wbuf.data());
				k->dequant(&m, rows - 1, row.data());
			}
		}
	for (uint32_t head_dim : { 2u, 8u, 20u, 33u, 48u, 64u, 100u })
		for (uint32_t type : { TDM_DTYPE_F32, TDM_DTYPE_F16 })
			for (uint32_t layout : { TDM_KV_LAYOUT_WIRE, TDM_KV_LAYOUT_WAFER }) {
				Guarded kv(random_weights(r, type, 16, head_dim));
				Guarded q(bytes_of(r.values(head_dim)));
				Guarded acc(bytes_of(r.values(head_dim)));
				std::vector<float> p(16);
				fw_kv_shape s = { head_dim, 16, type, layout };
				k->scores(&s, reinterpret_cast<float *>(q.at), kv.at, 16, 1,
					  p.data());
				k->values(&s, p.data(), kv.at, 16,
					  reinterpret_cast<float *>(acc.at));
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

TEST_P(Isa, SoftmaxFindsTheLargestWhereverItIs)
{
	for (uint32_t n : { 1u, 5u, 16u, 31u, 50u })
		for (uint32_t at = 0; at < n; at++) {
			std::vector<float> s(n, -3);
			s[at] = 2;
			k->softmax(s.data(), n);
			for (uint32_t i = 0; i < n; i++)
				ASSERT_EQ(s[i], i == at ? 1.0f : fw_expf(-5)) << n << ", " << at;
		}
}

/* The parts that are not a dot product, each in its own words. */
TEST_P(Isa, NormAndSoftmaxAreTheFixedLanes)
{
	Random r(9);
	for (uint32_t n : { 1u, 15u, 16u, 33u, 288u }) {
		std::vector<float> x = r.values(n, 3), w = r.values(n), y(n), want(n);
		float rms = lanes_dot(x.data(), x.data(), n) / static_cast<float>(n);
		for (uint32_t i = 0; i < n; i++)
			want[i] = x[i] * (1.0f / std::sqrt(rms + 1e-5f)) * w[i];
		k->norm(y.data(), x.data(), w.data(), n, 1e-5f);
		EXPECT_TRUE(same_bits(y, want)) << n;

		std::vector<float> s = r.values(n, 20), e(n), ones(n, 1);
		float max = *std::max_element(s.begin(), s.end());
		for (uint32_t i = 0; i < n; i++)
			e[i] = fw_expf(s[i] - max);
		float sum = k->softmax(s.data(), n);
		EXPECT_TRUE(same_bits(s, e)) << n;
		EXPECT_EQ(sum, lanes_dot(e.data(), ones.data(), n));
	}
}

TEST_P(Isa, AttentionIsTheFixedLanes)
{
	Random r(10);
	for (uint32_t head_dim : { 2u, 8u, 16u, 20u, 48u, 64u, 80u, 100u, 128u }) {
		const uint32_t tokens = 48, n = 37;
		std::vector<float> kv = r.values(tokens * head_dim), q = r.values(head_dim);
		std::vector<float> p(tokens), out(head_dim), want(head_dim);
		fw_kv_shape s = { head_dim, tokens, TDM_DTYPE_F32, TDM_KV_LAYOUT_WIRE };
		k->scores(&s, q.data(), kv.data(), n, 0.3f, p.data());
		for (uint32_t t = 0; t < n; t++)
			ASSERT_EQ(p[t], lanes_dot(&kv[t * head_dim], q.data(), head_dim) * 0.3f);
		k->values(&s, p.data(), kv.data(), n, out.data());
		for (uint32_t d = 0; d < head_dim; d++)
			for (uint32_t t = 0; t < n; t++)
				want[d] = std::fma(p[t], kv[t * head_dim + d], want[d]);
		EXPECT_TRUE(same_bits(out, want)) << head_dim;
	}
}

/* Each format in one expression, from the GGUF specification and IEEE 754. */
double half_as_double(const uint8_t *p)
{
	int h = p[0] | p[1] << 8, e = h >> 10 & 31, man = h & 1023;
	double x = e ? std::ldexp(1024 + man, e - 25) : std::ldexp(man, -24);
	return h & 0x8000 ? -x : x;
}

TEST_P(Isa, DequantIsTheFormat)
{
	Random r(12);
	const uint32_t rows = 3, cols = 96;
	std::vector<float> out(cols);
	for (uint32_t row = 0; row < rows; row++)
		for (uint32_t type :
		     { TDM_DTYPE_F16, TDM_DTYPE_BF16, TDM_DTYPE_Q8_0, TDM_DTYPE_Q4_0 }) {
			auto w = random_weights(r, type, rows, cols);
			fw_mat m = { w.data(), rows, cols, type };
			k->dequant(&m, row, out.data());
			for (uint32_t c = 0; c < cols; c++) {
				uint32_t i = row * cols + c, in = c % 32;
				const uint8_t *two = &w[(2 * i) % w.size()];
				const uint8_t *q8 = &w[(i / 32 * 34) % w.size()];
				const uint8_t *q4 = &w[(i / 32 * 18) % w.size()];
				int nibble = in < 16 ? q4[2 + in % 16] & 15 : q4[2 + in % 16] >> 4;
				uint32_t bf16 = static_cast<uint32_t>(two[0] | two[1] << 8) << 16;
				float wide;
				std::memcpy(&wide, &bf16, 4);
				/* 11 by 8 bits: the product in double is exact. */
				double want = type == TDM_DTYPE_F16    ? half_as_double(two)
					      : type == TDM_DTYPE_BF16 ? static_cast<double>(wide)
					      : type == TDM_DTYPE_Q8_0
						      ? half_as_double(q8) *
								static_cast<int8_t>(q8[2 + in])
						      : half_as_double(q4) * (nibble - 8);
				ASSERT_EQ(out[c], static_cast<float>(want)) << "type " << type;
			}
		}
}

TEST_P(Isa, ToHalfHasTheBitsOfTheScalarOne)
{
	std::vector<float> in;
	for (uint64_t bits = 0; bits < 0x100000000; bits += 65521) {
		auto b = static_cast<uint32_t>(bits);
		in.emplace_back();
		std::memcpy(&in.back(), &b, 4);
	}
	/* Halfway between two halves, and a bit to either side. */
	for (uint32_t h = 0; h < 0x7c00; h += 3)
		for (int step : { -1, 0, 1 }) {
			float f = fw_from_half(static_cast<uint16_t>(h));
			float next = fw_from_half(static_cast<uint16_t>(h + 1));
			float mid = std::isinf(next) ? 65520 : f + (next - f) / 2;
			in.push_back(step ? std::nextafter(mid, step * INFINITY) : mid);
		}
	std::vector<uint16_t> out(in.size());
	k->to_half(in.data(), static_cast<uint32_t>(in.size()), out.data());
	for (size_t i = 0; i < in.size(); i++)
		ASSERT_EQ(out[i], fw_to_half(in[i])) << in[i];
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

#if defined(__x86_64__)
/* Bits of XCR0's components that hold something: 2 and 6 are the upper halves. */
bool upper_halves_in_use()
{
	uint32_t low, high;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
	return low & (1U << 2 | 1U << 6);
}

bool can_see_upper_halves()
{
	uint32_t a, b, c, d;
	return fw_kernels_get(FW_ISA_AVX2) && __get_cpuid_count(0xd, 1, &a, &b, &c, &d) && a & 4;
}

/* isa-l 2.30 does, and so slows SSE code of the host application to a crawl. */
TEST(Crc32c, LeavesNoUpperHalvesBehind)
{
	if (!can_see_upper_halves())
		TANDEM_SKIP("this processor does not tell");
	std::vector<uint8_t> x(8192);
	for (size_t n : { 1u, 100u, 1000u, 8192u }) {
		__asm__ volatile("vzeroupper");
		fw_crc32c(0, x.data(), n);
		bool used = upper_halves_in_use();
		EXPECT_FALSE(used) << n;
	}
}

TEST_P(Isa, LeavesNoUpperHalvesBehind)
{
	if (!can_see_upper_halves())
		TANDEM_SKIP("this processor does not tell");
	std::vector<float> x(64 * 32, 0.5f), y(64 * 32), wbuf(16 * 64);
	std::vector<uint16_t> half(64);
	std::vector<bool> used;
	auto check = [&] { used.push_back(upper_halves_in_use()); };
	__asm__ volatile("vzeroupper");
	for (uint32_t type : { TDM_DTYPE_F32, TDM_DTYPE_F16, TDM_DTYPE_Q8_0 })
		for (uint32_t n : { 1u, 8u }) {
			fw_mat m = { x.data(), 20, 64, type };
			k->matmul(&m, 0, 20, x.data(), n, y.data(), 20, wbuf.data());
			check();
			k->dequant(&m, 0, wbuf.data());
			check();
		}
	for (uint32_t layout : { TDM_KV_LAYOUT_WIRE, TDM_KV_LAYOUT_WAFER })
		for (uint32_t type : { TDM_DTYPE_F32, TDM_DTYPE_F16 }) {
			fw_kv_shape s = { 64, 32, type, layout };
			k->scores(&s, x.data(), x.data(), 32, 1, y.data());
			check();
			k->values(&s, x.data(), x.data(), 32, y.data());
			check();
		}
	k->norm(y.data(), x.data(), x.data(), 64, 1e-5f);
	check();
	k->silu_mul(y.data(), x.data(), 64);
	check();
	k->softmax(y.data(), 64);
	check();
	k->to_half(x.data(), 64, half.data());
	check();
	for (size_t i = 0; i < used.size(); i++)
		EXPECT_FALSE(used[i]) << "after call " << i;
}
#endif

std::string isa_name(const testing::TestParamInfo<fw_isa> &info)
{
	const char *names[] = { "scalar", "avx2", "avx512" };
	return names[info.param];
}

INSTANTIATE_TEST_SUITE_P(All, Isa, testing::Values(FW_ISA_SCALAR, FW_ISA_AVX2, FW_ISA_AVX512),
			 isa_name);

TEST(IsaChoice, BestIsTheLastThatThereIs)
{
	const fw_kernels *best = fw_kernels_get(FW_ISA_SCALAR);
	for (fw_isa isa : { FW_ISA_AVX2, FW_ISA_AVX512 })
		if (fw_kernels_get(isa))
			best = fw_kernels_get(isa);
	EXPECT_EQ(fw_kernels_get(FW_ISA_BEST), best);
	EXPECT_STREQ(fw_kernels_name(fw_kernels_get(FW_ISA_SCALAR)), "scalar");
}

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
