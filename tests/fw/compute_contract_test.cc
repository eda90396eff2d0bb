// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The whole forward pass against the contract in compute.h, written a second time in
 * the plainest way: one token after the other, one element after the other. The
 * bits have to be the same; only sine and cosine are libm's.
 */
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "compute/compute.h"
#include "compute/expf.h"
#include "compute/half.h"
}

namespace
{

using Floats = std::vector<float>;

float tree(const float *lanes)
{
	float s[16];
	std::copy(lanes, lanes + 16, s);
	for (int half = 8; half; half /= 2)
		for (int l = 0; l < half; l++)
			s[l] += s[l + half];
	return s[0];
}

float dot(const float *a, const float *b, size_t n)
{
	float s[16] = {};
	for (size_t i = 0; i < n; i++)
		s[i % 16] = std::fma(a[i], b[i], s[i % 16]);
	return tree(s);
}

Floats times(const fw_mat &w, const Floats &x)
{
	Floats y(w.rows);
	for (uint32_t r = 0; r < w.rows; r++)
		y[r] = dot(static_cast<const float *>(w.data) + r * w.cols, x.data(), w.cols);
	return y;
}

Floats norm(const Floats &x, const float *w, float eps)
{
	Floats y(x.size());
	float square = dot(x.data(), x.data(), x.size()) / static_cast<float>(x.size());
	for (size_t i = 0; i < x.size(); i++)
		y[i] = x[i] * (1 / std::sqrt(square + eps)) * w[i];
	return y;
}

void add(Floats &x, const Floats &y)
{
	for (size_t i = 0; i < x.size(); i++)
		x[i] += y[i];
}

class Plain
{
public:
	explicit Plain(const fw_llama &m) : m_(m), k_(m.n_layers), v_(m.n_layers)
	{
	}

	Floats logits(uint32_t token, uint32_t pos)
	{
		const float *row = static_cast<const float *>(m_.tok_embd.data) + token * m_.dim;
		Floats x(row, row + m_.dim);
		for (uint32_t l = 0; l < m_.n_layers; l++) {
			const fw_layer &w = m_.layers[l];
			Floats h = norm(x, w.attn_norm, m_.norm_eps);
			Floats q = times(w.wq, h), k = times(w.wk, h), v = times(w.wv, h);
			add(q, Floats(w.bq, w.bq + q.size()));
			add(v, Floats(w.bv, w.bv + v.size()));
			turn(q, pos);
			turn(k, pos);
			k_[l].push_back(stored(k));
			v_[l].push_back(stored(v));
			add(x, times(w.wo, attend(q, k_[l], v_[l])));
			h = norm(x, w.ffn_norm, m_.norm_eps);
			Floats g = times(w.gate, h), u = times(w.up, h);
			for (size_t i = 0; i < g.size(); i++)
				g[i] = g[i] / (1 + fw_expf(0 - g[i])) * u[i];
			add(x, times(w.down, g));
		}
		return times(m_.output, norm(x, m_.out_norm, m_.norm_eps));
	}

private:
	void turn(Floats &heads, uint32_t pos) const
	{
		for (size_t h = 0; h < heads.size(); h += m_.head_dim)
			for (uint32_t pair = 0; pair < m_.rope_dims / 2; pair++) {
				double angle = static_cast<double>(pos) *
					       static_cast<double>(m_.inv_freq[pair]);
				float c = static_cast<float>(std::cos(angle)) * m_.rope_mscale;
				float s = static_cast<float>(std::sin(angle)) * m_.rope_mscale;
				float *p = &heads[h + 2 * pair], a = p[0], b = p[1];
				p[0] = a * c - b * s;
				p[1] = a * s + b * c;
			}
	}
	Floats stored(Floats x) const
	{
		for (float &f : x)
			f = m_.kv_type == TDM_DTYPE_F32 ? f : fw_from_half(fw_to_half(f));
		return x;
	}
	Floats attend(const Floats &q, const std::vector<Floats> &k,
		      const std::vector<Floats> &v) const
	{
		Floats out(q.size());
		for (uint32_t h = 0; h < m_.n_heads; h++) {
			size_t at = h / (m_.n_heads / m_.n_kv_heads) * m_.head_dim;
			Floats p(k.size());
			for (size_t t = 0; t < k.size(); t++)
				p[t] = dot(&q[h * m_.head_dim], &k[t][at], m_.head_dim) *
				       m_.attn_scale;
			float max = *std::max_element(p.begin(), p.end()), lanes[16] = {};
			for (size_t t = 0; t < p.size(); t++) {
				p[t] = fw_expf(p[t] - max);
				lanes[t % 16] += p[t];
			}
			for (uint32_t d = 0; d < m_.head_dim; d++) {
				float sum = 0;
				for (size_t t = 0; t < v.size(); t++)
					sum = std::fma(p[t], v[t][at + d], sum);
				out[h * m_.head_dim + d] = sum / tree(lanes);
			}
		}
		return out;
	}

