// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * A run takes a turn for each layer: what other queues do to it in between.
 */
#include "runtime/command_fixture.h"

namespace
{

class RunTurn : public testing::TestWithParam<std::string>
{
};

/*
 * Behind gates that open together the unload's turn comes when the run has begun and
 * has layers left: at least one turn later, and at most two.
 */
TEST_P(RunTurn, AProgramIsUnloadedWhenItsRunIsOver)
{
	Device d(GetParam().c_str());
	tdm_queue *other = tdm_queue_create(d.dev, 8, nullptr);
	tdm_queue *third = tdm_queue_create(d.dev, 8, nullptr);
	Buffer gate(d.dev, 4096), scrap(d.dev, 1 << 20);
	tdm_cmd nop = command(TDM_OP_NOP);
	TinyModel m(d.dev);
	TinyRun r(d.dev);
	tdm_cqe loaded = d.run(m.load()), ran[2], unloaded[3];

	ASSERT_TRUE(other && third);
	ASSERT_EQ(loaded.status, TDM_ST_OK);
	r.set(0, 0, 0, { 1, 2, 3, 4, 5 });
	tdm_cmd prefill = r.prefill(static_cast<uint32_t>(loaded.result), 1);
	tdm_cmd unload = command(TDM_OP_PROGRAM_UNLOAD);
	unload.desc.program = static_cast<uint32_t>(loaded.result);
	tdm_cmd wait = tandem_test::WaitNonZero(gate.dva());
	tdm_cmd fill = tandem_test::Fill(scrap.dva(), 1 << 20, 1);
	const tdm_cmd mine[] = { wait, prefill }, theirs[] = { wait, fill, unload };
	ASSERT_EQ(tdm_queue_submit(d.queue, mine, 2), 2);
	ASSERT_EQ(tdm_queue_submit(other, theirs, 3), 3);
	/* The second one's turn comes after both were looked at. */
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(tdm_queue_run(third, &nop, tandem_test::Soon(), &ran[0]), 0);
	tdm_store_release(gate.at<uint64_t>(), 1);
	for (unsigned n = 0; n < 2;
	     n += static_cast<unsigned>(tdm_queue_poll(d.queue, ran + n, 2 - n)))
		ASSERT_EQ(tdm_queue_wait(d.queue, tandem_test::Soon()), 0);
	for (unsigned n = 0; n < 3;
	     n += static_cast<unsigned>(tdm_queue_poll(other, unloaded + n, 3 - n)))
		ASSERT_EQ(tdm_queue_wait(other, tandem_test::Soon()), 0);
	EXPECT_EQ(ran[1].status, TDM_ST_OK);
	EXPECT_EQ(ran[1].result, 5u);
	EXPECT_EQ(unloaded[2].status, TDM_ST_OK);
	EXPECT_GE(unloaded[2].end_ns, ran[1].end_ns);
	tdm_queue_destroy(third);
	tdm_queue_destroy(other);
}

INSTANTIATE_TEST_SUITE_P(Devices, RunTurn, testing::ValuesIn(tandem_test::DeviceNames()),
			 tandem_test::DeviceTestName);

} // namespace
