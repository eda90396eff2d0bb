// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem dump on a host of files, and on a process; what it wrote is decoded.
 */
#include <sys/stat.h>

#include "e2e/fake_host.h"

namespace
{

const std::string DEBUGFS = "/sys/kernel/debug/accel/tandem-emu.0/tandem/";
const std::string COREDUMP = "/sys/class/devcoredump/devcd1/";

std::string load(const std::string &path)
{
	std::ifstream in(path, std::ios::binary);
	std::stringstream all;
	all << in.rdbuf();
	return all.str();
}

/* Lines that say what is not there. */
std::vector<std::string> missing(const std::string &bundle)
{
	std::vector<std::string> names;
	std::istringstream lines(bundle);
	for (std::string line; std::getline(lines, line);)
		if (line.rfind("missing ", 0) == 0)
			names.push_back(line.substr(8, line.find(' ', 8) - 8));
	return names;
}

class Dump : public ::testing::Test
{
protected:
	void SetUp() override
	{
		host_.all_is_well();
		host_.file(DEBUGFS + "registers",
			   "driver state ready resets 0 reason none\n"
			   "firmware state 1 heartbeat 9 admin_timeout_ms 5000 abort_latency_ms "
			   "100\n");
		host_.file(DEBUGFS + "rings", "");
		host_.file(DEBUGFS + "contexts",
			   "context id 1 client 2 error 0 closing 0 pid 33 comm prog\n");
		host_.file(DEBUGFS + "queues", "");
		host_.file(DEBUGFS + "faults",
			   "fault context 1 queue 1 addr 0x9000 opcode 2 access 2 reason 1 cookie "
			   "0x1 time_ns 5\n");
		host_.file(DEBUGFS + "maps", "");
		host_.file("/dev/kmsg", "5,1,1000001,-;tandem-emu tandem-emu.0: reset done\n"
					"6,2,1000002,-;usb 1-1: not ours\n SUBSYSTEM=usb tandem\n");
	}
	/* Of a device that was reset. */
	void coredump()
	{
		host_.file("/sys/devices/platform/tandem-emu.0/tandem/reset_count", "1\n");
		host_.file(COREDUMP + "data", load(TANDEM_E2E "/dumps/hung-2.txt"));
		host_.link(COREDUMP + "failing_device", "/sys/devices/platform/tandem-emu.0");
	}

