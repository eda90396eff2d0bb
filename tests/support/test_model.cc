// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/test_model.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <unistd.h>

namespace
{

uint16_t to_half(float f)
{
	if (f == 0)
		return 0;
	int exponent = std::max(std::ilogb(f), -14);
	double scaled = std::nearbyint(std::ldexp(std::fabs(f), 10 - exponent));
	if (scaled == 2048) {
		scaled = 1024;
		exponent++;
	}
	unsigned biased = scaled < 1024 ? 0 : static_cast<unsigned>(exponent + 15);
	unsigned mantissa = static_cast<unsigned>(scaled) & 1023;
	return static_cast<uint16_t>((f < 0 ? 0x8000 : 0) | biased << 10 | mantissa);
}

template <typename T>
void append(std::vector<uint8_t> &out, T value)
{
	const auto *p = reinterpret_cast<const uint8_t *>(&value);
	out.insert(out.end(), p, p + sizeof(value));
}

/* Blocks as the GGUF specification has them; the scale is the largest over the range. */
void append_block(std::vector<uint8_t> &out, const float *x, uint32_t type)
{
	float max = 0;
	for (int i = 0; i < 32; i++)
		max = std::max(max, std::fabs(x[i]));
	float d = max / (type == 8 ? 127 : 7);
	append(out, to_half(d));
	auto q = [&](int i, int lo, int hi) {
		int v = d > 0 ? static_cast<int>(std::lround(x[i] / d)) : 0;
		return std::min(std::max(v, lo), hi);
	};
	if (type == 8) {
		for (int i = 0; i < 32; i++)
			out.push_back(static_cast<uint8_t>(q(i, -127, 127)));
	} else {
		for (int i = 0; i < 16; i++)
			out.push_back(static_cast<uint8_t>((q(i, -8, 7) + 8) |
							   (q(i + 16, -8, 7) + 8) << 4));
	}
}

std::vector<uint8_t> encode(const std::vector<float> &x, uint32_t type)
{
	std::vector<uint8_t> out;
	for (size_t i = 0; i < x.size(); i += type == 8 || type == 2 ? 32 : 1) {
		uint32_t bits;
		std::memcpy(&bits, &x[i], 4);
		if (type == 0)
			append(out, x[i]);
		else if (type == 1)
			append(out, to_half(x[i]));
		else if (type == 30)
			append(out, static_cast<uint16_t>(bits >> 16));
		else
			append_block(out, &x[i], type);
	}
	return out;
}

class Builder
{
public:
	explicit Builder(const ModelSpec &spec) : spec_(spec), random_(spec.seed)
	{
	}

	GgufWriter w;

	void matrix(const std::string &name, uint64_t rows, uint64_t cols, double gain = 1)
	{
		auto x = normal(rows * cols, gain / std::sqrt(static_cast<double>(cols)));
		w.add_tensor(name, spec_.type, { cols, rows }, encode(x, spec_.type));
	}

	void vector(const std::string &name, uint64_t n, double mean, double spread)
	{
		auto x = normal(n, spread);
		for (float &e : x)
			e += static_cast<float>(mean);
		w.add_tensor_f32(name, { n }, x);
	}

private:
	std::vector<float> normal(uint64_t n, double spread)
	{
		/* Sums of uniforms: the same everywhere, unlike std::normal_distribution. */
		std::vector<float> x(n);
		for (float &e : x) {
			double sum = 0;
			for (int i = 0; i < 4; i++)
				sum += static_cast<double>(random_() >> 11) * 0x1p-53 - 0.5;
			e = static_cast<float>(sum * std::sqrt(3.0) * spread);
		}
		return x;
	}

