// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem-emu stopped by SIGSTOP: a firmware that hangs. The watchdog notices, the
 * contexts end, a core dump says why; the device comes back when it answers.
 */
#include <dirent.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <tandem/device.h>

#include "client.h"
#include "served.h"

using namespace guest;

namespace
{

constexpr char kTimeout[] = "/sys/module/tandem/parameters/admin_timeout_ms";
constexpr char kDumps[] = "/sys/class/devcoredump";

/* The dumps that there are, by their folder. */
std::vector<std::string> Dumps()
{
	std::vector<std::string> found;
	DIR *dir = opendir(kDumps);

	while (struct dirent *entry = dir ? readdir(dir) : nullptr)
		if (!strncmp(entry->d_name, "devcd", 5))
			found.push_back(std::string(kDumps) + "/" + entry->d_name);
	if (dir)
		closedir(dir);
	return found;
}

void DropDumps()
{
	for (const std::string &dump : Dumps())
		WriteFile(dump + "/data", "0");
}

class StopFirmware : public ::testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_TRUE(NothingLives()) << Live();
		DropDumps();
		timeout_ = ReadFile(kTimeout);
		ASSERT_TRUE(WriteFile(kTimeout, "300"));
	}
	void TearDown() override
	{
		WriteFile(kTimeout, timeout_);
		DropDumps();
		EXPECT_TRUE(NothingLives()) << Live();
	}
	std::string timeout_;
};

class StopFirmwareUnder : public StopFirmware, public ::testing::WithParamInterface<Work>
{
};

TEST_P(StopFirmwareUnder, TheDeviceIsResetAndComesBackWhenItAnswers)
{
	Served emu;

	ASSERT_TRUE(emu.Ready());
	EXPECT_EQ(Attribute(emu.node(), "state"), "ready");
	EXPECT_EQ(Attribute(emu.node(), "reset_count"), "0");
	EXPECT_EQ(Attribute(emu.node(), "reset_reason"), "none");
	Client client(emu.node(), GetParam());

	ASSERT_TRUE(client.Does(3));
	emu.Signal(SIGSTOP);
	/* -EIO for what was under way; a file that is opened then is told why not. */
	int error = client.End();
	EXPECT_TRUE(error == -EIO || error == -ETIMEDOUT) << error;
	EXPECT_EQ(client.wrong(), "");
	EXPECT_TRUE(Until([&] { return Attribute(emu.node(), "state") == "failed"; }))
		<< Attribute(emu.node(), "state");
	EXPECT_NE(Attribute(emu.node(), "reset_reason"), "none");

	ASSERT_EQ(Dumps().size(), 1u);
	std::string dump = ReadFile(Dumps()[0] + "/data");
	EXPECT_EQ(dump.rfind("tandem-coredump 2\nreason " + Attribute(emu.node(), "reset_reason") +
				     "\n",
			     0),
		  0u)
		<< dump;
	for (const char *part :
	     { "\ndevice name ", "\nfirmware state ", "\nadmin_ring tail ", "\nevent_ring tail " })
		EXPECT_NE(dump.find(part), std::string::npos) << part << "\n" << dump;

	emu.Signal(SIGCONT);
	EXPECT_TRUE(Until([&] { return Attribute(emu.node(), "state") == "ready"; }))
		<< Attribute(emu.node(), "state");
	EXPECT_EQ(Attribute(emu.node(), "reset_count"), "1");
	Client next(emu.node(), GetParam());
	EXPECT_TRUE(next.Does(3));
}

std::string WorkName(const ::testing::TestParamInfo<Work> &info)
{
	static const char *const names[] = { "Commands", "Open", "Map", "Queues" };

	return names[static_cast<int>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Each, StopFirmwareUnder,
			 ::testing::Values(Work::kCommands, Work::kOpen, Work::kMap, Work::kQueues),
			 WorkName);

/* A stop that is shorter than the driver's patience is none. */
TEST_F(StopFirmware, AShortStopHarmsNobody)
{
	Served emu;

	ASSERT_TRUE(WriteFile(kTimeout, "20000"));
	ASSERT_TRUE(emu.Ready());
	Client client(emu.node(), Work::kCommands);

	for (int i = 0; i < 20; i++) {
		ASSERT_TRUE(client.Does(2));
		emu.Signal(SIGSTOP);
		SleepUs(20000);
		emu.Signal(SIGCONT);
	}
	ASSERT_TRUE(client.Does(2));
	EXPECT_EQ(client.wrong(), "");
	EXPECT_EQ(Attribute(emu.node(), "reset_count"), "0");
	EXPECT_EQ(Attribute(emu.node(), "state"), "ready");
}

} // namespace
