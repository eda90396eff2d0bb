/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Random models for tests: any shape, any type, from a seed.
 */
#ifndef TESTS_SUPPORT_TEST_MODEL_H
#define TESTS_SUPPORT_TEST_MODEL_H

#include <cstdint>
#include <string>
#include <vector>

#include "support/gguf_writer.h"

struct ModelSpec {
	uint32_t dim = 32;
	uint32_t layers = 2;
	uint32_t heads = 4;
	uint32_t kv_heads = 2;
	uint32_t head_dim = 0; /* 0: dim / heads, and no key for it */
	uint32_t ffn = 64;
	uint32_t vocab = 300;
	uint32_t ctx = 256;
	uint32_t rope_dims = 0; /* 0: head_dim, and no key for it */
	uint32_t type = 0;	/* of matrices: 0 F32, 1 F16, 2 Q4_0, 8 Q8_0, 30 BF16 */
	bool tied = false;
	bool biases = false;
	double rope_base = 10000;
	std::string rope_scaling; /* "", linear, yarn, llama3 (a tensor of divisors) */
	double rope_factor = 4;
	uint32_t rope_orig_ctx = 64;
	uint64_t seed = 1;
};

/* The shape of a 260 thousand parameter story model. */
ModelSpec shape260k();

/* A writer with everything in it, for tests that add to it or break it. */
GgufWriter test_model_writer(const ModelSpec &spec);
std::vector<uint8_t> test_model(const ModelSpec &spec);

/* A file that is removed again. */
class TempFile
{
public:
	explicit TempFile(const std::vector<uint8_t> &bytes);
	~TempFile();
	TempFile(const TempFile &) = delete;
	TempFile &operator=(const TempFile &) = delete;
	const char *path() const
	{
		return path_.c_str();
	}

private:
	std::string path_;
};

#endif /* TESTS_SUPPORT_TEST_MODEL_H */
