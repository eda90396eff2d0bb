// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A process that goes on for long: after many requests, and after many devices,
 * queues, buffers and engines came and went, it is as large as at its start.
 */
#include <cerrno>
#include <malloc.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <tandem/buffer.h>
#include <tandem/engine.h>
#include <tandem/net.h>
#include <tandem/observe.h>
#include <tandem/queue.h>

#include "support/fail_nth.h"
#include "support/process.h"
#include "support/tier.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* Of sanitizer/allocator_interface.h, which gcc does not install. */
extern "C" size_t __sanitizer_get_current_allocated_bytes(void);
static size_t heap_bytes()
{
	return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t heap_bytes()
{
	return mallinfo2().uordblks;
}
#endif

namespace
{

/*
 * Fewer under a sanitizer, which computes and starts threads ten times slower and
 * counts to the byte: a leak of one block a turn shows in any number.
 */
constexpr int REQUESTS = by_tier(1000, 100, 60);
constexpr int WARM_UP = by_tier(60, 20, 20); /* all lengths of a prompt at least */
constexpr int TURNS = by_tier(1000, 200, 100);
constexpr int ENGINES = by_tier(1000, 100, 40);

/* What may come and go by itself: stacks and buffers that the C library keeps. */
constexpr size_t HEAP_SLACK = 16 << 10;
constexpr size_t RESIDENT_SLACK = 2 << 20;
constexpr size_t MAPS_SLACK = 16; /* arenas of malloc(), for threads that meet */

struct Size {
	long blocks;
	size_t heap, resident, fds, threads, maps;
};

Size size_now()
{
	return { fail_nth_blocks(),	      heap_bytes(), resident_bytes(), open_fds(),
		 threads_of(getpid()).size(), mappings() };
}

void expect_same(const Size &before, const Size &after)
{
	EXPECT_LE(after.blocks, before.blocks);
	EXPECT_LE(after.heap, before.heap + HEAP_SLACK);
	/* A sanitizer keeps what was freed for a while, and shadows of it. */
	if (!tier_asan && !tier_tsan) {
		EXPECT_LE(after.resident, before.resident + RESIDENT_SLACK);
		EXPECT_LE(after.maps, before.maps + MAPS_SLACK);
	}
	EXPECT_EQ(after.fds, before.fds);
	EXPECT_LE(thread_count(before.threads), before.threads);
}

/*
 * Some turns fill the caches of the C library, and ours: a device keeps what its largest
 * command needed. Then it must stay as it is.
 */
template <typename Turn>
void repeat(int turns, Turn turn)
{
	for (int i = 0; i < WARM_UP; i++)
		turn(i);
	Size before = size_now();
	for (int i = 0; i < turns; i++)
		turn(i);
	expect_same(before, size_now());
}

class LifeMemory : public testing::Test
{
protected:
	void SetUp() override
	{
		tdm_error err;
		model_ = tdm_model_open(TANDEM_MODELS "/tales.gguf", &err);
		ASSERT_TRUE(model_) << err.msg;
	}
	void TearDown() override
	{
		tdm_model_close(model_);
	}
	tdm_engine *create(tdm_mode mode, const uint32_t *stop)
	{
		tdm_engine_options o{};
		tdm_error err{};
		o.size = sizeof(o);
		o.mode = mode;
		o.net = "soft";
		o.ctx_len = 128;
		o.stop = stop;
		tdm_engine *e = tdm_engine_create(model_, &o, &err);
		EXPECT_TRUE(e) << err.msg;
		return e;
	}
	tdm_model *model_ = nullptr;
};

/* Of several lengths; some are refused, some are stopped. */
TEST_F(LifeMemory, AThousandRequests)
{
	for (tdm_mode mode : { TDM_MODE_SPLIT, TDM_MODE_FUSED }) {
		uint32_t stop = 0;
		tdm_engine *engine = create(mode, &stop);
		ASSERT_TRUE(engine);
		std::vector<uint32_t> prompt(200, 300);
		repeat(REQUESTS, [&](int i) {
			tdm_request req{};
			tdm_result result;
			tdm_error err;
			bool refused = i % 20 == 7, stopped = i % 20 == 13;
			req.prompt = prompt.data();
			req.n_prompt = refused ? 200 : 1 + static_cast<uint32_t>(i % WARM_UP);
			req.max_new = 4;
			req.top_p = 1;
			req.keep_kv = i % 3 == 0;
			req.token_ctx = &stop;
			if (stopped)
				req.token = [](void *ctx, uint32_t) {
					__atomic_store_n(static_cast<uint32_t *>(ctx), 1U,
							 __ATOMIC_RELAXED);
					return false;
				};
			int rc = tdm_engine_run(engine, &req, &result, &err);
			ASSERT_EQ(rc, refused ? -E2BIG : stopped ? -ECANCELED : 0) << err.msg;
			stop = 0;
		});
		tdm_engine_destroy(engine);
	}
}

TEST_F(LifeMemory, AThousandEngines)
{
	repeat(ENGINES, [&](int i) {
		tdm_engine_destroy(create(i % 2 ? TDM_MODE_SPLIT : TDM_MODE_FUSED, nullptr));
	});
}

/* Each is looked at, and goes before its engine does. */
TEST_F(LifeMemory, AThousandObservers)
{
	tdm_engine *engine = create(TDM_MODE_SPLIT, nullptr);
	ASSERT_TRUE(engine);
	repeat(TURNS, [&](int i) {
		tdm_observer *observer = tdm_observer_start("a test", nullptr);
		ASSERT_TRUE(observer);
		ASSERT_EQ(tdm_observer_add_engine(observer, engine), 0);
		tdm_observed *seen = tdm_observed_connect(uint32_t(getpid()), ~0ULL >> 16, nullptr);
		ASSERT_TRUE(seen);
		uint32_t n = 0;
		free(tdm_observed_pools(seen, &n, nullptr));
		ASSERT_EQ(n, 3u);
		tdm_observed_close(seen);
		if (i % 2)
			tdm_observer_remove(observer, engine);
		tdm_observer_stop(observer);
	});
	tdm_engine_destroy(engine);
}

TEST_F(LifeMemory, AThousandModels)
{
	repeat(TURNS,
	       [](int) { tdm_model_close(tdm_model_open(TANDEM_MODELS "/tales.gguf", nullptr)); });
}

TEST(LifeMemoryOf, AThousandDevices)
{
	repeat(TURNS, [](int i) {
		tdm_device *dev = tdm_device_open(i % 2 ? "soft:trn2" : "soft:cs3", nullptr);
		ASSERT_TRUE(dev);
		tdm_device *again = tdm_device_reopen(dev, nullptr);
		ASSERT_TRUE(again);
		tdm_device_close(dev);
		tdm_device_close(again);
	});
}

TEST(LifeMemoryOf, AThousandQueuesAndBuffers)
{
	tdm_device *dev = tdm_device_open("soft:cs3", nullptr);
	ASSERT_TRUE(dev);
	repeat(TURNS, [dev](int i) {
		tdm_queue *queue = tdm_queue_create(dev, 16, nullptr);
		tdm_buffer *buf =
			tdm_buffer_create(dev, i % 2 ? TDM_DOMAIN_DEVICE : TDM_DOMAIN_HOST, 1 << 16,
					  TDM_ACCESS_READ | TDM_ACCESS_WRITE, nullptr);
		ASSERT_TRUE(queue && buf);
		tdm_cmd fill{};
		tdm_cqe cqe;
		fill.opcode = TDM_OP_FILL;
		fill.fill.dst = tdm_buffer_dva(buf);
		fill.fill.len = 1 << 16;
		ASSERT_EQ(tdm_queue_run(queue, &fill, ~0ULL, &cqe), 0);
		ASSERT_EQ(cqe.status, TDM_ST_OK);
		tdm_buffer_destroy(buf);
		tdm_queue_destroy(queue);
	});
	tdm_query_memory memory;
	ASSERT_EQ(tdm_device_memory(dev, &memory), 0);
	EXPECT_EQ(memory.device_used, 0u);
	EXPECT_EQ(memory.host_used, 0u);
	tdm_device_close(dev);
}

TEST(LifeMemoryOf, AThousandNetworks)
{
	repeat(TURNS, [](int i) {
		static char memory[4096];
		tdm_net *net = tdm_net_open(i % 2 ? "soft:rc" : "soft:srd", nullptr);
		ASSERT_TRUE(net);
		tdm_net_mr *mr =
			tdm_net_reg_mr(net, memory, sizeof(memory), TDM_NET_LOCAL_WRITE, nullptr);
		tdm_net_ep *ep = tdm_net_ep_create(net, 64, nullptr);
		ASSERT_TRUE(mr && ep);
		tdm_net_ep_close(ep);
		EXPECT_EQ(tdm_net_dereg_mr(mr), 0);
		EXPECT_EQ(tdm_net_close(net), 0);
	});
}

} // namespace
