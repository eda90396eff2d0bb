// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The project's strongest property: wherever a request is split, tokens and KV
 * bytes are the same bit for bit.
 */
#include "e2e/engine_fixture.h"

namespace
{

class SplitExact : public testing::TestWithParam<uint32_t>
{
};

Request request(const ModelSpec &spec)
{
	Request r;
	r.prompt = some_prompt(53, spec.vocab);
	r.n = 20;
	return r;
}

TEST_P(SplitExact, EveryChunkPageModeAndDevice)
{
	ModelSpec spec;
	spec.type = GetParam();
	Model model(spec);
	RunOptions base;
	base.mode = TDM_MODE_FUSED;
	base.chunk = 53;
	for (uint32_t kv : { TDM_DTYPE_F16, TDM_DTYPE_F32 }) {
		base.kv_dtype = kv;
		Outcome want = Engine(model, base).run(request(spec));
		ASSERT_EQ(want.rc, 0) << want.error;
		for (uint32_t chunk : { 1, 2, 7, 16, 17, 31, 52, 53, 54 })
			for (auto [mode, prefill, decode] :
			     { std::tuple{ TDM_MODE_SPLIT, "soft:trn2", "soft:cs3" },
			       { TDM_MODE_SPLIT, "soft:cs3", "soft:trn3" },
			       { TDM_MODE_FUSED, "soft:trn2", "soft:trn2" } }) {
				RunOptions o = base;
				o.chunk = chunk;
				o.page = chunk % 2 ? 16 : 48;
				o.mode = mode;
				o.prefill = prefill;
				o.decode = decode;
				Outcome got = Engine(model, o).run(request(spec));
				SCOPED_TRACE(testing::Message() << "chunk " << chunk << ", mode "
								<< mode << ", " << decode);
				ASSERT_EQ(got.rc, 0) << got.error;
				EXPECT_EQ(got.tokens, want.tokens);
				EXPECT_TRUE(got.kv == want.kv) << "KV bytes differ";
			}
	}
}

INSTANTIATE_TEST_SUITE_P(Types, SplitExact,
			 testing::Values(TDM_DTYPE_F32, TDM_DTYPE_F16, TDM_DTYPE_BF16,
					 TDM_DTYPE_Q8_0, TDM_DTYPE_Q4_0));

TEST(SplitExact, EveryInstructionSet)
{
	ModelSpec spec;
	Model model(spec);
	RunOptions base;
	base.chunk = 16;
	Outcome want = Engine(model, base).run(request(spec));
	ASSERT_EQ(want.rc, 0) << want.error;
	for (const char *isa : { "scalar", "avx2", "avx512" }) {
		std::string prefill = std::string("soft:trn2,isa=") + isa;
		std::string decode = std::string("soft:cs3,isa=") + isa;
		struct tdm_error err = {};
		struct tdm_device *dev = tdm_device_open(prefill.c_str(), &err);

		if (!dev) {
			ASSERT_EQ(err.code, -ENOTSUP) << err.msg;
			ASSERT_STRNE(isa, "scalar");
			continue; /* this processor has none of it */
		}
		tdm_device_close(dev);
		RunOptions o = base;
		o.prefill = prefill.c_str();
		o.decode = decode.c_str();
		Outcome got = Engine(model, o).run(request(spec));
		ASSERT_EQ(got.rc, 0) << got.error;
		EXPECT_EQ(got.tokens, want.tokens) << isa;
		EXPECT_TRUE(got.kv == want.kv) << isa;
	}
}

TEST(SplitExact, EverySplitPoint)
{
	/* Decoding on from token n of a greedy run is prefilling up to there. */
	ModelSpec spec;
	Model model(spec);
	Engine split(model, {});
	Request r = request(spec);
	Outcome whole = split.run(r);
	ASSERT_EQ(whole.rc, 0) << whole.error;
	std::vector<uint32_t> all = r.prompt;
	all.insert(all.end(), whole.tokens.begin(), whole.tokens.end());
	for (size_t at = 1; at < all.size(); at++) {
		Request part;
		part.prompt.assign(all.begin(), all.begin() + static_cast<long>(at));
		part.n = static_cast<uint32_t>(std::max<size_t>(all.size() - at, 1));
		Outcome got = split.run(part);
		ASSERT_EQ(got.rc, 0) << got.error;
		if (at < r.prompt.size())
			continue; /* its tokens are others; only that it runs */
		EXPECT_TRUE(std::equal(got.tokens.begin(), got.tokens.end(),
				       all.begin() + static_cast<long>(at)))
			<< "split at " << at;
		EXPECT_TRUE(got.kv == whole.kv) << "split at " << at;
	}
}

TEST(SplitExact, SamplingDependsOnSeedAndPositionAlone)
{
	ModelSpec spec;
	Model model(spec);
	RunOptions fused;
	fused.mode = TDM_MODE_FUSED;
	Engine a(model, {}), b(model, fused);
	Request r = request(spec);
	r.temperature = 1.5f;
	r.top_k = 40;
	r.top_p = 0.9f;
	std::vector<std::vector<uint32_t>> seen;
	for (uint64_t seed : { 0, 1, 2, 3 }) {
		r.seed = seed;
		Outcome x = a.run(r), y = b.run(r);
		ASSERT_EQ(x.rc, 0) << x.error;
		EXPECT_EQ(x.tokens, y.tokens);
		seen.push_back(x.tokens);
	}
	EXPECT_NE(seen[0], seen[1]);
	EXPECT_NE(seen[1], seen[2]);
}

TEST(SplitExact, UnorderedDeliveryChangesNothing)
{
	ModelSpec spec;
	Model model(spec);
	Outcome want = Engine(model, {}).run(request(spec));
	for (const char *net : { "soft:srd,seed=1", "soft:srd,seed=2", "soft:srd,depth=2" }) {
		RunOptions o;
		o.net = net;
		o.chunk = 5;
		Outcome got = Engine(model, o).run(request(spec));
		ASSERT_EQ(got.rc, 0) << got.error;
		EXPECT_EQ(got.tokens, want.tokens) << net;
		EXPECT_TRUE(got.kv == want.kv) << net;
	}
}

} // namespace
