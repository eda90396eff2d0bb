// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Requests one after the other, their limits and their errors.
 */
#include "e2e/engine_fixture.h"

namespace
{

TEST(Engine, ARequestLeavesNothingBehind)
{
	ModelSpec spec;
	Model model(spec);
	Engine engine(model, {});
	ASSERT_TRUE(engine) << engine.error().msg;
	Request r;
	r.prompt = some_prompt(30, spec.vocab);
	Outcome first = engine.run(r);
	/* More requests than the pools would take if pages stayed away. */
	for (int i = 0; i < 40; i++) {
		Outcome again = engine.run(r);
		ASSERT_EQ(again.rc, 0) << again.error;
		ASSERT_EQ(again.tokens, first.tokens);
	}
}

TEST(Engine, CountsWhatMoved)
{
	ModelSpec spec;
	Model model(spec);
	Engine engine(model, {});
	Request r;
	r.prompt = some_prompt(33, spec.vocab);
	Outcome out = engine.run(r);
	ASSERT_EQ(out.rc, 0) << out.error;
	/* 33 tokens are 3 pages of 16, for each of 2 layers; F16, 2 heads of 8. */
	EXPECT_EQ(out.result.kv_pages, 6u);
	EXPECT_EQ(out.result.kv_bytes, 6u * 2 * 2 * 16 * 8 * 2);
	EXPECT_GT(out.result.transfer_ns, 0u);
	EXPECT_LE(out.result.hidden_ns, out.result.transfer_ns);
	EXPECT_GT(out.result.ttft_ns, 0u);
	EXPECT_EQ(out.result.n_tokens, r.n);
}

TEST(Engine, EndsWhereTheContextEnds)
{
	ModelSpec spec;
	Model model(spec);
	RunOptions o;
	o.ctx = 40;
	Engine engine(model, o);
	Request r;
	r.prompt = some_prompt(35, spec.vocab);
	r.n = 100;
	Outcome out = engine.run(r);
	ASSERT_EQ(out.rc, 0) << out.error;
	EXPECT_EQ(out.tokens.size(), 5u);
}

TEST(Engine, RefusesAPromptThatDoesNotFit)
{
	ModelSpec spec;
	Model model(spec);
	Engine engine(model, {});
	Request r;
	r.prompt = some_prompt(spec.ctx, spec.vocab);
	Outcome out = engine.run(r);
	EXPECT_EQ(out.rc, -E2BIG);
	EXPECT_NE(out.error.find("256"), std::string::npos) << out.error;
	r.prompt.pop_back();
	EXPECT_EQ(engine.run(r).rc, 0);
}

TEST(Engine, RefusesTokensOutsideTheVocabulary)
{
	ModelSpec spec;
	Model model(spec);
	Engine engine(model, {});
	Request r;
	r.prompt = { 1, spec.vocab };
	EXPECT_EQ(engine.run(r).rc, -EINVAL);
	r.prompt = {};
	EXPECT_EQ(engine.run(r).rc, -EINVAL);
	r.prompt = { 1, spec.vocab - 1 };
	EXPECT_EQ(engine.run(r).rc, 0);
}

TEST(Engine, StopsWhereTheCallerSays)
{
	ModelSpec spec;
	Model model(spec);
	Engine engine(model, {});
	for (uint32_t stop : { 1u, 2u, 7u }) {
		struct Count {
			uint32_t seen, stop;
		} count{ 0, stop };
		std::vector<uint32_t> prompt = some_prompt(9, spec.vocab);
		tdm_request req{};
		tdm_result result;
		req.prompt = prompt.data();
		req.n_prompt = 9;
		req.max_new = 50;
		req.top_p = 1;
		req.token_ctx = &count;
		req.token = [](void *ctx, uint32_t) {
			auto *c = static_cast<Count *>(ctx);
			return ++c->seen == c->stop;
		};
		ASSERT_EQ(tdm_engine_run(engine.get(), &req, &result, nullptr), 0);
		EXPECT_EQ(count.seen, stop);
		EXPECT_EQ(result.n_tokens, stop);
	}
}

/* Capacity is checked before anything is loaded: no progress is ever reported. */
TEST(Engine, AModelLargerThanTheDeviceIsRefusedBeforeLoading)
{
	ModelSpec spec;
	Model model(spec);
	bool loading = false;
	tdm_engine_options opts{};
	tdm_error err{};
	opts.size = sizeof(opts);
	opts.decode = "soft:cs3,memory=64K";
	opts.progress = [](void *ctx, tdm_stage, uint64_t, uint64_t) {
		*static_cast<bool *>(ctx) = true;
	};
	opts.progress_ctx = &loading;
	EXPECT_EQ(tdm_engine_create(model.get(), &opts, &err), nullptr);
	EXPECT_EQ(err.code, -ENOSPC);
	EXPECT_NE(std::string(err.msg).find("are needed"), std::string::npos) << err.msg;
	EXPECT_FALSE(loading);
}

TEST(Engine, NamesTheDevicesThatThereAre)
{
	ModelSpec spec;
	Model model(spec);
	RunOptions o;
	o.decode = "soft:nothing";
	Engine engine(model, o);
	EXPECT_FALSE(engine);
	for (const char *name : { "soft:nothing", "soft:trn2", "soft:trn3", "soft:cs3" })
		EXPECT_NE(std::string(engine.error().msg).find(name), std::string::npos)
			<< engine.error().msg;
}

TEST(Engine, RefusesOptionsThatCannotBe)
{
	ModelSpec spec;
	Model model(spec);
	RunOptions page, context;
	page.page = 17;
	context.ctx = spec.ctx + 1;
	EXPECT_EQ(Engine(model, page).error().code, -EINVAL);
	EXPECT_EQ(Engine(model, context).error().code, -EINVAL);
}

} // namespace
