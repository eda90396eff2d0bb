// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem doctor on hosts of files: one on which all is well, and those that have one
 * thing wrong each.
 */
#include <functional>
#include <fstream>
#include <sstream>

#include "e2e/fake_host.h"

namespace
{

/* Rows of a check. */
std::vector<json_object *> of_check(const Told &told, const std::string &area,
				    const std::string &check)
{
	std::vector<json_object *> found;
	for (json_object *row : rows(told, "checks"))
		if (text(row, "area") == area && text(row, "check") == check)
			found.push_back(row);
	return found;
}

std::string golden(const std::string &name)
{
	std::ifstream in(TANDEM_E2E "/golden/" + name);
	std::stringstream all;
	all << in.rdbuf();
	return all.str();
}

TEST(Doctor, HasNothingToSayOfAHostThatIsWell)
{
	FakeHost host;
	host.all_is_well();
	/* The rest asks the running kernel, or says whose files these are. */
	for (const char *area : { "kernel", "devices", "rdma" }) {
		Told told = host.tell({ "doctor", "--json", "--area", area });
		EXPECT_EQ(told.code, 0) << told.err;
		EXPECT_EQ(told.out, golden(std::string("doctor-") + area + ".json"));
	}
}

TEST(Doctor, FindsEachThingThatIsWrong)
{
	const std::string attributes = "/sys/devices/platform/tandem-emu.0/tandem/";
	const std::string port = "/sys/class/infiniband/rxe0/ports/1/";
	struct Wrong {
		const char *area, *check, *result, *found, *cure;
		std::function<void(FakeHost &)> make;
	};
	const std::vector<Wrong> all = {
		{ "kernel", "release", "warn", "5.10", "newer kernel",
		  [](FakeHost &h) { h.file("/proc/sys/kernel/osrelease", "5.10.0\n"); } },
		{ "kernel", "config", "warn", "off in /boot/config", "kernel that has it",
		  [](FakeHost &h) { h.file("/boot/config-6.12.9-amd64", "CONFIG_DRM=m\n"); } },
		{ "kernel", "headers", "warn", "No such file", "linux-headers-6.12.9-amd64",
		  [](FakeHost &h) { h.remove("/lib/modules/6.12.9-amd64/build"); } },
		{ "kernel", "lockdown", "warn", "integrity", "mokutil",
		  [](FakeHost &h) {
			  h.file("/sys/kernel/security/lockdown",
				 "none [integrity] confidentiality\n");
		  } },
		{ "kernel", "signatures", "warn", "refused", "mokutil",
		  [](FakeHost &h) { h.file("/sys/module/module/parameters/sig_enforce", "Y\n"); } },
		{ "kernel", "taint", "fail", "oopsed", "dmesg",
		  [](FakeHost &h) { h.file("/proc/sys/kernel/tainted", "4224\n"); } },
		{ "kernel", "clock", "warn", "hpet", "clocksource=tsc",
		  [](FakeHost &h) {
			  h.file("/sys/devices/system/clocksource/clocksource0/"
				 "current_clocksource",
				 "hpet\n");
		  } },
		{ "driver", "module", "warn", "not installed", "modprobe tandem",
		  [](FakeHost &h) { h.remove("/sys/module/tandem"); } },
		{ "driver", "module", "fail", "no module that can be read", "modules_install",
		  [](FakeHost &h) {
			  h.remove("/sys/module/tandem");
			  h.file("/lib/modules/6.12.9-amd64/modules.dep", "updates/tandem.ko:\n");
			  h.file("/lib/modules/6.12.9-amd64/updates/tandem.ko", "no ELF");
		  } },
		{ "driver", "module", "warn", "another kernel alone", "modules_install",
		  [](FakeHost &h) {
			  h.remove("/sys/module/tandem");
			  h.file("/lib/modules/6.1.0/updates/dkms/tandem.ko.xz", "");
		  } },
		{ "driver", "inject", "warn", "faults of hardware", "tee",
		  [](FakeHost &h) {
			  h.file("/sys/module/tandem/parameters/allow_inject", "Y\n");
		  } },
		{ "driver", "control", "fail", "mode 0666", "chmod 0600",
		  [](FakeHost &h) { h.file("/dev/tandem-emu", "", 0666); } },
		{ "driver", "control", "fail", "No such file", "udevadm",
		  [](FakeHost &h) { h.remove("/dev/tandem-emu"); } },
		{ "driver", "tandem-emu", "warn", "does not run", "systemctl start tandem-emu",
		  [](FakeHost &h) { h.remove("/proc/77"); } },
		{ "devices", "open", "fail", "No such file", "tandem dump accel0",
		  [](FakeHost &h) { h.remove("/dev/accel/accel0"); } },
		{ "devices", "state", "fail", "failed, reset reason: admin timeout",
		  "tandem dump accel0",
		  [=](FakeHost &h) {
			  h.file(attributes + "state", "failed\n");
			  h.file(attributes + "reset_reason", "admin timeout\n");
		  } },
		{ "devices", "state", "warn", "resetting", "tandem dump accel0",
		  [=](FakeHost &h) { h.file(attributes + "state", "resetting\n"); } },
		{ "devices", "resets", "warn", "3 times", "tandem decode -",
		  [=](FakeHost &h) { h.file(attributes + "reset_count", "3\n"); } },
		{ "devices", "heartbeat", "fail", "61000 ms ago", "tandem dump accel0",
		  [=](FakeHost &h) { h.file(attributes + "heartbeat_age_ms", "61000\n"); } },
		{ "devices", "heartbeat", "warn", "7000 ms ago", "tandem dump accel0",
		  [=](FakeHost &h) { h.file(attributes + "heartbeat_age_ms", "7000\n"); } },
		{ "devices", "inject", "warn", "hang drop-irq", "tandem inject accel0 none",
		  [=](FakeHost &h) { h.file(attributes + "inject_active", "hang drop-irq\n"); } },
		{ "devices", "coredump", "warn", "devcd3/data", "tandem decode",
		  [](FakeHost &h) { h.file("/sys/class/devcoredump/devcd3/data", "x"); } },
		{ "rdma", "memlock", "fail", "65536 bytes", "memlock unlimited",
		  [](FakeHost &h) { h.file("/proc/self/limits", FakeHost::limits("65536")); } },
		{ "rdma", "memlock", "warn", "1073741824 bytes", "LimitMEMLOCK",
		  [](FakeHost &h) {
			  h.file("/proc/self/limits", FakeHost::limits("1073741824"));
		  } },
		{ "rdma", "ports", "fail", "1: DOWN", "ip link set eth0 up",
		  [=](FakeHost &h) { h.file(port + "state", "1: DOWN\n"); } },
		{ "rdma", "ports", "fail", "no GID", "ip addr add",
		  [=](FakeHost &h) { h.remove(port + "gids/0"); } },
		{ "rdma", "verbs", "fail", "no /dev/infiniband", "modprobe ib_uverbs",
		  [](FakeHost &h) { h.remove("/dev/infiniband"); } },
		{ "rdma", "software", "warn", "no device made with it", "type rxe netdev eth0",
		  [](FakeHost &h) { h.remove("/sys/class/infiniband"); } },
		{ "memory", "numa", "warn", "nodes 0-1", "numa_balancing=0",
		  [](FakeHost &h) { h.file("/proc/sys/kernel/numa_balancing", "1\n"); } },
		{ "memory", "shared", "warn", "No such file", "mount -t tmpfs",
		  [](FakeHost &h) { h.remove("/dev/shm"); } },
		{ "host", "kvm", "warn", "makes no machine", "nesting",
		  [](FakeHost &h) { h.file("/dev/kvm", ""); } },
		{ "host", "processor", "warn", "no fma", "processor",
		  [](FakeHost &h) {
			  h.file("/proc/cpuinfo", "processor : 0\nflags : avx2 f16c fma4\n");
		  } },
		{ "host", "governor", "warn", "powersave", "cpupower",
		  [](FakeHost &h) {
			  h.file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
				 "powersave\n");
		  } },
		{ "host", "limits", "warn", "256", "ulimit -n",
		  [](FakeHost &h) {
			  h.file("/proc/self/limits", FakeHost::limits("unlimited", "256"));
		  } },
	};