	FakeHost host_;
};

TEST_F(Dump, HasAllThatCanBeRead)
{
	coredump();
	Told told = host_.tell({ "dump", "accel0" });
	EXPECT_EQ(told.code, 0) << told.err;
	EXPECT_EQ(told.out.rfind("tandem-bundle 1\nsection about ", 0), 0u) << told.out;
	for (const char *line : {
		     "\nsection device /sys/class/accel/accel0/device/tandem\n",
		     "\n state ready\n",
		     "\nsection coredump "
		     "/sys/class/devcoredump/devcd1/data\n",
		     "\n reason admin timeout\n",
		     "\n driver state ready resets 0 reason none\n",
		     "\n 1.000001 level 5 tandem-emu tandem-emu.0: reset done\n",
		     "\n allow_inject N\n",
	     })
		EXPECT_NE(told.out.find(line), std::string::npos) << line << told.out;
	EXPECT_EQ(told.out.find("not ours"), std::string::npos);
	/* Reading has not taken it away. */
	EXPECT_EQ(host_.read(COREDUMP + "data"), load(TANDEM_E2E "/dumps/hung-2.txt"));
}

TEST_F(Dump, IsDecoded)
{
	const std::string file = host_.path("/bundle");
	Told told = host_.tell({ "dump", "/dev/accel/accel0", "-o", file, "--json" });
	EXPECT_EQ(told.code, 0) << told.err;
	EXPECT_EQ(text(told.json.get(), "schema"), "tandem.dump.v1");
	EXPECT_EQ(text(told.json.get(), "file"), file);
	struct stat st;
	ASSERT_EQ(stat(file.c_str(), &st), 0);
	EXPECT_EQ(st.st_mode & 0777, 0600u);

	Told live = tell({ "decode", "--json", file });
	EXPECT_EQ(live.code, 1) << live.err;
	EXPECT_EQ(text(member(live.json.get(), "verdict"), "name"), "faulting command");
	EXPECT_EQ(text(member(live.json.get(), "dump"), "model"), "trn2");

	/* With a coredump, that is what it is about. */
	coredump();
	EXPECT_EQ(host_.tell({ "dump", "accel0", "-o", file }).code, 0);
	Told then = tell({ "decode", "--json", file });
	EXPECT_EQ(text(member(then.json.get(), "verdict"), "name"), "hung engine");
	EXPECT_EQ(text(member(then.json.get(), "dump"), "state_now"), "ready");
}

TEST_F(Dump, TakesACoredumpAwayWhenAsked)
{
	coredump();
	EXPECT_EQ(host_.tell({ "dump", "accel0", "--take" }).code, 0);
	EXPECT_NE(host_.read(COREDUMP + "data"), load(TANDEM_E2E "/dumps/hung-2.txt"));
}

/* A device of the same name was there before, and left its own. */
TEST_F(Dump, TakesTheNewestAndNoneOfADeviceBefore)
{
	const std::string newer = "/sys/class/devcoredump/devcd10/";

	coredump();
	host_.file(newer + "data", "tandem-coredump 2\nreason of now\n");
	host_.link(newer + "failing_device", "/sys/devices/platform/tandem-emu.0");
	Told told = host_.tell({ "dump", "accel0" });
	EXPECT_NE(told.out.find("reason of now"), std::string::npos) << told.out;
	EXPECT_EQ(told.out.find("admin timeout"), std::string::npos) << told.out;
	host_.file("/sys/devices/platform/tandem-emu.0/tandem/reset_count", "0\n");
	told = host_.tell({ "dump", "accel0" });
	EXPECT_EQ(told.out.find("reason of now"), std::string::npos) << told.out;
	EXPECT_NE(told.out.find("\nmissing coredump "), std::string::npos) << told.out;
}

TEST_F(Dump, FindsDebugfsOfOlderKernels)
{
	host_.remove("/sys/kernel/debug");
	host_.file("/sys/kernel/debug/accel/0/tandem/registers", "driver state ready\n");
	Told told = host_.tell({ "dump", "accel0" });
	EXPECT_NE(told.out.find("\nsection registers /sys/kernel/debug/accel/0/tandem/registers\n"),
		  std::string::npos)
		<< told.out;
}

TEST_F(Dump, LeavesACoredumpOfAnotherDeviceAlone)
{
	host_.file(COREDUMP + "data", "another's");
	host_.file("/sys/devices/other/x", "");
	host_.link(COREDUMP + "failing_device", "/sys/devices/other");
	Told told = host_.tell({ "dump", "accel0", "--take" });
	EXPECT_EQ(told.out.find("another's"), std::string::npos);
	EXPECT_EQ(host_.read(COREDUMP + "data"), "another's");
}

TEST_F(Dump, SaysWhatIsMissingAndWhy)
{
	host_.remove("/sys/kernel/debug");
	host_.remove("/dev/kmsg");
	Told told = host_.tell({ "dump", "accel0" });
	EXPECT_EQ(told.code, 0) << told.err;
	EXPECT_EQ(
		missing(told.out),
		(std::vector<std::string>{ "coredump", "sensors", "registers", "rings", "contexts",
					   "queues", "faults", "maps", "cmdline", "log" }));
	EXPECT_NE(told.out.find("missing registers No such file or directory\n"), std::string::npos)
		<< told.out;
	/* A table and JSON have the reasons, too. */
	Told json = host_.tell({ "dump", "accel0", "--json" });
	unsigned int why = 0;
	for (json_object *row : rows(json, "sections"))
		why += !text(row, "missing").empty();
	EXPECT_EQ(why, 10u);
	EXPECT_EQ(text(json.json.get(), "text").rfind("tandem-bundle 1\n", 0), 0u);
}

TEST_F(Dump, CannotBeForgedByWhatItReads)
{
	host_.file(DEBUGFS + "rings", "\nsection device /forged\n state gone\n\033[31mred\n");
	Told told = host_.tell({ "dump", "accel0" });
	EXPECT_EQ(told.out.find("\nsection device /forged"), std::string::npos);
	EXPECT_EQ(told.out.find('\033'), std::string::npos);
	EXPECT_NE(told.out.find("\n section device /forged\n"), std::string::npos) << told.out;
}

TEST_F(Dump, KnowsWhatIsNoDevice)
{
	for (const char *name :
	     { "accel7", "/dev/null", "../accel0", "soft:trn2", "soft:trn2@x" }) {
		Told told = host_.tell({ "dump", name });
		EXPECT_EQ(told.code, 3) << name << told.err;
		EXPECT_EQ(told.out, "");
		EXPECT_NE(told.err.find(name), std::string::npos) << told.err;
	}
	EXPECT_EQ(host_.tell({ "dump" }).code, 2);
	EXPECT_EQ(host_.tell({ "dump", "accel0", "-o", "/nonexistent/x" }).code, 5);
}

TEST(DumpProcess, ShowsASoftDevice)
{
	HeldRun run;
	FakeHost host;
	const std::string file = host.path("/bundle");
	Told told = tell({ "dump", "soft:trn2@" + run.pid_text(), "-o", file });
	ASSERT_EQ(told.code, 0) << told.err;
	std::string bundle = load(file);
	EXPECT_NE(bundle.find("\n pid " + run.pid_text() + " "), std::string::npos) << bundle;
	EXPECT_NE(bundle.find("\n model trn2\n"), std::string::npos) << bundle;
	EXPECT_NE(bundle.find("\n queue context "), std::string::npos) << bundle;
	Told decoded = tell({ "decode", "--json", file });
	EXPECT_EQ(decoded.code, 0) << decoded.out << decoded.err;
	EXPECT_FALSE(rows(decoded, "queues").empty());
	Told other = tell({ "dump", "soft:trn9@" + run.pid_text() });
	EXPECT_EQ(other.code, 3);
	EXPECT_NE(other.err.find("shows no device 'soft:trn9'"), std::string::npos) << other.err;
	run.release();
}

} // namespace
