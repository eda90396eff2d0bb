// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What NOP, BARRIER, COPY, FILL, CRC32C, SIGNAL and WAIT do.
 */
#include <chrono>
#include <thread>

#include "runtime/command_fixture.h"

namespace
{

class Command : public testing::TestWithParam<std::string>
{
protected:
	Device d{ GetParam().c_str() };
};

uint32_t slow_crc32c(uint32_t crc, const uint8_t *p, size_t n)
{
	crc = ~crc;
	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

tdm_cmd copy(uint64_t dst, uint64_t src, uint64_t len)
{
	tdm_cmd c = command(TDM_OP_COPY);
	c.copy.dst = dst;
	c.copy.src = src;
	c.copy.len = len;
	return c;
}

/* Every opcode refuses flags and reserved members, naming where. */
TEST_P(Command, ReservedMembersAndFlagsAreZero)
{
	Buffer b(d.dev, 4096);
	for (unsigned op : { TDM_OP_NOP, TDM_OP_BARRIER, TDM_OP_COPY, TDM_OP_FILL, TDM_OP_CRC32C,
			     TDM_OP_SIGNAL, TDM_OP_WAIT, TDM_OP_PROGRAM_LOAD, TDM_OP_PROGRAM_UNLOAD,
			     TDM_OP_PREFILL, TDM_OP_DECODE, TDM_OP_KV_EXPORT, TDM_OP_KV_IMPORT }) {
		tdm_cmd c = command(op);
		c.flags = 1;
		EXPECT_EQ(d.run(c).status, TDM_ST_INVALID) << op;
		EXPECT_EQ(d.run(c).result, offsetof(tdm_cmd, flags)) << op;
		c = command(op);
		c.reserved = 1;
		EXPECT_EQ(d.run(c).result, offsetof(tdm_cmd, reserved)) << op;
		c = command(op);
		c.raw[5] = 1; /* the last word is reserved in every one */
		EXPECT_EQ(d.run(c).status, TDM_ST_INVALID) << op;
	}
	EXPECT_EQ(d.run(command(7)).status, TDM_ST_BAD_OPCODE);
	EXPECT_EQ(d.run(command(0xffff)).result, 0xffffu);
}

TEST_P(Command, CopyMovesBytesAlsoWhereTheyOverlap)
{
	Buffer b(d.dev, 1 << 16);
	std::vector<uint8_t> want(1 << 16);
	for (auto [dst, src, len] : { std::tuple{ 100u, 5000u, 3000u },
				      { 5000u, 4990u, 9000u },
				      { 4990u, 5000u, 9000u },
				      { 7u, 7u, 100u },
				      { 1u, 2u, 0u } }) {
		for (size_t i = 0; i < want.size(); i++)
			want[i] = b.at()[i] = static_cast<uint8_t>(i * 7 + i / 256);
		std::memmove(&want[dst], &want[src], len);
		tdm_cqe cqe = d.run(copy(b.dva(dst), b.dva(src), len));
		EXPECT_EQ(cqe.status, TDM_ST_OK);
		EXPECT_EQ(cqe.result, len);
		EXPECT_FALSE(std::memcmp(b.at(), want.data(), want.size()));
	}
}

/* Adjacent mappings of one buffer, so that a copy overlaps across their border. */
TEST_P(Command, CopyCrossesMappings)
{
	constexpr uint64_t HALF = 8192;
	drm_tandem_bo_create bo{};
	bo.size = sizeof(bo);
	bo.domain = TDM_DOMAIN_HOST;
	bo.bytes = 2 * HALF;
	ASSERT_EQ(tandem_test::File(d.dev).Call(DRM_IOCTL_TANDEM_BO_CREATE, &bo), 0);
	drm_tandem_bo_mmap where{};
	where.size = sizeof(where);
	where.handle = bo.handle;
	ASSERT_EQ(tandem_test::File(d.dev).Call(DRM_IOCTL_TANDEM_BO_MMAP, &where), 0);
	auto *p = static_cast<uint8_t *>(
		tdm_device_mmap(d.dev, 2 * HALF, 3 /* read, write */, where.offset, nullptr));
	ASSERT_NE(p, nullptr);
	uint64_t base = 0x40000000;
	for (uint64_t half : { 0, 1 }) {
		drm_tandem_vm_map map{};
		map.size = sizeof(map);
		map.handle = bo.handle;
		map.offset = half * HALF;
		map.len = HALF;
		map.dva = base + half * HALF;
		map.access = RW;
		ASSERT_EQ(tandem_test::File(d.dev).Call(DRM_IOCTL_TANDEM_VM_MAP, &map), 0);
	}
	for (int shift : { -300, 300, 5000, -5000 }) {
		std::vector<uint8_t> want(2 * HALF);
		for (size_t i = 0; i < want.size(); i++)
			want[i] = p[i] = static_cast<uint8_t>(i * 13 + i / 200);
		std::memmove(&want[5500 + static_cast<size_t>(shift)], &want[5500], 5000);
		tdm_cqe cqe =
			d.run(copy(base + 5500 + static_cast<uint64_t>(shift), base + 5500, 5000));
		EXPECT_EQ(cqe.status, TDM_ST_OK);
		EXPECT_FALSE(std::memcmp(p, want.data(), want.size())) << shift;
	}
	/* Half in, half out: nothing is written. */
	std::vector<uint8_t> before(p, p + 2 * HALF);
	EXPECT_EQ(d.run(copy(base + 2 * HALF - 100, base, 200)).status, TDM_ST_FAULT);
	EXPECT_FALSE(std::memcmp(p, before.data(), before.size()));
	tdm_device_munmap(d.dev, p, 2 * HALF);
}

TEST_P(Command, FillKeepsThePatternsPhase)
{
	Buffer b(d.dev, 8192);
	for (uint64_t len : { 1, 7, 8, 9, 31, 4000 })
		for (uint64_t from : { 0, 1, 5, 4090 }) {
			std::memset(b.at(), 0xee, 8192);
			tdm_cmd c = command(TDM_OP_FILL);
			c.fill.dst = b.dva(from);
			c.fill.len = len;
			c.fill.pattern = 0x8877665544332211ULL;
			EXPECT_EQ(d.run(c).result, len);
			for (uint64_t i = 0; i < 8192; i++) {
				uint64_t at = i - from;
				uint64_t want = at < len ? 0x11 * (at % 8 + 1) : 0xee;
				ASSERT_EQ(b.at()[i], want) << len << " " << from << " " << i;
			}
		}
}

TEST_P(Command, Crc32cIsTheCrcAndChains)
{
	Buffer b(d.dev, 8192);
	for (int i = 0; i < 8192; i++)
		b.at()[i] = static_cast<uint8_t>(i * i);
	tdm_cmd c = command(TDM_OP_CRC32C);
	c.crc32c.src = b.dva(3);
	c.crc32c.len = 5000;
	EXPECT_EQ(d.run(c).result, slow_crc32c(0, b.at(3), 5000));
	c.crc32c.seed = d.run(c).result;
	c.crc32c.src = b.dva(5003);
	c.crc32c.len = 100;
	EXPECT_EQ(d.run(c).result, slow_crc32c(0, b.at(3), 5100));
	c.crc32c.seed = 1ULL << 32;
	EXPECT_EQ(d.run(c).result, offsetof(tdm_cmd, crc32c.seed));
}

TEST_P(Command, SignalSetsAndAdds)
{
	Buffer b(d.dev, 4096);
	tdm_cmd c = command(TDM_OP_SIGNAL);
	c.signal.addr = b.dva(64);
	c.signal.value = 40;
	EXPECT_EQ(d.run(c).result, 40u);
	c.signal.kind = TDM_SIGNAL_ADD;
	c.signal.value = 2;
	EXPECT_EQ(d.run(c).result, 42u);
	EXPECT_EQ(*b.at<uint64_t>(64), 42u);
	c.signal.kind = 2;
	EXPECT_EQ(d.run(c).result, offsetof(tdm_cmd, signal.kind));
}

TEST_P(Command, WaitComparesUnderItsMaskAndTimesOut)
{
	Buffer b(d.dev, 4096);
	*b.at<uint64_t>() = 0xff05;
	struct {
		uint32_t kind;
		uint64_t value, mask;
		bool over;
	} cases[] = {
		{ TDM_WAIT_EQ, 5, 0xff, true },	      { TDM_WAIT_EQ, 6, 0xff, false },
		{ TDM_WAIT_NE, 6, 0xff, true },	      { TDM_WAIT_NE, 5, 0xff, false },
		{ TDM_WAIT_GE, 4, 0xff, true },	      { TDM_WAIT_GE, 5, 0xff, true },
		{ TDM_WAIT_GE, 6, 0xff, false },      { TDM_WAIT_EQ, 0xff05, ~0ULL, true },
		{ TDM_WAIT_GE, ~0ULL, ~0ULL, false },
	};
	for (const auto &t : cases) {
		tdm_cmd c = command(TDM_OP_WAIT);
		c.wait.addr = b.dva();
		c.wait.kind = t.kind;
		c.wait.value = t.value;
		c.wait.mask = t.mask;
		c.wait.timeout_ns = 3000000;
		tdm_cqe cqe = d.run(c);
		EXPECT_EQ(cqe.status, t.over ? TDM_ST_OK : TDM_ST_TIMEOUT);
		EXPECT_EQ(cqe.result, 0xff05u);
	}
}

/* A WAIT parks its own queue; another queue goes on, and its SIGNAL ends it. */
TEST_P(Command, WaitParksItsOwnQueueAlone)
{
	Buffer b(d.dev, 4096);
	tdm_queue *other = tdm_queue_create(d.dev, 8, nullptr);
	tdm_cmd wait = command(TDM_OP_WAIT), signal = command(TDM_OP_SIGNAL);
	tdm_cqe cqe;
	wait.wait.addr = signal.signal.addr = b.dva();
	wait.wait.value = signal.signal.value = 1;
	wait.wait.mask = ~0ULL;
	wait.wait.timeout_ns = 60000000000ULL;
	ASSERT_EQ(tdm_queue_submit(d.queue, &wait, 1), 1);
	tdm_cmd nop = command(TDM_OP_NOP);
	for (int i = 0; i < 100; i++)
		ASSERT_EQ(tdm_queue_run(other, &nop, ~0ULL, &cqe), 0);
	EXPECT_EQ(tdm_queue_poll(d.queue, &cqe, 1), 0);
	ASSERT_EQ(tdm_queue_run(other, &signal, ~0ULL, &cqe), 0);
	ASSERT_EQ(tdm_queue_wait(d.queue, ~0ULL), 0);
	ASSERT_EQ(tdm_queue_poll(d.queue, &cqe, 1), 1);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	tdm_queue_destroy(other);
}

/* What the application stores is seen as well, without anybody ringing. */
TEST_P(Command, WaitSeesAStoreOfTheApplication)
{
	Buffer b(d.dev, 4096);
	tdm_cmd wait = command(TDM_OP_WAIT);
	tdm_cqe cqe;
	wait.wait.addr = b.dva();
	wait.wait.value = 7;
	wait.wait.mask = ~0ULL;
	wait.wait.timeout_ns = 60000000000ULL;
	ASSERT_EQ(tdm_queue_submit(d.queue, &wait, 1), 1);
	std::this_thread::sleep_for(std::chrono::milliseconds(5));
	__atomic_store_n(b.at<uint64_t>(), 7, __ATOMIC_RELEASE);
	ASSERT_EQ(tdm_queue_wait(d.queue, ~0ULL), 0);
	ASSERT_EQ(tdm_queue_poll(d.queue, &cqe, 1), 1);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
}

/* BARRIER of one queue ends behind a long COPY that another one began before. */
TEST_P(Command, BarrierWaitsForEarlierCommandsOfOtherQueues)
{
	Buffer big(d.dev, 256 << 20), b(d.dev, 4096);
	tdm_queue *other = tdm_queue_create(d.dev, 8, nullptr);
	tdm_cmd c = copy(big.dva(0), big.dva(128 << 20), 128 << 20);
	tdm_cmd began = command(TDM_OP_SIGNAL), barrier = command(TDM_OP_BARRIER);
	tdm_cqe cqe, done;
	began.signal.addr = b.dva();
	began.signal.value = 1;
	tdm_cmd both[] = { began, c };
	ASSERT_EQ(tdm_queue_submit(other, both, 2), 2);
	while (!__atomic_load_n(b.at<uint64_t>(), __ATOMIC_ACQUIRE))
		std::this_thread::yield();
	ASSERT_EQ(tdm_queue_run(d.queue, &barrier, ~0ULL, &done), 0);
	EXPECT_EQ(done.status, TDM_ST_OK);
	ASSERT_EQ(tdm_queue_poll(other, &cqe, 1), 1);
	ASSERT_EQ(tdm_queue_wait(other, ~0ULL), 0);
	ASSERT_EQ(tdm_queue_poll(other, &cqe, 1), 1);
	EXPECT_EQ(cqe.status, TDM_ST_OK);
	EXPECT_LE(cqe.end_ns, done.end_ns);
	tdm_queue_destroy(other);
}

INSTANTIATE_TEST_SUITE_P(Devices, Command, testing::ValuesIn(tandem_test::DeviceNames()),
			 tandem_test::DeviceTestName);

} // namespace
