// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Whether the bytes of an engine's own pages are those that were on the wire, wherever
 * and in whatever layout they lie: asked of its observer.
 */
#include <atomic>
#include <csignal>
#include <functional>
#include <map>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

#include <tandem/observe.h>

#include "e2e/engine_fixture.h"
#include "e2e/observed_self.h"

extern "C" {
#include "compute/compute.h"
#include "engine/engine.h"
#include "engine/mover.h"
}

namespace
{

class ObserveVerify : public ObservedSelf
{
protected:
	/* The number of the pool of that name. */
	uint32_t pool(const std::string &name)
	{
		uint32_t n = 0, number = ~0U;
		tdm_observe_pool *list = tdm_observed_pools(seen_, &n, nullptr);
		for (uint32_t i = 0; list && i < n; i++)
			if (name == list[i].name)
				number = list[i].number;
		free(list);
		return number;
	}
	std::vector<tdm_observe_check> checks(uint32_t number)
	{
		tdm_observe_range all = { number, 0, UINT32_MAX };
		uint32_t n = 0;
		tdm_observe_check *list = tdm_observed_verify(seen_, &all, &n, nullptr);
		std::vector<tdm_observe_check> found(list, list ? list + n : list);
		free(list);
		return found;
	}
	std::map<uint32_t, uint32_t> verdicts(uint32_t number)
	{
		std::map<uint32_t, uint32_t> count;
		for (const auto &c : checks(number))
			count[c.verdict]++;
		return count;
	}
	uint32_t verdict(uint32_t number, uint32_t page)
	{
		return checks(number).at(page).verdict;
	}
	/* One byte of each page that has a CRC, a little further in each: K and V. */
	void flip_each(uint32_t number, tdm_kv_pool *pages)
	{
		uint64_t at = 0;
		for (const auto &c : checks(number)) {
			if (c.verdict != TDM_OBSERVE_OK)
				continue;
			at = (at + c.bytes / 2 + 77) % c.bytes;
			auto *byte = static_cast<uint8_t *>(tdm_kv_pool_mem(pages, c.page)) + at;
			*byte ^= 0x10;
			EXPECT_EQ(verdict(number, c.page), uint32_t(TDM_OBSERVE_DIFFERS)) << at;
			*byte ^= 0x10;
			EXPECT_EQ(verdict(number, c.page), uint32_t(TDM_OBSERVE_OK)) << at;
		}
	}
	uint32_t engines_ = 0;
};

/*
 * Of 60 tokens three pages of 16 are full; decode writes behind them, into the fourth and
 * a fifth of each layer.
 */
TEST_F(ObserveVerify, WhatDecodeTookInIsAsItCame)
{
	for (const char *decode : { "soft:cs3", "soft:trn2" })
		for (const char *prefill : { "soft:trn2", "soft:cs3" })
			for (uint32_t dtype : { TDM_DTYPE_F16, TDM_DTYPE_F32 }) {
				SCOPED_TRACE(std::string(prefill) + " " + decode);
				ModelSpec spec;
				Model model(spec);
				RunOptions o;
				o.prefill = prefill;
				o.decode = decode;
				o.kv_dtype = dtype;
				Engine engine(model, o);
				ASSERT_TRUE(engine) << engine.error().msg;
				ASSERT_EQ(tdm_observer_add_engine(observer_, engine.get()), 0);
				Request r;
				r.prompt = some_prompt(60, spec.vocab);
				r.n = 12;
				ASSERT_EQ(engine.run(r).rc, 0);
				uint32_t number =
					pool("engine " + std::to_string(engines_++) + " decode");
				auto count = verdicts(number);
				EXPECT_EQ(count[TDM_OBSERVE_OK], spec.layers * 3);
				EXPECT_EQ(count.size(), 2u);
				EXPECT_GT(count[TDM_OBSERVE_NO_CRC], 0u);
				flip_each(number, engine.get()->decode->pool);
				tdm_observer_remove(observer_, engine.get());
			}
}

/* From the token's own callback: once the second one comes every page was sent. */
TEST_F(ObserveVerify, WhatPrefillSentIsAsItWas)
{
	for (const char *prefill : { "soft:trn2", "soft:cs3" }) {
		SCOPED_TRACE(prefill);
		ModelSpec spec;
		Model model(spec);
		RunOptions o;
		o.prefill = prefill;
		Engine engine(model, o);
		ASSERT_TRUE(engine) << engine.error().msg;
		ASSERT_EQ(tdm_observer_add_engine(observer_, engine.get()), 0);
		std::vector<std::map<uint32_t, uint32_t>> at;
		std::string name = "engine " + std::to_string(engines_++) + " prefill";
		std::function<void()> look = [&] { at.push_back(verdicts(pool(name))); };
		std::vector<uint32_t> prompt = some_prompt(60, spec.vocab);
		tdm_request req{};
		tdm_result result;
		req.prompt = prompt.data();
		req.n_prompt = 60;
		req.max_new = 3;
		req.top_p = 1;
		req.token_ctx = &look;
		req.token = [](void *ctx, uint32_t) {
			(*static_cast<std::function<void()> *>(ctx))();
			return false;
		};
		ASSERT_EQ(tdm_engine_run(engine.get(), &req, &result, nullptr), 0);
		ASSERT_EQ(at.size(), 3u);
		for (auto &count : at) {
			EXPECT_EQ(count[TDM_OBSERVE_DIFFERS], 0u);
			EXPECT_EQ(count[TDM_OBSERVE_LAYOUT], 0u);
		}
		EXPECT_EQ(at[1][TDM_OBSERVE_OK], spec.layers * 4);
		/* They were given back. */
		EXPECT_EQ(verdicts(pool(name)).count(TDM_OBSERVE_OK), 0u);
		tdm_observer_remove(observer_, engine.get());
	}
}

/* One device alone puts nothing on a wire, and counts no CRC for nobody. */
TEST_F(ObserveVerify, WhatWasNeverSentHasNone)
{
	ModelSpec spec;
	Model model(spec);
	RunOptions o;
	o.mode = TDM_MODE_FUSED;
	Engine engine(model, o);
	ASSERT_EQ(tdm_observer_add_engine(observer_, engine.get()), 0);
	Request r;
	r.prompt = some_prompt(60, spec.vocab);
	ASSERT_EQ(engine.run(r).rc, 0);
	auto count = verdicts(pool("engine 0 decode"));
	EXPECT_EQ(count.size(), 1u);
	EXPECT_GT(count[TDM_OBSERVE_NO_CRC], 0u);
	tdm_observer_remove(observer_, engine.get());
}

/* Where pages of another size meet, a page has several CRCs and so none of its own. */
TEST(KvSeal, OfWholePagesAlone)
{
	const struct {
		uint32_t from, to;	/* tokens of a page */
		uint32_t sent, took_in; /* of 48 tokens, pages of a layer with a CRC */
	} all[] = { { 16, 16, 3, 3 }, { 16, 32, 3, 0 }, { 32, 16, 0, 3 }, { 32, 32, 2, 1 } };
	ModelSpec spec;
	Model model(spec);

	for (const auto &c : all) {
		SCOPED_TRACE(std::to_string(c.from) + " to " + std::to_string(c.to));
		tdm_error err{};
		side_options opts{};
		opts.model.size = sizeof(opts.model);
		opts.model.kv_dtype = TDM_DTYPE_F16;
		opts.model.kv_page_tokens = c.from;
		opts.device = "soft:trn2";
		side *from = side_open(model.get(), &opts, &err);
		opts.model.kv_page_tokens = c.to;
		opts.device = "soft:cs3";
		opts.pool_id = 1;
		side *to = from ? side_open(model.get(), &opts, &err) : nullptr;
		mover *m = to ? mover_create(from, to, "soft", &err) : nullptr;
		ASSERT_TRUE(m) << err.msg;
		ASSERT_EQ(side_reserve(from, 7, 48, &err), 0) << err.msg;
		ASSERT_EQ(side_reserve(to, 7, 60, &err), 0) << err.msg;
		ASSERT_EQ(mover_start(m, 7, &err), 0) << err.msg;
		for (uint32_t layer = 0; layer < spec.layers; layer++)
			ASSERT_EQ(mover_seal(m, layer, 0, from->blocks, &err), 1) << err.msg;
		while (!mover_is_done(m))
			ASSERT_GE(mover_step(m, &err), 0) << err.msg;
		for (const auto &[side, wanted] :
		     { std::pair<struct side *, uint32_t>{ from, c.sent }, { to, c.took_in } }) {
			std::vector<tdm_kv_page_info> list(512);
			uint32_t n = tdm_kv_pool_list(side->pool, 0, list.data(), 512), sealed = 0;
			for (uint32_t i = 0; i < n; i++)
				sealed += list[i].bytes != 0;
			EXPECT_EQ(sealed, spec.layers * wanted);
			EXPECT_EQ(tdm_kv_pool_check(side->pool, &err), 0) << err.msg;
		}
		mover_finish(m);
		side_release(from);
		side_release(to);
		mover_destroy(m);
		side_close(from);
		side_close(to);
	}
}

/* Pages of a wafer whose bytes and CRC the test itself makes. */
class ObserveWafer : public ObserveVerify
{
protected:
	void SetUp() override
	{
		ObserveVerify::SetUp();
		model_ = std::make_unique<Model>(spec_);
		engine_ = std::make_unique<Engine>(*model_, RunOptions());
		ASSERT_TRUE(*engine_) << engine_->error().msg;
		ASSERT_EQ(tdm_observer_add_engine(observer_, engine_->get()), 0);
		const side *s = engine_->get()->decode;
		ASSERT_EQ(tdm_device_info(s->dev)->identify.kv_layout, TDM_KV_LAYOUT_WAFER);
		pages_ = s->pool;
		shape_.n_kv_heads = s->desc->n_kv_heads;
		shape_.head_dim = s->desc->head_dim;
		shape_.kv_type = s->desc->kv_dtype;
		shape_.kv_page_tokens = s->desc->kv_page_tokens;
		shape_.kv_layout = TDM_KV_LAYOUT_WAFER;
		ASSERT_EQ(fw_kv_page_bytes(&shape_), s->page_bytes);
		ASSERT_EQ(tdm_kv_pool_bind(pages_, 0, 4, 4096, 1, nullptr), 0);
		number_ = pool("engine 0 decode");
	}
	void TearDown() override
	{
		tdm_observer_remove(observer_, engine_->get());
		ObserveVerify::TearDown();
	}
	uint64_t bytes() const
	{
		return fw_kv_page_bytes(&shape_);
	}
	uint8_t *mem(uint32_t page) const
	{
		return static_cast<uint8_t *>(tdm_kv_pool_mem(pages_, page));
	}
	/* A page of @tokens tokens, 0: all, that came with the CRC of its bytes on the wire. */
	tdm_kv_ref take_in(uint64_t owner, uint32_t tokens = 0, uint64_t announced = 0)
	{
		uint64_t size = tokens ? bytes() / shape_.kv_page_tokens * tokens : bytes();
		std::vector<uint8_t> wire(size);
		for (size_t i = 0; i < size; i++)
			wire[i] = static_cast<uint8_t>(i * 31 + i / 7 + owner);
		tdm_kv_ref ref{};
		tdm_kv_ticket ticket{};
		EXPECT_EQ(tdm_kv_pool_reserve(pages_, owner, &ref, 1, nullptr), 0);
		EXPECT_EQ(tdm_kv_pool_land(pages_, owner, &ref, 1, &ticket, nullptr), 0);
		if (tokens)
			fw_kv_import_part(&shape_, wire.data(), 0, tokens, mem(ref.page));
		else
			fw_kv_import(&shape_, wire.data(), mem(ref.page));
		ticket.bytes = announced ? announced : size;
		EXPECT_EQ(tdm_kv_pool_commit(pages_, &ticket, fw_crc32c(0, wire.data(), size),
					     nullptr),
			  0);
		return ref;
	}
	void give_back(uint64_t owner, tdm_kv_ref ref)
	{
		EXPECT_EQ(tdm_kv_pool_release(pages_, owner, &ref, 1, nullptr), 0);
	}

