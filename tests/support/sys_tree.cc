// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "support/sys_tree.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace fs = std::filesystem;

SysTree::SysTree()
{
	char name[] = "/tmp/tandem-sys-XXXXXX";

	EXPECT_NE(mkdtemp(name), nullptr);
	root_ = name;
}

SysTree::~SysTree()
{
	std::error_code ignored;

	fs::remove_all(root_, ignored);
}

void SysTree::write(const std::string &path, const std::string &text)
{
	folder(fs::path(path).parent_path());
	std::ofstream(root_ + path, std::ios::binary) << text;
}

void SysTree::raw_link(const std::string &path, const std::string &text)
{
	folder(fs::path(path).parent_path());
	fs::create_symlink(text, root_ + path);
}

void SysTree::link(const std::string &path, const std::string &to)
{
	raw_link(path, fs::path(to).lexically_relative(fs::path(path).parent_path()));
}

void SysTree::remove(const std::string &path)
{
	fs::remove_all(root_ + path);
}

void SysTree::folder(const std::string &path)
{
	fs::create_directories(root_ + path);
}

void SysTree::module(const std::string &release)
{
	write("/proc/sys/kernel/osrelease", release + "\n");
	write("/sys/module/tandem/initstate", "live\n");
	write("/sys/module/tandem/version", "0.1.0\n");
}

std::string SysTree::device(const std::string &name, const std::string &at,
			    const std::map<std::string, std::string> &values)
{
	const std::string dir = "/sys/devices/" + at;

	folder("/sys/bus/platform/drivers/tandem-emu");
	folder(dir);
	link(dir + "/driver", "/sys/bus/platform/drivers/tandem-emu");
	folder(dir + "/accel/" + name);
	link(dir + "/accel/" + name + "/device", dir);
	link("/sys/class/accel/" + name, dir + "/accel/" + name);
	for (const auto &[file, text] : values)
		write(dir + "/tandem/" + file, text + "\n");
	write("/dev/accel/" + name, "");
	return dir;
}

std::string SysTree::rdma(const std::string &name, const std::string &at, const std::string &netdev)
{
	const std::string place = at.empty() ? "virtual" : at;
	const std::string dir = "/sys/devices/" + place + "/infiniband/" + name;
	const std::string port = dir + "/ports/1";

	write(port + "/state", "4: ACTIVE\n");
	write(port + "/rate", "100 Gb/sec (4X EDR)\n");
	write(port + "/link_layer", "Ethernet\n");
	write(port + "/gids/0", "0000:0000:0000:0000:0000:0000:0000:0000\n");
	write(port + "/gids/1", "fe80:0000:0000:0000:0000:0000:0000:0001\n");
	if (at.empty()) {
		write(dir + "/parent", netdev + "\n");
	} else {
		write(port + "/gid_attrs/ndevs/1", netdev + "\n");
		link(dir + "/device", "/sys/devices/" + at);
	}
	link("/sys/class/infiniband/" + name, dir);
	return port;
}

void SysTree::client(int pid, const std::string &program, const std::string &node, int id,
		     const std::string &busy_ns)
{
	const std::string dir = "/proc/" + std::to_string(pid);

	write(dir + "/comm", program + "\n");
	write(dir + "/status", "Name:\t" + program + "\nUid:\t1000\t1000\t1000\t1000\n");
	raw_link(dir + "/fd/5", node);
	write(dir + "/fdinfo/5",
	      "pos:\t0\nflags:\t02100002\ndrm-driver:\ttandem\ndrm-client-id:\t" +
		      std::to_string(id) + "\ndrm-engine-compute:\t" + busy_ns +
		      " ns\ndrm-total-device:\t2048 KiB\n"
		      "drm-total-host:\t64 KiB\n");
}
