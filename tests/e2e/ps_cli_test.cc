// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem ps, while there is something to be seen.
 */
#include <csignal>
#include <sys/wait.h>

#include "e2e/held_run.h"
#include "support/child.h"
#include "support/skip.h"

namespace
{

/* The tool's own tokens of the prompt of a held run. */
constexpr uint64_t PROMPT = 5;

std::vector<json_object *> of_process(const Told &told, pid_t pid)
{
	std::vector<json_object *> mine;
	for (json_object *row : rows(told, "processes"))
		if (count(row, "pid") == uint64_t(pid))
			mine.push_back(row);
	return mine;
}

TEST(PsCli, ShowsARunWithBothOfItsDevices)
{
	HeldRun run;
	Told told = tell({ "ps", "--json" });
	ASSERT_EQ(told.code, 0) << told.err;
	EXPECT_EQ(text(told.json.get(), "schema"), "tandem.ps.v1");
	auto mine = of_process(told, run.pid());
	ASSERT_EQ(mine.size(), 2u) << told.out;
	for (json_object *row : mine) {
		bool decode = text(row, "device") == "soft:cs3";
		EXPECT_EQ(text(row, "device"), decode ? "soft:cs3" : "soft:trn2");
		EXPECT_EQ(text(row, "program"), "tandem generate");
		EXPECT_EQ(text(row, "stage"), "prefill");
		EXPECT_EQ(text(row, "source"), "process");
		EXPECT_EQ(count(row, "uid"), geteuid());
		EXPECT_EQ(count(row, "queues"), 2u);
		EXPECT_EQ(count(row, "prefill_tokens_total"), decode ? 0 : PROMPT);
		EXPECT_EQ(count(row, "decode_tokens_total"), 0u);
		EXPECT_GT(count(row, "device_memory_bytes"), 1000000u);
		EXPECT_EQ(text(row, "request"), "0000000000000001");
	}
	EXPECT_GT(count(mine[0], "busy_ns_total") + count(mine[1], "busy_ns_total"), 0u);
	/* The table has the same. */
	Told table = tell({ "ps", "--pid", run.pid_text() });
	EXPECT_EQ(table.code, 0);
	EXPECT_NE(table.out.find("soft:cs3"), std::string::npos) << table.out;
	EXPECT_NE(table.out.find(run.pid_text() + " "), std::string::npos) << table.out;

	std::string held = run.release();
	EXPECT_TRUE(of_process(tell({ "ps", "--json" }), run.pid()).empty());
	/* Being looked at has not changed it. */
	Told plain = tell({ "generate", "-m", TANDEM_MODELS "/tales.gguf", "-p", "Once upon a time",
			    "-n", "20", "--net", "soft", "--no-observe" });
	EXPECT_EQ(held, plain.out);
}

TEST(PsCli, DoesNotSeeWhoDoesNotWantIt)
{
	/* It cannot be waited for by looking: a stopped one stays as it is. */
	Launch launch;
	launch.args = { TANDEM_CLI, "generate", "-m",	       TANDEM_MODELS "/tales.gguf",
			"-p",	    "Once",	"-n",	       "20",
			"--net",    "soft",	"--no-observe" };
	Process p(launch);
	EXPECT_FALSE(p.read_out(1).empty());
	p.signal(SIGSTOP);
	Told told = tell({ "ps", "--json" });
	EXPECT_EQ(told.code, 0) << told.err;
	EXPECT_TRUE(of_process(told, p.pid()).empty());
	Told one = tell({ "ps", "--pid", std::to_string(p.pid()) });
	EXPECT_EQ(one.code, 5);
	EXPECT_NE(one.err.find("it shows nothing to be looked at; "), std::string::npos) << one.err;
	p.signal(SIGCONT);
	p.read_out();
	EXPECT_TRUE(p.wait().exited(0));
}

TEST(PsCli, SaysWhoDoesNotAnswer)
{
	Child child([](int sock) -> std::string {
		uint64_t word;
		tdm_observer *o = tdm_observer_start("stopped", nullptr);
		WANT(o && send_word(sock, 1));
		receive_word(sock, &word);
		tdm_observer_stop(o);
		return "";
	});
	uint64_t word;
	int status;
	ASSERT_TRUE(receive_word(child.sock(), &word));
	kill(child.pid(), SIGSTOP);
	ASSERT_EQ(waitpid(child.pid(), &status, WUNTRACED), child.pid());
	Told told = tell({ "ps", "--json" });
	EXPECT_EQ(told.code, 0) << told.err;
	EXPECT_NE(told.out.find("process " + std::to_string(child.pid()) +
				": it does not answer, it is stopped; continue it"),
		  std::string::npos)
		<< told.out;
	told = tell({ "ps", "--pid", std::to_string(child.pid()) });
	EXPECT_EQ(told.code, 5);
	EXPECT_NE(told.err.find("it is stopped"), std::string::npos) << told.err;
	kill(child.pid(), SIGCONT);
	send_word(child.sock(), 1);
	EXPECT_EQ(child.End(), "");
}

TEST(PsCli, SaysWhatOnlyRootCanSee)
{
	if (geteuid())
		TANDEM_SKIP("needs root, to become another user");
	tdm_observer *o = tdm_observer_start("root's", nullptr);
	ASSERT_TRUE(o);
	pid_t pid = getpid();
	Child child([pid](int sock) -> std::string {
		(void)sock;
		WANT(!setgid(65534) && !setuid(65534));
		/* A folder that others may not enter has no tool for them. */
		if (access(TANDEM_CLI, X_OK))
			return "";
		Told told = tell({ "ps", "--json" });
		WANT(told.code == 0);
		WANT(told.out.find("process " + std::to_string(pid) +
				   ": it is of user 0 and does not answer user 65534; ask as that "
				   "user or as root") != std::string::npos);
		told = tell({ "kv", "verify" });
		WANT(told.code == 4);
		told = tell({ "kv", "list", "--pid", std::to_string(pid) });
		WANT(told.code == 4);
		return "";
	});
	EXPECT_EQ(child.End(), "");
	tdm_observer_stop(o);
}

TEST(PsCli, RefusesWhatItDoesNotKnow)
{
	EXPECT_EQ(tell({ "ps", "all" }).code, 2);
	EXPECT_EQ(tell({ "ps", "--pid", "0" }).code, 2);
	EXPECT_EQ(tell({ "ps", "--pid", "-1" }).code, 2);
	EXPECT_EQ(tell({ "ps", "--pid", "x" }).code, 2);
}

} // namespace
