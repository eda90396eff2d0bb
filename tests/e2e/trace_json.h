/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The file that tandem trace writes, as a reader of its format sees it.
 */
#ifndef TESTS_E2E_TRACE_JSON_H
#define TESTS_E2E_TRACE_JSON_H

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <json-c/json.h>

#include "support/process.h"

namespace trace_json
{

const char *const kModel = TANDEM_MODELS "/tales.gguf";

inline std::string scratch(const std::string &name)
{
	return testing::TempDir() + "trace-" + std::to_string(getpid()) + "-" + name;
}

inline std::string slurp(const std::string &path)
{
	std::stringstream all;
	all << std::ifstream(path).rdbuf();
	return all.str();
}

struct Ran {
	std::string out, err;
	Ended how;
};

inline Ran run(const std::vector<std::string> &args)
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

inline bool is_in_a_slice(const std::map<Place, std::vector<Slice>> &slices, json_object *e)
{
	auto at = slices.find({ Json::count(e, "pid"), Json::count(e, "tid") });
	if (at == slices.end())
		return false;
	for (const Slice &s : at->second)
		if (s.start <= Json::number(e, "ts") && Json::number(e, "ts") <= s.end)
			return true;
	return false;
}

inline void Json::check() const
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

} // namespace trace_json

#endif /* TESTS_E2E_TRACE_JSON_H */
