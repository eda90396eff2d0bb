// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * QUERY, VERSION and the telemetry behind them.
 */
#include "device_fixture.h"

using namespace tandem_test;

class IoctlQuery : public DeviceTest
{
protected:
	int Query(uint32_t item, void *data, uint32_t len, uint32_t *told = nullptr)
	{
		struct drm_tandem_query query = {};

		query.size = sizeof(query);
		query.item = item;
		query.data = Addr(data);
		query.len = len;
		int rc = File(dev_).Call(DRM_IOCTL_TANDEM_QUERY, &query);
		if (told)
			*told = query.len;
		return rc;
	}
};
TANDEM_ON_EVERY_DEVICE(IoctlQuery);

TEST_P(IoctlQuery, LengthsMeetInTheMiddle)
{
	const std::pair<uint32_t, uint32_t> items[] = {
		{ TDM_QUERY_DEVICE, sizeof(struct tdm_query_device) },
		{ TDM_QUERY_MEMORY, sizeof(struct tdm_query_memory) },
		{ TDM_QUERY_CLOCK, sizeof(struct tdm_query_clock) },
		{ TDM_QUERY_TELEMETRY, sizeof(struct tdm_telemetry) },
	};

	for (auto [item, bytes] : items) {
		std::vector<uint8_t> out(bytes + 64, 0xaa);
		uint32_t told = 0;

		/* A size probe needs no memory. */
		EXPECT_EQ(Query(item, nullptr, 0, &told), 0);
		EXPECT_EQ(told, bytes);
		/* A shorter one gets the start and no more. */
		EXPECT_EQ(Query(item, out.data(), 8, &told), 0);
		EXPECT_EQ(told, bytes);
		EXPECT_EQ(out[8], 0xaa);
		/* A longer one gets zeroes behind it and not a byte beyond. */
		EXPECT_EQ(Query(item, out.data(), bytes + 32, &told), 0);
		EXPECT_EQ(told, bytes);
		for (size_t i = bytes; i < bytes + 32; i++)
			EXPECT_EQ(out[i], 0) << item << " " << i;
		EXPECT_EQ(out[bytes + 32], 0xaa);
	}
}

TEST_P(IoctlQuery, ClockRuns)
{
	struct tdm_query_clock first, second;

	ASSERT_EQ(Query(TDM_QUERY_CLOCK, &first, sizeof(first)), 0);
	SleepMs(2);
	ASSERT_EQ(Query(TDM_QUERY_CLOCK, &second, sizeof(second)), 0);
	EXPECT_GE(second.device_ns, first.device_ns + kMs);
	EXPECT_GE(second.monotonic_ns, first.monotonic_ns + kMs);
	EXPECT_LE(second.monotonic_ns, NowNs());
}

TEST_P(IoctlQuery, TelemetryCounts)
{
	struct tdm_telemetry before, after;
	struct tdm_queue *queue = Queue(8);
	struct tdm_buffer *buf = Buffer(page_);
	struct tdm_cmd cmds[] = { Nop(1), Fill(tdm_buffer_dva(buf), 256, 1), Fill(0, 8, 1) };
	struct tdm_cqe cqe;

	ASSERT_EQ(Query(TDM_QUERY_TELEMETRY, &before, sizeof(before)), 0);
	for (const struct tdm_cmd &cmd : cmds)
		ASSERT_EQ(tdm_queue_run(queue, &cmd, Soon(), &cqe), 0);
	ASSERT_EQ(Query(TDM_QUERY_TELEMETRY, &after, sizeof(after)), 0);
	EXPECT_EQ(after.commands - before.commands, 3u);
	EXPECT_EQ(after.errors - before.errors, 1u);
	EXPECT_EQ(after.faults - before.faults, 1u);
	EXPECT_EQ(after.bytes_moved - before.bytes_moved, 256u);
	EXPECT_GT(after.clock_ns, before.clock_ns);
	tdm_buffer_destroy(buf);
	tdm_queue_destroy(queue);
}

TEST_P(IoctlQuery, VersionIsAsDrmTellsIt)
{
	struct drm_version version = {};
	char name[16];

	ASSERT_EQ(File(dev_).Call(DRM_IOCTL_VERSION, &version), 0);
	EXPECT_EQ(version.version_major, TDM_UAPI_MAJOR);
	EXPECT_EQ(version.version_minor, TDM_UAPI_MINOR);
	EXPECT_EQ(version.name_len, strlen("tandem"));
	memset(name, 'x', sizeof(name));
	version.name = name;
	version.name_len = 3;
	ASSERT_EQ(File(dev_).Call(DRM_IOCTL_VERSION, &version), 0);
	EXPECT_EQ(memcmp(name, "tanx", 4), 0);
	EXPECT_EQ(version.name_len, strlen("tandem"));
}
