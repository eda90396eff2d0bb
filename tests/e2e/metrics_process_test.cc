// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem metrics of a process that runs an engine.
 */
#include "held_run.h"
#include "promtool.h"

namespace
{

/* The value of the one line that begins so; the test fails without. */
double value(const std::string &text, const std::string &begin)
{
	size_t at = text.find("\n" + begin);
	EXPECT_NE(at, std::string::npos) << begin << "\n" << text;
	if (at == std::string::npos)
		return -1;
	size_t space = text.find("} ", at);
	EXPECT_EQ(text.find("\n" + begin, at + 1), std::string::npos) << begin;
	return atof(text.c_str() + space + 2);
}

TEST(MetricsProcess, TellsOfEnginesPoolsAndAgents)
{
	HeldRun run;
	Told told = tell({ "metrics" });
	const std::string pid = "pid=\"" + run.pid_text() + "\",";
	EXPECT_EQ(told.code, 0) << told.err;
	EXPECT_GE(value(told.out, "tandem_processes{access=\"seen\"}"), 1);
	/* Its prompt is done, and its first token out. */
	EXPECT_GE(value(told.out, "tandem_engine_prefill_tokens_total{" + pid), 4);
	EXPECT_EQ(value(told.out, "tandem_engine_requests_done_total{" + pid), 0);
	EXPECT_EQ(value(told.out, "tandem_engine_requests_failed_total{" + pid), 0);
	const std::string pool = "tandem_kv_pages{" + pid + "pool=\"engine 0 decode\",state=";
	EXPECT_GT(value(told.out, pool + "\"in use\"}"), 0);
	EXPECT_GT(value(told.out, pool + "\"free\"}"), 0);
	/* How far its pages have come no test says. */
	EXPECT_GE(value(told.out, "tandem_agent_sent_pages_total{" + pid + "agent=\"0\""),
		  value(told.out, "tandem_agent_taken_pages_total{" + pid + "agent=\"1\""));
	EXPECT_GE(value(told.out, "tandem_nic_moved_bytes_total{" + pid + "agent=\"0\""), 0);
	EXPECT_GT(value(told.out, "tandem_nic_memory_regions{" + pid + "agent=\"1\""), 0);
	EXPECT_EQ(value(told.out, "tandem_nic_link_up{" + pid + "agent=\"0\""), 1);
	EXPECT_EQ(has_promtool() ? promtool(told.out) : "", "") << told.out;
	run.release();
	EXPECT_EQ(tell({ "metrics" }).out.find(pid), std::string::npos);
}

} // namespace
