// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem top of running engines and transfer agents: as JSON, as tables, on the screen.
 * Other processes of this host may be seen as well.
 */
#include <atomic>
#include <map>
#include <thread>

#include <tandem/device.h>
#include <tandem/inject.h>

#include "e2e/engine_fixture.h"
#include "e2e/held_run.h"
#include "e2e/landing.h"
#include "e2e/top_screen.h"

namespace
{

#define EXPECT_SAYS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)

/* Of one process. */
std::vector<json_object *> rows_of(const Told &told, const char *part, pid_t pid)
{
	std::vector<json_object *> all;
	for (json_object *row : rows(told, part))
		if (count(row, "pid") == static_cast<uint64_t>(pid))
			all.push_back(row);
	return all;
}

/* A process may answer too late on a busy machine, which is said; never, and the test fails. */
Told once_json(pid_t pid)
{
	Told told;
	for (int i = 0; i < 100; i++) {
		told = tell({ "top", "--once", "--json", "-i", "0.05" });
		if (!rows_of(told, "agents", pid).empty())
			break;
	}
	return told;
}

/* What stands behind each key: 's' text, 'n' whole number, 'f' real number, 'b' flag. */
using Schema = std::map<std::string, char>;

const std::map<std::string, Schema> &schemas()
{
	static const std::map<std::string, Schema> all = {
		{ "queues",
		  { { "pid", 'n' },
		    { "program", 's' },
		    { "device", 's' },
		    { "context", 'n' },
		    { "queue", 'n' },
		    { "state", 's' },
		    { "error", 's' },
		    { "open_commands", 'n' },
		    { "oldest_command", 's' },
		    { "still_ns", 'n' },
		    { "busy_ratio", 'f' },
		    { "tail", 'n' },
		    { "fetched", 'n' },
		    { "completed", 'n' },
		    { "entries", 'n' },
		    { "busy_ns", 'n' } } },
		{ "engines",
		  { { "pid", 'n' },
		    { "program", 's' },
		    { "role", 's' },
		    { "stage", 's' },
		    { "requests_done", 'n' },
		    { "requests_failed", 'n' },
		    { "prefill_tokens_per_s", 'f' },
		    { "decode_tokens_per_s", 'f' },
		    { "tokens_prefill", 'n' },
		    { "tokens_decode", 'n' } } },
		{ "kv_pools",
		  { { "pid", 'n' },
		    { "program", 's' },
		    { "pool", 's' },
		    { "pages", 'n' },
		    { "page_bytes", 'n' },
		    { "pages_free", 'n' },
		    { "pages_reserved", 'n' },
		    { "pages_landing", 'n' },
		    { "pages_ready", 'n' },
		    { "pages_in_use", 'n' },
		    { "pages_draining", 'n' },
		    { "pages_free_least", 'n' },
		    { "calls_refused", 'n' } } },
		{ "agents",
		  { { "pid", 'n' },
		    { "program", 's' },
		    { "agent", 'n' },
		    { "address", 's' },
		    { "nic", 's' },
		    { "peers", 'n' },
		    { "sends_open", 'n' },
		    { "recvs_open", 'n' },
		    { "sent_bytes_per_s", 'f' },
		    { "taken_bytes_per_s", 'f' },
		    { "pages_sent_per_s", 'f' },
		    { "pages_taken_per_s", 'f' },
		    { "pages_resent", 'n' },
		    { "pages_corrupt", 'n' },
		    { "requests_aborted", 'n' },
		    { "peers_lost", 'n' },
		    { "regions_fenced", 'n' },
		    { "regions_rekeyed", 'n' },
		    { "pinned_bytes", 'n' },
		    { "sent_bytes", 'n' },
		    { "taken_bytes", 'n' },
		    { "pages_sent", 'n' },
		    { "pages_taken", 'n' } } },
		{ "peers",
		  { { "pid", 'n' },
		    { "agent", 'n' },
		    { "address", 's' },
		    { "state", 's' },
		    { "age_ns", 'n' },
		    { "sends_open", 'n' },
		    { "recvs_open", 'n' },
		    { "page_units", 'n' },
		    { "landing_region", 'n' },
		    { "error", 's' } } },
		{ "nics",
		  { { "pid", 'n' },
		    { "agent", 'n' },
		    { "nic", 's' },
		    { "software", 'b' },
		    { "link", 's' },
		    { "bytes_per_s", 'f' },
		    { "operations_per_s", 'f' },
		    { "operations_failed_per_s", 'f' },
		    { "operations_failed", 'n' },
		    { "memory_regions", 'n' },
		    { "endpoint_depth", 'n' },
		    { "sleeps_per_s", 'f' },
		    { "wakes_per_s", 'f' },
		    { "memory_regions_ever", 'n' },
		    { "operations", 'n' },
		    { "bytes", 'n' },
		    { "sleeps", 'n' },
		    { "wakes", 'n' } } },
	};
	return all;
}

/* Every key that there is to be, none besides, each null or of its type. */
void expect_schema(const char *part, json_object *row)
{
	const Schema &schema = schemas().at(part);
	size_t n = 0;
	json_object_object_foreach(row, key, value)
	{
		auto at = schema.find(key);
		ASSERT_NE(at, schema.end()) << part << " has " << key;
		json_type type = json_object_get_type(value);
		n++;
		if (!value)
			continue;
		EXPECT_EQ(type, at->second == 's'   ? json_type_string
				: at->second == 'n' ? json_type_int
				: at->second == 'f' ? json_type_double
						    : json_type_boolean)
			<< part << " " << key;
	}
	EXPECT_EQ(n, schema.size()) << part;
}

TEST(TopObserved, JsonHasAllOfARun)
{
	HeldRun run;
	Told told = once_json(run.pid());
	ASSERT_EQ(told.code, 0) << told.err;
	EXPECT_EQ(text(told.json.get(), "schema"), "tandem.top.v1");
	for (const auto &part : schemas()) {
		auto mine = rows_of(told, part.first.c_str(), run.pid());
		EXPECT_FALSE(mine.empty()) << part.first;
		for (json_object *row : mine)
			expect_schema(part.first.c_str(), row);
	}
	/* How far its pages have come no test says. */
	uint64_t sent = 0, peers = 0;
	for (json_object *agent : rows_of(told, "agents", run.pid())) {
		sent += count(agent, "sent_bytes");
		peers += count(agent, "peers");
		EXPECT_EQ(text(agent, "nic"), "soft:rc");
	}
	EXPECT_EQ(peers, 2u);
	for (json_object *peer : rows_of(told, "peers", run.pid()))
		EXPECT_EQ(text(peer, "state"), "up");
	uint64_t moved = 0;
	for (json_object *nic : rows_of(told, "nics", run.pid())) {
		EXPECT_GT(count(nic, "memory_regions"), 0u);
		EXPECT_TRUE(json_object_get_boolean(member(nic, "software")));
		moved += count(nic, "bytes");
	}
	EXPECT_GE(moved, sent);
	for (json_object *queue : rows_of(told, "queues", run.pid())) {
		EXPECT_EQ(text(queue, "state"), "running");
		EXPECT_EQ(member(queue, "error"), nullptr);
		EXPECT_EQ(count(queue, "open_commands"),
			  count(queue, "tail") - count(queue, "completed"));
		EXPECT_GE(count(queue, "tail"), count(queue, "fetched"));
	}
	Told table;
	for (int i = 0; i < 100 && table.out.find("NICs of agents") == std::string::npos; i++)
		table = tell({ "top", "--once", "-i", "0.05" });
	for (const char *title : { "\nqueues\n", "\nengines\n", "\nKV pools\n", "\nagents\n",
				   "\npeers\n", "\nNICs of agents\n" })
		EXPECT_SAYS(table.out, title);
	run.release();
}

/* A line of JSON as it comes. */
Told next_line(Process &p)
{
	Told told;
	for (std::string c; (c = p.read_out(1)) != "" && c != "\n";)
		told.out += c;
	told.json.reset(json_tokener_parse(told.out.c_str()), json_object_put);
	return told;
}

double real(json_object *row, const char *key)
{
	return json_object_get_double(member(row, key));
}

/* What is new has no rate; what is there for two readings has one, and it moves. */
TEST(TopObserved, ARateNeedsTwoLooks)
{
	static const std::map<std::string, std::vector<const char *>> moving = {
		{ "queues", { "busy_ratio" } },
		{ "engines", { "prefill_tokens_per_s", "decode_tokens_per_s" } },
		{ "agents",
		  { "sent_bytes_per_s", "taken_bytes_per_s", "pages_sent_per_s",
		    "pages_taken_per_s" } },
		{ "nics", { "bytes_per_s", "operations_per_s" } },
	};
	tdm_error err{};
	ModelSpec spec;
	Model model(spec);
	Engine engine(model, {});
	ASSERT_TRUE(engine);
	tdm_observer *observer = tdm_observer_start("the test", &err);
	ASSERT_TRUE(observer) << err.msg;
	Launch launch;
	launch.args = { TANDEM_CLI, "top", "--json", "-i", "0.05" };
	Process top(launch);
	EXPECT_TRUE(rows_of(next_line(top), "agents", getpid()).empty());
	ASSERT_EQ(tdm_observer_add_engine(observer, engine.get()), 0);

	Told first;
	do
		first = next_line(top);
	while (first.json && rows_of(first, "agents", getpid()).empty());
	for (json_object *agent : rows_of(first, "agents", getpid()))
		EXPECT_EQ(member(agent, "sent_bytes_per_s"), nullptr);
	for (json_object *nic : rows_of(first, "nics", getpid()))
		for (const char *key : { "bytes_per_s", "operations_per_s", "sleeps_per_s" })
			EXPECT_EQ(member(nic, key), nullptr) << key;
	Told second = next_line(top);
	for (json_object *nic : rows_of(second, "nics", getpid()))
		EXPECT_NE(member(nic, "sleeps_per_s"), nullptr);

	std::atomic<bool> stop{ false };
	std::thread runs([&] {
		Request r;
		r.prompt = some_prompt(60, spec.vocab);
		while (!stop)
			EXPECT_EQ(engine.run(r).rc, 0);
	});
	std::map<std::string, double> most;
	size_t wanted = 0, got = 0;
	for (const auto &part : moving)
		wanted += part.second.size();
	/* Which reading sees which of them move no test says. */
	for (int lines = 0; got < wanted && lines < 2000; lines++) {
		Told told = next_line(top);
		ASSERT_TRUE(told.json) << told.out;
		for (const auto &part : moving)
			for (json_object *row : rows_of(told, part.first.c_str(), getpid()))
				for (const char *key : part.second)
					if (real(row, key) > 0)
						most[part.first + " " + key] = real(row, key);
		got = most.size();
	}
	stop = true;
	runs.join();
	EXPECT_EQ(got, wanted);
	EXPECT_LE(most["queues busy_ratio"], 1);
	top.signal(SIGTERM);
	tdm_observer_stop(observer);
}

class TopLanding : public Landing
{
protected:
	static constexpr uint32_t PAGES = 7;