	const fw_llama &m_;
	std::vector<std::vector<Floats>> k_, v_;
};

/* Weights in one arena, so that nothing owns anything. */
class Model
{
public:
	Model(uint32_t head_dim, uint32_t kv_type) : m()
	{
		std::mt19937 engine(5);
		arena_.resize(100000);
		for (float &f : arena_)
			f = 0.4f * (static_cast<float>(engine() >> 8) * 0x1p-23f - 1);
		m.n_layers = 2;
		m.dim = 24;
		m.n_heads = 4;
		m.n_kv_heads = 2;
		m.head_dim = head_dim;
		m.ffn_dim = 35;
		m.vocab = 41;
		m.rope_dims = head_dim - 2;
		m.max_ctx = 48;
		m.kv_type = kv_type;
		m.kv_page_tokens = 16;
		m.norm_eps = 1e-5f;
		m.attn_scale = 0.31f;
		m.rope_mscale = 1.07f;
		m.inv_freq = take(m.rope_dims / 2);
		m.tok_embd = matrix(m.vocab, m.dim);
		m.output = matrix(m.vocab, m.dim);
		m.out_norm = take(m.dim);
		uint32_t q = m.n_heads * head_dim, kv = m.n_kv_heads * head_dim;
		for (fw_layer &l : layers_)
			l = { matrix(q, m.dim),
			      matrix(kv, m.dim),
			      matrix(kv, m.dim),
			      matrix(m.dim, q),
			      matrix(m.ffn_dim, m.dim),
			      matrix(m.ffn_dim, m.dim),
			      matrix(m.dim, m.ffn_dim),
			      take(m.dim),
			      take(m.dim),
			      take(q),
			      nullptr,
			      take(kv),
			      nullptr };
		m.layers = layers_;
	}
	fw_llama m;

private:
	const float *take(size_t n)
	{
		used_ += n;
		EXPECT_LE(used_, arena_.size());
		return &arena_[used_ - n];
	}
	fw_mat matrix(uint32_t rows, uint32_t cols)
	{
		return { take(rows * cols), rows, cols, TDM_DTYPE_F32 };
	}

	Floats arena_;
	size_t used_ = 0;
	fw_layer layers_[2];
};

constexpr uint32_t kTokens = 34;

/* All tokens in one batch. */
Floats run(const fw_kernels *k, const fw_llama &m, const std::vector<fw_row> &rows)
{
	std::vector<uint64_t> memory(m.n_layers * 3 * fw_kv_page_bytes(&m) / 8);
	std::vector<uint64_t> scratch(fw_scratch_size(&m, kTokens, nullptr) / 8);
	Floats x(kTokens * m.dim), logits(kTokens * m.vocab);
	fw_embed(k, &m, rows.data(), kTokens, x.data());
	fw_begin(&m, rows.data(), kTokens, scratch.data());
	for (uint32_t l = 0; l < m.n_layers; l++) {
		void *pages[3];
		for (uint32_t b = 0; b < 3; b++)
			pages[b] = &memory[(l * 3 + b) * fw_kv_page_bytes(&m) / 8];
		void *const *tables[] = { pages };
		fw_layer_forward(k, &m, l, rows.data(), kTokens, x.data(), tables, scratch.data(),
				 nullptr);
	}
	fw_logits(k, &m, x.data(), kTokens, logits.data(), scratch.data(), nullptr);
	return logits;
}

TEST(Contract, EveryBitOfEveryLogit)
{
	std::vector<fw_row> rows;
	for (uint32_t pos = 0; pos < kTokens; pos++)
		rows.push_back({ (pos * pos + 7 * pos) % 41, pos, 0 });
	for (uint32_t head_dim : { 6u, 16u, 22u, 48u })
		for (uint32_t kv_type : { TDM_DTYPE_F32, TDM_DTYPE_F16 }) {
			Model model(head_dim, kv_type);
			Plain plain(model.m);
			Floats want;
			for (const fw_row &r : rows) {
				Floats one = plain.logits(r.token, r.pos);
				want.insert(want.end(), one.begin(), one.end());
			}
			for (uint32_t layout : { TDM_KV_LAYOUT_WIRE, TDM_KV_LAYOUT_WAFER })
				for (fw_isa isa : { FW_ISA_SCALAR, FW_ISA_AVX2, FW_ISA_AVX512 }) {
					const fw_kernels *k = fw_kernels_get(isa);
					if (!k)
						continue;
					model.m.kv_layout = layout;
					Floats got = run(k, model.m, rows);
					EXPECT_FALSE(std::memcmp(got.data(), want.data(),
								 want.size() * sizeof(float)))
						<< "isa " << isa << ", head " << head_dim;
				}
		}
}

} // namespace
