// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem selftest: what it prints, in its three forms, and its exit codes. That a test
 * finds what it is for is shown by broken firmware (tests/mutants) and injected faults.
 */
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <json-c/json.h>

#include "support/process.h"
#include "support/test_model.h"

namespace
{

struct Ran {
	Ended end;
	std::string out, err;
};

Ran selftest(const std::vector<std::string> &more)
{
	Launch launch;
	launch.args = { TANDEM_CLI, "selftest" };
	launch.args.insert(launch.args.end(), more.begin(), more.end());
	Process p(launch);
	Ran r;
	r.out = p.read_out();
	r.end = p.wait();
	r.err = p.err();
	return r;
}

struct Json {
	explicit Json(const std::string &text) : root(json_tokener_parse(text.c_str()))
	{
	}
	~Json()
	{
		json_object_put(root);
	}
	Json(const Json &) = delete;
	Json &operator=(const Json &) = delete;
	json_object *get(const char *key) const
	{
		return json_object_object_get(root, key);
	}
	json_object *root;
};

class SelftestOn : public testing::TestWithParam<std::string>
{
};

TEST_P(SelftestOn, PassesWhole)
{
	Ran r = selftest({ GetParam(), "--level", "full", "--net", "soft", "--json" });
	ASSERT_TRUE(r.end.exited(0)) << r.out << r.err;
	Json j(r.out);
	ASSERT_NE(j.root, nullptr) << r.out;
	EXPECT_STREQ(json_object_get_string(j.get("schema")), "tandem.selftest.v1");
	json_object *tests = j.get("tests");
	size_t n = json_object_array_length(tests);
	EXPECT_GT(n, 25u);
	EXPECT_EQ(static_cast<size_t>(json_object_get_int(j.get("passed"))), n);
	EXPECT_EQ(json_object_get_int(j.get("failed")), 0);
	for (size_t i = 0; i < n; i++) {
		json_object *t = json_object_array_get_idx(tests, i);
		EXPECT_STREQ(json_object_get_string(json_object_object_get(t, "result")), "pass")
			<< json_object_to_json_string(t);
		EXPECT_TRUE(
			json_object_is_type(json_object_object_get(t, "took_ns"), json_type_int));
	}
}

INSTANTIATE_TEST_SUITE_P(Devices, SelftestOn, testing::Values("soft:trn2", "soft:cs3"),
			 [](const auto &info) { return info.param.substr(5); });

TEST(Selftest, ATooSmallDeviceIsAnErrorWithItsReason)
{
	Ran r = selftest({ "soft:cs3,memory=64K", "-t", "memory/addresses", "--json" });
	EXPECT_TRUE(r.end.exited(5)) << r.end.say() << r.out << r.err;
	Json j(r.out);
	ASSERT_NE(j.root, nullptr) << r.out;
	json_object *t = json_object_array_get_idx(j.get("tests"), 0);
	EXPECT_STREQ(json_object_get_string(json_object_object_get(t, "result")), "error");
	EXPECT_NE(std::string(json_object_get_string(json_object_object_get(t, "reason")))
			  .find("memory"),
		  std::string::npos);
}

TEST(Selftest, ADeviceThatHangsIsNoticedAndWorksAgain)
{
	Ran r = selftest({ "soft:trn2,bound=500ms", "--level", "stress", "-t", "inject/*" });
	EXPECT_TRUE(r.end.exited(0)) << r.out << r.err;
	EXPECT_NE(r.out.find("hang"), std::string::npos);
	EXPECT_EQ(r.out.find("skip "), std::string::npos) << r.out;
}

TEST(Selftest, LevelsAndNamesChoose)
{
	Ran quick = selftest({ "--list" }), full = selftest({ "--list", "--level", "full" });
	EXPECT_TRUE(quick.end.exited(0));
	EXPECT_EQ(quick.out.find("patterns"), std::string::npos);
	EXPECT_NE(full.out.find("patterns"), std::string::npos);
	Ran one = selftest({ "soft:trn2", "-t", "command/crc*" });
	EXPECT_TRUE(one.end.exited(0)) << one.err;
	EXPECT_NE(one.out.find("crc32c"), std::string::npos);
	EXPECT_EQ(one.out.find("signal"), std::string::npos);
}

TEST(Selftest, WritesJUnit)
{
	TempFile file({ '0' });
	Ran r = selftest({ "soft:trn2", "-t", "fault/*", "--junit", file.path() });
	ASSERT_TRUE(r.end.exited(0)) << r.err;
	std::ifstream in(file.path());
	std::stringstream text;
	text << in.rdbuf();
	EXPECT_EQ(text.str().rfind("<?xml", 0), 0u);
	EXPECT_NE(text.str().find("<testsuite name=\"tandem selftest\" tests=\"7\" failures=\"0\""),
		  std::string::npos)
		<< text.str();
	EXPECT_NE(text.str().find("classname=\"soft:trn2.fault\" name=\"unmapped\""),
		  std::string::npos)
		<< text.str();
}

TEST(Selftest, SaysWhatItCannotDo)
{
	const struct {
		std::vector<std::string> args;
		int code;
		const char *says;
	} wrong[] = {
		{ {}, 2, "no device" },
		{ { "soft:cs3", "soft:trn2" }, 2, "one at a time" },
		{ { "soft:cs3", "--level", "deep" }, 2, "quick, full or stress" },
		{ { "soft:cs3", "--seed", "x" }, 2, "not a number" },
		{ { "soft:cs3", "-t", "nothing/*" }, 2, "no such test" },
		{ { "soft:none" }, 3, "soft:none" },
		{ { "/dev/accel/none" }, 3, "/dev/accel/none" },
		{ { "soft:cs3", "-t", "net/*", "--net", "verbs:none" }, 5, nullptr },
		{ { "soft:cs3", "-t", "command/nop", "--junit", "/none/x" }, 5, "--junit" },
	};
	for (const auto &w : wrong) {
		Ran r = selftest(w.args);
		EXPECT_TRUE(r.end.exited(w.code)) << r.end.say() << r.out << r.err;
		if (w.says) {
			EXPECT_NE(r.err.find(w.says), std::string::npos) << r.err;
		}
	}
}

} // namespace
