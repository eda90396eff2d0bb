// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The PCI functions that tandem list shows, by libpci, over a tree of the test's own:
 * nothing that is wrong with one of them ends the tool or hides another.
 */
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "see_rig.h"

using namespace see;
using namespace std::chrono_literals;

namespace
{

#define EXPECT_SAYS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)
#define EXPECT_NOT(text, words) EXPECT_EQ((text).find(words), std::string::npos) << (text)

constexpr const char *UNREAD = "functions could not be read";

/* What a list says: it ends well, and in nothing but its list. */
std::string list(const SysTree &tree)
{
	Ran r = tandem(tree, { "list", "--json" });

	EXPECT_TRUE(r.end.exited(0)) << r.end.say() << r.err;
	EXPECT_EQ(r.err, "");
	EXPECT_TRUE(is_json(r.out) && is_clean(r.out)) << r.out;
	return r.out;
}

TEST(ListPciCli, FilesThatAreOfNoUseHereMayBeMissing)
{
	SysTree tree;
	const char *files[] = { "config", "resource", "irq", "revision", "numa_node" };

	/* The first has them all, each of the others all but one, the last has none. */
	for (int i = 0; i < 7; i++) {
		std::string fn = function(tree, "0000:0" + std::to_string(i) + ":00.0");
		for (int file = 0; file < 5 && i < 6; file++)
			if (file != i - 1)
				tree.write(fn + "/" + files[file], "1\n");
	}
	std::string out = list(tree);
	for (int i = 0; i < 7; i++)
		EXPECT_SAYS(out, "\"0000:0" + std::to_string(i) + ":00.0\"");
	EXPECT_NOT(out, "could not be");
	EXPECT_SAYS(out, "\"numa_node\":1");
}

TEST(ListPciCli, WhatCannotBeReadIsLeftOutAndCounted)
{
	SysTree tree;

	function(tree, "0000:01:00.0");
	tree.remove(function(tree, "0000:02:00.0") + "/vendor");
	tree.remove(function(tree, "0000:03:00.0") + "/device");
	tree.remove(function(tree, "0000:04:00.0") + "/class");
	tree.write(function(tree, "0000:05:00.0") + "/device", std::string(5000, '1'));
	const std::string folder = function(tree, "0000:06:00.0") + "/vendor";
	tree.remove(folder);
	tree.folder(folder);
	/* One that has gone: the kernel's are links. */
	tree.raw_link("/sys/bus/pci/devices/0000:07:00.0", "../../../devices/gone");
	function(tree, "0000:08:00.7");
	std::string out = list(tree);
	EXPECT_SAYS(out, "\"0000:01:00.0\"");
	EXPECT_SAYS(out, "\"0000:08:00.7\"");
	EXPECT_SAYS(out, "PCI: 2 accelerators have no driver");
	EXPECT_SAYS(out, std::string("PCI: 6 ") + UNREAD);
	for (int i = 2; i < 8; i++)
		EXPECT_NOT(out, "\"0000:0" + std::to_string(i) + ":00");
}

/* The kernel has none; a list that cannot be had is not one that is empty. */
TEST(ListPciCli, ANameThatIsNoAddressIsSaid)
{
	SysTree tree;
	Launch launch;

	tree.folder("/sys/bus/pci/devices/\x1b[2Jx");
	launch.args = { TANDEM_CLI, "list" };
	/* The library leaves the folder open that it read when it failed. */
	launch.env = { tree.env(), "ASAN_OPTIONS=detect_leaks=0" };
	Process p(launch);
	std::string out = p.read_out();
	Ended end = p.wait();
	EXPECT_TRUE(end.exited(0)) << end.say();
	EXPECT_EQ(p.err(), "");
	EXPECT_TRUE(is_clean(out)) << out;
	EXPECT_SAYS(out, "PCI: not all functions could be listed: ");
	EXPECT_SAYS(out, "soft:trn2");
}

/*
 * A function whose first file is a pipe: who reads it waits until we have written, and
 * is in the middle of the function then.
 */
class ListPciVanish : public testing::Test
{
protected:
	ListPciVanish()
	{
		function(tree_, "0000:01:00.0");
		fn_ = function(tree_, "0000:02:00.0");
		pipe();
		launch_.args = { TANDEM_CLI, "list", "--json" };
		launch_.env = { tree_.env() };
	}
	/* In place of the one before, which a reader may have open yet. */
	void pipe()
	{
		tree_.remove(fn_ + "/vendor");
		EXPECT_EQ(mkfifo(vendor().c_str(), 0600), 0);
	}
	/* Waits for a reader, changes what it will find next, and lets it go on. */
	void meanwhile(Process &p, const std::function<void()> &change)
	{
		int fd = -1;
		while (fd < 0 && !p.has_ended()) {
			fd = open(vendor().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
			std::this_thread::sleep_for(1ms);
		}
		ASSERT_GE(fd, 0);
		change();
		EXPECT_EQ(write(fd, "0x1234\n", 7), 7);
		close(fd);
	}
	std::string end_of(Process &p)
	{
		std::string out = p.read_out();
		Ended end = p.wait();
		EXPECT_TRUE(end.exited(0)) << end.say();
		EXPECT_EQ(p.err(), "");
		return out;
	}
	std::string vendor() const
	{
		return tree_.root() + fn_ + "/vendor";
	}
	SysTree tree_;
	std::string fn_;
	Launch launch_;
};

TEST_F(ListPciVanish, OneThatHasGoneIsNoneOfTheNextScan)
{
	Process p(launch_);
	meanwhile(p, [&] { tree_.remove(fn_); });
	std::string out = end_of(p);
	EXPECT_SAYS(out, "\"0000:01:00.0\"");
	EXPECT_SAYS(out, "PCI: 1 accelerators have no driver");
	EXPECT_NOT(out, "could not be");
}

TEST_F(ListPciVanish, OneThatIsThereAgainIsShown)
{
	Process p(launch_);
	meanwhile(p, [&] {
		tree_.remove(fn_ + "/device");
		pipe();
	});
	meanwhile(p, [&] { tree_.write(fn_ + "/device", "0xbeef\n"); });
	std::string out = end_of(p);
	EXPECT_SAYS(out, "0xbeef");
	EXPECT_SAYS(out, "PCI: 2 accelerators have no driver");
	EXPECT_NOT(out, "could not be");
}

/* It is not waited for again and again. */
TEST_F(ListPciVanish, OneThatGoesTwiceIsLeftOut)
{
	Process p(launch_);
	meanwhile(p, [&] {
		tree_.remove(fn_ + "/device");
		pipe();
	});
	meanwhile(p, [] {});
	std::string out = end_of(p);
	EXPECT_SAYS(out, "PCI: 1 accelerators have no driver");
	EXPECT_SAYS(out, std::string("PCI: 1 ") + UNREAD);
}

TEST(ListPciCli, NamesAreThoseOfTheList)
{
	SysTree tree;

	tree.write(function(tree, "0000:01:00.0") + "/vendor", "0x1111\n");
	tree.write(function(tree, "0000:02:00.0") + "/device", "0x2222\n");
	function(tree, "0000:03:00.0");
	tree.write(PCI_IDS, "1234  Of \x1b[2J\xff\"\n\tabcd  " + std::string(400, 'n') + "\n");
	std::string out = list(tree);
	EXPECT_SAYS(out, "\"vendor_id\":\"0x1111\",\n      \"device_id\":\"0xabcd\",\n      "
			 "\"numa_node\":null,\n      \"vendor_name\":null,\n      "
			 "\"device_name\":null");
	EXPECT_SAYS(out, "\"vendor_name\":\"Of ?[2J?\\\"\",\n      \"device_name\":null");
	EXPECT_SAYS(out, "\"device_name\":\"nnnn");
	EXPECT_NOT(out, std::string(70, 'n'));
	tree.remove(PCI_IDS);
	EXPECT_NOT(list(tree), "_name\":\"");
}

TEST(ListPciCli, AListOfNamesThatIsWrongHidesNoFunction)
{
	for (const char *text : { "no list at all\n", "1234  A\n1234  A\n", "\tabcd  B\n" }) {
		SCOPED_TRACE(text);
		SysTree tree;
		function(tree, "0000:01:00.0");
		tree.write(PCI_IDS, text);
		std::string out = list(tree);
		EXPECT_SAYS(out, "\"0000:01:00.0\"");
		EXPECT_SAYS(out, "PCI: the list of names cannot be read: ");
	}
}

} // namespace
