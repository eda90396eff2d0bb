// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem inject on devices and NICs of running processes, and what a stranger reads
 * afterwards: the bundle of a broken device says by itself what is wrong.
 */
#include <tandem/buffer.h>
#include <tandem/device.h>
#include <tandem/inject.h>
#include <tandem/observe.h>
#include <tandem/queue.h>

#include "e2e/fake_host.h"

namespace
{

/* A device of this process that others see; its watchdog does not look meanwhile. */
class Shown
{
public:
	Shown()
	{
		dev = tdm_device_open("soft:trn2,threads=1,memory=64M,bound=120s", &err);
		EXPECT_NE(dev, nullptr) << err.msg;
		observer = tdm_observer_start("inject test", &err);
		EXPECT_NE(observer, nullptr) << err.msg;
		EXPECT_EQ(tdm_observer_add_device(observer, dev), 0);
		queue = tdm_queue_create(dev, 8, &err);
		buffer = tdm_buffer_create(dev, TDM_DOMAIN_DEVICE, 65536,
					   TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err);
		EXPECT_TRUE(queue && buffer) << err.msg;
	}
	~Shown()
	{
		const struct drm_tandem_inject none = {};
		tdm_device_inject(dev, &none);
		tdm_observer_remove(observer, dev);
		tdm_observer_stop(observer);
		tdm_buffer_destroy(buffer);
		tdm_queue_destroy(queue);
		tdm_device_close(dev);
	}
	Shown(const Shown &) = delete;
	Shown &operator=(const Shown &) = delete;

	std::string name() const
	{
		return "soft:trn2@" + std::to_string(getpid());
	}
	/* A command; whether it ends is not waited for. */
	void submit()
	{
		struct tdm_cmd cmd = {};
		cmd.opcode = TDM_OP_FILL;
		cmd.fill.dst = tdm_buffer_dva(buffer);
		cmd.fill.len = 4096;
		EXPECT_EQ(tdm_queue_submit(queue, &cmd, 1), 1);
	}