	ModelSpec spec_;
	std::unique_ptr<Model> model_;
	std::unique_ptr<Engine> engine_;
	tdm_kv_pool *pages_ = nullptr;
	fw_llama shape_{};
	uint32_t number_ = 0;
};

TEST_F(ObserveWafer, EveryByteCounts)
{
	tdm_kv_ref ref = take_in(5);

	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_OK));
	/* The page is not what its CRC is of, byte for byte. */
	EXPECT_NE(fw_crc32c(0, mem(ref.page), bytes()), checks(number_).at(ref.page).expected);
	for (uint64_t at = 0; at < bytes(); at += 61) {
		mem(ref.page)[at] ^= 0x40;
		ASSERT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_DIFFERS)) << at;
		mem(ref.page)[at] ^= 0x40;
	}
	mem(ref.page)[bytes() - 1] ^= 1;
	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_DIFFERS));
	mem(ref.page)[bytes() - 1] ^= 1;
	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_OK));
	give_back(5, ref);
	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_NO_CRC));
}

/* What lies behind its tokens is nobody's, in every row of K and behind every head of V. */
TEST_F(ObserveWafer, OfAPartItsTokensCount)
{
	tdm_kv_ref ref = take_in(5, 5);
	uint64_t elt = 2, half = bytes() / 2;

	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_OK));
	mem(ref.page)[5 * elt] ^= 1;
	mem(ref.page)[half + 5 * shape_.head_dim * elt] ^= 1;
	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_OK));
	mem(ref.page)[4 * elt] ^= 1;
	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_DIFFERS));
	mem(ref.page)[4 * elt] ^= 1;
	mem(ref.page)[half + 5 * shape_.head_dim * elt - 1] ^= 1;
	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_DIFFERS));
	give_back(5, ref);
}

