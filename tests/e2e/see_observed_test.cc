// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Soft devices of a process, this one, as list, info, top and metrics have them.
 */
#include <unistd.h>

#include <gtest/gtest.h>

#include <tandem/device.h>
#include <tandem/inject.h>
#include <tandem/observe.h>

#include "see_rig.h"

using namespace see;

namespace
{

#define EXPECT_SAYS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)

Ran here(std::vector<std::string> words)
{
	Launch launch;
	launch.args = { TANDEM_CLI };
	launch.args.insert(launch.args.end(), words.begin(), words.end());
	Process p(launch);
	Ran r;
	r.out = p.read_out();
	r.end = p.wait();
	r.err = p.err();
	return r;
}

class SeeObserved : public ::testing::Test
{
protected:
	void SetUp() override
	{
		for (tdm_device *&device : devices_) {
			device = tdm_device_open("soft:trn2,memory=64M,threads=1", &err_);
			ASSERT_NE(device, nullptr) << err_.msg;
		}
		observer_ = tdm_observer_start("see\x1b[2J", &err_);
		ASSERT_NE(observer_, nullptr) << err_.msg;
		for (tdm_device *device : devices_)
			ASSERT_EQ(tdm_observer_add_device(observer_, device), 0);
	}
	void TearDown() override
	{
		tdm_observer_stop(observer_);
		for (tdm_device *device : devices_)
			tdm_device_close(device);
	}

	const std::string name_ = "soft:trn2@" + std::to_string(getpid());
	tdm_device *devices_[2] = {};
	tdm_observer *observer_ = nullptr;
	tdm_error err_ = {};
};

TEST_F(SeeObserved, EachOfItsDevicesHasARow)
{
	for (const std::vector<std::string> &words : { std::vector<std::string>{ "list", "--json" },
						       { "top", "--once", "--json", "-i", "0.05" },
						       { "metrics" } }) {
		Ran r = here(words);
		EXPECT_TRUE(r.end.exited(0)) << r.err;
		EXPECT_SAYS(r.out, "\"" + name_ + "\"");
		EXPECT_SAYS(r.out, "\"" + name_ + ".");
		EXPECT_TRUE(is_clean(r.out)) << r.out;
	}
	EXPECT_SAYS(here({ "metrics" }).out,
		    "memory_size_bytes{device=\"" + name_ + "\"} 67108864\n");
}

TEST_F(SeeObserved, InfoByItsName)
{
	Ran r = here({ "info", name_, "--json" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	EXPECT_SAYS(r.out, "\"memory_bytes\":67108864,");
	EXPECT_SAYS(r.out, "\"pid\":" + std::to_string(getpid()) + ",");
	EXPECT_SAYS(r.out, "\"inject_active\":\"none\"");
	EXPECT_SAYS(r.out, "\"state\":\"ready\"");
	EXPECT_SAYS(r.out, "\"firmware_state\":\"ready\"");
	/* Nothing resets it, and no number of resets is made up. */
	EXPECT_SAYS(r.out, "\"resets\":null");
}

/* Who looks is answered at once, and reads why the device does not answer. */
TEST_F(SeeObserved, ASilentFirmwareIsToldOf)
{
	drm_tandem_inject order = {};
	order.kind = TDM_INJECT_STALL;
	/* Its figures are known: of one that was silent from the start there are none. */
	EXPECT_SAYS(here({ "info", name_ }).out, "none");
	ASSERT_EQ(tdm_device_inject(devices_[0], &order), 0);
	EXPECT_SAYS(here({ "list" }).out,
		    name_ + ": a fault is ordered (stall); tandem inject " + name_ + " none");
	Ran info;
	for (int i = 0; i < 600; i++) {
		info = here({ "info", name_ });
		if (info.out.find("its firmware is silent for") != std::string::npos)
			break;
		usleep(100000);
	}
	EXPECT_SAYS(info.out, name_ + ": its firmware is silent for ");
	EXPECT_SAYS(info.out, "tandem dump " + name_ + " | tandem decode -");
	for (const std::vector<std::string> &words :
	     { std::vector<std::string>{ "list", "--json" },
	       { "top", "--once", "--json", "-i", "0.05" } }) {
		Ran r = here(words);
		EXPECT_TRUE(r.end.exited(0)) << r.err;
		EXPECT_SAYS(r.out, "\"inject_active\":\"stall\"");
		EXPECT_SAYS(r.out, "\"heartbeat_age_ns\":");
		EXPECT_EQ(r.out.find("did not answer"), std::string::npos) << r.out;
	}
	Ran metrics = here({ "metrics" });
	EXPECT_SAYS(metrics.out,
		    "tandem_device_inject_active{device=\"" + name_ + "\",fault=\"stall\"} 1");
	EXPECT_SAYS(metrics.out, "tandem_device_heartbeat_age_seconds{device=\"" + name_ + "\"} ");
	EXPECT_SAYS(here({ "doctor", "--area", "host" }).out, "the firmware is silent");
	order.kind = TDM_INJECT_NONE;
	EXPECT_EQ(tdm_device_inject(devices_[0], &order), 0);
}

/* Who wants a device of its own does not get another process's, and is told so. */
TEST_F(SeeObserved, NobodyElseOpensIt)
{
	for (const std::vector<std::string> &words :
	     { std::vector<std::string>{ "selftest", name_ },
	       { "bench", name_ },
	       { "generate", "-m", TANDEM_MODELS "/tales.gguf", "-p", "Once", "--decode",
		 name_ } }) {
		Ran r = here(words);
		EXPECT_TRUE(r.end.exited(3)) << r.end.say() << r.err;
		EXPECT_SAYS(r.err, "'" + name_ + "': one of another process cannot be opened; ");
		EXPECT_SAYS(r.err, "soft:cs3");
	}
}

TEST_F(SeeObserved, WhatItTakesBackIsGone)
{
	tdm_observer_remove(observer_, devices_[0]);
	tdm_observer_remove(observer_, devices_[1]);
	EXPECT_TRUE(here({ "info", name_ }).end.exited(3));
}

} // namespace
