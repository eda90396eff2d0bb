// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Every allocation of a run fails once: the run says so, in words, and nothing is
 * left of it.
 */
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tandem/buffer.h>
#include <tandem/engine.h>
#include <tandem/observe.h>
#include <tandem/queue.h>
#include <tandem/tokenizer.h>

#include "support/fail_nth.h"
#include "support/process.h"
#include "support/tier.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
static bool leaks()
{
	return __lsan_do_recoverable_leak_check();
}
#else
static bool leaks()
{
	return false;
}
#endif

namespace
{

/*
 * Every n, but under TSan, which is for threads that meet and not for paths: a new
 * device takes it ten times as long.
 */
constexpr long STRIDE = by_tier(1, 1, 7);
constexpr unsigned int WATCHDOG_S = 120;

const char *const TALES = TANDEM_MODELS "/tales.gguf";

struct Use {
	long blocks;
	size_t fds, threads;
};

Use use_now(size_t threads)
{
	size_t n = thread_count(threads);

	return { fail_nth_blocks(), open_fds(), n };
}

/* The message names the thing and the cure, and that it was memory (or a thread). */
std::string judge(int rc, const tdm_error &err)
{
	std::string msg = err.msg;

	if (rc >= 0 || err.code >= 0)
		return "no error";
	if (msg.find("; ") == std::string::npos || msg.find(": ") == std::string::npos)
		return "message without a thing or a cure: " + msg;
	if (!strstr(err.msg, "memory") && !strstr(err.msg, "thread"))
		return "the message does not say what is short: " + msg;
	if (err.code != -ENOMEM && err.code != -EAGAIN)
		return "code " + std::to_string(err.code) + ": " + msg;
	return "";
}

/*
 * @setup and @teardown are not failed. @run returns 0 or -errno with the reason; it
 * leaves nothing behind when it fails, and undoes what it made when it does not.
 */
struct Scenario {
	std::function<void()> setup;
	std::function<int(tdm_error *)> run;
	std::function<std::string()> teardown;
};

std::string once(const Scenario &s, long n, long *calls)
{
	tdm_error err{};
	std::string wrong;

	s.setup();
	fail_nth_arm(n);
	int rc = s.run(&err);
	*calls = fail_nth_disarm();
	const char *what = fail_nth_what();
	if (what)
		wrong = judge(rc, err);
	else if (rc)
		wrong = std::string("failed without a cause: ") + err.msg;
	if (!wrong.empty())
		wrong = std::string(what ? what : "nothing") + ": " + wrong;
	return wrong + s.teardown();
}

/* In the child. */
std::string sweep(const Scenario &s)
{
	static char said[1024];
	std::string wrong;
	long calls = 0;

	wrong.reserve(1 << 16); /* it is in the accounts as well */

	/* Caches of the C library fill up: stacks of threads, buffers. */
	for (int i = 0; i < 3; i++) {
		std::string bad = once(s, 0, &calls);
		if (!bad.empty())
			return bad + "\n";
	}
	/* No thread of ours is left; a sanitizer has one. */
	Use before = use_now(1 + tier_tsan);
	for (long n = 1;; n += STRIDE) {
		snprintf(said, sizeof(said), "%s", once(s, n, &calls).c_str());
		Use after = use_now(before.threads);
		if (*said)
			wrong += "call " + std::to_string(n) + ": " + said + "\n";
		if (after.blocks > before.blocks || after.fds != before.fds ||
		    after.threads > before.threads)
			wrong += "call " + std::to_string(n) + " leaks\n";
		before.blocks = std::max(before.blocks, after.blocks);
		before.fds = after.fds;
		if (n > calls)
			break;
	}
	/* A sweep of nothing shows nothing. */
	if (calls < 2)
		wrong += "only " + std::to_string(calls) + " allocations\n";
	if (leaks())
		wrong += "the leak checker found leaks\n";
	return wrong;
}

void run_sweep(const Scenario &s)
{
	EXPECT_EQ(in_child(WATCHDOG_S, [&] { return sweep(s); }), "");
}

TEST(LifeAlloc, Device)
{
	run_sweep({ [] {},
		    [](tdm_error *err) {
			    tdm_device *dev = tdm_device_open("soft:trn2", err);
			    int rc = dev ? 0 : err->code;
			    tdm_device_close(dev);
			    return rc;
		    },
		    [] { return ""; } });
}

TEST(LifeAlloc, QueueAndBuffer)
{
	tdm_device *dev = nullptr;
	run_sweep({ [&] { dev = tdm_device_open("soft:trn2", nullptr); },
		    [&](tdm_error *err) {
			    tdm_buffer *buf = nullptr;
			    tdm_queue *queue = tdm_queue_create(dev, 16, err);
			    if (queue)
				    buf = tdm_buffer_create(dev, TDM_DOMAIN_DEVICE, 100000,
							    TDM_ACCESS_READ, err);
			    tdm_buffer_destroy(buf);
			    tdm_queue_destroy(queue);
			    return buf ? 0 : err->code;
		    },
		    [&] {
			    tdm_device_close(dev);
			    return "";
		    } });
}

TEST(LifeAlloc, Model)
{
	run_sweep({ [] {},
		    [](tdm_error *err) {
			    tdm_model *model = tdm_model_open(TALES, err);
			    int rc = model ? 0 : err->code;
			    tdm_model_close(model);
			    return rc;
		    },
		    [] { return ""; } });
}

/* Opened before the child begins, so that nothing of it is in its accounts. */
class Opened : public testing::Test
{
protected:
	void SetUp() override
	{
		tdm_error err;
		model = tdm_model_open(TALES, &err);
		ASSERT_TRUE(model) << err.msg;
	}
	void TearDown() override
	{
		tdm_model_close(model);
	}
	tdm_engine *create(tdm_mode mode, tdm_error *err) const
	{
		tdm_engine_options o{};
		o.size = sizeof(o);
		o.mode = mode;
		o.net = "soft";
		o.ctx_len = 64;
		return tdm_engine_create(model, &o, err);
	}
	void sweep_request(tdm_mode mode);

