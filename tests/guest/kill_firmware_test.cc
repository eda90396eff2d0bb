// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem-emu killed by SIGKILL, at any stage of its devices' lives: surprise
 * removal. Clients get an error at once, keep their memory, and hang nowhere; the
 * driver keeps nothing; the next one starts without a reload.
 */
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "client.h"
#include "served.h"

using namespace guest;

namespace
{

/* What calls end in when their device goes: its node may be gone, or be going. */
bool IsGone(int error)
{
	return error == -ENODEV || error == -ENOENT || error == -ENXIO;
}

unsigned int Setting(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? static_cast<unsigned int>(strtoul(text, nullptr, 0)) : otherwise;
}

class KillFirmware : public ::testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_TRUE(NothingLives()) << Live();
	}
	void TearDown() override
	{
		EXPECT_TRUE(NothingLives()) << Live();
	}

	void EndsOfAll(std::vector<std::unique_ptr<Client>> *clients, const std::string &what)
	{
		for (auto &client : *clients) {
			EXPECT_TRUE(IsGone(client->End())) << what;
			EXPECT_EQ(client->wrong(), "") << what;
		}
	}
};

TEST_F(KillFirmware, BeforeAndWhileItBoots)
{
	unsigned int seed = Setting("TANDEM_TEST_SEED", std::random_device{}());
	unsigned int rounds = Setting("TANDEM_TEST_ROUNDS", 100);
	std::mt19937 random(seed);

	printf("seed %u\n", seed);
	for (unsigned int i = 0; i < rounds; i++) {
		Served emu;

		/* Most of this is the start of a process; a boot takes a few milliseconds. */
		SleepUs(random() % 40000);
		emu.Kill();
		ASSERT_TRUE(NothingLives()) << "seed " << seed << " round " << i << ": " << Live();
	}
}

TEST_F(KillFirmware, WhileClientsWork)
{
	static const Work works[] = { Work::kCommands, Work::kOpen, Work::kMap, Work::kQueues };
	unsigned int seed = Setting("TANDEM_TEST_SEED", std::random_device{}());
	unsigned int rounds = Setting("TANDEM_TEST_ROUNDS", 100);
	std::mt19937 random(seed);

	printf("seed %u\n", seed);
	for (unsigned int i = 0; i < rounds; i++) {
		std::string what = "seed " + std::to_string(seed) + " round " + std::to_string(i);
		std::vector<std::unique_ptr<Client>> clients;
		Served emu(i % 2 ? "trn2" : "cs3");

		ASSERT_TRUE(emu.Ready()) << what;
		for (unsigned int n = 0; n < 1 + i % 3; n++)
			clients.push_back(std::make_unique<Client>(emu.node(), works[(i + n) % 4]));
		for (auto &client : clients)
			ASSERT_TRUE(client->Does()) << what;
		SleepUs(random() % 20000);
		emu.Kill();
		EndsOfAll(&clients, what);
		ASSERT_TRUE(NothingLives()) << what << ": " << Live();
	}
}

/* What it has not answered is not waited for. */
TEST_F(KillFirmware, WhileItStands)
{
	static const Work works[] = { Work::kCommands, Work::kOpen, Work::kMap, Work::kQueues };

	for (Work work : works) {
		std::vector<std::unique_ptr<Client>> clients;
		Served emu;

		ASSERT_TRUE(emu.Ready());
		clients.push_back(std::make_unique<Client>(emu.node(), work));
		ASSERT_TRUE(clients[0]->Does());
		emu.Signal(SIGSTOP);
		SleepUs(50000);
		emu.Kill();
		EndsOfAll(&clients, "stopped");
		ASSERT_TRUE(NothingLives()) << Live();
	}
}

TEST_F(KillFirmware, AnotherDevicesClientsNoticeNothing)
{
	Served other("trn2");

	ASSERT_TRUE(other.Ready());
	{
		Client client(other.node(), Work::kCommands);

		ASSERT_TRUE(client.Does());
		for (int i = 0; i < 10; i++) {
			Served emu;

			ASSERT_TRUE(emu.Ready());
			EXPECT_NE(emu.node(), other.node());
			Client victim(emu.node(), Work::kCommands);
			ASSERT_TRUE(victim.Does());
			emu.Kill();
			EXPECT_TRUE(IsGone(victim.End()));
			ASSERT_TRUE(client.Does(4)) << i;
		}
		EXPECT_EQ(client.wrong(), "");
	}
	other.Kill();
}

} // namespace
