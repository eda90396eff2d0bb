// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The firmware's admin side, at the level of tandem_hw.h: what it answers to
 * commands that are wrong, how it is reset, and that it lives.
 */
#include <cerrno>

#include "core_host.h"

using namespace core_test;

namespace
{

constexpr uint64_t kDva = 0x100000;

TEST(CoreAdmin, BootsAndTellsItsBounds)
{
	Host host;

	host.Enable();
	EXPECT_EQ(tdm_load_acquire(&host.fw_.state), static_cast<uint32_t>(TDM_FW_READY));
	EXPECT_EQ(host.fw_.abi, static_cast<uint32_t>(TDM_HW_ABI));
	EXPECT_GT(host.fw_.admin_timeout_ms, 0u);
	EXPECT_GT(host.fw_.abort_latency_ms, 0u);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
}

TEST(CoreAdmin, RefusesRingsOfAWrongSize)
{
	for (uint32_t bad : { 0u, 1u, 3u, 100u, 8192u, 0x80000000u }) {
		for (bool admin : { false, true }) {
			Host host;

			(admin ? host.drv_.admin_entries : host.drv_.event_entries) = bad;
			host.Enable();
			EXPECT_TRUE(Until([&] {
				return tdm_load_acquire(&host.fw_.state) == TDM_FW_FAILED;
			})) << bad;
		}
	}
	Host host;

	host.drv_.admin_ring = 0;
	host.Enable();
	EXPECT_TRUE(Until([&] { return tdm_load_acquire(&host.fw_.state) == TDM_FW_FAILED; }));
	/* The other ring was mapped in vain. */
	host.mapped_ = 0;
}

TEST(CoreAdmin, AnswersWhatItDoesNotKnow)
{
	Host host;
	struct tdm_admin_cmd cmd = {};

	host.Enable();
	for (uint16_t opcode : { 0, 11, 255, 0x8001, 0xffff }) {
		cmd.opcode = opcode;
		EXPECT_EQ(host.Admin(cmd), -EOPNOTSUPP) << opcode;
	}
	cmd.opcode = TDM_ADMIN_CTX_CREATE;
	cmd.ctx.ctx = 1;
	cmd.flags = 1;
	EXPECT_EQ(host.Admin(cmd), -EINVAL);
	cmd.flags = 0;
	cmd.reserved = 1;
	EXPECT_EQ(host.Admin(cmd), -EINVAL);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_DESTROY, 1), -ENOENT);
}

TEST(CoreAdmin, PagesAreCheckedBeforeTheyAreWritten)
{
	Host host;
	Memory &page = host.Alloc(4096);
	struct tdm_admin_cmd cmd = {};

	host.Enable();
	for (uint16_t opcode : { TDM_ADMIN_IDENTIFY, TDM_ADMIN_TELEMETRY }) {
		cmd.opcode = opcode;
		cmd.page.bus = page.bus();
		cmd.page.len = 64;
		EXPECT_EQ(host.Admin(cmd), -EINVAL);
		EXPECT_EQ(*page.as<uint64_t>(), 0u);
		cmd.page.len = 4096;
		cmd.page.bus = 0;
		EXPECT_EQ(host.Admin(cmd), -EFAULT);
		cmd.page.bus = page.bus();
		EXPECT_EQ(host.Admin(cmd), 0);
		EXPECT_NE(*page.as<uint64_t>(), 0u);
		memset(page.as<char>(), 0, 4096);
	}
}

TEST(CoreAdmin, ContextsAreMadeOnceAndByNumber)
{
	Host host;

	host.Enable();
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), -EEXIST);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1u << 30), -EINVAL);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, ~0u), -EINVAL);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_DESTROY, 2), -ENOENT);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_DESTROY, ~0u), -ENOENT);
	EXPECT_EQ(host.Context(TDM_ADMIN_ABORT, 2, ~0u), -ENOENT);
	EXPECT_EQ(host.Context(TDM_ADMIN_ABORT, 1, 5), -ENOENT);
	EXPECT_EQ(host.Context(TDM_ADMIN_ABORT, 1, ~0u), 0);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_DESTROY, 1), 0);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_DESTROY, 1), -ENOENT);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
}

