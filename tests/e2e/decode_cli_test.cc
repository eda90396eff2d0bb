// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem decode: dumps of each kind with what is to be made of them, and what is no dump.
 */
#include <unistd.h>

#include "e2e/fake_host.h"

namespace
{

const std::string DUMPS = TANDEM_E2E "/dumps/";

std::string load(const std::string &path)
{
	std::ifstream in(path, std::ios::binary);
	std::stringstream all;
	all << in.rdbuf();
	return all.str();
}

/* A file of the test's own with that in it. */
class Written
{
public:
	explicit Written(const std::string &text)
	{
		char name[] = "/tmp/tandem-dump-XXXXXX";
		int fd = mkstemp(name);
		EXPECT_GE(fd, 0);
		EXPECT_EQ(write(fd, text.data(), text.size()), ssize_t(text.size()));
		close(fd);
		name_ = name;
	}
	~Written()
	{
		unlink(name_.c_str());
	}
	const std::string &name() const
	{
		return name_;
	}

private:
	std::string name_;
};

std::string verdict(const Told &told)
{
	return told.json ? text(member(told.json.get(), "verdict"), "name") : "no JSON";
}

TEST(Decode, SaysWhatWentWrong)
{
	struct Known {
		const char *file;
		int code;
		const char *verdict;
		std::vector<const char *> says;
	};
	const std::vector<Known> all = {
		{ "hung-2",
		  1,
		  "hung engine",
		  { "context 1 of process 4312 (kv_mover)", "for 10240 ms", "COPY",
		    "dst 0x21000 is not mapped; the nearest mapping, 0x10000 to 0x20000, is 4096 "
		    "bytes below",
		    "src 0x10000 is mapped", "0xc0ffee", "len 4096" } },
		{ "hung-1", 1, "hung engine", { "queue 1, context 1, does not move", "ABORT" } },
		{ "silent-2",
		  1,
		  "firmware silent",
		  { "no heartbeat", "number 62", "A fault was ordered", "INJECT" } },
		{ "admin-2",
		  1,
		  "admin timeout",
		  { "UNMAP (context 1 0x10000 8192 bytes)", "no answer after 5000 ms",
		    "Cannot allocate memory" } },
		{ "ring-2", 1, "ring corrupted by the application", { "wild_writer", "4091" } },
		{ "fault-bundle",
		  1,
		  "faulting command",
		  { "KV_IMPORT of queue 1, context 3 of process 5150", "wanted to read 0x51000",
		    "unmapped", "4096 bytes below" } },
		{ "removed-bundle", 1, "removed", { "No such device" } },
		{ "silent-bundle",
		  1,
		  "firmware silent",
		  { "heartbeat was 7250 ms ago", "soft:trn2@4312", "its bound" } },
		{ "ordered-bundle",
		  1,
		  "fault ordered",
		  { "slow (a slice takes", "fail-cmd (a command ends", "7 have happened",
		    "counts 3 errors", "tandem inject soft:cs3@32461 none",
		    "A fault was ordered (slow fail-cmd meteor)",
		    "1 peers were lost, 2 operations failed" } },
		{ "ended-bundle", 0, "nothing wrong", { "7 ordered faults have happened before" } },
		{ "fine-bundle", 0, "nothing wrong", { "the device is ready" } },
	};

	for (const Known &known : all) {
		const std::string file = DUMPS + known.file + ".txt";
		Told told = tell({ "decode", "--json", file });
		EXPECT_EQ(told.code, known.code) << known.file << told.err;
		EXPECT_EQ(verdict(told), known.verdict) << known.file;
		EXPECT_EQ(told.out, load(DUMPS + known.file + ".json")) << known.file;
		Told table = tell({ "decode", file });
		EXPECT_EQ(table.code, known.code);
		EXPECT_NE(table.out.find(known.verdict), std::string::npos) << table.out;
		for (const char *words : known.says)
			EXPECT_NE(table.out.find(words), std::string::npos) << words << "\n"
									    << table.out;
	}
}

/* The dump with each of these words in place of another. */
std::string changed(std::string dump, const std::vector<std::pair<std::string, std::string>> &all)
{
	for (const auto &[from, to] : all) {
		size_t at = dump.find(from);
		EXPECT_NE(at, std::string::npos) << from;
		dump.replace(at, from.size(), to);
	}
	return dump;
}

TEST(Decode, BeginsWithTheVerdictAndLeavesOutWhatIsAbsent)
{
	Told table = tell({ "decode", DUMPS + "ended-bundle.txt" });
	EXPECT_EQ(table.out.find("verdict\nverdict nothing wrong"), 0u) << table.out;
	EXPECT_EQ(table.out.find(" -\n"), std::string::npos) << table.out;
	EXPECT_EQ(table.out.find("firmware says"), std::string::npos) << table.out;
}

TEST(Decode, SaysStepsThatFitTheDevice)
{
	const std::string soft = load(DUMPS + "silent-bundle.txt");
	struct Fit {
		std::string dump;
		std::vector<const char *> says, says_not;
	};
	const std::vector<Fit> all = {
		{ soft, { "its bound" }, { "emulated:", "hardware:", "soft: ", "inject soft:" } },
		{ changed(soft, { { "inject_active none", "inject_active stall" } }),
		  { "tandem inject soft:trn2@4312 none" },
		  { "emulated:", "DEVICE" } },
		{ changed(soft, { { "name soft:trn2@4312", "name accel0" },
				  { "inject_active none", "inject_active stall" } }),
		  { "emulated: ", "hardware: ", "tandem inject accel0 none" },
		  { "its bound", "DEVICE" } },
		/* What a shell would not take as one word is in no command. */
		{ changed(soft, { { "name soft:trn2@4312", "name x;reboot" },
				  { "inject_active none", "inject_active stall" } }),
		  { "tandem inject DEVICE none" },
		  { "inject x" } },
		{ changed(soft, { { " name soft:trn2@4312\n", "" } }),
		  { "soft: a soft device is given up", "emulated: ", "hardware: " },
		  {} },
		{ changed(load(DUMPS + "ordered-bundle.txt"),
			  { { "soft:rc link up", "soft:rc,loss=1 link down" } }),
		  { "link down", "tandem inject soft:rc@32461 none" },
		  { "NIC@PID", "peers were lost" } },
		{ "tandem-bundle 1\nsection about\n name soft:trn2@7\nmissing device gone\n",
		  { "removed", "its process has lost it for good" },
		  { "tandem-emu" } },
	};

	for (const Fit &fit : all) {
		Written file(fit.dump);
		Told told = tell({ "decode", file.name() });
		EXPECT_EQ(told.code, 1) << told.err;
		for (const char *words : fit.says)
			EXPECT_NE(told.out.find(words), std::string::npos) << words << "\n"
									   << told.out;
		for (const char *words : fit.says_not)
			EXPECT_EQ(told.out.find(words), std::string::npos) << words << "\n"
									   << told.out;
	}
}

TEST(Decode, ReadsStandardInput)
{
	FakeHost host;
	Told told = host.tell({ "decode", "--json", "-" }, DUMPS + "hung-2.txt");
	EXPECT_EQ(told.code, 1) << told.err;
	EXPECT_EQ(told.out, load(DUMPS + "hung-2.json"));
}

TEST(Decode, SaysInWhichLineADumpIsDamaged)
{
	const std::string head = "tandem-coredump 2\nreason x\n";
	const std::vector<std::pair<std::string, const char *>> all = {
		{ "", "it is empty" },
		{ "hello\n", "line 1 is not 'tandem-coredump N'" },
		{ "tandem-coredump x\n", "line 1 is not" },
		{ "tandem-coredump 99\n", "line 1: format 99" },
		{ "tandem-bundle 99\n", "line 1: format 99" },
		{ head + "device name x\n", "line 3: a device without its class" },
		{ head + "driver state ready\n", "line 3: a state without its resets" },
		{ head + "firmware state 1\n", "line 3: registers of the firmware" },
		{ head + "admin index 1 opcode 2\n", "line 3: an admin command" },
		{ head + "admin_ring tail 1\n", "line 3: an admin ring" },
		{ head + "event index 1\n", "line 3: an event" },
		{ head + "reset request 1\n", "line 3: a reset" },
		{ head + "context id 1\n", "line 3: a context that is not whole" },
		{ head + "  queue 1 device_queue 2\n", "line 3: a queue without a context" },
		{ head + "queue context 1 number 4294967296\n", "line 3: a queue that is not" },
		{ head + "    tail 1 sq_head 1\n", "line 3: positions of a ring without a queue" },
		{ head + "command context 1 queue 1\n", "line 3: a command" },
		{ head + "command context 1 queue 1 opcode 2 flags 0 cookie 0 word0 0 word1 0 "
			 "word2 0 word3 0 word4 0 word5 0\n",
		  "line 3: a command of a queue that is not above it" },
		{ head + "fault context 1 addr -5\n", "line 3: a fault" },
		{ head + "map context 1 start 0x2000 end 0x1000 access rw offset 0 leaving 0\n",
		  "line 3: a mapping" },
		{ head + "inject active 0x\n", "line 3: ordered faults" },
		{ head + "time ns 99999999999999999999999\n", "line 3: a time" },
		{ head + "tandem-coredump 2\n", "line 3: a second beginning" },
		{ head + std::string("reason \0\n", 9), "line 3: bytes that are no text" },
		{ head + "reason \033[2J\n", "line 3: bytes that are no text" },
		{ head + std::string(5000, 'x') + "\n", "line 3: too long" },
		{ head + "map" +
			  [] {
				  std::string words;
				  for (int i = 0; i < 100; i++)
					  words += " 1";
				  return words;
			  }() +
			  "\n",
		  "line 3: too many words" },
		{ "tandem-bundle 1\nnonsense\n", "line 2: neither a section" },
		{ "tandem-bundle 1\nsection queues x\n queue number 1\n", "line 3: a queue" },
	};

	for (const auto &[bytes, says] : all) {
		Written file(bytes);
		Told told = tell({ "decode", file.name() });
		EXPECT_EQ(told.code, 5) << bytes << told.out;
		EXPECT_EQ(told.out, "");
		EXPECT_NE(told.err.find(says), std::string::npos) << told.err;
		EXPECT_NE(told.err.find("; "), std::string::npos) << told.err;
	}
}

TEST(Decode, TakesADumpThatIsCutAnywhere)
{
	const std::string whole = load(DUMPS + "hung-2.txt");
	size_t first = whole.find('\n') + 1;

	for (size_t at = first; at < whole.size(); at += whole.size() / 30) {
		Written file(whole.substr(0, at));
		Told told = tell({ "decode", "--json", file.name() });
		EXPECT_TRUE(told.code == 0 || told.code == 1) << at << told.err;
		bool cut = told.out.find("The dump is cut") != std::string::npos;
		EXPECT_EQ(cut, whole[at - 1] != '\n') << at;
	}
}

TEST(Decode, PassesOverWhatANewerDriverTells)
{
	Written file("tandem-coredump 2\nreason no heartbeat\nweather hot 1\nweather cold 2\n");
	Told told = tell({ "decode", "--json", file.name() });
	EXPECT_EQ(told.code, 1);
	EXPECT_EQ(verdict(told), "firmware silent");
	EXPECT_NE(told.out.find("2 lines are of kinds that this tool does not know, the first is "
				"line 3"),
		  std::string::npos)
		<< told.out;
}

TEST(Decode, RefusesWhatIsTooLongToBeADump)
{
	std::string big = "tandem-coredump 2\n";
	big.resize(33u << 20, '\n');
	Written file(big);
	Told told = tell({ "decode", file.name() });
	EXPECT_EQ(told.code, 5);
	EXPECT_NE(told.err.find("so it is no dump"), std::string::npos) << told.err;
}

TEST(Decode, SaysOfAFileThatIsNotThere)
{
	Told told = tell({ "decode", "/nonexistent/dump" });
	EXPECT_EQ(told.code, 5);
	EXPECT_NE(told.err.find("cannot be read: No such file"), std::string::npos) << told.err;
	EXPECT_EQ(tell({ "decode" }).code, 2);
}

} // namespace
