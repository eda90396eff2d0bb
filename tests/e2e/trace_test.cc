// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What a trace says of a real run: no effect before its cause, nothing left out, and
 * the same tokens as without one.
 */
#include <algorithm>
#include <map>
#include <memory>

#include <tandem/trace.h>

#include "e2e/engine_fixture.h"
#include "support/old_firmware.h"

namespace
{

struct Destroy {
	void operator()(tdm_trace *trace) const
	{
		tdm_trace_destroy(trace);
	}
	void operator()(tdm_engine *engine) const
	{
		tdm_engine_destroy(engine);
	}
};

struct Traced {
	Outcome out;
	std::vector<tdm_trace_event> events;
	uint64_t dropped = 0;

	std::vector<tdm_trace_event> of(tdm_trace_kind kind) const
	{
		std::vector<tdm_trace_event> some;
		for (const tdm_trace_event &e : events)
			if (e.kind == kind)
				some.push_back(e);
		return some;
	}
};

struct Bench {
	const ModelSpec spec;
	Model model{ spec };
	tdm_engine_options opts{};

	Bench()
	{
		opts.size = sizeof(opts);
		opts.net = "soft";
		opts.chunk_tokens = 32;
	}
	/* @times: requests one after the other on one engine */
	Traced run(uint32_t n_prompt, uint32_t n_new, uint32_t room = 65536, int times = 1)
	{
		std::unique_ptr<tdm_trace, Destroy> trace;
		if (room)
			trace.reset(tdm_trace_create(room));
		opts.trace = trace.get();
		tdm_error err{};
		std::unique_ptr<tdm_engine, Destroy> engine(
			tdm_engine_create(model.get(), &opts, &err));
		Traced t;
		if (!engine) {
			ADD_FAILURE() << err.msg;
			return t;
		}
		std::vector<uint32_t> prompt = some_prompt(n_prompt, spec.vocab);
		tdm_request req{};
		req.prompt = prompt.data();
		req.n_prompt = n_prompt;
		req.max_new = n_new;
		req.top_p = 1;
		req.token_ctx = &t.out.tokens;
		req.token = [](void *ctx, uint32_t token) {
			static_cast<std::vector<uint32_t> *>(ctx)->push_back(token);
			return false;
		};
		for (int i = 0; i < times; i++)
			t.out.rc = tdm_engine_run(engine.get(), &req, &t.out.result, &err);
		t.out.error = err.msg;
		if (!trace)
			return t;
		t.events.resize(tdm_trace_count(trace.get()));
		t.events.resize(tdm_trace_read(trace.get(), 0, t.events.data(),
					       static_cast<uint32_t>(t.events.size())));
		t.dropped = tdm_trace_dropped(trace.get());
		return t;
	}
};

uint64_t end_of(const tdm_trace_event &e)
{
	return e.time_ns + e.duration_ns;
}

/* Each page's moments, in the order in which they must be. */
std::map<uint32_t, std::vector<uint64_t>> ways(const Traced &t)
{
	std::map<uint32_t, std::vector<uint64_t>> ways;
	for (const tdm_trace_event &e : t.of(TDM_TRACE_SEAL))
		for (uint32_t i = 0; i < e.pages; i++)
			ways[e.page + i].push_back(e.time_ns);
	for (const tdm_trace_event &e : t.of(TDM_TRACE_EXPORT))
		for (uint32_t i = 0; i < e.pages; i++)
			ways[e.page + i].push_back(end_of(e));
	for (const tdm_trace_event &e : t.of(TDM_TRACE_PUSHED))
		ways[e.page].push_back(e.time_ns);
	for (const tdm_trace_event &e : t.of(TDM_TRACE_WRITTEN)) {
		ways[e.page].push_back(e.time_ns);
		ways[e.page].push_back(end_of(e));
	}
	for (tdm_trace_kind kind :
	     { TDM_TRACE_LANDED, TDM_TRACE_TAKEN, TDM_TRACE_IMPORTED, TDM_TRACE_CREDITED })
		for (const tdm_trace_event &e : t.of(kind))
			ways[e.page].push_back(e.time_ns);
	return ways;
}

TEST(EngineTrace, APageIsNowhereBeforeItWasThere)
{
	Bench s;
	Traced t = s.run(100, 4);
	ASSERT_EQ(t.out.rc, 0) << t.out.error;
	ASSERT_EQ(t.dropped, 0u);
	auto all = ways(t);
	/* 100 tokens are 7 pages of 16, for each of 2 layers. */
	EXPECT_EQ(all.size(), 14u);
	EXPECT_EQ(all.size(), t.out.result.kv_pages);
	uint32_t number = 0;
	for (const auto &[page, times] : all) {
		EXPECT_EQ(page, number++);
		ASSERT_EQ(times.size(), 9u) << page;
		for (size_t i = 1; i < times.size(); i++)
			EXPECT_LE(times[i - 1], times[i]) << "page " << page << ", step " << i;
	}
	uint64_t bytes = 0;
	for (const tdm_trace_event &e : t.of(TDM_TRACE_WRITTEN))
		bytes += e.bytes;
	EXPECT_EQ(bytes, t.out.result.kv_bytes);
}

TEST(EngineTrace, LayersAreInTheirOrderWithinTheirCommand)
{
	Bench s;
	Traced t = s.run(100, 1);
	ASSERT_EQ(t.out.rc, 0) << t.out.error;
	auto runs = t.of(TDM_TRACE_PREFILL), asked = t.of(TDM_TRACE_SUBMIT);
	/* 32, 32, 32 and 4 tokens. */
	ASSERT_EQ(runs.size(), 4u);
	ASSERT_EQ(asked.size(), 4u);
	uint64_t device_ns = 0;
	for (size_t i = 0; i < runs.size(); i++) {
		EXPECT_EQ(runs[i].token, 32 * i);
		EXPECT_EQ(asked[i].token, 32 * i);
		EXPECT_EQ(runs[i].tokens, i < 3 ? 32u : 4u);
		EXPECT_TRUE(runs[i].flags & TDM_TRACE_BY_DEVICE);
		EXPECT_LE(asked[i].time_ns, runs[i].time_ns);
		if (i) {
			EXPECT_LE(end_of(runs[i - 1]), runs[i].time_ns + 16);
		}
		device_ns += runs[i].duration_ns;
	}
	EXPECT_EQ(device_ns, t.out.result.prefill_ns);
	std::map<uint32_t, std::vector<tdm_trace_event>> layers;
	for (const tdm_trace_event &e : t.of(TDM_TRACE_LAYER))
		layers[e.token].push_back(e);
	ASSERT_EQ(layers.size(), 4u);
	for (const auto &[token, seen] : layers) {
		ASSERT_EQ(seen.size(), s.spec.layers);
		for (uint32_t i = 0; i < seen.size(); i++) {
			EXPECT_EQ(seen[i].layer, i);
			EXPECT_EQ(seen[i].flags, TDM_TRACE_BY_DEVICE);
			EXPECT_GE(seen[i].time_ns, runs[token / 32].time_ns);
			EXPECT_LE(seen[i].time_ns, end_of(runs[token / 32]));
			if (i) {
				EXPECT_LE(seen[i - 1].time_ns, seen[i].time_ns);
			}
		}
	}
	/* What is done with a layer comes after it. */
	for (const tdm_trace_event &e : t.of(TDM_TRACE_SEAL)) {
		/* Of 7 pages of 16 tokens; the layer is that of the chunk with the last token. */
		uint32_t last = std::min(e.page % 7 * 16 + 15, 99u);
		EXPECT_LE(layers[last / 32 * 32][e.layer].time_ns, e.time_ns) << e.page;
	}
}

/* Firmware that tells no times: when they were seen, as it always was; the same tokens. */
TEST(EngineTrace, LayersOfOldFirmwareAreWhenTheyWereSeen)
{
	Bench s;
	Traced with = s.run(100, 3);
	old_firmware = true;
	Traced t = s.run(100, 3);
	old_firmware = false;
	ASSERT_EQ(t.out.rc, 0) << t.out.error;
	EXPECT_EQ(t.out.tokens, with.out.tokens);
	auto layers = t.of(TDM_TRACE_LAYER);
	ASSERT_EQ(layers.size(), 4u * s.spec.layers);
	for (size_t i = 0; i < layers.size(); i++) {
		EXPECT_EQ(layers[i].flags, TDM_TRACE_SEEN);
		EXPECT_LE(layers[i ? i - 1 : 0].time_ns, layers[i].time_ns);
	}
}

TEST(EngineTrace, EveryTokenHasItsStep)
{
	Bench s;
	Traced t = s.run(9, 12);
	ASSERT_EQ(t.out.rc, 0) << t.out.error;
	auto steps = t.of(TDM_TRACE_DECODE);
	ASSERT_EQ(steps.size(), t.out.result.n_tokens - 1);
	for (uint32_t i = 0; i < steps.size(); i++) {
		EXPECT_EQ(steps[i].token, i + 1);
		if (i) {
			EXPECT_LE(end_of(steps[i - 1]), steps[i].time_ns + 16);
		}
	}
	auto first = t.of(TDM_TRACE_FIRST), request = t.of(TDM_TRACE_REQUEST);
	ASSERT_EQ(first.size(), 1u);
	ASSERT_EQ(request.size(), 1u);
	EXPECT_EQ(first[0].token, t.out.tokens[0]);
	EXPECT_EQ(first[0].time_ns - request[0].time_ns, t.out.result.ttft_ns);
	EXPECT_LE(first[0].time_ns, steps[0].time_ns);
	EXPECT_EQ(request[0].tokens, 9u);
	EXPECT_EQ(request[0].token, 12u);
	EXPECT_EQ(request[0].code, 0);
}

TEST(EngineTrace, FusedMovesNothing)
{
	Bench s;
	s.opts.mode = TDM_MODE_FUSED;
	Traced t = s.run(40, 3);
	ASSERT_EQ(t.out.rc, 0) << t.out.error;
	EXPECT_TRUE(ways(t).empty());
	EXPECT_EQ(t.of(TDM_TRACE_PREFILL).size(), 2u);
	EXPECT_EQ(t.of(TDM_TRACE_LAYER).size(), 2u * s.spec.layers);
	EXPECT_EQ(t.of(TDM_TRACE_DECODE).size(), 2u);
}

TEST(EngineTrace, RequestsAreToldApart)
{
	Bench s;
	Traced t = s.run(20, 3, 65536, 3);
	ASSERT_EQ(t.out.rc, 0) << t.out.error;
	std::map<uint64_t, uint32_t> imported;
	for (const tdm_trace_event &e : t.of(TDM_TRACE_IMPORTED))
		imported[e.request]++;
	EXPECT_EQ(imported.size(), 3u);
	for (const auto &[request, n] : imported)
		EXPECT_EQ(n, t.out.result.kv_pages) << request;
	EXPECT_EQ(t.of(TDM_TRACE_REQUEST).size(), 3u);
}

TEST(EngineTrace, ChangesNoTokenWhateverFits)
{
	Bench s;
	Traced without = s.run(50, 20, 0), full = s.run(50, 20, 10), with = s.run(50, 20);
	ASSERT_EQ(without.out.rc, 0) << without.out.error;
	EXPECT_EQ(with.out.tokens, without.out.tokens);
	EXPECT_EQ(full.out.tokens, without.out.tokens);
	EXPECT_EQ(full.events.size(), 10u);
	EXPECT_GT(full.dropped, 0u);
}

/* Pages that arrive corrupt are refused and come again: all of it is told. */
TEST(EngineTrace, ShowsWhatWasSentAgain)
{
	Bench s;
	s.opts.net = "soft:rc,corrupt=300000,seed=5";
	Traced t = s.run(200, 1);
	ASSERT_EQ(t.out.rc, 0) << t.out.error;
	size_t again = t.of(TDM_TRACE_AGAIN).size();
	EXPECT_GT(again, 0u);
	EXPECT_EQ(t.of(TDM_TRACE_CORRUPT).size(), again);
	EXPECT_EQ(t.of(TDM_TRACE_WRITTEN).size(), t.out.result.kv_pages + again);
	EXPECT_EQ(t.of(TDM_TRACE_IMPORTED).size(), t.out.result.kv_pages);
}

TEST(EngineTrace, TellsOfAConnectionThatBreaks)
{
	Bench s;
	s.opts.net = "soft:rc,error=1000000,seed=1";
	Traced t = s.run(40, 2);
	ASSERT_LT(t.out.rc, 0);
	EXPECT_GT(t.of(TDM_TRACE_PEER_LOST).size(), 0u);
	auto request = t.of(TDM_TRACE_REQUEST);
	ASSERT_EQ(request.size(), 1u);
	EXPECT_EQ(request[0].code, t.out.rc);
}

} // namespace