TEST(CoreAdmin, MapsDoNotOverlap)
{
	Host host;
	Memory &memory = host.Alloc(16 << 12);
	uint64_t bus = memory.bus();
	uint64_t page = 4096;

	host.Enable();
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, kDva, page, bus), -ENOENT);
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	int rings = host.mapped_;

	ASSERT_EQ(host.Map(TDM_ADMIN_MAP, kDva, 4 * page, bus), 0);
	for (uint64_t first : { 0, 1, 3 })
		EXPECT_EQ(host.Map(TDM_ADMIN_MAP, kDva + first * page, page, bus), -EEXIST);
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, kDva - page, 2 * page, bus), -EEXIST);
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, kDva - page, 8 * page, bus), -EEXIST);
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, kDva + 3 * page, 2 * page, bus), -EEXIST);
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, kDva - page, page, bus), 0);
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, kDva + 4 * page, page, bus), 0);
	EXPECT_EQ(host.mapped_, rings + 3);

	/* An unmap names what one map made. */
	EXPECT_EQ(host.Map(TDM_ADMIN_UNMAP, kDva, page, 0), -ENOENT);
	EXPECT_EQ(host.Map(TDM_ADMIN_UNMAP, kDva + page, 3 * page, 0), -ENOENT);
	EXPECT_EQ(host.Map(TDM_ADMIN_UNMAP, kDva - page, 6 * page, 0), -ENOENT);
	EXPECT_EQ(host.Map(TDM_ADMIN_UNMAP, kDva, 4 * page, 0), 0);
	EXPECT_EQ(host.Map(TDM_ADMIN_UNMAP, kDva, 4 * page, 0), -ENOENT);
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, kDva + page, page, bus), 0);
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_DESTROY, 1), 0);
	EXPECT_EQ(host.mapped_, rings);
}

TEST(CoreAdmin, MapsAreCheckedAsAWhole)
{
	Host host;
	Memory &memory = host.Alloc(4 << 12);
	uint64_t bus = memory.bus();

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	int rings = host.mapped_;

	struct {
		uint64_t dva, len, bus;
		uint32_t access;
		int want;
	} const bad[] = {
		{ kDva + 1, 4096, bus, TDM_ACCESS_READ, -EINVAL },
		{ kDva, 4097, bus, TDM_ACCESS_READ, -EINVAL },
		{ kDva, 0, bus, TDM_ACCESS_READ, -EINVAL },
		{ 0, 4096, bus, TDM_ACCESS_READ, -EINVAL },
		{ TDM_DVA_END, 4096, bus, TDM_ACCESS_READ, -EINVAL },
		{ TDM_DVA_END - 4096, 8192, bus, TDM_ACCESS_READ, -EINVAL },
		{ ~0ull << 12, 4096, bus, TDM_ACCESS_READ, -EINVAL },
		{ kDva, ~0ull << 12, bus, TDM_ACCESS_READ, -EINVAL },
		{ kDva, 4096, bus, 0, -EINVAL },
		{ kDva, 4096, bus, TDM_ACCESS_WRITE, -EINVAL },
		{ kDva, 4096, bus, 4 | TDM_ACCESS_READ, -EINVAL },
		{ kDva, 4096, 0, TDM_ACCESS_READ, -EFAULT },
	};

	for (const auto &b : bad)
		EXPECT_EQ(host.Map(TDM_ADMIN_MAP, b.dva, b.len, b.bus, b.access), b.want)
			<< std::hex << b.dva << ' ' << b.len << ' ' << b.access;
	EXPECT_EQ(host.mapped_, rings);
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, TDM_DVA_END - 4096, 4096, bus), 0);
	EXPECT_EQ(host.Map(TDM_ADMIN_MAP, TDM_DVA_MIN, 4096, bus), 0);
}

