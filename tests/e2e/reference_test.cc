// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Greedy tokens equal the reference's, for every kind of model.
 */
#include <fstream>
#include <iterator>

#include "e2e/engine_fixture.h"
#include "support/ref_llama.h"

namespace
{

/* Below this the reference itself does not know: the device works in F32. */
constexpr double CLEAR = 2e-3;

struct Case {
	const char *name;
	ModelSpec spec;
	uint32_t kv_dtype = TDM_DTYPE_F16;
};

std::vector<Case> cases()
{
	std::vector<Case> all;
	auto add = [&](const char *name, auto change) -> Case & {
		Case c{ name, {} };
		c.spec.seed = all.size() + 1;
		change(c.spec);
		all.push_back(c);
		return all.back();
	};
	add("f32", [](ModelSpec &) {});
	add("f32_kv_f32", [](ModelSpec &) {}).kv_dtype = TDM_DTYPE_F32;
	add("f16", [](ModelSpec &s) { s.type = TDM_DTYPE_F16; });
	add("bf16", [](ModelSpec &s) { s.type = TDM_DTYPE_BF16; });
	add("q8_0", [](ModelSpec &s) { s.type = TDM_DTYPE_Q8_0; });
	add("q4_0", [](ModelSpec &s) { s.type = TDM_DTYPE_Q4_0; });
	add("tied", [](ModelSpec &s) { s.tied = true; });
	add("biases", [](ModelSpec &s) { s.biases = true; });
	add("multi_head", [](ModelSpec &s) { s.kv_heads = 4; });
	add("one_kv_head", [](ModelSpec &s) { s.kv_heads = 1; });
	add("wide_heads", [](ModelSpec &s) { s.head_dim = 24; });
	add("odd_sizes", [](ModelSpec &s) {
		s.dim = 36;
		s.heads = 6;
		s.kv_heads = 3;
		s.ffn = 51;
	});
	add("part_of_the_head_turns", [](ModelSpec &s) { s.rope_dims = 4; });
	add("rope_base", [](ModelSpec &s) { s.rope_base = 500000; });
	add("rope_linear", [](ModelSpec &s) { s.rope_scaling = "linear"; });
	add("rope_yarn", [](ModelSpec &s) {
		s.rope_scaling = "yarn";
		s.head_dim = 32;
	});
	add("rope_llama3", [](ModelSpec &s) { s.rope_scaling = "llama3"; });
	add("shape260k", [](ModelSpec &s) { s = shape260k(); });
	return all;
}

class Reference : public testing::TestWithParam<Case>
{
};

TEST_P(Reference, GreedyTokensAreTheSame)
{
	const Case &c = GetParam();
	std::vector<uint8_t> gguf = test_model(c.spec);
	RefLlama ref(gguf, c.kv_dtype == TDM_DTYPE_F32 ? RefKv::F32 : RefKv::F16);
	Model model(gguf);
	RunOptions o;
	o.kv_dtype = c.kv_dtype;
	o.chunk = 16;
	Engine engine(model, o);
	ASSERT_TRUE(engine) << engine.error().msg;

	unsigned compared = 0;
	for (uint32_t len : { 1, 5, 40 }) {
		Request r;
		r.prompt = some_prompt(len, c.spec.vocab);
		r.n = 24;
		Outcome out = engine.run(r);
		ASSERT_EQ(out.rc, 0) << out.error;
		RefLlama::Greedy want = ref.greedy(r.prompt, r.n);
		for (unsigned i = 0; i < r.n && want.margins[i] > CLEAR; i++, compared++)
			ASSERT_EQ(out.tokens[i], want.tokens[i])
				<< "prompt of " << len << ", token " << i << ", margin "
				<< want.margins[i];
	}
	/* A near tie ends a comparison; most must get through. */
	EXPECT_GE(compared, 48u);
}

INSTANTIATE_TEST_SUITE_P(Models, Reference, testing::ValuesIn(cases()),
			 [](const auto &info) { return info.param.name; });

TEST(ReferenceTales, GreedyTokensAreTheSame)
{
	std::ifstream in(TANDEM_MODELS "/tales.gguf", std::ios::binary);
	std::vector<uint8_t> gguf{ std::istreambuf_iterator<char>(in), {} };
	ASSERT_FALSE(gguf.empty());
	RefLlama ref(gguf, RefKv::F16);
	Model model(gguf);
	Engine engine(model, {});
	ASSERT_TRUE(engine) << engine.error().msg;
	Request r;
	r.prompt = some_prompt(20, ref.vocab);
	r.n = 40;
	Outcome out = engine.run(r);
	ASSERT_EQ(out.rc, 0) << out.error;
	RefLlama::Greedy want = ref.greedy(r.prompt, r.n);
	for (unsigned i = 0; i < r.n && want.margins[i] > CLEAR; i++)
		ASSERT_EQ(out.tokens[i], want.tokens[i]) << "token " << i;
}

} // namespace
