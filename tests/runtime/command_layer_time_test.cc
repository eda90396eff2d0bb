// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tdm_run.layer_times as an application has it, on any attachment; and the reserved word
 * that it is on a device that does not announce it.
 */
#include "device/call.h"
#include "runtime/command_fixture.h"
#include "support/old_firmware.h"
#include "support/skip.h"

namespace
{

constexpr uint64_t TIMES = TinyRun::TIMES;
constexpr uint32_t LAYERS = TinyModel::LAYERS;

class LayerTimes : public testing::TestWithParam<std::string>
{
protected:
	LayerTimes()
	{
		tdm_cqe cqe = d.run(m.load());
		EXPECT_EQ(cqe.status, TDM_ST_OK);
		program = static_cast<uint32_t>(cqe.result);
	}
	bool announced() const
	{
		return tdm_device_info(d.dev)->identify.features & TDM_FEATURE_LAYER_TIMES;
	}
	uint64_t *times() const
	{
		return r.memory.at<uint64_t>(TIMES);
	}
	/* @n tokens; no layer has a time yet. */
	tdm_cmd prefill(uint32_t n, unsigned opcode = TDM_OP_PREFILL)
	{
		r.set(0, 0, 0, std::vector<uint32_t>(n, 3));
		tdm_cmd c = r.prefill(program, 1, opcode);
		r.run()->layer_times = r.memory.dva(TIMES);
		std::fill_n(times(), LAYERS + 1, 0);
		return c;
	}
	tdm_query_clock clock() const
	{
		tdm_query_clock now{};
		drm_tandem_query q{};
		q.size = sizeof(q);
		q.item = TDM_QUERY_CLOCK;
		q.data = reinterpret_cast<uintptr_t>(&now);
		q.len = sizeof(now);
		EXPECT_EQ(device_call(d.dev, DRM_IOCTL_TANDEM_QUERY, &q), 0);
		return now;
	}

	Device d{ GetParam().c_str() };
	TinyModel m{ d.dev };
	TinyRun r{ d.dev };
	uint32_t program;
};

TEST_P(LayerTimes, AreOfTheDevicesClockWithinTheirCommand)
{
	if (!announced())
		TANDEM_SKIP("the device does not tell when a layer was done");
	for (unsigned opcode : { TDM_OP_PREFILL, TDM_OP_DECODE }) {
		uint64_t before = clock().device_ns;
		tdm_cqe cqe = d.run(prefill(opcode == TDM_OP_DECODE ? 1 : 16, opcode));
		uint64_t after = clock().device_ns;
		ASSERT_EQ(cqe.status, TDM_ST_OK);
		EXPECT_LE(before, times()[0]);
		EXPECT_LE(times()[LAYERS - 1], after);
		EXPECT_LE(cqe.end_ns - 16ULL * (cqe.run_16ns + 1), times()[0]);
		EXPECT_LE(times()[LAYERS - 1], cqe.end_ns);
		for (uint32_t i = 1; i < LAYERS; i++)
			EXPECT_LE(times()[i - 1], times()[i]) << i;
		EXPECT_EQ(times()[LAYERS], 0u) << "a time of a layer that is none";
	}
}

/* While it runs: who sees the word move reads the times, in whatever moment that is. */
TEST_P(LayerTimes, AreThereForWhoSeesTheLayerDone)
{
	if (!announced())
		TANDEM_SKIP("the device does not tell when a layer was done");
	for (int i = 0; i < 200; i++) {
		tdm_cmd c = prefill(16);
		tdm_cqe cqe{};
		uint64_t last = 0;
		ASSERT_EQ(tdm_queue_submit(d.queue, &c, 1), 1);
		for (uint32_t seen = 0; seen < LAYERS;) {
			uint32_t done = tdm_load_acquire(&r.run()->layers_done);
			for (; seen < done; seen++) {
				uint64_t time = tdm_load_relaxed(&times()[seen]);
				ASSERT_NE(time, 0u) << i << ": layer " << seen;
				ASSERT_LE(last, time);
				last = time;
			}
			if (tdm_queue_poll(d.queue, &cqe, 1) == 1) {
				ASSERT_EQ(cqe.status, TDM_ST_OK);
				ASSERT_EQ(tdm_load_acquire(&r.run()->layers_done), LAYERS);
				break;
			}
			sched_yield();
		}
		while (!cqe.cookie && tdm_queue_poll(d.queue, &cqe, 1) != 1)
			ASSERT_EQ(tdm_queue_wait(d.queue, ~0ULL), 0);
	}
}

INSTANTIATE_TEST_SUITE_P(Attach, LayerTimes, testing::ValuesIn(tandem_test::DeviceNames()),
			 tandem_test::DeviceTestName);

TEST(LayerTimesOf, FirmwareWithoutThemAreAReservedWord)
{
	old_firmware = true;
	Device d("soft:trn2");
	old_firmware = false;
	TinyModel m(d.dev);
	TinyRun r(d.dev);
	tdm_cqe cqe = d.run(m.load());
	ASSERT_EQ(cqe.status, TDM_ST_OK);
	uint32_t program = static_cast<uint32_t>(cqe.result);
	EXPECT_FALSE(tdm_device_info(d.dev)->identify.features & TDM_FEATURE_LAYER_TIMES);
	r.set(0, 0, 0, { 1, 2, 3 });
	tdm_cmd c = r.prefill(program, 1);
	r.run()->layer_times = r.memory.dva(TIMES);
	cqe = d.run(c);
	EXPECT_EQ(cqe.status, TDM_ST_BAD_DESC);
	EXPECT_EQ(cqe.result, r.memory.dva(offsetof(tdm_run, layer_times)));
	EXPECT_EQ(*r.memory.at<uint64_t>(TIMES), 0u);
	EXPECT_EQ(d.run(r.prefill(program, 1)).status, TDM_ST_OK);
}

} // namespace
