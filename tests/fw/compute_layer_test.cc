// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Layers give the same bits however tokens are cut into batches, whatever shares a
 * batch, and for every pool, page size, layout and instruction set.
 */
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "compute/compute.h"
#include "compute/half.h"
}

namespace
{

constexpr uint32_t kPrompt = 37;

struct Shape {
	uint32_t dim, n_heads, n_kv_heads, head_dim, ffn_dim, vocab, rope_dims;
};

/* Nothing divides by 16 but the heads; and one that Q8_0 and Q4_0 can have. */
constexpr Shape kOdd = { 52, 8, 2, 10, 77, 67, 8 };
constexpr Shape kBlocks = { 64, 6, 3, 16, 64, 80, 16 };

class Weights
{
public:
	Weights(Shape s, uint32_t type) : m()
	{
		uint32_t q = s.n_heads * s.head_dim, kv = s.n_kv_heads * s.head_dim;
		m.n_layers = 2;
		m.dim = s.dim;
		m.n_heads = s.n_heads;
		m.n_kv_heads = s.n_kv_heads;
		m.head_dim = s.head_dim;
		m.ffn_dim = s.ffn_dim;
		m.vocab = s.vocab;
		m.rope_dims = s.rope_dims;
		m.max_ctx = 64;
		m.norm_eps = 1e-5f;
		m.attn_scale = 1 / std::sqrt(static_cast<float>(s.head_dim));
		m.rope_mscale = 1.1f;
		float *freq = vector(s.rope_dims / 2, 0);
		for (uint32_t i = 0; i < s.rope_dims / 2; i++)
			freq[i] = std::pow(100.0f, -2.0f * static_cast<float>(i) /
							   static_cast<float>(s.rope_dims));
		m.inv_freq = freq;
		m.tok_embd = matrix(s.vocab, s.dim, type);
		m.output = matrix(s.vocab, s.dim, type);
		m.out_norm = vector(s.dim, 1);
		layers_.resize(m.n_layers);
		for (fw_layer &l : layers_)
			l = { matrix(q, s.dim, type),
			      matrix(kv, s.dim, type),
			      matrix(kv, s.dim, type),
			      matrix(s.dim, q, type),
			      matrix(s.ffn_dim, s.dim, type),
			      matrix(s.ffn_dim, s.dim, type),
			      matrix(s.dim, s.ffn_dim, type),
			      vector(s.dim, 1),
			      vector(s.dim, 1),
			      vector(q, 0),
			      nullptr,
			      vector(kv, 0),
			      vector(s.dim, 0) };
		m.layers = layers_.data();
	}
	fw_llama m;

private:
	float number()
	{
		return static_cast<float>(engine_() >> 8) * 0x1p-23f - 1;
	}
	float *vector(uint32_t n, float around)
	{
		floats_.push_back(std::make_unique<float[]>(n));
		for (uint32_t i = 0; i < n; i++)
			floats_.back()[i] = around + 0.3f * number();
		return floats_.back().get();
	}
	fw_mat matrix(uint32_t rows, uint32_t cols, uint32_t type)
	{
		size_t n = static_cast<size_t>(rows) * cols;
		if (type == TDM_DTYPE_F32)
			return { vector(rows * cols, 0), rows, cols, type };
		size_t bytes = type == TDM_DTYPE_Q8_0	? n / 32 * 34
			       : type == TDM_DTYPE_Q4_0 ? n / 32 * 18
							: n * 2;
		bytes_.push_back(std::make_unique<uint8_t[]>(bytes));
		uint8_t *p = bytes_.back().get();
		for (size_t i = 0; i < bytes; i++)
			p[i] = static_cast<uint8_t>(engine_());
		size_t step = type == TDM_DTYPE_Q8_0 ? 34 : type == TDM_DTYPE_Q4_0 ? 18 : 2;
		for (size_t i = 0; i < bytes; i += step) {
			float f = (step == 2 ? 0.3f : 0.01f) * number();
			uint16_t h = fw_to_half(f);
			std::memcpy(p + i, &h, 2);
			if (type == TDM_DTYPE_BF16)
				std::memcpy(p + i, reinterpret_cast<char *>(&f) + 2, 2);
		}
		return { p, rows, cols, type };
	}

