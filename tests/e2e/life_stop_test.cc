// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The stop word of an engine: whenever it is set, the request ends, nothing is held,
 * and the next request is served as ever.
 */
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "e2e/engine_fixture.h"
#include "support/tier.h"

extern "C" {
#include "engine/engine.h"
}

namespace
{

/* Each is two requests, and those take a sanitizer ten times as long. */
constexpr int STOPS = by_tier(150, 60, 20);

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "a plain word");

class LifeStop : public testing::Test
{
protected:
	void open(const Model &model, tdm_mode mode, uint32_t chunk = 0, uint32_t page = 0)
	{
		tdm_engine_options o{};
		tdm_error err{};
		o.size = sizeof(o);
		o.mode = mode;
		o.net = "soft";
		o.chunk_tokens = chunk;
		o.kv_page_tokens = page;
		o.stop = reinterpret_cast<const uint32_t *>(&stop_);
		/* Of prefill: the first layer is done and the chunk runs on. */
		o.progress_ctx = this;
		o.progress = [](void *ctx, tdm_stage stage, uint64_t, uint64_t) {
			auto *t = static_cast<LifeStop *>(ctx);
			if (stage == TDM_STAGE_PREFILL && t->stop_at_progress_)
				t->stop_ = 1;
		};
		engine_ = tdm_engine_create(model.get(), &o, &err);
		ASSERT_TRUE(engine_) << err.msg;
	}
	void TearDown() override
	{
		tdm_engine_destroy(engine_);
	}
	/* @stop_at: the token whose callback sets the word; 0: none does */
	int run(const std::vector<uint32_t> &prompt, uint32_t n, uint32_t stop_at = 0)
	{
		tdm_request req{};
		tokens_.clear();
		stop_at_ = stop_at;
		req.prompt = prompt.data();
		req.n_prompt = static_cast<uint32_t>(prompt.size());
		req.max_new = n;
		req.top_p = 1;
		req.token_ctx = this;
		req.token = [](void *ctx, uint32_t token) {
			auto *t = static_cast<LifeStop *>(ctx);
			t->tokens_.push_back(token);
			if (t->tokens_.size() == t->stop_at_)
				t->stop_ = 1;
			return false;
		};
		return tdm_engine_run(engine_, &req, &result_, &err_);
	}
	void expect_stopped(int rc) const
	{
		EXPECT_EQ(rc, -ECANCELED) << err_.msg;
		EXPECT_EQ(err_.code, -ECANCELED);
		EXPECT_NE(strstr(err_.msg, "; "), nullptr) << err_.msg;
		EXPECT_EQ(result_.n_tokens, tokens_.size());
	}
	/* The landing pages are the engine's own: a request that needs all shows them. */
	void expect_nothing_held(uint32_t ctx, uint32_t vocab)
	{
		for (const side *s : { engine_->prefill, engine_->decode }) {
			struct tdm_kv_pool_stats stats = tdm_kv_pool_stats(s->pool);
			EXPECT_EQ(tdm_kv_pool_check(s->pool, nullptr), 0);
			EXPECT_EQ(stats.pages[TDM_KV_FREE], s->desc->n_layers * s->max_blocks);
			EXPECT_EQ(tdm_queue_open(s->run), 0u);
			EXPECT_EQ(tdm_queue_open(s->kv), 0u);
		}
		stop_ = 0;
		EXPECT_EQ(run(some_prompt(ctx - 1, vocab), 1), 0) << err_.msg;
	}

	std::atomic<uint32_t> stop_{ 0 };
	tdm_engine *engine_ = nullptr;
	std::vector<uint32_t> tokens_;
	uint32_t stop_at_ = 0;
	bool stop_at_progress_ = false;
	tdm_result result_{};
	tdm_error err_{};
};

TEST_F(LifeStop, BeforeItBegins)
{
	ModelSpec spec;
	Model model(spec);
	open(model, TDM_MODE_SPLIT);
	stop_ = 1;
	expect_stopped(run(some_prompt(20, spec.vocab), 5));
	EXPECT_TRUE(tokens_.empty());
	expect_nothing_held(spec.ctx, spec.vocab);
}

