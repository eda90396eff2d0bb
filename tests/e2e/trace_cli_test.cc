// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem trace: what it writes can be read by what it is for, and is whole.
 */
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <json-c/json.h>

#include "support/process.h"

namespace
{

const char *const kModel = TANDEM_MODELS "/tales.gguf";

std::string scratch(const std::string &name)
{
	return testing::TempDir() + "trace-" + std::to_string(getpid()) + "-" + name;
}

std::string slurp(const std::string &path)
{
	std::stringstream all;
	all << std::ifstream(path).rdbuf();
	return all.str();
}

struct Ran {
	std::string out, err;
	Ended how;
};

Ran run(const std::vector<std::string> &args)
{
	Launch launch;
	launch.args = args;
	Process p(launch);
	Ran r;
	r.out = p.read_out();
	r.how = p.wait();
	r.err = p.err();
	return r;
}

Ran trace(std::vector<std::string> own, std::vector<std::string> generate = {})
{
	std::vector<std::string> args = { TANDEM_CLI, "trace" };
	args.insert(args.end(), own.begin(), own.end());
	for (const char *arg : { "--", "-m", kModel, "-p", "Once upon a time", "--net", "soft" })
		args.push_back(arg);
	args.insert(args.end(), generate.begin(), generate.end());
	return run(args);
}

/* A trace as a reader of the format sees it. */
class Json
{
public:
	explicit Json(const std::string &path) : root_(json_object_from_file(path.c_str()))
	{
		EXPECT_NE(root_, nullptr) << path << ": " << json_util_get_last_err();
		json_object *all = get(root_, "traceEvents", json_type_array);
		for (size_t i = 0; all && i < json_object_array_length(all); i++)
			events.push_back(json_object_array_get_idx(all, i));
	}
	~Json()
	{
		json_object_put(root_);
	}
	Json(const Json &) = delete;
	Json &operator=(const Json &) = delete;

	static json_object *get(json_object *o, const char *key, json_type type)
	{
		json_object *value = nullptr;
		if (!json_object_object_get_ex(o, key, &value) ||
		    !json_object_is_type(value, type)) {
			ADD_FAILURE() << "no " << key << " in " << json_object_get_string(o);
			return nullptr;
		}
		return value;
	}
	static std::string text(json_object *o, const char *key)
	{
		return json_object_get_string(get(o, key, json_type_string));
	}
	static double number(json_object *o, const char *key)
	{
		return json_object_get_double(get(o, key, json_type_double));
	}
	static int64_t count(json_object *o, const char *key)
	{
		return json_object_get_int64(get(o, key, json_type_int));
	}
	json_object *about() const
	{
		return get(root_, "otherData", json_type_object);
	}
	size_t spans(const std::string &name) const
	{
		size_t n = 0;
		for (json_object *e : events)
			n += text(e, "ph") == "X" && text(e, "name") == name;
		return n;
	}
	size_t of_category(const std::string &category) const
	{
		size_t n = 0;
		for (json_object *e : events)
			n += text(e, "ph") == "X" && text(e, "cat") == category;
		return n;
	}
	size_t phase(const std::string &phase) const
	{
		size_t n = 0;
		for (json_object *e : events)
			n += text(e, "ph") == phase;
		return n;
	}
	/* What the format asks for, and this writer in addition. */
	void check() const;

