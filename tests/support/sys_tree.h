/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * A folder that stands in for /sys, /proc, /dev and /lib/modules (TANDEM_SYSROOT), made by a
 * test and gone with it.
 */
#ifndef TESTS_SUPPORT_SYS_TREE_H
#define TESTS_SUPPORT_SYS_TREE_H

#include <map>
#include <string>

class SysTree
{
public:
	SysTree(); /* empty */
	~SysTree();
	SysTree(const SysTree &) = delete;
	SysTree &operator=(const SysTree &) = delete;

	const std::string &root() const
	{
		return root_;
	}
	/* "TANDEM_SYSROOT=...", for Launch::env */
	std::string env() const
	{
		return "TANDEM_SYSROOT=" + root_;
	}

	/* Paths begin with "/sys" and so on; folders on the way are made. */
	void write(const std::string &path, const std::string &text);
	/* A link from @path to another one of the tree, relative as the kernel's are. */
	void link(const std::string &path, const std::string &to);
	/* One that leads out of the tree, or nowhere: as it is written. */
	void raw_link(const std::string &path, const std::string &text);
	void remove(const std::string &path);
	void folder(const std::string &path);

	/* The module is loaded, in a kernel of that release. */
	void module(const std::string &release = "6.12.1");
	/*
	 * A device of the driver: its node, its place in /sys/devices and its links.
	 * @at: below /sys/devices, "platform/tandem-emu.0"
	 * @values: files of its folder "tandem"
	 * Return: its folder
	 */
	std::string device(const std::string &name, const std::string &at,
			   const std::map<std::string, std::string> &values);
	/*
	 * An RDMA device with one port.
	 * @at: below /sys/devices, or "" for one of software, on @netdev
	 * Return: folder of the port
	 */
	std::string rdma(const std::string &name, const std::string &at, const std::string &netdev);
	/* A process that has a node open. */
	void client(int pid, const std::string &program, const std::string &node, int id,
		    const std::string &busy_ns);

private:
	std::string root_;
};

#endif /* TESTS_SUPPORT_SYS_TREE_H */
