// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Firmware that boots wrongly: late, never, in another language, or as a device that
 * cannot be. The driver ends in a state that says so, there is no node, and the file can
 * be closed.
 */
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "guest/guest.h"
#include "guest/raw_emu.h"
#include "tandem_accel.h"

using namespace tandem_test;

namespace
{

class EmuBoot : public ::testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_EQ(emu_.Create(), 0);
		ASSERT_TRUE(emu_.MapRegisters());
	}
	void TearDown() override
	{
		owner_.reset();
		DropCoredumps();
		EXPECT_EQ(WhatIsLeft(), "");
	}
	/* Boots until it is something. */
	void Boot()
	{
		ASSERT_TRUE(emu_.Boot());
		ASSERT_TRUE(emu_.ServeWhile(TDM_EMU_BOOTING));
	}
	void Fails(int error)
	{
		ASSERT_TRUE(emu_.ServeUntil([this] {
			uint32_t state = emu_.Status().state;

			return state != TDM_EMU_BOOTING && state != TDM_EMU_RESETTING;
		}));
		EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_FAILED));
		EXPECT_EQ(emu_.Status().error, error);
		EXPECT_STREQ(emu_.Status().node, "");
		EXPECT_EQ(Nodes(), 0u);
	}
	static size_t Nodes()
	{
		return Glob("/dev/accel/accel*").size() + Glob("/dev/dri/renderD*").size();
	}

	std::unique_ptr<RawEmu> owner_ = std::make_unique<RawEmu>();
	RawEmu &emu_ = *owner_;
};

struct Lie {
	const char *what;
	std::function<void(struct tdm_identify &)> tell;
};

const Lie kImpossible[] = {
	{ "nothing", [](struct tdm_identify &id) { memset(&id, 0, sizeof(id)); } },
	{ "ones", [](struct tdm_identify &id) { memset(&id, 0xff, sizeof(id)); } },
	{ "abi", [](struct tdm_identify &id) { id.abi = TDM_HW_ABI + 1; } },
	{ "no contexts", [](struct tdm_identify &id) { id.max_contexts = 0; } },
	{ "contexts", [](struct tdm_identify &id) { id.max_contexts = TDM_EMU_CTX_MAX + 1; } },
	{ "all contexts", [](struct tdm_identify &id) { id.max_contexts = UINT_MAX; } },
	{ "no queues", [](struct tdm_identify &id) { id.max_queues = 0; } },
	{ "queues", [](struct tdm_identify &id) { id.max_queues = 65537; } },
	{ "all queues", [](struct tdm_identify &id) { id.max_queues = UINT_MAX; } },
	{ "no entries", [](struct tdm_identify &id) { id.max_entries = 0; } },
	{ "few entries", [](struct tdm_identify &id) { id.max_entries = 1; } },
	{ "entries", [](struct tdm_identify &id) { id.max_entries = TDM_QUEUE_MAX_ENTRIES + 1; } },
	{ "all entries", [](struct tdm_identify &id) { id.max_entries = UINT_MAX; } },
	{ "no pages", [](struct tdm_identify &id) { id.page_bytes = 0; } },
	{ "small pages", [](struct tdm_identify &id) { id.page_bytes = 2048; } },
	{ "odd pages", [](struct tdm_identify &id) { id.page_bytes = 12288; } },
	{ "huge pages", [](struct tdm_identify &id) { id.page_bytes = 1u << 31; } },
	{ "memory", [](struct tdm_identify &id) { id.memory_bytes = TDM_DVA_END; } },
	{ "all memory", [](struct tdm_identify &id) { id.memory_bytes = ~0ull; } },
	{ "no name", [](struct tdm_identify &id) { id.model[0] = '\0'; } },
	{ "long name", [](struct tdm_identify &id) { memset(id.model, 'x', sizeof(id.model)); } },
	{ "lines", [](struct tdm_identify &id) { strcpy(id.model, "a\nb"); } },
	{ "escape", [](struct tdm_identify &id) { strcpy(id.firmware, "\033[2J"); } },
	{ "format", [](struct tdm_identify &id) { strcpy(id.firmware, "%s %n"); } },
	{ "long version",
	  [](struct tdm_identify &id) { memset(id.firmware, '1', sizeof(id.firmware)); } },
};

} // namespace

TEST_F(EmuBoot, NeverAtAll)
{
	usleep(200000);
	EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_BOOTING));
	EXPECT_EQ(Nodes(), 0u);
	/* Interrupts of a firmware that is not there, and events of it. */
	for (int i = 0; i < 1000; i++)
		ASSERT_EQ(emu_.Raise(), 0);
	emu_.Post(TDM_EV_ADMIN, 0, 0);
	emu_.Post(TDM_EV_QUEUE, 7, 1);
	emu_.Post(TDM_EV_FAULT, 7, 1);
	EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_BOOTING));
}

TEST_F(EmuBoot, Late)
{
	usleep(1500000);
	Boot();
	EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_READY));
	EXPECT_EQ(Nodes(), 1u);
}

TEST_F(EmuBoot, OfAnotherAbi)
{
	emu_.fw->abi = TDM_HW_ABI + 1;
	Boot();
	Fails(-EPROTO);
}