	std::vector<json_object *> events;

private:
	json_object *root_;
};

using Place = std::pair<int64_t, int64_t>;

struct Slice {
	double start, end;
};

bool is_in_a_slice(const std::map<Place, std::vector<Slice>> &slices, json_object *e)
{
	auto at = slices.find({ Json::count(e, "pid"), Json::count(e, "tid") });
	if (at == slices.end())
		return false;
	for (const Slice &s : at->second)
		if (s.start <= Json::number(e, "ts") && Json::number(e, "ts") <= s.end)
			return true;
	return false;
}

void Json::check() const
{
	std::map<Place, std::vector<Slice>> slices;
	std::map<std::string, std::string> flows;
	std::set<int64_t> named, used;
	int64_t on_the_way = 0;

	for (json_object *e : events) {
		std::string phase = text(e, "ph");
		text(e, "name");
		Place place = { count(e, "pid"), count(e, "tid") };
		if (phase == "M") {
			if (text(e, "name") == "process_name")
				named.insert(place.first);
			get(e, "args", json_type_object);
			continue;
		}
		used.insert(place.first);
		double ts = number(e, "ts");
		if (phase == "X") {
			double length = number(e, "dur");
			EXPECT_GE(length, 0);
			slices[place].push_back({ ts, ts + length });
		} else if (phase == "C") {
			json_object *args = get(e, "args", json_type_object);
			on_the_way = count(args, "pages");
			EXPECT_GE(on_the_way, 0);
		} else if (phase == "i") {
			EXPECT_EQ(text(e, "s"), "t");
		} else {
			EXPECT_NE(std::string("stf").find(phase), std::string::npos) << phase;
		}
	}
	for (json_object *e : events)
		if (std::string("stf").find(text(e, "ph")) != std::string::npos) {
			flows[text(e, "id")] += text(e, "ph");
			EXPECT_TRUE(is_in_a_slice(slices, e)) << json_object_get_string(e);
		}
	for (const auto &[id, phases] : flows)
		EXPECT_TRUE(phases == "stf" || phases == "sf") << id << ": " << phases;
	for (int64_t pid : used)
		EXPECT_TRUE(named.count(pid)) << "process " << pid << " has no name";
	EXPECT_EQ(on_the_way, 0);
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

/* A layer ends by the device's clock within its command, and after the layer before. */
void check_layers(const Json &json, const std::string &clock, size_t want)
{
	double from = 0, to = 0, last = 0;
	size_t n = 0;
	for (json_object *e : json.events)
		if (Json::text(e, "ph") == "X" && Json::text(e, "name") == "prefill") {
			from = Json::number(e, "ts");
			to = from + Json::number(e, "dur");
		}
	for (json_object *e : json.events) {
		if (Json::text(e, "ph") != "X" || Json::text(e, "cat") != "layer")
			continue;
		double start = Json::number(e, "ts"), end = start + Json::number(e, "dur");
		json_object *args = Json::get(e, "args", json_type_object);
		EXPECT_EQ(Json::text(args, "clock"), clock);
		bool seen = json_object_get_boolean(
			Json::get(args, "seen_by_runtime", json_type_boolean));
		EXPECT_EQ(seen, clock == "runtime");
		EXPECT_EQ(json_object_object_get_ex(args, "seen_us", nullptr), seen);
		/* Numbers of the file have a thousandth behind the point, sums of them less. */
		EXPECT_GE(start, from - 0.002);
		EXPECT_GE(start, last - 0.002);
		EXPECT_LE(end, to + 0.002);
		last = end;
		n++;
	}
	EXPECT_EQ(n, want);
	EXPECT_EQ(Json::text(json.about(), "layer_clock"), clock);
}

/* What the device tells is shown as such, and what was only seen is not taken for it. */
TEST(TraceCli, SaysByWhoseClockLayersAre)
{
	struct Case {
		const char *tool, *clock, *lane, *legend;
	};
	for (const Case &c : { Case{ TANDEM_CLI, "device", "layers (by the device's clock)",
				     "Commands and layers are by the devices' clocks" },
			       Case{ TANDEM_OLD_CLI, "runtime", "layers (as the runtime saw them)",
				     "a layer's end is when the runtime saw it" } }) {
		std::string file = scratch("clock.json"), svg = scratch("clock.svg");
		Ran r = run({ c.tool, "trace", "-o", file, "--svg", svg, "--json", "--", "-m",
			      kModel, "-p", "Once upon a time", "-n", "3", "--net", "soft" });
		ASSERT_TRUE(r.how.exited(0)) << r.err;
		Json json(file);
		json.check();
		check_layers(json, c.clock, 5);
		size_t lanes = 0;
		for (json_object *e : json.events)
			if (Json::text(e, "name") == "thread_name")
				lanes += Json::text(Json::get(e, "args", json_type_object),
						    "name") == c.lane;
		EXPECT_EQ(lanes, 1u);
		EXPECT_NE(slurp(svg).find(c.legend), std::string::npos);
		json_object *summary = json_tokener_parse(r.out.c_str());
		ASSERT_NE(summary, nullptr) << r.out;
		json_object *layers = Json::get(summary, "layers", json_type_array);
		for (size_t i = 0; i < json_object_array_length(layers); i++) {
			json_object *layer = json_object_array_get_idx(layers, i), *alone = nullptr;
			EXPECT_EQ(Json::text(layer, "clock"), c.clock);
			EXPECT_TRUE(json_object_object_get_ex(layer, "seen_alone", &alone));
			EXPECT_EQ(alone == nullptr, std::string(c.clock) == "device");
		}
		json_object_put(summary);
		unlink(file.c_str());
		unlink(svg.c_str());
	}
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