	struct tdm_device *dev = nullptr;
	struct tdm_observer *observer = nullptr;
	struct tdm_queue *queue = nullptr;
	struct tdm_buffer *buffer = nullptr;
	struct tdm_error err = {};
};

/* The bundle of a device, decoded. */
Told decoded(const std::string &device)
{
	FakeHost host;
	const std::string file = host.path("/bundle");
	Told dump = tell({ "dump", device, "-o", file });
	EXPECT_EQ(dump.code, 0) << dump.err;
	return tell({ "decode", "--json", file });
}

std::string verdict(const Told &told)
{
	return told.json ? text(member(told.json.get(), "verdict"), "name") : "no JSON";
}

TEST(Inject, ListsWhatThereIs)
{
	Told told = tell({ "inject", "--list", "--json" });
	EXPECT_EQ(told.code, 0);
	EXPECT_EQ(text(told.json.get(), "schema"), "tandem.inject.v1");
	unsigned int of_devices = 0;
	for (json_object *row : rows(told, "faults"))
		if (text(row, "of") == "device") {
			EXPECT_EQ(tdm_inject_kind(text(row, "name").c_str()), int(of_devices));
			of_devices++;
		}
	EXPECT_EQ(of_devices, unsigned(TDM_INJECT_KINDS));
}

TEST(Inject, AStrangerReadsWhatIsWrong)
{
	const std::vector<std::tuple<std::vector<std::string>, const char *, int>> all = {
		{ { "hang" }, "hung engine", 1 },
		{ { "stall" }, "firmware silent", 1 },
		{ { "slow", "--value", "10" }, "fault ordered", 1 },
		{ { "bitflip", "--seed", "7", "--count", "1" }, "fault ordered", 1 },
		{ { "drop-irq", "--for", "60000" }, "fault ordered", 1 },
		{ { "fail-cmd" }, "fault ordered", 1 },
	};

	for (const auto &[words, name, code] : all) {
		Shown shown;
		std::vector<std::string> args = { "inject", "--json", shown.name() };
		args.insert(args.end(), words.begin(), words.end());
		Told told = tell(args);
		ASSERT_EQ(told.code, 0) << words[0] << told.err;
		EXPECT_EQ(text(member(told.json.get(), "order"), "fault"), words[0]);
		if (words[0] == "hang")
			shown.submit();
		bool doctor = false;
		Told health = tell({ "doctor", "--json", "--area", "host" });
		for (json_object *row : rows(health, "checks"))
			doctor |= text(row, "of") == shown.name() &&
				  text(row, "found") == "a fault is ordered: " + words[0];
		EXPECT_TRUE(doctor) << words[0];
		Told read = decoded(shown.name());
		EXPECT_EQ(read.code, code) << words[0] << read.err;
		EXPECT_EQ(verdict(read), name) << words[0] << read.out;
		EXPECT_NE(read.out.find("A fault was ordered (" + words[0] + ")"),
			  std::string::npos)
			<< read.out;
		EXPECT_NE(read.out.find("tandem inject " + shown.name() + " none"),
			  std::string::npos)
			<< read.out;
		EXPECT_EQ(tell({ "inject", shown.name(), "none" }).code, 0);
		Told after = decoded(shown.name());
		EXPECT_EQ(after.code, 0) << words[0] << after.err;
		EXPECT_EQ(verdict(after), "nothing wrong") << words[0] << after.out;
		EXPECT_EQ(after.out.find("A fault was ordered"), std::string::npos);
	}
}

TEST(Inject, ACrashedDeviceIsReadAsRemoved)
{
	Shown shown;
	EXPECT_EQ(tell({ "inject", shown.name(), "crash" }).code, 0);
	Told read = decoded(shown.name());
	EXPECT_EQ(read.code, 1) << read.err;
	EXPECT_EQ(verdict(read), "removed") << read.out;
}

TEST(Inject, TakesTheLinkOfASoftwareNicDown)
{
	HeldRun run;
	const std::string nic = "soft:rc@" + run.pid_text();
	Told told = tell({ "inject", nic, "link-down", "--for", "60000" });
	EXPECT_EQ(told.code, 0) << told.err;
	/* A stranger reads it off the NIC, off the device beside it, and in doctor. */
	for (const std::string &name : { nic, "soft:trn2@" + run.pid_text() }) {
		Told read = decoded(name);
		EXPECT_EQ(read.code, 1) << read.err;
		EXPECT_EQ(verdict(read), "link down") << read.out;
	}
	bool doctor = false;
	Told health = tell({ "doctor", "--json", "--area", "host" });
	for (json_object *row : rows(health, "checks"))
		doctor |= text(row, "of") == nic && text(row, "result") == "warn";
	EXPECT_TRUE(doctor) << health.out;
	EXPECT_NE(tell({ "list" }).out.find(nic + ": its link is ordered to be down"),
		  std::string::npos);
	EXPECT_NE(tell({ "metrics" })
			  .out.find("tandem_nic_link_up{pid=\"" + run.pid_text() +
				    "\",agent=\"0\",nic=\"soft:rc\"} 0\n"),
		  std::string::npos);
	unsigned int down = 0;
	Told top = tell({ "top", "--once", "--json", "--interval", "0.05" });
	for (json_object *row : rows(top, "nics"))
		down += text(row, "nic") == "soft:rc" && text(row, "link") == "down";
	EXPECT_GT(down, 0u) << top.out;
	EXPECT_EQ(tell({ "inject", nic, "none" }).code, 0);
	Told after = decoded(nic);
	EXPECT_EQ(after.code, 0) << after.err;
	EXPECT_EQ(verdict(after), "nothing wrong") << after.out;
	run.release();
}

TEST(Inject, RefusesWhatNobodyCouldMean)
{
	Shown shown;
	HeldRun run;
	struct Wrong {
		std::vector<std::string> args;
		int code;
		const char *says;
	};
	const std::vector<Wrong> all = {
		{ {}, 2, "no device" },
		{ { shown.name() }, 2, "no fault" },
		{ { shown.name(), "meteor" }, 2, "no such fault" },
		{ { shown.name(), "hang", "stall" }, 2, "a second fault" },
		{ { shown.name(), "stall", "--count", "1" }, 2, "--count: not of the fault" },
		{ { shown.name(), "hang", "--seed", "1" }, 2, "--seed: not of the fault" },
		{ { shown.name(), "slow" }, 2, "--value is missing" },
		{ { shown.name(), "slow", "--value", "1000001" }, 2, "no number up to 1000000" },
		{ { shown.name(), "hang", "--count", "-1" }, 2, "no number up to" },
		{ { "soft:trn2", "hang" }, 3, "say soft:trn2@PID" },
		{ { "accel63", "hang" }, 3, "accel63" },
		{ { "accel63", "link-down" }, 3, "say soft:rc@PID" },
		{ { "soft:trn9@" + run.pid_text(), "hang" }, 3, "shows no device" },
		{ { "soft:srd@" + run.pid_text(), "link-down" }, 3, "no software NIC" },
		{ { "soft:trn2@" + run.pid_text(), "link-down" }, 3, "no software NIC" },
		{ { "soft:trn2@x", "hang" }, 3, "take soft:MODEL@PID" },
	};

	for (const Wrong &wrong : all) {
		std::vector<std::string> args = { "inject" };
		args.insert(args.end(), wrong.args.begin(), wrong.args.end());
		Told told = tell(args);
		EXPECT_EQ(told.code, wrong.code) << wrong.says << told.err;
		EXPECT_NE(told.err.find(wrong.says), std::string::npos) << told.err;
	}
	/* Nothing of this has reached anybody. */
	EXPECT_EQ(verdict(decoded(shown.name())), "nothing wrong");
	run.release();
}

} // namespace
