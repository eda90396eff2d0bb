// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/ref_llama.h"

#include <algorithm>
#include <cmath>

RefLlama::RefLlama(std::vector<uint8_t> gguf, RefKv kv) : file_(std::move(gguf)), kv_(kv)
{
	auto count = [&](const char *key, double otherwise) {
		return static_cast<unsigned>(file_.number(std::string("llama.") + key, otherwise));
	};
	unsigned n_layers = count("block_count", 0);
	dim = count("embedding_length", 0);
	heads = count("attention.head_count", 0);
	kv_heads = count("attention.head_count_kv", heads);
	head_dim = count("attention.key_length", dim / heads);
	ffn = count("feed_forward_length", 0);
	rope_dims = count("rope.dimension_count", head_dim);
	eps_ = file_.number("llama.attention.layer_norm_rms_epsilon", 1e-5);
	scale_ = 1 / std::sqrt(static_cast<double>(head_dim));
	embd_ = matrix("token_embd.weight");
	vocab = static_cast<unsigned>(embd_.rows);
	output_ = file_.find("output.weight") ? matrix("output.weight") : embd_;
	out_norm_ = vector("output_norm.weight");
	for (unsigned i = 0; i < n_layers; i++) {
		std::string b = "blk." + std::to_string(i) + ".";
		layers_.push_back({ matrix(b + "attn_q.weight"), matrix(b + "attn_k.weight"),
				    matrix(b + "attn_v.weight"), matrix(b + "attn_output.weight"),
				    matrix(b + "ffn_gate.weight"), matrix(b + "ffn_up.weight"),
				    matrix(b + "ffn_down.weight"), vector(b + "attn_norm.weight"),
				    vector(b + "ffn_norm.weight"), vector(b + "attn_q.bias"),
				    vector(b + "attn_k.bias"), vector(b + "attn_v.bias"),
				    vector(b + "attn_output.bias") });
	}
	make_rope();
	restart();
}

RefLlama::Matrix RefLlama::matrix(const std::string &name) const
{
	const RefTensor *t = file_.find(name);
	return { t->rows(), t->cols(), t->values() };
}

std::vector<double> RefLlama::vector(const std::string &name) const
{
	const RefTensor *t = file_.find(name);
	return t ? t->values() : std::vector<double>();
}

std::vector<double> RefLlama::Matrix::times(const std::vector<double> &x) const
{
	std::vector<double> y(rows);
	for (uint64_t r = 0; r < rows; r++)
		for (uint64_t c = 0; c < cols; c++)
			y[r] += v[r * cols + c] * x[c];
	return y;
}

void RefLlama::make_rope()
{
	double base = file_.number("llama.rope.freq_base", 10000);
	double factor = file_.number("llama.rope.scaling.factor",
				     file_.number("llama.rope.scale_linear", 1));
	std::string type = file_.text("llama.rope.scaling.type");
	std::vector<double> divisors = vector("rope_freqs.weight");
	double orig = file_.number("llama.rope.scaling.original_context_length",
				   file_.number("llama.context_length", 0));
	auto pair_of = [&](double turns) {
		return rope_dims * std::log(orig / (turns * 2 * M_PI)) / (2 * std::log(base));
	};

	mscale_ = file_.number("llama.rope.scaling.attn_factor", 1);
	if (type == "yarn")
		mscale_ *= 0.1 * std::log(factor) + 1;
	if (type.empty() && factor != 1)
		type = "linear";
	for (unsigned i = 0; i < rope_dims / 2; i++) {
		double f = std::pow(base, -2.0 * i / rope_dims);
		if (!divisors.empty())
			f /= divisors[i];
		if (type == "linear")
			f /= factor;
		if (type == "yarn") {
			double low = std::max(std::floor(pair_of(32)), 0.0);
			double high = std::min(std::ceil(pair_of(1)), rope_dims - 1.0);
			double ramp = (i - low) / std::max(high - low, 0.001);
			double keep = 1 - std::clamp(ramp, 0.0, 1.0);
			f = f / factor * (1 - keep) + f * keep;
		}
		freq_.push_back(f);
	}
}

std::vector<double> RefLlama::norm(const std::vector<double> &x, const std::vector<double> &w) const
{
	double sum = 0;
	std::vector<double> y(x.size());
	for (double e : x)
		sum += e * e;
	double r = 1 / std::sqrt(sum / static_cast<double>(x.size()) + eps_);
	for (size_t i = 0; i < x.size(); i++)
		y[i] = x[i] * r * w[i];
	return y;
}

