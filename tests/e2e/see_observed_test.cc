// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Soft devices of a process, this one, as list, info, top and metrics have them.
 */
#include <unistd.h>

#include <gtest/gtest.h>

#include <tandem/device.h>
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
	/* It says nothing of a state, and none is made up. */
	EXPECT_SAYS(r.out, "\"state\":null");
}

TEST_F(SeeObserved, WhatItTakesBackIsGone)
{
	tdm_observer_remove(observer_, devices_[0]);
	tdm_observer_remove(observer_, devices_[1]);
	EXPECT_TRUE(here({ "info", name_ }).end.exited(3));
}

} // namespace