	for (const Wrong &wrong : all) {
		FakeHost host;
		host.all_is_well();
		wrong.make(host);
		Told told = host.tell({ "doctor", "--json", "--area", wrong.area });
		bool found = false;
		for (json_object *row : of_check(told, wrong.area, wrong.check))
			found |= text(row, "result") == wrong.result &&
				 text(row, "found").find(wrong.found) != std::string::npos &&
				 text(row, "cure").find(wrong.cure) != std::string::npos;
		EXPECT_TRUE(found) << wrong.check << ": " << wrong.found << "\n" << told.out;
		EXPECT_EQ(told.code, std::string(wrong.result) == "fail") << wrong.check;
		if (std::string(wrong.result) != "fail")
			continue;
		/* The text says it, too, with why and cure. */
		Told table = host.tell({ "doctor", "--area", wrong.area });
		EXPECT_EQ(table.code, told.code);
		EXPECT_NE(table.out.find(wrong.cure), std::string::npos) << table.out;
	}
}

TEST(Doctor, GuessesNothingOfAHostThatSaysNothing)
{
	FakeHost host;
	Told told = host.tell({ "doctor", "--json" });
	EXPECT_EQ(told.code, 0) << told.out;
	unsigned int skipped = 0;
	for (json_object *row : rows(told, "checks")) {
		skipped += text(row, "result") == "skip";
		EXPECT_NE(text(row, "found"), "") << text(row, "check");
	}
	EXPECT_GT(skipped, 15u);
	EXPECT_EQ(count(member(told.json.get(), "counts"), "skip"), skipped);
}

TEST(Doctor, WritesNoControlCharactersThatItRead)
{
	FakeHost host;
	host.all_is_well();
	host.file("/sys/devices/platform/tandem-emu.0/tandem/state", "a\033[31mb\n");
	for (const char *format : { "--json", "--area=devices" }) {
		Told told = host.tell({ "doctor", format });
		EXPECT_EQ(told.out.find('\033'), std::string::npos) << told.out;
	}
}

TEST(Doctor, LooksAtThisMachine)
{
	Told told = tell({ "doctor", "--json" });
	EXPECT_TRUE(told.code == 0 || told.code == 1) << told.code << told.err;
	EXPECT_EQ(text(told.json.get(), "schema"), "tandem.doctor.v1");
	EXPECT_GT(rows(told, "checks").size(), 25u);
}

TEST(Doctor, RefusesAnAreaThatIsNone)
{
	Told told = tell({ "doctor", "--area", "weather" });
	EXPECT_EQ(told.code, 2);
	EXPECT_NE(told.err.find("no such area; take kernel"), std::string::npos) << told.err;
}

} // namespace