	std::mt19937 engine_{ 7 };
	std::vector<std::unique_ptr<float[]>> floats_;
	std::vector<std::unique_ptr<uint8_t[]>> bytes_;
	std::vector<fw_layer> layers_;
};

/* Parts one by one from the last to the first: finds those that need each other. */
struct BackwardPool : fw_pool {
	explicit BackwardPool(unsigned n) : fw_pool{ n, run_parts }
	{
	}
	static void run_parts(fw_pool *p, void (*fn)(void *, unsigned, unsigned), void *arg)
	{
		static_cast<BackwardPool *>(p)->runs++;
		for (unsigned i = p->n; i-- > 0;)
			fn(arg, i, p->n);
	}
	uint32_t runs = 0;
};

struct ThreadPool : fw_pool {
	explicit ThreadPool(unsigned n) : fw_pool{ n, run_parts }
	{
	}
	static void run_parts(fw_pool *p, void (*fn)(void *, unsigned, unsigned), void *arg)
	{
		std::vector<std::thread> threads;
		for (unsigned i = 1; i < p->n; i++)
			threads.emplace_back(fn, arg, i, p->n);
		fn(arg, 0, p->n);
		for (std::thread &t : threads)
			t.join();
	}
};

struct How {
	fw_isa isa = FW_ISA_BEST;
	uint32_t kv_type = TDM_DTYPE_F16;
	uint32_t page_tokens = 16;
	uint32_t layout = TDM_KV_LAYOUT_WIRE;
	fw_pool *pool = nullptr;
};

/* The pages of some sequences, and what comes out of running tokens through them. */
class Machine
{
public:
	Machine(const Weights &w, const How &how, uint32_t n_seqs)
	    : m_(w.m), how_(how), k_(fw_kernels_get(how.isa)), x_(n_seqs * kPrompt * w.m.dim)
	{
		m_.kv_type = how.kv_type;
		m_.kv_page_tokens = how.page_tokens;
		m_.kv_layout = how.layout;
		blocks_ = (kPrompt + how.page_tokens - 1) / how.page_tokens;
		/* All ones is NaN: whatever is not written must not matter. */
		memory_.assign(m_.n_layers * n_seqs * blocks_ * page_bytes(), 0xff);
		scratch_.resize(fw_scratch_size(&m_, n_seqs * kPrompt, how.pool) / 64 + 1);
		for (size_t i = 0; i < m_.n_layers * n_seqs * blocks_; i++)
			pages_.push_back(&memory_[i * page_bytes()]);
		for (size_t i = 0; i < m_.n_layers * n_seqs; i++)
			tables_.push_back(&pages_[i * blocks_]);
		n_seqs_ = n_seqs;
	}
	bool ok() const
	{
		return k_;
	}

	/* Logits of every row. */
	std::vector<float> run(const std::vector<fw_row> &rows)
	{
		auto n = static_cast<uint32_t>(rows.size());
		std::vector<float> logits(n * m_.vocab);
		fw_embed(k_, &m_, rows.data(), n, x_.data());
		fw_begin(&m_, rows.data(), n, scratch_.data());
		for (uint32_t l = 0; l < m_.n_layers; l++)
			fw_layer_forward(k_, &m_, l, rows.data(), n, x_.data(),
					 &tables_[l * n_seqs_], scratch_.data(), how_.pool);
		fw_logits(k_, &m_, x_.data(), n, logits.data(), scratch_.data(), how_.pool);
		return logits;
	}