TEST_F(LifeStop, ALoad)
{
	ModelSpec spec;
	Model model(spec);
	tdm_engine_options o{};
	tdm_error err{};
	o.size = sizeof(o);
	o.net = "soft";
	o.stop = reinterpret_cast<const uint32_t *>(&stop_);
	o.progress_ctx = &stop_;
	o.progress = [](void *ctx, tdm_stage, uint64_t, uint64_t) {
		*static_cast<std::atomic<uint32_t> *>(ctx) = 1;
	};
	EXPECT_EQ(tdm_engine_create(model.get(), &o, &err), nullptr);
	EXPECT_EQ(err.code, -ECANCELED) << err.msg;
	EXPECT_NE(strstr(err.msg, "; "), nullptr) << err.msg;
}

/* At the first token the last pages are on their way: they are waited for. */
TEST_F(LifeStop, WhilePagesMove)
{
	ModelSpec spec;
	Model model(spec);
	open(model, TDM_MODE_SPLIT);
	for (int i = 0; i < 20; i++) {
		stop_ = 0;
		expect_stopped(run(some_prompt(200, spec.vocab), 20, 1));
		EXPECT_EQ(tokens_.size(), 1u);
	}
	expect_nothing_held(spec.ctx, spec.vocab);
}

TEST_F(LifeStop, AtAToken)
{
	ModelSpec spec;
	Model model(spec);
	for (tdm_mode mode : { TDM_MODE_SPLIT, TDM_MODE_FUSED }) {
		open(model, mode);
		expect_stopped(run(some_prompt(20, spec.vocab), 50, 7));
		EXPECT_EQ(tokens_.size(), 7u);
		expect_nothing_held(spec.ctx, spec.vocab);
		tdm_engine_destroy(engine_);
		engine_ = nullptr;
	}
}

uint64_t prefilled(tdm_device *dev)
{
	tdm_telemetry t{};
	drm_tandem_query q{};
	q.size = sizeof(q);
	q.item = TDM_QUERY_TELEMETRY;
	q.data = reinterpret_cast<uintptr_t>(&t);
	q.len = sizeof(t);
	EXPECT_EQ(tdm_device_ioctl(dev, DRM_IOCTL_TANDEM_QUERY, &q), 0);
	return t.tokens_prefill;
}

/*
 * A chunk that would take minutes: it is aborted at a layer and not waited for. The
 * device counts the tokens of a PREFILL when it ends.
 */
TEST_F(LifeStop, AChunkThatRuns)
{
	ModelSpec spec;
	spec.dim = 128;
	spec.layers = by_tier(48, 24, 12);
	spec.ffn = 512;
	spec.ctx = 4096;
	Model model(spec);
	open(model, TDM_MODE_SPLIT, 4096);
	uint64_t before = prefilled(engine_->prefill->dev);
	stop_at_progress_ = true;
	expect_stopped(run(some_prompt(4000, spec.vocab), 1));
	stop_at_progress_ = false;
	EXPECT_TRUE(tokens_.empty());
	EXPECT_EQ(prefilled(engine_->prefill->dev), before);
	stop_ = 0;
	EXPECT_EQ(run(some_prompt(20, spec.vocab), 3), 0) << err_.msg;
	EXPECT_EQ(tokens_.size(), 3u);
}

/* At any moment, by another thread, with many small chunks and pages under way. */
TEST_F(LifeStop, AtRandomMoments)
{
	ModelSpec spec;
	Model model(spec);
	open(model, TDM_MODE_SPLIT, 16);
	std::vector<uint32_t> prompt = some_prompt(120, spec.vocab);
	auto start = std::chrono::steady_clock::now();
	ASSERT_EQ(run(prompt, 12), 0) << err_.msg;
	double whole =
		std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
	std::vector<uint32_t> expected = tokens_;
	std::mt19937_64 random(20261123);
	std::uniform_real_distribution<double> moment(0, whole);
	int stopped = 0;

	for (int i = 0; i < STOPS; i++) {
		double after = moment(random);
		stop_ = 0;
		std::thread setter([this, after] {
			std::this_thread::sleep_for(std::chrono::duration<double>(after));
			stop_ = 1;
		});
		int rc = run(prompt, 12);
		setter.join();
		if (rc)
			expect_stopped(rc);
		else
			EXPECT_EQ(tokens_, expected);
		stopped += rc != 0;
		stop_ = 0;
		ASSERT_EQ(run(prompt, 12), 0) << err_.msg;
		ASSERT_EQ(tokens_, expected);
	}
	EXPECT_GT(stopped, 0);
	expect_nothing_held(spec.ctx, spec.vocab);
}

} // namespace