	ModelSpec spec_;
	std::mt19937_64 random_;
};

/* <unk> <s> </s>, the 256 bytes, then made-up pieces. */
void add_tokenizer(GgufWriter &w, uint32_t vocab)
{
	std::vector<std::string> tokens = { "<unk>", "<s>", "</s>" };
	std::vector<float> scores(vocab, 0);
	std::vector<int32_t> types = { 2, 3, 3 };
	for (int b = 0; b < 256; b++) {
		char name[8];
		std::snprintf(name, sizeof(name), "<0x%02X>", b);
		tokens.emplace_back(name);
		types.push_back(6);
	}
	while (tokens.size() < vocab) {
		unsigned i = static_cast<unsigned>(tokens.size()) - 259;
		std::string piece;
		do
			piece += static_cast<char>('a' + i % 26);
		while (i /= 26);
		scores[tokens.size()] = -static_cast<float>(tokens.size());
		tokens.push_back("\xe2\x96\x81" + piece);
		types.push_back(1);
	}
	tokens.resize(vocab);
	types.resize(vocab);
	w.add_str("tokenizer.ggml.model", "llama");
	w.add_arr_str("tokenizer.ggml.tokens", tokens);
	w.add_arr_f32("tokenizer.ggml.scores", scores);
	w.add_arr_i32("tokenizer.ggml.token_type", types);
	w.add_u32("tokenizer.ggml.bos_token_id", 1);
	w.add_u32("tokenizer.ggml.eos_token_id", 2);
	w.add_u32("tokenizer.ggml.unknown_token_id", 0);
}

void add_shape(GgufWriter &w, const ModelSpec &s)
{
	w.add_str("general.architecture", "llama");
	w.add_str("general.name", "test");
	w.add_u32("llama.context_length", s.ctx);
	w.add_u32("llama.embedding_length", s.dim);
	w.add_u32("llama.block_count", s.layers);
	w.add_u32("llama.feed_forward_length", s.ffn);
	w.add_u32("llama.attention.head_count", s.heads);
	w.add_u32("llama.attention.head_count_kv", s.kv_heads);
	w.add_f32("llama.attention.layer_norm_rms_epsilon", 1e-5f);
	w.add_f32("llama.rope.freq_base", static_cast<float>(s.rope_base));
	if (s.head_dim) {
		w.add_u32("llama.attention.key_length", s.head_dim);
		w.add_u32("llama.attention.value_length", s.head_dim);
	}
	if (s.rope_dims)
		w.add_u32("llama.rope.dimension_count", s.rope_dims);
	if (s.rope_scaling == "linear" || s.rope_scaling == "yarn") {
		w.add_str("llama.rope.scaling.type", s.rope_scaling);
		w.add_f32("llama.rope.scaling.factor", static_cast<float>(s.rope_factor));
		w.add_u32("llama.rope.scaling.original_context_length", s.rope_orig_ctx);
	}
}

void add_layer(Builder &b, const ModelSpec &s, const std::string &prefix, uint32_t head_dim)
{
	uint32_t q = s.heads * head_dim, kv = s.kv_heads * head_dim;

	b.vector(prefix + "attn_norm.weight", s.dim, 1, 0.1);
	b.matrix(prefix + "attn_q.weight", q, s.dim, 2);
	b.matrix(prefix + "attn_k.weight", kv, s.dim, 2);
	b.matrix(prefix + "attn_v.weight", kv, s.dim);
	b.matrix(prefix + "attn_output.weight", s.dim, q);
	b.vector(prefix + "ffn_norm.weight", s.dim, 1, 0.1);
	b.matrix(prefix + "ffn_gate.weight", s.ffn, s.dim);
	b.matrix(prefix + "ffn_up.weight", s.ffn, s.dim);
	b.matrix(prefix + "ffn_down.weight", s.dim, s.ffn);
	if (s.biases) {
		b.vector(prefix + "attn_q.bias", q, 0, 0.2);
		b.vector(prefix + "attn_k.bias", kv, 0, 0.2);
		b.vector(prefix + "attn_v.bias", kv, 0, 0.2);
		b.vector(prefix + "attn_output.bias", s.dim, 0, 0.2);
	}
}

} // namespace

ModelSpec shape260k()
{
	ModelSpec s;
	s.dim = 64;
	s.layers = 5;
	s.heads = 8;
	s.kv_heads = 4;
	s.ffn = 172;
	s.vocab = 512;
	s.ctx = 512;
	return s;
}

GgufWriter test_model_writer(const ModelSpec &s)
{
	Builder b(s);
	uint32_t head_dim = s.head_dim ? s.head_dim : s.dim / s.heads;
	uint32_t rope_dims = s.rope_dims ? s.rope_dims : head_dim;

	add_shape(b.w, s);
	add_tokenizer(b.w, s.vocab);
	b.matrix("token_embd.weight", s.vocab, s.dim, std::sqrt(static_cast<double>(s.dim)));
	for (uint32_t i = 0; i < s.layers; i++)
		add_layer(b, s, "blk." + std::to_string(i) + ".", head_dim);
	b.vector("output_norm.weight", s.dim, 1, 0.1);
	if (!s.tied)
		b.matrix("output.weight", s.vocab, s.dim, 4);
	if (s.rope_scaling == "llama3")
		b.vector("rope_freqs.weight", rope_dims / 2, 4, 1);
	return b.w;
}

std::vector<uint8_t> test_model(const ModelSpec &spec)
{
	return test_model_writer(spec).bytes();
}

TempFile::TempFile(const std::vector<uint8_t> &bytes)
{
	const char *dir = std::getenv("TMPDIR");
	path_ = std::string(dir ? dir : "/tmp") + "/tandem-test-XXXXXX";
	int fd = mkstemp(path_.data());
	if (fd < 0)
		throw std::runtime_error("no temporary file");
	FILE *f = fdopen(fd, "wb");
	bool ok = std::fwrite(bytes.data(), 1, bytes.size(), f) == bytes.size();
	if (std::fclose(f) || !ok)
		throw std::runtime_error("temporary file not written");
}

TempFile::~TempFile()
{
	unlink(path_.c_str());
}