	/* K and V of a sequence's tokens from wire bytes: [layer][k, v][head][token]. */
	std::vector<uint8_t> kv(uint32_t seq) const
	{
		std::vector<uint8_t> out, wire(page_bytes());
		size_t row = m_.head_dim * (m_.kv_type == TDM_DTYPE_F32 ? 4UL : 2UL);
		for (uint32_t l = 0; l < m_.n_layers; l++) {
			std::vector<std::vector<uint8_t>> pages;
			for (uint32_t b = 0; b < blocks_; b++) {
				fw_kv_export(&m_, tables_[l * n_seqs_ + seq][b], wire.data());
				pages.push_back(wire);
			}
			for (uint32_t h = 0; h < 2 * m_.n_kv_heads; h++)
				for (uint32_t t = 0; t < kPrompt; t++) {
					uint32_t token = t % how_.page_tokens;
					auto at = pages[t / how_.page_tokens].begin() +
						  static_cast<ptrdiff_t>(
							  (h * how_.page_tokens + token) * row);
					out.insert(out.end(), at, at + static_cast<ptrdiff_t>(row));
				}
		}
		return out;
	}

private:
	size_t page_bytes() const
	{
		return 2UL * m_.n_kv_heads * how_.page_tokens * m_.head_dim *
		       (how_.kv_type == TDM_DTYPE_F32 ? 4 : 2);
	}

