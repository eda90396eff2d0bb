// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What an observer shows of engines and their pools.
 */
#include <functional>
#include <tandem/inject.h>
#include <tandem/observe.h>
#include <unistd.h>

#include "e2e/engine_fixture.h"
#include "e2e/observed_self.h"

extern "C" {
#include "engine/engine.h"
}

namespace
{

class ObserveEngine : public ObservedSelf
{
protected:
	std::vector<tdm_observe_engine> engines()
	{
		uint32_t n = 0;
		tdm_observe_engine *list = tdm_observed_engines(seen_, &n, nullptr);
		std::vector<tdm_observe_engine> all(list, list ? list + n : list);
		free(list);
		return all;
	}
	std::vector<tdm_observe_pool> pools()
	{
		uint32_t n = 0;
		tdm_observe_pool *list = tdm_observed_pools(seen_, &n, nullptr);
		std::vector<tdm_observe_pool> all(list, list ? list + n : list);
		free(list);
		return all;
	}
};

TEST_F(ObserveEngine, CountsRequestsAndTokens)
{
	ModelSpec spec;
	Model model(spec);
	RunOptions fused;
	fused.mode = TDM_MODE_FUSED;
	Engine split(model, {}), one(model, fused);
	ASSERT_TRUE(split && one);
	ASSERT_EQ(tdm_observer_add_engine(observer_, split.get()), 0);
	ASSERT_EQ(tdm_observer_add_engine(observer_, one.get()), 0);
	EXPECT_EQ(tdm_observer_add_engine(observer_, split.get()), -EEXIST);
	Request r;
	r.prompt = some_prompt(60, spec.vocab);
	r.n = 7;
	ASSERT_EQ(split.run(r).rc, 0);
	ASSERT_EQ(split.run(r).rc, 0);
	ASSERT_EQ(one.run(r).rc, 0);

	auto all = engines();
	ASSERT_EQ(all.size(), 2u);
	EXPECT_EQ(all[0].mode, uint32_t(TDM_MODE_SPLIT));
	EXPECT_EQ(all[0].role, uint32_t(TDM_OBSERVE_ENGINE));
	EXPECT_EQ(all[0].stage, uint32_t(TDM_OBSERVE_IDLE));
	EXPECT_EQ(all[0].request, 0u);
	EXPECT_EQ(all[0].done, 2u);
	EXPECT_EQ(all[0].failed, 0u);
	EXPECT_EQ(all[0].tokens_prefill, 2 * 60u);
	EXPECT_EQ(all[0].tokens_decode, 2 * 6u); /* prefill makes the first one */
	EXPECT_NE(all[0].prefill, all[0].decode);
	EXPECT_EQ(all[1].mode, uint32_t(TDM_MODE_FUSED));
	EXPECT_EQ(all[1].done, 1u);
	EXPECT_EQ(all[1].prefill, all[1].decode);

	/* Split: two sides, and where pages land; fused: one. */
	EXPECT_EQ(pools().size(), 4u);
	tdm_observer_remove(observer_, split.get());
	EXPECT_EQ(engines().size(), 1u);
	EXPECT_EQ(pools().size(), 1u);
	/* It goes on without being looked at. */
	EXPECT_EQ(split.run(r).rc, 0);
	tdm_observer_remove(observer_, one.get());
}

/* In the middle of it, from the token's own callback. */
TEST_F(ObserveEngine, ShowsTheRequestThatRuns)
{
	struct Look {
		std::function<tdm_observe_engine()> now;
		std::vector<tdm_observe_engine> at;
	} look{ [this] { return engines().at(0); }, {} };
	ModelSpec spec;
	Model model(spec);
	Engine engine(model, {});
	ASSERT_EQ(tdm_observer_add_engine(observer_, engine.get()), 0);
	std::vector<uint32_t> prompt = some_prompt(30, spec.vocab);
	tdm_request req{};
	tdm_result result;
	req.prompt = prompt.data();
	req.n_prompt = 30;
	req.max_new = 3;
	req.top_p = 1;
	req.token_ctx = &look;
	req.token = [](void *ctx, uint32_t) {
		auto *l = static_cast<Look *>(ctx);
		l->at.push_back(l->now());
		return false;
	};
	ASSERT_EQ(tdm_engine_run(engine.get(), &req, &result, nullptr), 0);
	ASSERT_EQ(look.at.size(), 3u);
	EXPECT_EQ(look.at[0].stage, uint32_t(TDM_OBSERVE_PREFILL));
	EXPECT_EQ(look.at[0].tokens_prefill, 30u);
	EXPECT_EQ(look.at[0].tokens_decode, 0u);
	for (size_t i = 1; i < 3; i++) {
		EXPECT_EQ(look.at[i].stage, uint32_t(TDM_OBSERVE_DECODE));
		EXPECT_EQ(look.at[i].tokens_decode, i);
		EXPECT_EQ(look.at[i].request, look.at[0].request);
	}
	EXPECT_GT(look.at[0].since_ns, 0u);
	/* One that its client wants no more of is none that failed, */
	uint32_t stop = 0;
	req.token = [](void *ctx, uint32_t) {
		__atomic_store_n(static_cast<uint32_t *>(ctx), 1U, __ATOMIC_RELAXED);
		return false;
	};
	req.token_ctx = &stop;
	engine.get()->stop = &stop;
	EXPECT_EQ(tdm_engine_run(engine.get(), &req, &result, nullptr), -ECANCELED);
	auto after = engines().at(0);
	EXPECT_EQ(after.done, 2u);
	EXPECT_EQ(after.failed, 0u);
	/* and one that its device has failed is. */
	stop = 0;
	drm_tandem_inject fault{};
	fault.kind = TDM_INJECT_FAIL_CMD;
	fault.count = 1;
	ASSERT_EQ(tdm_device_inject(engine.get()->prefill->dev, &fault), 0);
	EXPECT_LT(tdm_engine_run(engine.get(), &req, &result, nullptr), 0);
	after = engines().at(0);
	EXPECT_EQ(after.done, 2u);
	EXPECT_EQ(after.failed, 1u);
	EXPECT_EQ(after.request, 0u);
	tdm_observer_remove(observer_, engine.get());
}

} // namespace