/* Bytes that are no number of tokens have no place in a page. */
TEST_F(ObserveWafer, WhatIsNoNumberOfTokensIsNotChecked)
{
	tdm_kv_ref ref = take_in(5, 5, 100);

	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_LAYOUT));
	give_back(5, ref);
}

/* A page that its owner gives back in the middle of being read: the first touch of it traps. */
struct Trap {
	tdm_kv_pool *pool;
	tdm_kv_ref ref;
	char *at;
	size_t len;
	int hits;
} trap;

void spring(int sig, siginfo_t *info, void *)
{
	const char *at = static_cast<const char *>(info->si_addr);

	if (at < trap.at || at >= trap.at + trap.len) {
		std::signal(sig, SIG_DFL);
		return;
	}
	mprotect(trap.at, trap.len, PROT_READ | PROT_WRITE);
	trap.hits++;
	tdm_kv_pool_release(trap.pool, 5, &trap.ref, 1, nullptr);
}

TEST_F(ObserveWafer, OneThatIsGivenBackWhileItIsReadHasMoved)
{
	const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
	tdm_kv_ref ref = take_in(5);
	uintptr_t first = reinterpret_cast<uintptr_t>(mem(ref.page)) & ~(page - 1);
	struct sigaction sa {
	}, old;

	trap = { pages_, ref, reinterpret_cast<char *>(first),
		 (reinterpret_cast<uintptr_t>(mem(ref.page)) + bytes() - first + page - 1) &
			 ~(page - 1),
		 0 };
	sa.sa_sigaction = spring;
	sa.sa_flags = SA_SIGINFO;
	ASSERT_EQ(sigaction(SIGSEGV, &sa, &old), 0);
	ASSERT_EQ(mprotect(trap.at, trap.len, PROT_NONE), 0);
	auto c = checks(number_).at(ref.page);
	ASSERT_EQ(sigaction(SIGSEGV, &old, nullptr), 0);
	EXPECT_EQ(trap.hits, 1);
	EXPECT_EQ(c.verdict, uint32_t(TDM_OBSERVE_MOVED));
	EXPECT_EQ(c.expected, 0u);
	EXPECT_EQ(verdict(number_, ref.page), uint32_t(TDM_OBSERVE_NO_CRC));
}

/* Pages that come, are written and go while they are looked at are never called bad. */
TEST_F(ObserveWafer, DoesNotCallAPageBadThatChanges)
{
	std::atomic<bool> stop{ false };
	std::atomic<int> rounds{ 0 };
	std::thread owner([&] {
		for (uint64_t id = 1; !stop; id++, rounds++)
			give_back(id, take_in(id));
	});
	while (rounds < 300)
		EXPECT_EQ(verdicts(number_).count(TDM_OBSERVE_DIFFERS), 0u);
	stop = true;
	owner.join();
}

} // namespace