	TopLanding() : Landing(PAGES)
	{
	}
	void SetUp() override
	{
		tdm_kv_ref refs[5];
		tdm_kv_ticket tickets[3];
		Landing::SetUp();
		ASSERT_EQ(tdm_kv_pool_reserve(pool(), 42, refs, 5, nullptr), 0);
		ASSERT_EQ(tdm_kv_pool_land(pool(), 42, refs, 3, tickets, nullptr), 0);
	}
};

TEST_F(TopLanding, PagesInFlightByState)
{
	Told told = once_json(getpid());
	auto pools = rows_of(told, "kv_pools", getpid());
	ASSERT_EQ(pools.size(), 1u);
	for (const auto &state : std::map<const char *, uint64_t>{ { "pages", PAGES },
								   { "pages_free", 2 },
								   { "pages_reserved", 2 },
								   { "pages_landing", 3 },
								   { "pages_ready", 0 },
								   { "pages_in_use", 0 },
								   { "pages_draining", 0 },
								   { "pages_free_least", 2 } })
		EXPECT_EQ(count(pools[0], state.first), state.second) << state.first;
	/* It listens nowhere, and a peer it has none. */
	auto agents = rows_of(told, "agents", getpid());
	ASSERT_EQ(agents.size(), 1u);
	EXPECT_EQ(member(agents[0], "address"), nullptr);
	EXPECT_EQ(count(agents[0], "peers"), 0u);
	EXPECT_TRUE(rows_of(told, "peers", getpid()).empty());

	Picture top("", 24, 80);
	top.screen.type("5");
	ASSERT_TRUE(top.shows("5 KV POOLS .*RESRVD IN FLIGHT READY")) << top.all();
	ASSERT_TRUE(top.shows("agent 0 landing 0 +" + std::to_string(getpid()) +
			      " +7 +2 +2 +3 +0 +0 +0 "))
		<< top.all();
	EXPECT_EQ(top.vt().unknown, "");
	top.screen.type("q");
	EXPECT_EQ(top.screen.end(), 0);
}

/* All sections of a run on one terminal, none of which is wider than that. */
TEST(TopObserved, ScreenOf80By24)
{
	HeldRun run;
	Picture top("", 24, 80);
	for (const char *title : { "1 DEVICES", "2 PROCESSES", "3 QUEUES", "4 ENGINES",
				   "5 KV POOLS", "6 AGENTS", "7 PEERS", "8 NICS" })
		ASSERT_TRUE(top.shows(title)) << top.all();
	ASSERT_TRUE(top.shows("soft:\\S+ busy \\|")) << top.all();
	ASSERT_TRUE(top.shows("\nq quit .* help\n")) << top.all();
	const std::string pid = " " + run.pid_text() + " ";
	const std::pair<const char *, std::string> sections[] = {
		{ "1", "soft:cs3@" + run.pid_text() + " +cs3" },
		{ "2", "tandem \\S+ +" + run.pid_text() + " soft:" },
		{ "3", "soft:trn2@" + run.pid_text() + " +" + run.pid_text() +
			       " +0 +[12] running +[0-9.]+ %" },
		{ "4", "engine +" + run.pid_text() + " prefill" },
		{ "5", "engine 0 prefill" },
		{ "6", "tandem \\S+ +" + run.pid_text() + " +[01] +1 .* B/s" },
		{ "7", run.pid_text() + " +[01] up " },
		{ "8", "soft:rc +" + run.pid_text() + " +[01] up +.* B/s" },
	};
	for (const auto &section : sections) {
		top.screen.type(section.first);
		ASSERT_TRUE(top.shows(section.second)) << section.first << "\n" << top.all();
		ASSERT_TRUE(top.shows(std::string("\n") + section.first + " [A-Z]")) << top.all();
	}
	top.screen.type("a");
	ASSERT_TRUE(top.shows("1 DEVICES .* TEMP WATT *\n(.|\n)*8 NICS")) << top.all();
	/* A column that does not fit is not there, rather than a part of a number. */
	top.resize(24, 78);
	ASSERT_TRUE(top.shows("1 DEVICES .* TEMP *\n(.|\n)*8 NICS")) << top.all();
	EXPECT_EQ(top.vt().unknown, "");
	top.screen.type("q");
	EXPECT_EQ(top.screen.end(), 0);
	run.release();
}

/* Firmware that gives no sign of life is told of, and holds up nothing. */
TEST(TopObserved, ScreenOfASilentDevice)
{
	tdm_error err{};
	tdm_device *device = tdm_device_open("soft:trn2,memory=64M,threads=1", &err);
	ASSERT_TRUE(device) << err.msg;
	tdm_observer *observer = tdm_observer_start("silent", &err);
	ASSERT_TRUE(observer) << err.msg;
	ASSERT_EQ(tdm_observer_add_device(observer, device), 0);
	const std::string name = "soft:trn2@" + std::to_string(getpid());

	/* Room for those of other processes, too. */
	Picture top("", 60, 120);
	/* Its figures are known then, and go on to be shown. */
	ASSERT_TRUE(top.shows("\n" + name + " +trn +ready")) << top.all();
	drm_tandem_inject order = {};
	order.kind = TDM_INJECT_STALL;
	ASSERT_EQ(tdm_device_inject(device, &order), 0);
	ASSERT_TRUE(top.shows("\n" + name + ": a fault is ordered \\(stall\\)")) << top.all();
	ASSERT_TRUE(top.shows("\n" + name + ": its firmware is silent for ")) << top.all();
	/* It still answers keys, and still reads. */
	top.screen.type("1");
	ASSERT_TRUE(top.shows("\n" + name + " +trn +ready")) << top.all();
	tdm_observer_remove(observer, device);
	ASSERT_TRUE(top.shows("\n" + name + " +- +gone")) << top.all();
	/* One of a process does not come back, and goes. */
	ASSERT_TRUE(top.loses(name)) << top.all();
	top.screen.type("q");
	EXPECT_EQ(top.screen.end(), 0);
	order.kind = TDM_INJECT_NONE;
	EXPECT_EQ(tdm_device_inject(device, &order), 0);
	tdm_observer_stop(observer);
	tdm_device_close(device);
}

/* What has no room is named, can be scrolled to, and looked at by itself. */
TEST(TopObserved, SmallScreenScrolls)
{
	HeldRun run;
	Picture top("", 8, 60);
	ASSERT_TRUE(top.shows("\n[5-9] more: [345] ")) << top.all();
	ASSERT_TRUE(top.shows("\n2 PROCESSES")) << top.all();
	top.screen.type("3");
	/* A heading and five rows fit, and a page is as much. */
	top.resize(6, 60);
	ASSERT_TRUE(top.shows("\n3 QUEUES 1-3/[0-9]")) << top.all();
	top.screen.type("\x1b[B");
	ASSERT_TRUE(top.shows("\n3 QUEUES 2-4/")) << top.all();
	top.screen.type("\x1b[A");
	ASSERT_TRUE(top.shows("\n3 QUEUES 1-3/")) << top.all();
	top.screen.type("\x1b[6~");
	ASSERT_TRUE(top.shows("\n3 QUEUES (2-4|3-5|4-6)/")) << top.all();
	top.screen.type("\x1b[1~");
	ASSERT_TRUE(top.shows("\n3 QUEUES 1-3/")) << top.all();
	top.screen.type("\x1b[4~");
	/* The last of them. */
	ASSERT_TRUE(top.shows("\n3 QUEUES [0-9]+-([0-9]+)/\\1 ")) << top.all();
	/* Columns that have no room are moved in, and the first one stays. */
	ASSERT_TRUE(top.shows("\n3 QUEUES \\S+ +PID CTX")) << top.all();
	top.screen.type("\x1b[C\x1b[C\x1b[C");
	ASSERT_TRUE(top.shows("\n3 QUEUES \\S+ +STATE +BUSY OLDEST")) << top.all();
	for (int i = 0; i < 20; i++)
		top.screen.type("\x1b[C");
	ASSERT_TRUE(top.shows("\n3 QUEUES \\S+ +PROGRAM")) << top.all();
	top.screen.type("\t");
	ASSERT_TRUE(top.shows("\n4 ENGINES +(\\S+ +)?PID")) << top.all();
	top.screen.type("4");
	ASSERT_TRUE(top.shows("\n1 DEVICES")) << top.all();
	top.resize(24, 80);
	ASSERT_TRUE(top.shows("8 NICS")) << top.all();
	EXPECT_EQ(top.vt().unknown, "");
	top.screen.type("q");
	EXPECT_EQ(top.screen.end(), 0);
	run.release();
}

} // namespace