void RefLlama::turn(std::vector<double> &x, unsigned n, unsigned pos) const
{
	for (unsigned h = 0; h < n; h++)
		for (unsigned i = 0; i < rope_dims / 2; i++) {
			double a = pos * freq_[i], c = std::cos(a) * mscale_,
			       s = std::sin(a) * mscale_;
			double &u = x[h * head_dim + 2 * i], &v = x[h * head_dim + 2 * i + 1];
			double was = u;
			u = was * c - v * s;
			v = was * s + v * c;
		}
}

/* To nearest, ties to even, as the hardware's conversion; no subnormals lost. */
double RefLlama::round_kv(double x) const
{
	if (kv_ == RefKv::F32)
		return static_cast<float>(x);
	x = static_cast<float>(x);
	if (x == 0 || !std::isfinite(x))
		return x;
	int exponent = std::max(std::ilogb(x), -14);
	return std::ldexp(std::nearbyint(std::ldexp(x, 10 - exponent)), exponent - 10);
}

namespace
{
void add(std::vector<double> &x, const std::vector<double> &y)
{
	for (size_t i = 0; i < y.size(); i++)
		x[i] += y[i];
}
} // namespace

std::vector<double> RefLlama::attend(const Layer &l, Kv &kv, const std::vector<double> &h) const
{
	unsigned pos = static_cast<unsigned>(kv.k.size());
	std::vector<double> q = l.q.times(h), k = l.k.times(h), v = l.v.times(h);
	std::vector<double> out(heads * head_dim);

	add(q, l.bq);
	add(k, l.bk);
	add(v, l.bv);
	turn(q, heads, pos);
	turn(k, kv_heads, pos);
	for (double &e : k)
		e = round_kv(e);
	for (double &e : v)
		e = round_kv(e);
	kv.k.push_back(k);
	kv.v.push_back(v);
	for (unsigned head = 0; head < heads; head++) {
		unsigned from = head / (heads / kv_heads) * head_dim;
		std::vector<double> p(pos + 1);
		double max = -INFINITY, sum = 0;
		for (unsigned t = 0; t <= pos; t++) {
			for (unsigned d = 0; d < head_dim; d++)
				p[t] += q[head * head_dim + d] * kv.k[t][from + d];
			p[t] *= scale_;
			max = std::max(max, p[t]);
		}
		for (double &e : p)
			sum += e = std::exp(e - max);
		for (unsigned t = 0; t <= pos; t++)
			for (unsigned d = 0; d < head_dim; d++)
				out[head * head_dim + d] += p[t] / sum * kv.v[t][from + d];
	}
	out = l.o.times(out);
	add(out, l.bo);
	return out;
}

std::vector<double> RefLlama::feed(uint32_t token)
{
	std::vector<double> x(embd_.v.begin() + static_cast<long>(token * embd_.cols),
			      embd_.v.begin() + static_cast<long>((token + 1) * embd_.cols));

	for (size_t i = 0; i < layers_.size(); i++) {
		const Layer &l = layers_[i];
		add(x, attend(l, layers_kv_[i], norm(x, l.attn_norm)));
		std::vector<double> h = norm(x, l.ffn_norm);
		std::vector<double> g = l.gate.times(h), u = l.up.times(h);
		for (size_t n = 0; n < g.size(); n++)
			g[n] = g[n] / (1 + std::exp(-g[n])) * u[n];
		add(x, l.down.times(g));
	}
	return output_.times(norm(x, out_norm_));
}

RefLlama::Greedy RefLlama::greedy(const std::vector<uint32_t> &prompt, unsigned n)
{
	Greedy out;
	std::vector<double> logits;

	restart();
	for (uint32_t token : prompt)
		logits = feed(token);
	for (;;) {
		auto best = std::max_element(logits.begin(), logits.end());
		double second = -INFINITY;
		for (auto it = logits.begin(); it != logits.end(); ++it)
			if (it != best)
				second = std::max(second, *it);
		out.tokens.push_back(static_cast<uint32_t>(best - logits.begin()));
		out.margins.push_back(*best - second);
		if (out.tokens.size() == n)
			return out;
		logits = feed(out.tokens.back());
	}
}
