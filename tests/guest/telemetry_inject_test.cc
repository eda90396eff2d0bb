// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Faults to order, and what the driver makes and tells of them: sysfs, fdinfo, dumps.
 */
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <thread>

#include <tandem/buffer.h>
#include <tandem/inject.h>
#include <tandem/queue.h>

#include "guest.h"
#include "raw_emu.h"
#include "served.h"

using guest::Attribute;
using guest::NowNs;
using guest::Served;
using guest::SleepUs;
using guest::Until;

namespace
{

constexpr uint64_t kCookie = 0xfeed5eed;
constexpr uint64_t kLong = 60000000000u;

uint64_t Number(const std::string &node, const std::string &name)
{
	std::string text = Attribute(node, name);

	EXPECT_NE(text, "") << name;
	return strtoull(text.c_str(), nullptr, 10);
}

class TelemetryInject : public ::testing::Test
{
protected:
	void SetUp() override
	{
		tandem_test::DropCoredumps();
		ASSERT_TRUE(emu_.Ready());
		Open();
	}
	void TearDown() override
	{
		Close();
		tandem_test::DropCoredumps();
	}
	void Open()
	{
		dev_ = tdm_device_open(emu_.node().c_str(), &err_);
		ASSERT_NE(dev_, nullptr) << err_.msg;
		queue_ = tdm_queue_create(dev_, 8, &err_);
		ASSERT_NE(queue_, nullptr) << err_.msg;
	}
	void Close()
	{
		tdm_queue_destroy(queue_);
		queue_ = nullptr;
		if (dev_)
			tdm_device_close(dev_);
		dev_ = nullptr;
	}
	int Order(uint32_t kind)
	{
		struct drm_tandem_inject order = {};

		order.kind = kind;
		return tdm_device_inject(dev_, &order);
	}
	/* Return: as tdm_queue_run(), or the status */
	int Run(uint16_t opcode)
	{
		struct tdm_cmd cmd = {};
		struct tdm_cqe cqe = {};
		int rc;

		cmd.opcode = opcode;
		cmd.cookie = kCookie;
		rc = tdm_queue_run(queue_, &cmd, NowNs() + kLong, &cqe);
		return rc ? rc : cqe.status;
	}
	/* After what costs the contexts, and not the device. */
	void ComesBack(const char *reason)
	{
		EXPECT_TRUE(Until([&] { return Attribute(emu_.node(), "state") == "ready"; }))
			<< Attribute(emu_.node(), "state");
		EXPECT_EQ(Attribute(emu_.node(), "reset_count"), "1");
		EXPECT_EQ(Attribute(emu_.node(), "reset_reason"), reason);
		Close();
		Open();
		EXPECT_EQ(Run(TDM_OP_NOP), TDM_ST_OK);
		EXPECT_TRUE(Until([&] {
			return Attribute(emu_.node(), "inject_active") == "none";
		})) << Attribute(emu_.node(), "inject_active");
		EXPECT_TRUE(Until([&] { return Attribute(emu_.node(), "injected") == "1"; }))
			<< Attribute(emu_.node(), "injected");
	}
	/* The one dump that there is. Who waited for the device hears of its end before it. */
	std::string Dump()
	{
		EXPECT_TRUE(Until([&] { return !tandem_test::Coredumps().empty(); }));
		std::vector<std::string> dumps = tandem_test::Coredumps();

		EXPECT_EQ(dumps.size(), 1u);
		return dumps.empty() ? "" : guest::ReadFile(dumps[0] + "/data");
	}
	void TellsOfTheCommand(const std::string &dump, const char *reason)
	{
		EXPECT_EQ(dump.rfind("tandem-coredump 2\nreason " + std::string(reason) + "\n", 0),
			  0u)
			<< dump;
		size_t at = dump.find("\ncommand context ");

		ASSERT_NE(at, std::string::npos) << dump;
		std::string line = dump.substr(at + 1, dump.find('\n', at + 1) - at - 1);

		EXPECT_NE(line.find(" opcode 1 "), std::string::npos) << line;
		EXPECT_NE(line.find(" cookie 0xfeed5eed "), std::string::npos) << line;
		EXPECT_NE(dump.find(" pid " + std::to_string(getpid()) + " comm tandem-test-gue"),
			  std::string::npos)
			<< dump;
	}

