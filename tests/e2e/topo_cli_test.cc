// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * tandem topo: where things are, and how near to each other.
 */
#include <gtest/gtest.h>

#include "see_rig.h"

using namespace see;

namespace
{

#define EXPECT_SAYS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)

TEST(TopoCli, JsonAndTable)
{
	SysTree tree;
	host(tree);
	tree.write("/sys/devices/system/node/node0/cpulist", "0-3\n");
	tree.write("/sys/devices/system/node/node1/cpulist", "4-7\n");
	Ran json = tandem(tree, { "topo", "--json" }), table = tandem(tree, { "topo" });
	EXPECT_TRUE(json.end.exited(0)) << json.err;
	EXPECT_TRUE(table.end.exited(0)) << table.err;
	expect_golden(TANDEM_GOLDEN, "topo.json", json.out);
	expect_golden(TANDEM_GOLDEN, "topo.txt", table.out);
}

/* The path of a device and of a NIC, their nodes, and what joins them. */
struct Pair {
	const char *device, *device_node, *nic, *nic_node, *path;
};

TEST(TopoCli, Paths)
{
	const Pair pairs[] = {
		{ "pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0", "0",
		  "pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:01.0", "0", "\"same switch\"" },
		{ "pci0000:00/0000:00:01.0/0000:01:00.0", "0",
		  "pci0000:00/0000:00:02.0/0000:02:00.0", "0", "\"same root\"" },
		{ "pci0000:00/0000:00:01.0", "1", "pci0000:80/0000:80:01.0", "1", "\"same node\"" },
		{ "pci0000:00/0000:00:01.0", "0", "pci0000:80/0000:80:01.0", "1",
		  "\"across nodes\"" },
		{ "pci0000:00/0000:00:01.0", "-1", "pci0000:80/0000:80:01.0", "1", "null" },
		{ "pci0000:00/0000:00:01.0", "x", "pci0000:80/0000:80:01.0", "1", "null" },
		/* Equal beginnings of names are not equal places. */
		{ "pci0000:00/0000:00:01.0/0000:01:00.0", "-1",
		  "pci0000:00/0000:00:01.1/0000:02:00.0", "-1", "\"same root\"" },
		{ "platform/tandem-emu.0", "-1", "pci0000:80/0000:80:01.0", "1",
		  "\"same host, emulated\"" },
		{ "pci0000:00/0000:00:01.0", "0", "", "", "\"same host, emulated\"" },
	};

	for (const Pair &pair : pairs) {
		SCOPED_TRACE(std::string(pair.device) + " " + pair.nic + " " + pair.device_node);
		SysTree tree;
		std::string dir = tree.device("accel0", pair.device, { { "state", "ready" } });
		tree.write(dir + "/numa_node", std::string(pair.device_node) + "\n");
		tree.rdma("nic0", pair.nic, "eth0");
		if (*pair.nic)
			tree.write("/sys/devices/" + std::string(pair.nic) + "/numa_node",
				   std::string(pair.nic_node) + "\n");
		Ran r = tandem(tree, { "topo", "--json" });
		EXPECT_SAYS(r.out, std::string("\"path\":") + pair.path);
	}
}

TEST(TopoCli, WithoutAnythingItSaysWhatWouldHelp)
{
	SysTree tree;
	Ran r = tandem(tree, { "topo" });
	EXPECT_TRUE(r.end.exited(0)) << r.err;
	EXPECT_SAYS(r.out, "tandem list");
	EXPECT_SAYS(r.out, "rdma link add");
	EXPECT_TRUE(is_json(tandem(tree, { "topo", "--json" }).out));
	EXPECT_TRUE(tandem(tree, { "topo", "x" }).end.exited(2));
}

TEST(TopoCli, StrangeNodesAndPorts)
{
	SysTree tree;
	host(tree);
	tree.folder("/sys/devices/system/node/nodex");
	tree.folder("/sys/devices/system/node/node");
	tree.write("/sys/devices/system/node/node0/cpulist", "\x1b[2J\n");
	tree.folder("/sys/class/infiniband/rxe0/ports/a\x1b");
	tree.write("/sys/class/infiniband/rxe0/ports/2/rate", "1e99 Gb/sec\n");
	tree.write("/sys/class/infiniband/rxe0/ports/3/rate", "nan Gb/sec\n");
	for (const char *how : { "--json", "--json" }) {
		Ran r = tandem(tree, { "topo", how });
		EXPECT_TRUE(r.end.exited(0)) << r.err;
		EXPECT_TRUE(is_json(r.out)) << r.out;
		EXPECT_TRUE(is_clean(r.out)) << r.out;
		EXPECT_SAYS(r.out, "\"port\":3");
		EXPECT_EQ(r.out.find("nodex"), std::string::npos);
	}
}

} // namespace