TEST(CoreAdmin, ATailThatCannotBeIsFatalUntilReset)
{
	Host host;

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	tdm_store_release(&host.drv_.admin_tail, host.drv_.admin_tail + 17);
	host.Ring(FW_BELL_ADMIN);
	host.Wait(TDM_EV_FATAL);
	EXPECT_EQ(tdm_load_acquire(&host.fw_.state), static_cast<uint32_t>(TDM_FW_FAILED));

	tdm_store_release(&host.drv_.reset_request, 1);
	host.Ring(FW_BELL_ADMIN);
	ASSERT_TRUE(Until([&] { return tdm_load_acquire(&host.fw_.reset_count) == 1; }));
	EXPECT_EQ(tdm_load_acquire(&host.fw_.state), static_cast<uint32_t>(TDM_FW_READY));
	EXPECT_EQ(tdm_load_acquire(&host.fw_.admin_head), host.drv_.admin_tail);
	/* The context died with the reset. */
	EXPECT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
}

TEST(CoreAdmin, AResetEndsEveryAccess)
{
	Host host;
	Memory &memory = host.Alloc(32 << 20);

	host.Enable();
	for (uint32_t round = 1; round <= 3; round++) {
		Queue queue(&host, 7);

		ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
		int rings = host.mapped_;

		ASSERT_EQ(host.Map(TDM_ADMIN_MAP, kDva, 32 << 20, memory.bus()), 0);
		ASSERT_EQ(queue.Create(), 0);
		queue.Submit(Fill(kDva, 32 << 20), 8);
		ASSERT_TRUE(Until([&] { return tdm_load_relaxed(&queue.cq()->slices) > 0; }));
		tdm_store_release(&host.drv_.reset_request, round);
		host.Ring(FW_BELL_ADMIN);
		ASSERT_TRUE(
			Until([&] { return tdm_load_acquire(&host.fw_.reset_count) == round; }));
		EXPECT_EQ(host.mapped_, rings);
		/* From here on the memory is the driver's; a late write would be a race. */
		memset(memory.as<char>(), 0, 32 << 20);
		memset(queue.cq(), 0, sizeof(*queue.cq()));
	}
}

TEST(CoreAdmin, TheHeartBeatsWhateverTheDeviceDoes)
{
	Host host;
	Memory &memory = host.Alloc(64 << 20);
	Queue polled(&host, 1, 3, TDM_WAKE_NONE);
	Queue busy(&host, 2);
	auto beats = [&] {
		uint64_t start = tdm_load_acquire(&host.fw_.heartbeat);

		return Until([&] { return tdm_load_acquire(&host.fw_.heartbeat) > start + 1; });
	};

	host.Enable();
	ASSERT_EQ(host.Context(TDM_ADMIN_CTX_CREATE, 1), 0);
	EXPECT_TRUE(beats());
	ASSERT_EQ(polled.Create(), 0);
	EXPECT_EQ(tdm_load_relaxed(&polled.cq()->need_wake), 0u);
	EXPECT_TRUE(beats());
	polled.Publish(Nop());
	EXPECT_TRUE(polled.WaitCompleted(1)) << "a queue that is polled needs no bell";

	ASSERT_EQ(host.Map(TDM_ADMIN_MAP, kDva, 64 << 20, memory.bus()), 0);
	ASSERT_EQ(busy.Create(), 0);
	std::atomic<bool> stop{ false };
	std::thread feeder([&] {
		for (uint64_t n = 0; !stop && n < 100000; n++) {
			busy.Submit(Fill(kDva, 64 << 20));
			while (!stop && busy.Completed() <= n)
				std::this_thread::yield();
			busy.Consume(1);
		}
	});
	EXPECT_TRUE(beats());
	stop = true;
	feeder.join();
}

} // namespace
