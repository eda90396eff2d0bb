// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem bench: the figures are there, and their percentiles are in order. What they
 * are is nobody's to assert.
 */
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <json-c/json.h>

#include "support/process.h"

namespace
{

struct Ran {
	Ended end;
	std::string out, err;
};

Ran bench(const std::vector<std::string> &more)
{
	Launch launch;
	launch.args = { TANDEM_CLI, "bench" };
	launch.args.insert(launch.args.end(), more.begin(), more.end());
	Process p(launch);
	Ran r;
	r.out = p.read_out();
	r.end = p.wait();
	r.err = p.err();
	return r;
}

int64_t number(json_object *row, const std::string &key)
{
	json_object *value = json_object_object_get(row, key.c_str());
	EXPECT_TRUE(json_object_is_type(value, json_type_int)) << key;
	return json_object_get_int64(value);
}

/* Names of a table's figures; each from best to worst. */
std::set<std::string> figures(json_object *root, const char *table, const std::string &unit,
			      bool small_is_good)
{
	std::set<std::string> names;
	json_object *rows = json_object_object_get(root, table);
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		json_object *row = json_object_array_get_idx(rows, i);
		int64_t before = number(row, "best_" + unit);
		EXPECT_GT(number(row, "samples"), 0);
		for (const char *rank : { "p50_", "p90_", "p99_", "p999_", "worst_" }) {
			int64_t now = number(row, rank + unit);
			EXPECT_TRUE(small_is_good ? now >= before : now <= before)
				<< json_object_to_json_string(row);
			before = now;
		}
		names.insert(json_object_get_string(json_object_object_get(row, "name")));
	}
	return names;
}

TEST(BenchCli, MeasuresADevice)
{
	using Names = std::set<std::string>;
	Ran r = bench({ "soft:trn2", "-n", "20", "-m", TANDEM_MODELS "/tales.gguf", "--net", "soft",
			"--json" });
	ASSERT_TRUE(r.end.exited(0)) << r.err;
	json_object *root = json_tokener_parse(r.out.c_str());
	ASSERT_NE(root, nullptr) << r.out;
	EXPECT_STREQ(json_object_get_string(json_object_object_get(root, "schema")),
		     "tandem.bench.device.v1");
	EXPECT_TRUE(json_object_get_boolean(json_object_object_get(root, "emulated")));
	EXPECT_EQ(figures(root, "latencies", "ns", true), (Names{ "latency", "first-token" }));
	EXPECT_EQ(figures(root, "rates", "per_s", false), (Names{ "rate" }));
	EXPECT_EQ(figures(root, "bandwidths", "bytes_per_s", false),
		  (Names{ "copy-4KiB", "copy-64KiB", "copy-8MiB", "crc32c-4KiB", "crc32c-64KiB",
			  "crc32c-8MiB", "kv-transfer" }));
	EXPECT_EQ(figures(root, "tokens", "tokens_per_s", false), (Names{ "prefill", "decode" }));
	json_object_put(root);
}

TEST(BenchCli, SaysWhatItDidNotMeasure)
{
	Ran r = bench({ "soft:cs3,memory=1M", "-n", "10" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	EXPECT_NE(r.out.find("latency"), std::string::npos);
	EXPECT_EQ(r.out.find("copy-4KiB"), std::string::npos);
	EXPECT_NE(r.out.find("no device memory"), std::string::npos) << r.out;
	EXPECT_NE(r.out.find("-m FILE"), std::string::npos) << r.out;
}

TEST(BenchCli, SaysWhatItCannotDo)
{
	const struct {
		std::vector<std::string> args;
		int code;
		const char *says;
	} wrong[] = {
		{ {}, 2, "no device" },
		{ { "soft:cs3", "-n", "3" }, 2, "--samples" },
		{ { "soft:none" }, 3, "soft:none" },
		{ { "soft:cs3", "-n", "10", "-m", "/none" }, 5, "/none" },
		{ { "soft:cs3", "-n", "10", "-m", TANDEM_MODELS "/tales.gguf", "--peer", "x" },
		  3,
		  "'x'" },
	};
	for (const auto &w : wrong) {
		Ran r = bench(w.args);
		EXPECT_TRUE(r.end.exited(w.code)) << r.end.say() << r.out << r.err;
		EXPECT_NE(r.err.find(w.says), std::string::npos) << r.err;
	}
}

} // namespace
