/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The reference transformer: plain, scalar, double precision, libm. Slow, and
 * written to be read beside the papers: Touvron et al. 2023 (Llama), Su et al.
 * 2021 (RoPE), Peng et al. 2023 (YaRN).
 */
#ifndef TESTS_SUPPORT_REF_LLAMA_H
#define TESTS_SUPPORT_REF_LLAMA_H

#include <cstdint>
#include <string>
#include <vector>

#include "support/ref_gguf.h"

enum class RefKv { F32, F16 };

class RefLlama
{
public:
	RefLlama(std::vector<uint8_t> gguf, RefKv kv);

	/* Feed one token at the next position. Return: logits for what follows */
	std::vector<double> feed(uint32_t token);
	void restart()
	{
		layers_kv_.assign(layers_.size(), {});
	}

	/* K and V of a position, [n_kv_heads * head_dim], after rotation and rounding. */
	const std::vector<double> &k(unsigned layer, unsigned pos) const
	{
		return layers_kv_[layer].k[pos];
	}
	const std::vector<double> &v(unsigned layer, unsigned pos) const
	{
		return layers_kv_[layer].v[pos];
	}

	struct Greedy {
		std::vector<uint32_t> tokens;
		std::vector<double> margins; /* best logit less the second best */
	};
	/* Tokens that greedy sampling gives, each with how clear it was. */
	Greedy greedy(const std::vector<uint32_t> &prompt, unsigned n);

	unsigned dim, heads, kv_heads, head_dim, ffn, vocab, rope_dims;

private:
	struct Matrix {
		uint64_t rows = 0, cols = 0;
		std::vector<double> v;
		std::vector<double> times(const std::vector<double> &x) const;
	};
	struct Layer {
		Matrix q, k, v, o, gate, up, down;
		std::vector<double> attn_norm, ffn_norm, bq, bk, bv, bo;
	};
	struct Kv {
		std::vector<std::vector<double>> k, v;
	};

	Matrix matrix(const std::string &name) const;
	std::vector<double> vector(const std::string &name) const;
	void make_rope();
	std::vector<double> norm(const std::vector<double> &x, const std::vector<double> &w) const;
	void turn(std::vector<double> &heads_of, unsigned n, unsigned pos) const;
	double round_kv(double x) const;
	std::vector<double> attend(const Layer &l, Kv &kv, const std::vector<double> &h) const;

	RefGguf file_;
	RefKv kv_;
	double eps_, scale_, mscale_ = 1;
	std::vector<double> freq_;
	Matrix embd_, output_;
	std::vector<double> out_norm_;
	std::vector<Layer> layers_;
	std::vector<Kv> layers_kv_;
};

#endif /* TESTS_SUPPORT_REF_LLAMA_H */