	struct alignas(64) Line {
		char bytes[64];
	};
	fw_llama m_;
	How how_;
	const fw_kernels *k_;
	std::vector<float> x_;
	uint32_t n_seqs_ = 0, blocks_ = 0;
	std::vector<uint8_t> memory_;
	std::vector<Line> scratch_;
	std::vector<void *> pages_;
	std::vector<void *const *> tables_;
};

fw_row row(const Weights &w, uint32_t seq, uint32_t pos)
{
	return { (pos * 13 + seq * 29 + pos * pos) % w.m.vocab, pos, seq };
}

struct Result {
	std::vector<float> logits;
	std::vector<uint8_t> kv;
};

/* Without ==: NaN is a bit pattern here, and 0 is not -0. */
void expect_same(const Result &got, const Result &want)
{
	ASSERT_EQ(got.logits.size(), want.logits.size());
	EXPECT_FALSE(std::memcmp(got.logits.data(), want.logits.data(),
				 want.logits.size() * sizeof(float)));
	EXPECT_TRUE(got.kv == want.kv);
}

/* A prompt in chunks; @of as the only sequence of its kind, whatever its number. */
Result prompt(const Weights &w, const How &how, uint32_t chunk, uint32_t of = 0)
{
	Machine machine(w, how, 1);
	Result r;
	for (uint32_t pos = 0; pos < kPrompt; pos += chunk) {
		std::vector<fw_row> rows;
		for (uint32_t p = pos; p < std::min(pos + chunk, kPrompt); p++) {
			rows.push_back(row(w, of, p));
			rows.back().seq = 0;
		}
		auto logits = machine.run(rows);
		r.logits.insert(r.logits.end(), logits.begin(), logits.end());
	}
	r.kv = machine.kv(0);
	return r;
}

class Layer : public testing::TestWithParam<uint32_t>
{
protected:
	Layer()
	    : w(GetParam() == TDM_DTYPE_Q8_0 || GetParam() == TDM_DTYPE_Q4_0 ? kBlocks : kOdd,
		GetParam())
	{
		scalar.isa = FW_ISA_SCALAR;
	}
	Weights w;
	How scalar;
};

TEST_P(Layer, EveryChunkOnEveryInstructionSet)
{
	Result want = prompt(w, scalar, kPrompt);
	for (float f : want.logits)
		ASSERT_TRUE(std::isfinite(f));
	for (fw_isa isa : { FW_ISA_AVX2, FW_ISA_AVX512 }) {
		How how;
		how.isa = isa;
		if (!fw_kernels_get(isa))
			continue;
		for (uint32_t chunk = 1; chunk <= kPrompt; chunk++) {
			SCOPED_TRACE(testing::Message() << "isa " << isa << ", chunk " << chunk);
			expect_same(prompt(w, how, chunk), want);
		}
	}
	for (uint32_t chunk : { 1, 16 })
		expect_same(prompt(w, scalar, chunk), want);
}

TEST_P(Layer, EveryLayoutPageAndKvType)
{
	for (uint32_t kv_type : { TDM_DTYPE_F32, TDM_DTYPE_F16 }) {
		How how;
		how.kv_type = kv_type;
		Result want = prompt(w, how, kPrompt);
		for (fw_isa isa : { FW_ISA_SCALAR, FW_ISA_AVX2, FW_ISA_AVX512 })
			for (uint32_t layout : { TDM_KV_LAYOUT_WIRE, TDM_KV_LAYOUT_WAFER })
				for (uint32_t page : { 16, 48 }) {
					how.isa = isa;
					how.layout = layout;
					how.page_tokens = page;
					SCOPED_TRACE(testing::Message()
						     << "isa " << isa << ", layout " << layout
						     << ", page " << page);
					/* Slow, and the page is nothing to it. */
					if (isa == FW_ISA_SCALAR && page == 48)
						continue;
					if (fw_kernels_get(isa))
						expect_same(prompt(w, how, 11), want);
				}
	}
}

TEST_P(Layer, EveryPool)
{
	How how;
	Result want = prompt(w, how, kPrompt);
	for (unsigned n : { 1, 2, 3, 5, 16 }) {
		BackwardPool pool(n);
		how.pool = &pool;
		SCOPED_TRACE(n);
		expect_same(prompt(w, how, kPrompt), want);
		/* Five pieces a layer and the logits: the prompt is long enough for all. */
		EXPECT_EQ(pool.runs, n == 1 ? 0 : 5 * w.m.n_layers + 1);
	}
	ThreadPool threads(3);
	how.pool = &threads;
	expect_same(prompt(w, how, kPrompt), want);
}

/* Three prompts through one machine, each at its own pace, then token by token. */
TEST_P(Layer, SequencesInOneBatchDoNotSeeEachOther)
{
	How how;
	how.layout = TDM_KV_LAYOUT_WAFER;
	Result want[3];
	for (uint32_t s = 0; s < 3; s++)
		want[s] = prompt(w, How(), kPrompt, s);
	for (fw_isa isa : { FW_ISA_AVX2, FW_ISA_AVX512, FW_ISA_BEST }) {
		how.isa = isa;
		if (!fw_kernels_get(isa))
			continue;
		Machine machine(w, how, 3);
		std::vector<Result> got(3);
		uint32_t pos[3] = {}, step[3] = { 1, 5, 17 };
		while (*std::min_element(pos, pos + 3) < kPrompt) {
			std::vector<fw_row> rows;
			for (uint32_t s = 0; s < 3; s++)
				for (uint32_t i = 0; i < step[s] && pos[s] < kPrompt; i++)
					rows.push_back(row(w, s, pos[s]++));
			auto logits = machine.run(rows);
			for (size_t i = 0; i < rows.size(); i++)
				got[rows[i].seq].logits.insert(got[rows[i].seq].logits.end(),
							       &logits[i * w.m.vocab],
							       &logits[i * w.m.vocab] + w.m.vocab);
		}
		for (uint32_t s = 0; s < 3; s++) {
			got[s].kv = machine.kv(s);
			SCOPED_TRACE(testing::Message() << "isa " << isa << ", sequence " << s);
			expect_same(got[s], want[s]);
		}
	}
}

TEST_P(Layer, ABatchOfNothingIsNothing)
{
	Machine machine(w, How(), 1);
	EXPECT_TRUE(machine.run({}).empty());
}

INSTANTIATE_TEST_SUITE_P(Types, Layer,
			 testing::Values(TDM_DTYPE_F32, TDM_DTYPE_F16, TDM_DTYPE_BF16,
					 TDM_DTYPE_Q8_0, TDM_DTYPE_Q4_0));

} // namespace
