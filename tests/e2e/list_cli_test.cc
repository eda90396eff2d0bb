// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem list and tandem info, over a tree of the test's own.
 */
#include <gtest/gtest.h>

#include "see_rig.h"

using namespace see;

namespace
{

#define EXPECT_SAYS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)
#define EXPECT_NOT(text, words) EXPECT_EQ((text).find(words), std::string::npos) << (text)

TEST(ListCli, Json)
{
	SysTree tree;
	host(tree);
	Ran r = tandem(tree, { "list", "--json" });
	EXPECT_TRUE(r.end.exited(0)) << r.end.say() << r.err;
	EXPECT_EQ(r.err, "");
	expect_golden(TANDEM_GOLDEN, "list.json", r.out);
}

/* A line a device, and what it does not say is "-". */
TEST(ListCli, Table)
{
	SysTree tree;
	host(tree);
	Ran r = tandem(tree, { "list" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	expect_golden(TANDEM_GOLDEN, "list.txt", r.out);
}

struct Missing {
	const char *what;
	void (*make)(SysTree &);
	const char *says;
};

TEST(ListCli, WhatIsMissingIsSaidWithItsCure)
{
	const Missing all[] = {
		{ "not installed", [](SysTree &) {}, "make modules_install" },
		{ "no devices", [](SysTree &tree) { tree.module(); }, "tandem-emu trn2 cs3" },
		{ "unclaimed", [](SysTree &tree) { function(tree, "0000:05:00.0"); },
		  "0000:05:00.0" },
	};

	for (const Missing &missing : all) {
		SCOPED_TRACE(missing.what);
		SysTree tree;
		missing.make(tree);
		for (const char *how : { "--json", "" }) {
			Ran r = tandem(tree, *how ? std::vector<std::string>{ "list", how }
						  : std::vector<std::string>{ "list" });
			EXPECT_TRUE(r.end.exited(0)) << r.err;
			EXPECT_SAYS(r.out, missing.says);
			EXPECT_SAYS(r.out, "soft:trn2");
		}
	}
}

TEST(ListCli, ADriversFunctionIsNotUnclaimed)
{
	SysTree tree;
	std::string bound = function(tree, "0000:05:00.0");
	tree.folder("/sys/bus/pci/drivers/other");
	tree.link(bound + "/driver", "/sys/bus/pci/drivers/other");
	std::string display = function(tree, "0000:06:00.0");
	tree.write(display + "/class", "0x030000\n");
	EXPECT_NOT(tandem(tree, { "list", "--json" }).out, "0000:0");
}

/* Linux before 6.2 has no class of its own for them; other drivers' nodes are not ours. */
TEST(ListCli, RenderNodesOfTheDriver)
{
	SysTree tree;
	const std::string dir = "/sys/devices/platform/tandem-emu.3";
	tree.write(dir + "/tandem/state", "ready\n");
	tree.link(dir + "/drm/renderD129/device", dir);
	tree.link("/sys/class/drm/renderD129", dir + "/drm/renderD129");
	tree.folder("/sys/devices/pci0000:00/0000:00:02.0/drm/renderD128");
	tree.link("/sys/class/drm/renderD128",
		  "/sys/devices/pci0000:00/0000:00:02.0/drm/renderD128");
	Ran r = tandem(tree, { "list", "--json" });
	EXPECT_SAYS(r.out, "\"node\":\"/dev/dri/renderD129\"");
	EXPECT_NOT(r.out, "renderD128");
}

/* Each number is the whole of its file, or none at all. */
TEST(ListCli, GarbageIsAbsent)
{
	const char *texts[] = { "",    "x",  "12x", "-5", "0x10", "18446744073709551616",
				"1 2", "+3", " 4",  "1e9" };

	for (const char *text : texts) {
		SCOPED_TRACE(text);
		SysTree tree;
		tree.module();
		tree.device(
			"accel0", "platform/tandem-emu.0",
			{ { "memory_total", text }, { "clients", text }, { "state", "ready" } });
		Ran r = tandem(tree, { "list", "--json" });
		EXPECT_TRUE(r.end.exited(0)) << r.err;
		EXPECT_SAYS(r.out, "\"clients\":null,\n      \"memory_bytes\":null");
	}
}

TEST(ListCli, WhatATerminalWouldObeyIsNotPrinted)
{
	SysTree tree;
	tree.module();
	tree.device("accel0", "platform/tandem-emu.0",
		    { { "model", "\x1b[2J\x1b]0;x\x07\xff\"" },
		      { "state", std::string("a\0b", 3) },
		      { "class", std::string(5000, 'y') } });
	tree.device("accel\x1b[1m", "platform/tandem-emu.1",
		    { { "state", "\xc2\x9b"
				 "2J" } });
	tree.rdma("\x1b[3m", "", "\r\x1b[4m");
	for (std::vector<std::string> words :
	     { std::vector<std::string>{ "list" }, std::vector<std::string>{ "list", "--json" },
	       std::vector<std::string>{ "info", "accel0" },
	       std::vector<std::string>{ "info", "accel0", "--json" } }) {
		Ran r = tandem(tree, words);
		EXPECT_TRUE(r.end.exited(0)) << r.err;
		EXPECT_TRUE(is_clean(r.out)) << r.out;
		EXPECT_TRUE(words.back() != "--json" || is_json(r.out)) << r.out;
	}
}

/* Folders where files should be, links that lead around in a circle and out of the tree. */
TEST(ListCli, ATreeThatIsWrongIsReadAsFarAsItGoes)
{
	SysTree tree;
	tree.module();
	std::string dir = tree.device("accel0", "platform/tandem-emu.0", full());
	tree.remove(dir + "/tandem/memory_total");
	tree.folder(dir + "/tandem/memory_total");
	tree.remove(dir + "/driver");
	tree.raw_link(dir + "/driver", "driver");
	tree.raw_link("/sys/class/accel/accel7", "/etc");
	tree.raw_link("/sys/class/accel/accel8", "accel8");
	tree.write("/sys/class/accel/accel9", "");
	tree.write("/sys/class/infiniband/x", "");
	tree.write(function(tree, "0000:05:00.0") + "/class", "0x12");
	Ran r = tandem(tree, { "list", "--json" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	EXPECT_SAYS(r.out, "\"accel0\"");
	EXPECT_SAYS(r.out, "\"memory_bytes\":null");
	for (const char *none : { "accel7", "accel8", "accel9", "\"x\"", "0000:05" })
		EXPECT_NOT(r.out, none);
}

TEST(InfoCli, Json)
{
	SysTree tree;
	host(tree);
	Ran r = tandem(tree, { "info", "accel0", "--json" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	expect_golden(TANDEM_GOLDEN, "info.json", r.out);
}

TEST(InfoCli, ByNameAndByNode)
{
	SysTree tree;
	host(tree);
	Ran name = tandem(tree, { "info", "accel1" }),
	    node = tandem(tree, { "info", "/dev/accel/accel1" });
	EXPECT_TRUE(name.end.exited(0)) << name.err;
	EXPECT_EQ(name.out, node.out);
	EXPECT_SAYS(name.out, "mlx5_0");
	EXPECT_SAYS(tandem(tree, { "info", "soft:trn2" }).out, "667000000000000");
}

TEST(InfoCli, AnUnknownDeviceNamesTheKnownOnes)
{
	SysTree tree;
	host(tree);
	Ran r = tandem(tree, { "info", "accel9" });
	EXPECT_TRUE(r.end.exited(3)) << r.end.say();
	EXPECT_EQ(r.out, "");
	for (const char *says : { "tandem: ", "accel9", "accel0", "accel1", "soft:trn2", "; " })
		EXPECT_SAYS(r.err, says);
	EXPECT_TRUE(tandem(tree, { "info" }).end.exited(2));
	EXPECT_TRUE(tandem(tree, { "info", "a", "b" }).end.exited(2));
	EXPECT_TRUE(is_clean(tandem(tree, { "info", "\x1b[2J" }).err));
}

} // namespace