	Served emu_{ "trn2" };
	struct tdm_error err_ = {};
	struct tdm_device *dev_ = nullptr;
	struct tdm_queue *queue_ = nullptr;
};

TEST_F(TelemetryInject, AHangIsFoundDumpedAndReset)
{
	tandem_test::Parameter timeout("admin_timeout_ms", "2000");
	std::atomic<int> ended{ 1 };

	ASSERT_EQ(Order(TDM_INJECT_HANG), 0);
	std::thread waiter([&] { ended = Run(TDM_OP_BARRIER); });
	/* Before anybody waits for compute, the firmware answers still. */
	EXPECT_TRUE(Until([&] { return Attribute(emu_.node(), "inject_active") == "hang"; }));
	waiter.join();
	EXPECT_EQ(ended, -EIO);
	std::string dump = Dump();

	TellsOfTheCommand(dump, "admin timeout");
	EXPECT_NE(dump.find("\ninject active 0x2 "), std::string::npos) << dump;
	/* The watchdog saw it stand still for five seconds at least. */
	size_t still = dump.find(" still_ms ");
	ASSERT_NE(still, std::string::npos);
	EXPECT_GE(strtoul(dump.c_str() + still + 10, nullptr, 10), 5000u) << dump;
	ComesBack("admin timeout");
}

TEST_F(TelemetryInject, AStallKeepsNoReaderWaiting)
{
	tandem_test::Parameter timeout("admin_timeout_ms", "4000");

	ASSERT_EQ(Run(TDM_OP_NOP), TDM_ST_OK);
	EXPECT_TRUE(Until([&] { return Attribute(emu_.node(), "inject_active") == "none"; }));
	ASSERT_EQ(Order(TDM_INJECT_STALL), 0);
	/* All of these come from what is known, and that the order was accepted is. */
	EXPECT_EQ(Attribute(emu_.node(), "inject_active"), "stall");
	EXPECT_TRUE(Until([&] { return Number(emu_.node(), "heartbeat_age_ms") > 1500; }));
	EXPECT_EQ(Attribute(emu_.node(), "state"), "ready");
	EXPECT_NE(Attribute(emu_.node(), "commands"), "");
	EXPECT_GT(Number(emu_.node(), "telemetry_age_ms"), 1000u);
	/* One of those that read has asked the firmware, which is how it is noticed. */
	EXPECT_EQ(Run(TDM_OP_BARRIER), -EIO);
	std::string reason = Attribute(emu_.node(), "reset_reason");

	EXPECT_TRUE(reason == "admin timeout" || reason == "no heartbeat") << reason;
	TellsOfTheCommand(Dump(), reason.c_str());
	ComesBack(reason.c_str());
	EXPECT_EQ(Attribute(emu_.node(), "inject_active"), "none");
}

TEST_F(TelemetryInject, AStallEndsAtAnOrderOfNone)
{
	EXPECT_TRUE(Until([&] { return Attribute(emu_.node(), "inject_active") == "none"; }));
	ASSERT_EQ(Order(TDM_INJECT_STALL), 0);
	EXPECT_EQ(Attribute(emu_.node(), "inject_active"), "stall");
	ASSERT_EQ(Order(TDM_INJECT_NONE), 0);
	EXPECT_EQ(Attribute(emu_.node(), "inject_active"), "none");
	EXPECT_EQ(Run(TDM_OP_NOP), TDM_ST_OK);
	EXPECT_EQ(Attribute(emu_.node(), "reset_count"), "0");
}

TEST_F(TelemetryInject, ACrashIsASurpriseRemoval)
{
	EXPECT_EQ(Order(TDM_INJECT_CRASH), -ENODEV);
	EXPECT_EQ(Run(TDM_OP_NOP), -ENODEV);
	EXPECT_EQ(Order(TDM_INJECT_NONE), -ENODEV);
	EXPECT_EQ(Dump().rfind("tandem-coredump 2\nreason removed while in use\n", 0), 0u);
}

/* Nobody has a context open, which would pause those who compute. */
TEST_F(TelemetryInject, SysfsCountsWithoutAContext)
{
	const std::string &node = emu_.node();

	for (int i = 0; i < 5; i++)
		ASSERT_EQ(Run(TDM_OP_NOP), TDM_ST_OK);
	ASSERT_EQ(Run(15), TDM_ST_BAD_OPCODE);
	Close();
	EXPECT_TRUE(Until([&] { return Number(node, "commands") == 6; }))
		<< Number(node, "commands");
	EXPECT_EQ(Attribute(node, "errors"), "1");
	for (const char *zero :
	     { "faults", "tokens_prefill", "tokens_decode", "bytes_moved", "busy_ns", "injected" })
		EXPECT_EQ(Attribute(node, zero), "0") << zero;
	EXPECT_EQ(Attribute(node, "inject_active"), "none");
	EXPECT_EQ(Attribute(node, "firmware_state"), "ready");
	EXPECT_EQ(Attribute(node, "attachment"), "emu");
	EXPECT_EQ(Attribute(node, "uapi_version"), "1.1");
	EXPECT_TRUE(Until([&] { return Number(node, "telemetry_age_ms") < 1000; }));
	EXPECT_LT(Number(node, "heartbeat_age_ms"), 20000u);
}

TEST_F(TelemetryInject, FdinfoSaysWhatAClientDoesWhere)
{
	std::string fdinfo;

	ASSERT_EQ(Run(TDM_OP_NOP), TDM_ST_OK);
	ASSERT_EQ(Run(15), TDM_ST_BAD_OPCODE);
	for (const std::string &file : tandem_test::Glob("/proc/self/fdinfo/*")) {
		std::string text = guest::ReadFile(file);

		if (text.find("tandem-context:") != std::string::npos)
			fdinfo = text;
	}
	std::string name = emu_.node().substr(emu_.node().rfind('/') + 1);

	for (const std::string &line :
	     { std::string("tandem-context:\t0\n"), std::string("tandem-queues:\t1\n"),
	       std::string("tandem-commands:\t2\n"), std::string("tandem-errors:\t1\n"),
	       std::string("tandem-faults:\t0\n"), std::string("tandem-tokens-prefill:\t0\n"),
	       std::string("tandem-tokens-decode:\t0\n") })
		EXPECT_NE(fdinfo.find(line), std::string::npos) << line << fdinfo;
	size_t device = fdinfo.find("tandem-device:\t");

	ASSERT_NE(device, std::string::npos) << fdinfo;
	std::string where = fdinfo.substr(device, fdinfo.find('\n', device) - device);

	EXPECT_NE(where.find(name + " tandem-emu."), std::string::npos) << where;
}

/* In a child that @became somebody else, with the file of who is allowed. */
int AnswerTo(const std::string &node, bool (*become)())
{
	struct drm_tandem_inject order = {};
	int fd = open(node.c_str(), O_RDWR | O_CLOEXEC);
	int status = 0;

	EXPECT_GE(fd, 0);
	order.size = sizeof(order);
	pid_t child = fork();

	if (!child)
		_exit(!become() ? 255 : ioctl(fd, DRM_IOCTL_TANDEM_INJECT, &order) ? errno : 0);
	EXPECT_EQ(waitpid(child, &status, 0), child);
	close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(TelemetryInject, OnlyAnAdministratorOfTheHostMay)
{
	EXPECT_EQ(AnswerTo(emu_.node(), [] { return true; }), 0);
	EXPECT_EQ(AnswerTo(emu_.node(), [] { return !setuid(65534); }), EPERM);
	/* Who has all capabilities, but in a namespace of its own. */
	EXPECT_EQ(AnswerTo(emu_.node(), [] { return !unshare(CLONE_NEWUSER); }), EPERM);
}

TEST(TelemetryInjectRaw, ARealDeviceAsksForTheParameter)
{
	tandem_test::RawEmu emu;
	int asked = 0;

	emu.id.emulated = 0;
	emu.on_command = [&](const struct tdm_admin_cmd &cmd) {
		asked += cmd.opcode == TDM_ADMIN_INJECT;
		return 0;
	};
	ASSERT_EQ(emu.Up(), "");
	std::string node = std::string("/dev/") + emu.Status().node;

	/* The process that is the device may not open it. */
	for (int allow = 0; allow < 2; allow++) {
		tandem_test::Parameter parameter("allow_inject", allow ? "Y" : "N");
		pid_t child = fork();

		if (!child) {
			struct drm_tandem_inject order = {};
			int fd = open(node.c_str(), O_RDWR | O_CLOEXEC);

			order.size = sizeof(order);
			_exit(fd < 0					   ? 254
			      : ioctl(fd, DRM_IOCTL_TANDEM_INJECT, &order) ? errno
									   : 0);
		}
		int status = -1;

		ASSERT_TRUE(
			emu.ServeUntil([&] { return waitpid(child, &status, WNOHANG) == child; }));
		ASSERT_TRUE(WIFEXITED(status));
		EXPECT_EQ(WEXITSTATUS(status), allow ? 0 : EPERM);
		EXPECT_EQ(asked, allow);
	}
}

} // namespace