TEST_F(EmuBoot, NotReady)
{
	emu_.fw->state = TDM_FW_FAILED;
	ASSERT_TRUE(emu_.Boot());
	emu_.ServeFor(100);
	EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_BOOTING));
	tdm_store_release(&emu_.fw->state, TDM_FW_READY);
	Boot();
	EXPECT_EQ(emu_.Status().state, static_cast<uint32_t>(TDM_EMU_READY));
}

TEST_F(EmuBoot, WithAnErrorForIdentify)
{
	emu_.on_command = [](const struct tdm_admin_cmd &) { return -ENODATA; };
	Boot();
	Fails(-ENODATA);
}

TEST_F(EmuBoot, WithACodeThatIsNoError)
{
	emu_.on_command = [](const struct tdm_admin_cmd &) { return -512; };
	Boot();
	Fails(-EIO);
}

/* One that does not identify itself is reset once, and then given up: there is no way on. */
TEST_F(EmuBoot, WithoutAnAnswerToIdentify)
{
	emu_.fw->admin_timeout_ms = 500;
	emu_.on_command = [](const struct tdm_admin_cmd &) { return RawEmu::kSilent; };
	Boot();
	Fails(-EIO);
	/* An answer now is too late. */
	emu_.on_command = nullptr;
	emu_.Post(TDM_EV_ADMIN, emu_.ring[0].tag, 0);
	emu_.ServeFor(100);
	Fails(-EIO);
}

TEST_F(EmuBoot, WithoutAnAnswerToAnything)
{
	emu_.fw->admin_timeout_ms = 500;
	emu_.answers_resets = false;
	emu_.on_command = [](const struct tdm_admin_cmd &) { return RawEmu::kSilent; };
	Boot();
	Fails(-ETIMEDOUT);
	/* It wakes up: but of what it was asked by then nothing is left. */
	emu_.answers_resets = true;
	emu_.ServeFor(200);
	Fails(-EIO);
}

TEST_F(EmuBoot, FatalBeforeItIsIdentified)
{
	emu_.on_command = [this](const struct tdm_admin_cmd &) {
		emu_.Post(TDM_EV_FATAL, 0, 1);
		return RawEmu::kSilent;
	};
	Boot();
	Fails(-EIO);
}

/* There is a node by then: it is reset like any other, and watched like any other. */
TEST_F(EmuBoot, WithoutAnAnswerToTheFirstTelemetry)
{
	emu_.fw->admin_timeout_ms = 500;
	emu_.on_command = [](const struct tdm_admin_cmd &cmd) {
		return cmd.opcode == TDM_ADMIN_TELEMETRY ? RawEmu::kSilent : 0;
	};
	Boot();
	ASSERT_TRUE(emu_.ServeUntil([this] {
		return emu_.Status().state == TDM_EMU_READY && emu_.drv->reset_request == 1;
	}));
	EXPECT_EQ(Nodes(), 1u);
	/* The watchdog sees that it stops. */
	emu_.beats = false;
	EXPECT_TRUE(emu_.ServeUntil([this] { return emu_.drv->reset_request == 2; }));
}

TEST_F(EmuBoot, WithAnEventRingThatCannotBe)
{
	emu_.fw->admin_timeout_ms = 500;
	tdm_store_release(&emu_.fw->event_tail, 0x80000000u);
	ASSERT_TRUE(emu_.Boot());
	Fails(-EIO);
}

TEST(EmuIdentify, ImpossibleDevicesAreRefused)
{
	for (const Lie &lie : kImpossible) {
		RawEmu emu;

		lie.tell(emu.id);
		ASSERT_EQ(emu.Create(), 0) << lie.what;
		ASSERT_TRUE(emu.MapRegisters()) << lie.what;
		ASSERT_TRUE(emu.Boot()) << lie.what;
		ASSERT_TRUE(emu.ServeWhile(TDM_EMU_BOOTING)) << lie.what;
		EXPECT_EQ(emu.Status().state, static_cast<uint32_t>(TDM_EMU_FAILED)) << lie.what;
		EXPECT_EQ(emu.Status().error, -EPROTO) << lie.what;
	}
	EXPECT_EQ(WhatIsLeft(), "");
}

/* The largest of everything that is allowed, and of the rest whatever there is. */
TEST(EmuIdentify, TheLargestDeviceIsOne)
{
	{
		RawEmu emu;

		memset(&emu.id, 0xff, sizeof(emu.id));
		emu.id.abi = TDM_HW_ABI;
		emu.id.memory_bytes = TDM_DVA_END - 1;
		emu.id.max_contexts = TDM_EMU_CTX_MAX;
		emu.id.max_queues = 65536;
		emu.id.max_entries = TDM_QUEUE_MAX_ENTRIES;
		emu.id.page_bytes = 1u << 30;
		strcpy(emu.id.model, "largest");
		strcpy(emu.id.firmware, "~");
		ASSERT_EQ(emu.Up(), "");
		std::string node = std::string("/dev/") + emu.Status().node;
		EXPECT_EQ(Attribute(node, "class"), "unknown");
		EXPECT_EQ(Attribute(node, "model"), "largest");
		EXPECT_EQ(Attribute(node, "memory_total"), std::to_string(TDM_DVA_END - 1));
	}
	EXPECT_EQ(WhatIsLeft(), "");
}
