// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem trace: what it writes can be read by what it is for, and is whole.
 */
#include <csignal>
#include <memory>
#include <sys/stat.h>

#include "e2e/trace_json.h"

using namespace trace_json;

namespace
{

Ran trace(std::vector<std::string> own, std::vector<std::string> generate = {})
{
	std::vector<std::string> args = { TANDEM_CLI, "trace" };
	args.insert(args.end(), own.begin(), own.end());
	for (const char *arg : { "--", "-m", kModel, "-p", "Once upon a time", "--net", "soft" })
		args.push_back(arg);
	args.insert(args.end(), generate.begin(), generate.end());
	return run(args);
}

TEST(TraceCli, WritesWhatPerfettoReads)
{
	std::string file = scratch("run.json");
	Ran r = trace({ "-o", file }, { "-n", "6" });
	ASSERT_TRUE(r.how.exited(0)) << r.err;
	EXPECT_EQ(r.out.rfind("Once upon a time", 0), 0u);
	for (const char *words : { "soft:trn2", "soft:cs3", "prefill", "LAYER", "hidden behind" })
		EXPECT_NE(r.out.find(words), std::string::npos) << words << "\n" << r.out;
	Json json(file);
	json.check();
	json_object *about = json.about();
	EXPECT_EQ(Json::text(about, "schema"), "tandem.trace.v1");
	EXPECT_EQ(Json::count(about, "dropped"), 0);
	EXPECT_EQ(json.of_category("page"), static_cast<size_t>(Json::count(about, "kv_pages")));
	EXPECT_EQ(json.of_category("page"), 5u);
	EXPECT_EQ(json.spans("decode"), 5u);
	EXPECT_EQ(json.spans("prefill"), 1u);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(json.spans("layer " + std::to_string(i)), 1u) << i;
	unlink(file.c_str());
}

TEST(TraceCli, DrawsAPicture)
{
	std::string file = scratch("run.svg");
	Ran r = trace({ "--svg", file }, { "-n", "6" });
	ASSERT_TRUE(r.how.exited(0)) << r.err;
	/* Well formed; and every page has its bar, with words. */
	Ran xml = run({ "/usr/bin/python3", "-c",
			"import sys, xml.etree.ElementTree as t\n"
			"root = t.parse(sys.argv[1]).getroot()\n"
			"ns = '{http://www.w3.org/2000/svg}'\n"
			"assert root.tag == ns + 'svg'\n"
			"tips = [e.text for e in root.iter(ns + 'title')]\n"
			"print(sum(t.startswith('page ') for t in tips),\n"
			"      sum(t.startswith('layer ') for t in tips),\n"
			"      sum(t.startswith('DECODE ') for t in tips) > 0)\n"
			"print([e.text for e in root.iter(ns + 'text')][0])\n",
			file });
	EXPECT_TRUE(xml.how.exited(0)) << xml.err;
	EXPECT_EQ(xml.out, "5 5 True\ntales.gguf: prefill on soft:trn2, decode on soft:cs3\n");
	unlink(file.c_str());
}

TEST(TraceCli, SummaryAsJsonIsOneObject)
{
	Ran r = trace({ "--json" }, { "-n", "4" });
	ASSERT_TRUE(r.how.exited(0)) << r.err;
	EXPECT_EQ(r.err, "");
	json_object *o = json_tokener_parse(r.out.c_str());
	ASSERT_NE(o, nullptr) << r.out;
	EXPECT_EQ(Json::text(o, "schema"), "tandem.trace.v1");
	json_object *run = Json::get(o, "run", json_type_object);
	EXPECT_EQ(Json::count(run, "tokens"), 4);
	EXPECT_EQ(json_object_array_length(Json::get(o, "layers", json_type_array)), 5u);
	json_object_put(o);
}

TEST(TraceCli, FusedHasNoPages)
{
	std::string file = scratch("fused.json"), svg = scratch("fused.svg");
	Ran r = run({ TANDEM_CLI, "trace", "-o", file, "--svg", svg, "--", "-m", kModel, "-p",
		      "Once", "-n", "4", "--mode", "fused" });
	ASSERT_TRUE(r.how.exited(0)) << r.err;
	Json json(file);
	json.check();
	EXPECT_EQ(json.of_category("page"), 0u);
	EXPECT_EQ(json.spans("decode"), 3u);
	EXPECT_NE(slurp(svg).find("on soft:cs3"), std::string::npos);
	unlink(file.c_str());
	unlink(svg.c_str());
}

/* The rest is missing, and said to be; what is there holds together. */
TEST(TraceCli, SaysWhatDidNotFit)
{
	std::string file = scratch("full.json");
	Ran r = trace({ "-o", file, "--events", "25" }, { "-n", "6" });
	ASSERT_TRUE(r.how.exited(0)) << r.err;
	EXPECT_NE(r.out.find("did not fit"), std::string::npos) << r.out;
	Json json(file);
	json.check();
	EXPECT_EQ(Json::count(json.about(), "events"), 25);
	EXPECT_GT(Json::count(json.about(), "dropped"), 0);
	unlink(file.c_str());
}

TEST(TraceCli, RefusesWhatCannotBe)
{
	struct Wrong {
		std::vector<std::string> args;
		int code;
		const char *says;
	};
	for (const Wrong &w : {
		     Wrong{ {}, 2, "behind --" },
		     Wrong{ { "--", "-p", "x" }, 2, "no model" },
		     Wrong{ { "--events", "0", "--", "-m", "x" }, 2, "'0'" },
		     Wrong{ { "-m", kModel }, 2, "-- 'm'" },
		     Wrong{ { "-o", "/nonexistent/x", "--", "-m", kModel, "-p", "x" },
			    1,
			    "/nonexistent/x" },
		     Wrong{ { "--", "-m", "/nonexistent.gguf", "-p", "x" }, 1, "nonexistent" },
		     Wrong{ { "--merge", "a", "b" }, 2, "-o FILE" },
		     Wrong{ { "--merge", "-o", "/dev/null", kModel, kModel }, 1, "no trace of" },
	     }) {
		std::vector<std::string> args = { TANDEM_CLI, "trace" };
		args.insert(args.end(), w.args.begin(), w.args.end());
		Ran r = run(args);
		EXPECT_TRUE(r.how.exited(w.code)) << r.how.say() << r.err;
		EXPECT_EQ(r.out, "");
		EXPECT_NE(r.err.find(w.says), std::string::npos) << r.err;
	}
}

/* A file that it made goes with it, one that was there stays. */
TEST(TraceCli, LeavesNoFileOfARunThatFailed)
{
	std::string made = scratch("made.json"), was = scratch("was.json");
	std::ofstream(was) << "mine";
	Ran r = run({ TANDEM_CLI, "trace", "-o", made, "--svg", was, "--", "-m", kModel, "-p", "x",
		      "--decode", "soft:none" });
	EXPECT_TRUE(r.how.exited(3)) << r.how.say() << r.err;
	EXPECT_NE(access(made.c_str(), F_OK), 0);
	EXPECT_EQ(access(was.c_str(), F_OK), 0);
	unlink(was.c_str());
}

/* A worker of a role, with a trace; its address is in its first line. */
class Worker
{
public:
	Worker(const std::string &role, const std::string &key) : file(scratch(role + ".json"))
	{
		Launch launch;
		launch.args = { TANDEM_CLI, "worker",	"--role",      role,	"-m",
				kModel,	    "--listen", "127.0.0.1:0", "--net", "soft",
				"--trace",  file,	"--key-file",  key };
		process_ = std::make_unique<Process>(launch);
		std::string line, c;
		while ((c = process_->read_out(1)) != "\n" && !c.empty())
			line += c;
		size_t at = line.find(" at ");
		EXPECT_NE(at, std::string::npos) << line;
		address = line.substr(at + 4, line.find_first_of(",;", at) - at - 4);
	}
	~Worker()
	{
		unlink(file.c_str());
	}
	void stop()
	{
		process_->signal(SIGTERM);
		EXPECT_TRUE(process_->wait().signalled(SIGTERM)) << process_->err();
	}
	std::string file, address;

private:
	std::unique_ptr<Process> process_;
};

TEST(TraceCli, WorkersWriteTheirHalves)
{
	std::string key = scratch("key"), client = scratch("client.json");
	umask(077);
	std::ofstream(key) << "the key of these tests";
	Worker decode("decode", key), prefill("prefill", key);
	Ran r = run({ TANDEM_CLI, "trace", "-o", client, "--", "-m", kModel, "-p",
		      "Once upon a time", "-n", "5", "--key-file", key, "--prefill-worker",
		      prefill.address, "--decode-worker", decode.address });
	EXPECT_TRUE(r.how.exited(0)) << r.err;
	prefill.stop();
	decode.stop();
	Json first(prefill.file), second(decode.file), third(client);
	first.check();
	second.check();
	third.check();
	EXPECT_EQ(first.of_category("page"), 5u);
	EXPECT_EQ(first.spans("export"), 5u);
	EXPECT_EQ(first.spans("decode"), 0u);
	EXPECT_EQ(second.of_category("page"), 5u);
	EXPECT_GT(second.spans("import"), 0u);
	EXPECT_EQ(second.spans("decode"), 4u);
	EXPECT_EQ(third.spans("request"), 1u);
	std::string all = scratch("all.json");
	r = run({ TANDEM_CLI, "trace", "--merge", "-o", all, prefill.file, client, decode.file });
	EXPECT_TRUE(r.how.exited(0)) << r.err;
	Json merged(all);
	merged.check();
	EXPECT_EQ(merged.of_category("page"), 10u);
	EXPECT_EQ(merged.spans("decode"), 4u);
	/* Each page has an arrow from its layer, and one to the other worker. */
	EXPECT_EQ(merged.phase("s"), 10u);
	EXPECT_EQ(merged.phase("f"), 10u);
	unlink(all.c_str());
	unlink(key.c_str());
	unlink(client.c_str());
}

} // namespace
