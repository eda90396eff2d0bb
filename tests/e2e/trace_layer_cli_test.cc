// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Layers in the files of tandem trace: by whose clock they are, and that it is said. In a
 * guest the devices are the driver's.
 */
#include <cstdlib>

#include "e2e/trace_json.h"

using namespace trace_json;

namespace
{

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
TEST(TraceLayers, SayByWhoseClockTheyAre)
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

const char *or_else(const char *variable, const char *otherwise)
{
	const char *value = getenv(variable);
	return value ? value : otherwise;
}

/* On the driver's nodes where there are some: the same times, and the same pages. */
TEST(TraceLayers, AndPagesAreOfTheDevicesGiven)
{
	std::string file = scratch("devices.json");
	std::string prefill = or_else("TANDEM_TEST_PREFILL", "soft:trn2");
	std::string decode = or_else("TANDEM_TEST_DECODE", "soft:cs3");
	Ran r = run({ TANDEM_CLI, "trace", "-o", file, "--", "-m", kModel, "-p", "Once upon a time",
		      "-n", "3", "--net", or_else("TANDEM_TEST_NET", "soft"), "--prefill", prefill,
		      "--decode", decode });
	ASSERT_TRUE(r.how.exited(0)) << r.err;
	Json json(file);
	json.check();
	check_layers(json, "device", 5);
	EXPECT_EQ(Json::text(json.about(), "prefill_device"), prefill);
	EXPECT_EQ(json.of_category("page"), 5u);
	EXPECT_EQ(json.of_category("write"), 5u);
	EXPECT_EQ(json.spans("decode"), 2u);
	/* Of each layer to its page, and on to the import. */
	EXPECT_EQ(json.phase("s"), 5u);
	EXPECT_EQ(json.phase("t"), 5u);
	EXPECT_EQ(json.phase("f"), 5u);
	unlink(file.c_str());
}

} // namespace