	tdm_model *model = nullptr;
};
using LifeAllocEngine = Opened;

TEST_F(LifeAllocEngine, Tokenizer)
{
	run_sweep({ [] {},
		    [this](tdm_error *err) {
			    static const char text[] = "Once upon a time there was a pig";
			    uint32_t tokens[64];
			    tdm_tokenizer *t = tdm_tokenizer_create(tdm_model_gguf(model), err);
			    int64_t n = -1;
			    if (t)
				    n = tdm_tokenizer_encode(t, text, sizeof(text) - 1,
							     TDM_ENCODE_ADD_SPECIAL, tokens, 64,
							     err);
			    tdm_tokenizer_destroy(t);
			    return n > 0 ? 0 : err->code;
		    },
		    [] { return ""; } });
}

TEST_F(LifeAllocEngine, Split)
{
	run_sweep({ [] {},
		    [this](tdm_error *err) {
			    tdm_engine *e = create(TDM_MODE_SPLIT, err);
			    tdm_engine_destroy(e);
			    return e ? 0 : err->code;
		    },
		    [] { return ""; } });
}

TEST_F(LifeAllocEngine, Observer)
{
	tdm_engine *engine = nullptr;
	run_sweep({ [&] { engine = create(TDM_MODE_SPLIT, nullptr); },
		    [&](tdm_error *err) {
			    tdm_observer *o = tdm_observer_start("a test", err);
			    int rc = o ? tdm_observer_add_engine(o, engine) : err->code;
			    if (o && rc)
				    tdm_error_set(err, rc, "observer: no memory for it; free some");
			    tdm_observer_stop(o);
			    return rc;
		    },
		    [&] {
			    tdm_engine_destroy(engine);
			    return "";
		    } });
}

TEST_F(LifeAllocEngine, Fused)
{
	run_sweep({ [] {},
		    [this](tdm_error *err) {
			    tdm_engine *e = create(TDM_MODE_FUSED, err);
			    tdm_engine_destroy(e);
			    return e ? 0 : err->code;
		    },
		    [] { return ""; } });
}

struct Got {
	uint32_t tokens[8];
	uint32_t n;
};

int request(tdm_engine *engine, Got *got, tdm_error *err)
{
	static const uint32_t prompt[] = { 1,	300, 301, 302, 303, 304, 305, 306, 307, 308,
					   309, 310, 311, 312, 313, 314, 315, 316, 317 };
	tdm_request req{};
	tdm_result result;

	*got = {};
	req.prompt = prompt;
	req.n_prompt = sizeof(prompt) / sizeof(prompt[0]);
	req.max_new = 4;
	req.top_p = 1;
	req.token_ctx = got;
	req.token = [](void *ctx, uint32_t token) {
		auto *g = static_cast<Got *>(ctx);
		g->tokens[g->n++] = token;
		return false;
	};
	return tdm_engine_run(engine, &req, &result, err);
}

/* The first request of an engine; whatever became of it, the next one is served. */
void Opened::sweep_request(tdm_mode mode)
{
	tdm_engine *engine = nullptr;
	Got expected{}, got{};

	run_sweep({ [&] {
			   engine = create(mode, nullptr);
			   got = {};
		   },
		    [&](tdm_error *err) { return request(engine, &got, err); },
		    [&]() -> std::string {
			    tdm_error err{};
			    Got next{};
			    int rc = request(engine, &next, &err);
			    tdm_engine_destroy(engine);
			    if (rc)
				    return std::string(" the next request failed: ") + err.msg;
			    if (!expected.n)
				    expected = next;
			    return memcmp(&next, &expected, sizeof(next))
					   ? " the next request gave other tokens"
					   : "";
		    } });
}

TEST_F(LifeAllocEngine, RequestSplit)
{
	sweep_request(TDM_MODE_SPLIT);
}

TEST_F(LifeAllocEngine, RequestFused)
{
	sweep_request(TDM_MODE_FUSED);
}

} // namespace
