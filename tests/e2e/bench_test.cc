// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The benchmark runs and its JSON is what its schema says. No number is judged,
 * but those that are counted rather than timed.
 */
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <json-c/json.h>
#include <sys/wait.h>

namespace
{

struct Output {
	int status = -1;
	std::string out;
};

Output bench(const std::string &options)
{
	Output run;
	std::string command = std::string(TANDEM_BENCH " ") + options + " 2>/dev/null";
	FILE *p = popen(command.c_str(), "r");
	char buf[4096];
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), p)) > 0)
		run.out.append(buf, n);
	int status = pclose(p);
	run.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return run;
}

json_object *member(json_object *o, const std::string &key, json_type type)
{
	json_object *value = nullptr;

	EXPECT_TRUE(json_object_object_get_ex(o, key.c_str(), &value)) << key;
	if (value) {
		EXPECT_EQ(json_object_get_type(value), type) << key;
	}
	return value;
}

/* NaN for null: not measured. */
double number(json_object *o, const std::string &key)
{
	json_object *value = nullptr;

	EXPECT_TRUE(json_object_object_get_ex(o, key.c_str(), &value)) << key;
	if (!value)
		return NAN;
	EXPECT_EQ(json_object_get_type(value), json_type_double) << key;
	return json_object_get_double(value);
}

const std::map<std::string, std::string> units = {
	{ "nop_round_trip", "ns" },
	{ "nop_round_trip_uring", "ns" },
	{ "nop_rate", "per_s" },
	{ "nop_rate_uring", "per_s" },
	{ "nop_system_calls", "calls" },
	{ "nop_context_switches", "switches" },
	{ "kv_page_move", "bytes_per_s" },
	{ "kv_page_path", "bytes_per_s" },
	{ "transfer_push", "bytes_per_s" },
	{ "transfer_push_ucx", "bytes_per_s" },
	{ "transfer_page", "ns" },
	{ "transfer_apart", "bytes_per_s" },
	{ "transfer_apart_ucx", "bytes_per_s" },
	{ "transfer_apart_page", "ns" },
	{ "transfer_pages_256", "per_s" },
	{ "transfer_pages_4096", "per_s" },
	{ "kv_hidden_layers", "ms" },
	{ "tokenize", "ns" },
	{ "prefill", "tokens_per_s" },
	{ "decode", "tokens_per_s" },
	{ "first_token", "ms" },
	{ "first_token_part", "ms" },
	{ "second_token", "ms" },
	{ "second_token_part", "ms" },
	{ "kv_hidden", "ms" },
	{ "model_open", "ms" },
	{ "model_open_resident", "bytes" },
	{ "decode_watched", "tokens_per_s" },
	{ "trace_event", "ns" },
};

/* Return: the figure's name */
std::string check_figure(json_object *f)
{
	std::string name = json_object_get_string(member(f, "name", json_type_string));
	auto unit = units.find(name);

	if (unit == units.end()) {
		ADD_FAILURE() << name << " is not in the schema";
		return name;
	}
	SCOPED_TRACE(name);
	EXPECT_EQ(json_object_object_length(f), 9);
	std::string what = json_object_get_string(member(f, "what", json_type_string));
	double value = number(f, "value_" + unit->second);
	double peer = number(f, "peer_" + unit->second);
	double best = number(f, "best_" + unit->second);
	double peer_best = number(f, "peer_best_" + unit->second);
	double ratio = number(f, "ratio");
	/* One run: the ratio of the medians is the run's. What is absent says why. */
	if (!std::isnan(value) && !std::isnan(peer)) {
		EXPECT_NEAR(ratio, value / peer, 1e-9 * std::fabs(ratio));
	}
	if (std::isnan(value))
		member(f, "note", json_type_string);
	/* Of one run the best is the median as well. */
	if (!std::isnan(best)) {
		EXPECT_EQ(best, value);
	}
	if (!std::isnan(peer_best)) {
		EXPECT_EQ(peer_best, peer);
	}
	/* What is left beside parts that were measured by different clocks may be. */
	if (what.find(": other") == std::string::npos) {
		EXPECT_FALSE(value < 0) << what;
	}
	if (name == "model_open_resident") {
		EXPECT_LT(ratio, 0.5) << "the model was read, not mapped";
	}
	return name;
}

/* The parts follow the whole, and each names it as its peer. */
void check_sums(json_object *figures, const std::string &whole)
{
	double sum = 0, value = NAN;
	size_t wholes = 0;

	auto compare = [&] {
		if (wholes) {
			EXPECT_NEAR(sum, value, 1e-6 * value) << whole;
		}
	};
	for (size_t i = 0; i < json_object_array_length(figures); i++) {
		json_object *f = json_object_array_get_idx(figures, i);
		std::string name = json_object_get_string(member(f, "name", json_type_string));

		if (name == whole) {
			compare();
			value = number(f, "value_ms");
			sum = 0;
			wholes++;
		} else if (name == whole + "_part") {
			double part = number(f, "value_ms");

			EXPECT_NEAR(number(f, "peer_ms"), value, 1e-9 * value);
			sum += std::isnan(part) ? 0 : part;
		}
	}
	compare();
	EXPECT_EQ(wholes, 3u) << "models";
}

TEST(Bench, EveryFigureIsThere)
{
	Output run = bench("--quick --runs 1 --json");

	ASSERT_EQ(run.status, 0) << run.out;
	json_object *root = json_tokener_parse(run.out.c_str());
	ASSERT_NE(root, nullptr) << run.out;
	EXPECT_STREQ(json_object_get_string(member(root, "schema", json_type_string)),
		     "tandem.bench.v1");
	json_object *pinned = member(root, "pinned", json_type_boolean);
	/* With one processor there is nothing to pin to. */
	if (json_object_get_int(member(root, "cpus", json_type_int)) > 1) {
		EXPECT_TRUE(json_object_get_boolean(pinned));
	}
	EXPECT_EQ(json_object_get_int(member(root, "runs", json_type_int)), 1);
	EXPECT_TRUE(json_object_get_boolean(member(root, "quick", json_type_boolean)));
	json_object *figures = member(root, "figures", json_type_array);
	std::set<std::string> seen;
	for (size_t i = 0; i < json_object_array_length(figures); i++)
		seen.insert(check_figure(json_object_array_get_idx(figures, i)));
	EXPECT_EQ(seen.size(), units.size());
	check_sums(figures, "first_token");
	check_sums(figures, "second_token");
	json_object_put(root);
}

TEST(Bench, TableAndOneGroup)
{
	Output run = bench("--quick --runs 1 --only load");

	ASSERT_EQ(run.status, 0);
	EXPECT_EQ(run.out.find("FIGURE"), 0u) << run.out;
	EXPECT_NE(run.out.find("model_open"), std::string::npos);
	EXPECT_EQ(run.out.find("nop_rate"), std::string::npos);
}

TEST(Bench, ListNamesTheGroups)
{
	Output run = bench("--list");

	ASSERT_EQ(run.status, 0);
	for (const char *group : { "nop", "calls", "pages", "transfer", "hidden", "tokens", "load",
				   "trace", "watched" })
		EXPECT_NE(run.out.find(group), std::string::npos) << group;
}

TEST(Bench, BadOptionsAreUsage)
{
	for (const char *options :
	     { "--runs 0", "--runs x", "--runs 100", "--only all", "--fast", "now" })
		EXPECT_EQ(bench(options).status, 2) << options;
	EXPECT_EQ(bench("--quick --only tokens --model /nonexistent").status, 1);
	EXPECT_EQ(bench("--quick --only load >/dev/full").status, 1);
}

} // namespace
